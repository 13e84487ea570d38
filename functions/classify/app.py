"""`classify`: triage over the case's first report (state `ClassifyReport` of the machine `crisis`)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import CaseStep

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id"}` -> the same; the verdict lies aside until the step `take_verdict` of `playbook` enters it."""
    step = CaseStep.model_validate(event)
    return desk.triage.read(step.case_id)
