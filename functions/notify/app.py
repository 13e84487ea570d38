"""`notify`: tells people what is asked of them, through the one door (R2, R3)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import ComeBack, observed
from sangfroid.steps import NewsStep, NotifyStep

desk = bootstrap.desk()


class NotTold(ComeBack):
    """Some readers were not reached yet: the machine's retry comes back; who was told already is not told twice."""


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id", "kind", "occasion", "roles", "to", "room", "details"[, "until", "pace"]}` ->
    `{"told", "waiting"[, "again_after"]}`.

    With `until` (the condition of a wait) silence climbs: one person is asked, and `again_after` seconds later the next;
    `pace` is the procedure's own, in seconds, for what does not press. With `"news": true` and the case alone, the team's
    channel hears what has happened since the last time; `"last": true` says that the step does not come back.
    """
    if event.get("news"):
        told = NewsStep.model_validate(event)
        return _told(desk.team_room.update(told.case_id, last=told.last))
    step = NotifyStep.model_validate(event)
    if step.until:
        result = desk.notices.climb(
            step.case_id, step.kind, step.occasion, step.roles, step.to, step.details, step.until, step.pace
        )
    else:
        result = desk.notices.tell(
            step.case_id, step.kind, step.occasion, step.roles, step.to, step.details, room=step.room
        )
    return _told(result)


def _told(result: dict[str, Any]) -> dict[str, Any]:
    if result["waiting"]:
        raise NotTold(f"{result['waiting']} readers not reached yet")
    return result
