# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""Task tokens: found at once, a new one for every attempt, closed when the task is over, and errors as on AWS.

moto looks through every execution, fails on one that has not begun, gives a retried task its old, already answered
token, and loses the cause of a failure.
"""

from __future__ import annotations

import json
from typing import Any

_open: dict[str, Any] = {}
_closed: set[str] = set()


def forget() -> None:
    """No token is known any more: each becomes "Invalid token"."""
    _open.clear()
    _closed.clear()


def close(token: str) -> None:
    """The task of this token is over: whoever uses it now is told that it timed out, as on AWS."""
    if _open.pop(token, None) is not None:
        _closed.add(token)


def apply() -> None:
    """Replaces the token calls of the backend and what their answers say."""
    from moto.core.responses import EmptyResult
    from moto.stepfunctions import responses
    from moto.stepfunctions.exceptions import AWSError, InvalidToken
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_callback as callback,
    )
    from moto.stepfunctions.parser.asl.eval.callback.callback import (
        CallbackOutcomeFailure,
        CallbackOutcomeSuccess,
        CallbackPoolManager,
    )
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend

    class TaskTimedOut(AWSError):
        TYPE = "TaskTimedOut"
        STATUS = 400

    class InvalidOutput(AWSError):
        TYPE = "InvalidOutput"
        STATUS = 400

    def endpoint_of(token: str) -> Any:
        endpoint = _open.get(token)
        if endpoint is not None and endpoint.get_outcome() is None:
            return endpoint
        if endpoint is not None or token in _closed:
            raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
        raise InvalidToken("'Invalid token'")

    def send_task_success(self: Any, task_token: str, outcome: str) -> None:
        try:
            json.loads(outcome)
        except (TypeError, ValueError) as error:
            raise InvalidOutput(f"Invalid Output: '{error}'") from error
        endpoint_of(task_token).notify(CallbackOutcomeSuccess(callback_id=task_token, output=outcome))

    def send_task_failure(
        self: Any, task_token: str, error: str | None = None, cause: str | None = None
    ) -> None:
        outcome = CallbackOutcomeFailure(callback_id=task_token, error=error or "", cause=cause or "")
        endpoint_of(task_token).notify(outcome)

    def send_task_heartbeat(self: Any, task_token: str) -> None:
        endpoint_of(task_token).notify_heartbeat()

    def answer_failure(self: Any) -> Any:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    plain_add = CallbackPoolManager.add

    def add(self: Any, callback_id: str) -> Any:
        endpoint = plain_add(self, callback_id)
        _open[callback_id] = endpoint
        return endpoint

    plain_attempt = callback.StateTaskServiceCallback._evaluate_with_timeout

    def attempt(self: Any, env: Any) -> None:
        data = env.states.context_object.context_object_data.get("Task")
        if data is None:
            plain_attempt(self, env)
            return
        if env.callback_pool_manager.get(data["Token"]).get_outcome() is not None or data["Token"] in _closed:
            env.callback_pool_manager.add(env.states.context_object.update_task_token())
        try:
            plain_attempt(self, env)
        finally:
            close(env.states.context_object.context_object_data["Task"]["Token"])

    StepFunctionsParserBackend.send_task_success = send_task_success
    StepFunctionsParserBackend.send_task_failure = send_task_failure
    StepFunctionsParserBackend.send_task_heartbeat = send_task_heartbeat
    responses.StepFunctionResponse.send_task_failure = answer_failure
    CallbackPoolManager.add = add
    callback.StateTaskServiceCallback._evaluate_with_timeout = attempt
