"""`publish`: one attempt at a delivery, or at several together, through the one door (I2)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import PublishStep

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id", "delivery"}` -> `{"outcome", "until", "call_a_person"}`.

    `{"case_id", "deliveries": [...]}` -> `{"tried": [{"delivery", "outcome", "until", "call_a_person"}, ...]}`.
    """
    step = PublishStep.model_validate(event)
    if step.deliveries is not None:
        return {"tried": desk.publication.send_together(step.case_id, step.deliveries)}
    return desk.publication.send(step.case_id, step.delivery or "").document()
