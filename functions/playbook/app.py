"""`playbook`: the looks and notes of the procedures, one `step` each; it decides nothing that the rules do not decide."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import PlaybookStep

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers ids and states only (I13); the shapes are those of the acts."""
    step = PlaybookStep.model_validate(event)
    match step.step:
        case "take_verdict":
            return desk.triage.take(step.case_id)
        case "route":
            return desk.procedures.route(step.case_id)
        case "plan":
            return desk.publication.plan(step.case_id, step.version, step.wave)
        case "confirm":
            return desk.publication.confirm(step.case_id, step.version, step.round, step.wave)
        case "community_order":
            return desk.publication.community_order(step.case_id)
        case "look_at_round":
            return desk.procedures.look_at_rounds(step.case_id, step.duties or [step.duty], step.untold)
        case "record_failure":
            return desk.procedures.record_failure(step.case_id, step.where, step.error)
