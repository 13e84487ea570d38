# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, method-assign"
"""A Wait ends at its instant, and an execution that stands at one costs no thread.

moto counts in whole seconds from a rounded clock and drops fractions; and it keeps a thread for every execution, of which a
thousand stand at a Wait for days. Here an execution that comes to a Wait of its own (not one in a branch, a Map or under a
time limit of the whole machine) gives up its thread: what it knows is in its environment, and at the instant a new thread
goes on behind the Wait.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.virtual_time import CLOCK


class Standing(BaseException):
    """Unwinds the thread of an execution that has come to a Wait; not an Exception, so that nothing on the way takes it."""

    def __init__(self, until: int) -> None:
        super().__init__(until)
        self.until = until


def _needs_no_thread(env: Any) -> bool:
    thread = CLOCK.current()
    worker = thread.context.get("execution") if thread is not None else None
    return worker is not None and worker.env is env and thread is not None and thread.deadline is None


def apply() -> None:
    """Replaces the waiting, the reading of timestamps, and what a Wait does when it is over."""
    from moto.stepfunctions.parser.asl.component.state.wait.state_wait import StateWait
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp, wait_function
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
    from moto.stepfunctions.parser.asl.eval.program_state import ProgramRunning

    plain = StateWait._eval_body

    def eval_body(self: Any, env: Any) -> None:
        if not env.__dict__.pop("waited", False):
            env.stands = not self.assign_decl or not self._is_language_query_jsonpath()
            plain(self, env)
            return
        # As moto's own, from behind the waiting on.
        if self.assign_decl:
            self.assign_decl.eval(env=env)
        if not isinstance(env.program_state(), ProgramRunning):
            return
        self._eval_state_output(env=env)
        self._verify_size_quota(env=env, value=env.states.get_input())
        self._set_next(env)
        details = EventDetails(stateExitedEventDetails=self._get_state_exited_event_details(env=env))
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=self.state_exited_event_type,
            event_details=details,
        )

    def wait_interval(self: Any, env: Any, wait_seconds: float) -> None:
        due = CLOCK.micros() + round(wait_seconds * 1_000_000)
        if due > CLOCK.micros() and env.is_running() and env.stands and _needs_no_thread(env):
            raise Standing(due)
        while env.is_running() and CLOCK.micros() < due:
            env.program_state_event.wait((due - CLOCK.micros()) / 1_000_000)

    def parse(value: str) -> datetime | None:
        if not isinstance(value, str) or len(value) < 20 or value[10] != "T":
            return None
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
        return None if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)

    def seconds(self: Any, env: Any) -> float:
        self.string.eval(env=env)
        text = env.stack.pop()
        at = parse(text)
        if at is None:
            raise timestamp.FailureEventException(self._create_failure_event(env, text))
        return (at - CLOCK.now().replace(tzinfo=None)).total_seconds()

    StateWait._eval_body = eval_body
    wait_function.WaitFunction._wait_interval = wait_interval
    timestamp.Timestamp._from_timestamp_string = staticmethod(parse)
    timestamp.Timestamp._get_wait_seconds = seconds
