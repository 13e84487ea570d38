# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""How executions start, end and are stopped; how a parent waits for its child."""

from __future__ import annotations

import copy
import functools
import json
import traceback
from collections.abc import Callable
from typing import Any

from local.mends import waits
from local.mends.virtual import engine_modules
from local.virtual_threads import VirtualEvent, VirtualThread
from local.virtual_time import CLOCK, NEVER_SECONDS, DeadlinePassed, Stopped

on_end: list[Callable[[Any], None]] = []
"""Called with every execution that has ended, however it ended."""

_ended: dict[str, VirtualEvent] = {}


def forget() -> None:
    """Forgets all executions, after their threads have ended."""
    _ended.clear()


def _finish(execution: Any) -> None:
    _ended[execution.exec_arn].set()
    for listener in on_end:
        listener(execution)


def stop(execution: Any, error: str | None, cause: str | None) -> None:
    """Stops an execution wherever it stands: its later states do not run, its ``.sync`` children are stopped too.

    A function that is running now finishes on its own, as on AWS. Stopping one that has ended changes nothing.
    """
    from moto.stepfunctions.parser.api import ExecutionAbortedEventDetails, ExecutionStatus, HistoryEventType
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

    if execution.exec_status != ExecutionStatus.RUNNING:
        return
    execution.stop_date = CLOCK.now()
    execution.exec_status = ExecutionStatus.ABORTED
    execution.error, execution.cause = error or None, cause or None
    env = execution.exec_worker.env
    if env is not None:
        env.set_stop(stop_date=execution.stop_date, error=error, cause=cause)
        env.event_history_context.source_event_id = 0
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.ExecutionAborted,
            event_details=EventDetails(
                executionAbortedEventDetails=ExecutionAbortedEventDetails(error=error, cause=cause)
            ),
        )
    CLOCK.kill((execution.exec_arn,))
    _finish(execution)


def _reaping(original: Callable[..., Any], reason: str = "stopped") -> Callable[..., Any]:
    """When the part is over, so is everything that it started: moto leaves such threads waiting for their own time."""

    @functools.wraps(original)
    def reaped(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        finally:
            CLOCK.kill_children(reason)

    return reaped


def apply() -> None:
    """Replaces start, stop, wait-for-child and the clean-up after failed or timed-out parts."""
    from moto.core.responses import ActionResult
    from moto.stepfunctions import responses
    from moto.stepfunctions.parser.api import ExecutionStatus
    from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
    from moto.stepfunctions.parser.asl.component.common.path import result_path
    from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
    from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
    from moto.stepfunctions.parser.asl.component.program.program import Program
    from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
        InlineIterationComponent,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
        StateTaskServiceCallback,
    )
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
        StateTaskServiceSfn,
    )
    from moto.stepfunctions.parser.asl.utils import json_path
    from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
    from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend

    # A parsed path is kept, of which moto builds a parser's tables anew for each look.
    for module in (result_path, json_path):
        module.parse = functools.lru_cache(maxsize=1024)(module.parse)
    # The definition is checked by `make check`; here it is parsed when its first execution starts.
    StepFunctionsParserBackend._validate_definition = staticmethod(lambda definition: None)  # noqa: ARG005

    def start(self: Any) -> None:
        details = self._evaluation_details.execution_details
        _ended[details.arn] = VirtualEvent()
        thread = VirtualThread(
            target=lambda: standing(self, self._execution_logic),
            name=f"execution {details.name}",
            family=(details.arn,),
        )
        thread.start()

    def standing(worker: Any, work: Callable[[], None]) -> None:
        """Carries an execution to its end, or to a Wait, over which it needs no thread."""
        thread: Any = CLOCK.current()
        thread.context["execution"] = worker
        try:
            work()
        except waits.Standing as wait:
            later = VirtualThread(
                target=lambda: standing(worker, lambda: go_on(worker)), name=thread.name, family=thread.family
            )
            later.start(wait.until)

    def go_on(worker: Any) -> None:
        worker.env.waited = True
        program = worker._get_evaluation_entrypoint()
        in_turn(program, worker.env)
        worker._execution_communication.terminated()

    plain_reflect = BaseExecutionWorkerCommunication._reflect_execution_status

    def reflect(self: Any) -> None:
        if self.execution.exec_status != ExecutionStatus.RUNNING:
            return
        plain_reflect(self)
        CLOCK.kill_children()
        _finish(self.execution)

    def stop_execution(
        self: Any, execution_arn: str, error: str | None = None, cause: str | None = None
    ) -> Any:
        execution = self.describe_execution(execution_arn)
        stop(execution, error, cause)
        return execution

    def answer_stop(self: Any) -> Any:
        execution = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), self._get_param("error"), self._get_param("cause")
        )
        return ActionResult({"stopDate": execution.stop_date})

    plain_describe = responses.StepFunctionResponse.describe_execution

    def answer_describe(self: Any) -> Any:
        answer = plain_describe(self)
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        result = answer.result
        if execution.stop_date is not None:
            result["stopDate"] = execution.stop_date
        if execution.status == "SUCCEEDED":
            result["output"] = json.dumps(execution.output, separators=(",", ":"), default=str)
        return answer

    def waiting(build: Callable[..., Callable[[], Any]]) -> Callable[..., Callable[[], Any]]:
        def build_resolver(self: Any, env: Any, **kwargs: Any) -> Callable[[], Any]:
            arn = env.stack[-1]["ExecutionArn"]
            resolver = build(self, env=env, **kwargs)

            def wait_and_resolve() -> Any:
                try:
                    _ended[arn].wait()
                except Stopped as stopped:
                    if stopped.reason != "timeout":
                        # AWS stops the child with its parent; a task that only timed out leaves it running.
                        stop(_find(arn), None, None)
                    raise
                return resolver()

            return wait_and_resolve

        return build_resolver

    plain_catch, plain_next = ExecutionState._handle_catch, ExecutionState._set_next

    def evaluate(self: Any, env: Any) -> None:
        """As moto's, without a thread of its own for every task: the clock cuts the waiting off (a thread is 60 kB)."""
        self.timeout.eval(env=env)
        seconds = env.stack.pop()
        thread: Any = CLOCK.current()
        frame = env.open_frame()
        frame.states.reset(input_value=env.states.get_input())
        frame.stack = copy.deepcopy(env.stack)
        outer, thread.deadline = thread.deadline, _earliest(thread.deadline, seconds)
        try:
            self._eval_execution(frame)
            output = frame.stack.pop()
        except DeadlinePassed:
            if outer is not None and outer <= CLOCK.micros():
                raise
            raise EvalTimeoutError from None
        finally:
            thread.deadline = outer
            frame.set_ended()
            env.close_frame(frame)
        env.stack.append(output)
        if not self._is_language_query_jsonpath():
            env.states.set_result(output)
        for part in (self.assign_decl, self.result_selector):
            if part:
                part.eval(env=env)
        if self.result_path:
            self.result_path.eval(env)
        else:
            env.states.reset(input_value=env.stack.pop())

    def handle_catch(self: Any, env: Any, failure_event: Any) -> None:
        plain_catch(self, env=env, failure_event=failure_event)
        env.caught = env.stack[-1] == CatchOutcome.Caught

    def set_next(self: Any, env: Any) -> None:
        # moto takes a Catch whose Next is the state itself for none at all, and goes on as if nothing had failed.
        if not env.__dict__.pop("caught", False):
            plain_next(self, env)

    def eval_sync(self: Any, env: Any, sync_resolver: Callable[[], Any], **kwargs: Any) -> Any:
        return sync_resolver()

    # moto writes the whole parsed machine into its log for every error, caught ones included.
    EvalComponent._log_failure_event_exception = lambda self, failure_event_exception: None  # noqa: ARG005
    EvalComponent._log_exception = lambda self, exception: None  # noqa: ARG005
    ExecutionWorker.start = start
    BaseExecutionWorkerCommunication._reflect_execution_status = reflect
    StepFunctionsParserBackend.stop_execution = stop_execution
    responses.StepFunctionResponse.stop_execution = answer_stop
    responses.StepFunctionResponse.describe_execution = answer_describe
    StateTaskServiceSfn._build_sync_resolver = waiting(StateTaskServiceSfn._build_sync_resolver)
    StateTaskServiceSfn._build_sync2_resolver = waiting(StateTaskServiceSfn._build_sync2_resolver)
    StateTaskServiceCallback._eval_sync = eval_sync
    ExecutionState._handle_catch, ExecutionState._set_next = handle_catch, set_next
    ExecutionState._evaluate_with_timeout = _reaping(evaluate, "timeout")
    BranchesDecl._eval_body = _reaping(BranchesDecl._eval_body)
    InlineIterationComponent._eval_body = _reaping(InlineIterationComponent._eval_body)
    in_a_thread = _reaping(Program.eval)

    def eval_program(self: Any, env: Any) -> None:
        if self.timeout_seconds is not None:
            in_a_thread(self, env)
            return
        # Without a time limit nobody has to look on: a thread less for every execution and every branch that waits.
        env.next_state_name = self.start_at.start_at_name
        in_turn(self, env)

    def in_turn(self: Any, env: Any) -> None:
        """One state after the other."""
        try:
            EvalComponent.eval(self, env)
        except Exception:  # noqa: BLE001 - as in a thread of its own: it must not end in silence, whatever it is
            traceback.print_exc()
        finally:
            CLOCK.kill_children()

    Program.eval = eval_program
    # moto keeps every thread that it ever started in a list for its own tests.
    for module in engine_modules():
        if hasattr(module, "TMP_THREADS"):
            module.TMP_THREADS = _Nowhere()


def _earliest(deadline: int | None, seconds: int) -> int | None:
    """The deadline of a thread (in the clock's microseconds) that gets so many seconds from now."""
    if seconds >= NEVER_SECONDS:
        return deadline
    own = CLOCK.micros() + seconds * 1_000_000
    return own if deadline is None else min(deadline, own)


class _Nowhere:
    """A list that keeps nothing."""

    def append(self, thing: Any) -> None:
        """Lets it go."""


def _find(arn: str) -> Any:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    _, _, _, region, account, *_ = arn.split(":")
    return stepfunctions_parser_backends[account][region].describe_execution(arn)
