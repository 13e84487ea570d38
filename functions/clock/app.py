"""`clock`: looks at a clock for the machine `deadline`, and notes reminders, breaches and escalations at their second."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed
from sangfroid.steps import ClockStep

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"case_id", "clock", "generation", "act"}` -> `{"step", "until", "rung", "role", "to"}`."""
    step = ClockStep.model_validate(event)
    return desk.procedures.look_at_clock(step.case_id, step.clock, step.generation, act=step.act)
