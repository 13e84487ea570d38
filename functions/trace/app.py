"""`trace`: looks at the page of the message and notes where it comes from (C1.1, C2.1, A11). It may read no credential."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import CaseStep

tracing = bootstrap.tracing()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id"}` -> `{"case_id", "outcome", "found"}`; what was found lies aside until `relay` enters it in the case."""
    step = CaseStep.model_validate(event)
    return tracing.look(step.case_id)
