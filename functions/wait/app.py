"""`wait`: keeps the task token of a procedure that waits for people, with the condition that ends the wait."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import WaitStep

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id", "until", "round", "name", "token"}`; where the condition holds already, `relay` wakes the machine at once."""
    step = WaitStep.model_validate(event)
    return desk.procedures.wait(step.case_id, step.until, step.round, step.name, step.token)
