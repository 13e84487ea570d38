"""Puts MiniStack's interpreter of the States language in the place of moto's, inside a local stack that runs.

Everything else stays: the functions of this repository, the table and its stream, the doors, the virtual clock. So what differs
between two plays of one story differs because of the interpreter.

What is replaced in the second engine is listed in `MOUNTED` (time, threads and the way to a Lambda, without which it cannot live
in this stack) and in `faults.py` (what it does otherwise than AWS documents). Nothing else of it is touched.
"""

from __future__ import annotations

import contextvars
import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from local.lambdas import NoSuchFunction, Throttled
from local.mends.virtual import datetime_shim
from local.template import ACCOUNT, REGION
from local.virtual_threads import VirtualEvent, VirtualThread
from local.virtual_time import CLOCK

if TYPE_CHECKING:
    from local.stack import Stack

MOUNTED = (
    "its clock is the stack's virtual clock, its threads, events and pools are virtual ones",
    "it starts an execution at once: its pause of 0.15 s would let a time limit pass a moment after a person acts, not before",
    "a Lambda is invoked through the stack's runtime, which runs the code of functions/",
    "the status events of its executions go to the stack's rules",
)
"""What has to be put in for the engine to live inside the stack; no behaviour of the States language."""


class Visits:
    """Which states were entered how often, by machine; and how executions ended."""

    def __init__(self) -> None:
        self.states: Counter[tuple[str, str]] = Counter()
        self.ends: Counter[tuple[str, str]] = Counter()


class _States(dict[str, Any]):
    """The states of a branch or an item: the engine writes no events for them, so each look-up is noted here."""

    def __init__(self, states: dict[str, Any], seen: Callable[[str], None]) -> None:
        super().__init__(states)
        self._seen = seen

    def get(self, name: str, default: Any = None) -> Any:
        self._seen(name)
        return super().get(name, default)


class _Future:
    def __init__(self, thread: VirtualThread) -> None:
        self._thread = thread
        self.value: Any = None
        self.error: BaseException | None = None

    def result(self, timeout: float | None = None) -> Any:
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError
        if self.error is not None:
            raise self.error
        return self.value


class _Pool:
    """`ThreadPoolExecutor` on virtual threads; `max_workers` at a time."""

    def __init__(self, max_workers: int = 1) -> None:
        self._free, self._waiting = max_workers, list[VirtualThread]()
        self._futures: list[_Future] = []

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._futures:
            future._thread.join()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> _Future:
        def run() -> None:
            try:
                future.value = work(*arguments)
            except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
                future.error = error
            finally:
                if self._waiting:
                    self._waiting.pop(0).start()
                else:
                    self._free += 1

        future = _Future(VirtualThread(target=run))
        self._futures.append(future)
        if self._free > 0:
            self._free -= 1
            future._thread.start()
        else:
            future._thread.alive = True  # whoever joins it waits for its turn too
            self._waiting.append(future._thread)
        return future

    def shutdown(self, wait: bool = True) -> None:
        pass


def engine() -> Any:
    """The module of the second engine."""
    from ministack.core import iam_evaluator
    from ministack.services import stepfunctions

    # It would load the whole emulator, with its servers, to learn that roles are not looked at.
    iam_evaluator.validate_role_arn = lambda _: None
    return stepfunctions


def ask(operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """One call of the Step Functions API, answered by the second engine: (status, body)."""
    from ministack.core import responses

    def call() -> tuple[int, dict[str, Any]]:
        responses._request_account_id.set(ACCOUNT)
        responses._request_region.set(REGION)
        work = engine().handle_request(
            "POST", "/", {"x-amz-target": f"AWSStepFunctions.{operation}"}, json.dumps(body).encode(), {}
        )
        try:
            work.send(None)
        except StopIteration as answered:
            status, _, text = answered.value
            return status, json.loads(text) if text else {}
        raise RuntimeError(f"{operation} waits inside the engine")

    return contextvars.copy_context().run(call)


@contextmanager
def mounted(stack: Stack, mends: tuple[Callable[[Any], None], ...] = ()) -> Iterator[Visits]:
    """While this holds, every execution of the stack runs on the second engine. `mends` change what it does wrong."""
    from local.faults import Detour
    from local.mends import calls, executions, short_way

    second, visits = engine(), Visits()
    before = dict(vars(second))
    plain_around = calls.around_call[0]
    listeners = list(executions.on_end)
    try:
        second.reset()
        _virtual(second)
        _watched(second, visits, stack)
        second._call_lambda = functools.partial(_call_lambda, second, stack)

        def status_changed(execution: dict[str, Any]) -> None:
            if execution["status"] == "RUNNING":
                return
            machine = stack.deployment.machines.get(execution["stateMachineArn"], "probe")
            visits.ends[machine, execution["status"]] += 1
            told = SimpleNamespace(
                exec_status=execution["status"],
                status=execution["status"],
                execution_arn=execution["executionArn"],
                exec_arn=execution["executionArn"],
                state_machine_arn=execution["stateMachineArn"],
                name=execution["name"],
                execution_input=json.loads(execution["input"]),
                start_date=datetime.fromisoformat(execution["startDate"]),
                stop_date=datetime.fromisoformat(execution["stopDate"]),
                error=execution.get("error"),
                cause=execution.get("cause"),
                state_machine=SimpleNamespace(arn=execution["stateMachineArn"]),
            )
            for listener in listeners:
                listener(told)

        second._emit_execution_status_event = status_changed
        for mend in mends:
            mend(second)
        _deploy(stack)

        def around(request: Any, carry_out: Callable[[], Any]) -> Any:
            host = request.url.split("/", 3)[2]
            if not host.startswith("states."):
                return plain_around(request, carry_out)
            if isinstance(request, short_way.Request):
                raise Detour  # on its way to moto's own store; as a request of the wire it comes by again
            return plain_around(request, lambda: _answered(request))

        calls.around_call[:] = [around]
        yield visits
    finally:
        calls.around_call[:] = [plain_around]
        second.reset()
        vars(second).update(before)


def _deploy(stack: Stack) -> None:
    client = stack.client("stepfunctions")
    for arn in stack.deployment.machines:
        described = client.describe_state_machine(stateMachineArn=arn)
        status, answer = ask(
            "CreateStateMachine",
            {
                "name": described["name"],
                "definition": _without_aliases(described["definition"]),
                "roleArn": described["roleArn"],
                "type": "STANDARD",
            },
        )
        if status != 200 or answer["stateMachineArn"] != arn:
            raise RuntimeError(f"{arn}: {answer}")


def _without_aliases(text: str) -> str:
    """The same with machines named instead of their aliases, which the engine does not know; each has one version here.

    A function's alias stays: the engine hands it to the way to a Lambda.
    """
    return re.sub(r"(:stateMachine:[\w-]+):live\b", r"\1", text)


START_PAUSE = 0.15  # seconds that the engine sleeps before the first state of an execution


def _virtual(second: Any) -> None:
    def sleep(seconds: float) -> None:
        if seconds != START_PAUSE:
            CLOCK.sleep(seconds)

    second.time = SimpleNamespace(sleep=sleep, time=lambda: CLOCK.micros() / 1e6)
    second.threading = SimpleNamespace(Thread=VirtualThread, Event=VirtualEvent)
    second.ThreadPoolExecutor = _Pool
    second.FutureTimeoutError = TimeoutError
    second.futures_wait = lambda futures: [future._thread.join() for future in futures]
    second.datetime = datetime_shim.datetime
    second.now_iso = lambda: CLOCK.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _watched(second: Any, visits: Visits, stack: Stack) -> None:
    add, branch = second._add_event, second._run_sub_machine

    def machine_of(execution: dict[str, Any]) -> str:
        return str(stack.deployment.machines.get(execution["stateMachineArn"], "probe"))

    def add_event(execution: dict[str, Any], kind: str, details: Any = None) -> Any:
        if kind.endswith("StateEntered"):
            visits.states[machine_of(execution), details["stateEnteredEventDetails"]["name"]] += 1
        return add(execution, kind, details)

    def run_branch(states: dict[str, Any], start_at: str, given: Any, execution: Any, ctx: Any) -> Any:
        machine = machine_of(execution)

        def seen(name: str) -> None:
            visits.states[machine, name] += 1

        return branch(_States(states, seen), start_at, given, execution, ctx)

    second._add_event = add_event
    second._run_sub_machine = run_branch


def _call_lambda(second: Any, stack: Stack, reference: str, event: Any) -> Any:
    name = reference.split(":")[6] if reference.count(":") > 5 else reference
    try:
        answer = stack.runtime.invoke(name, json.dumps(event).encode())
    except NoSuchFunction as error:
        raise second._ExecutionError(
            "Lambda.ResourceNotFoundException", f"Function not found: {error}"
        ) from error
    except Throttled as error:
        raise second._ExecutionError("Lambda.TooManyRequestsException", "Rate Exceeded.") from error
    value = json.loads(answer["Payload"])
    if "FunctionError" in answer:
        raise second._ExecutionError(value["errorType"], json.dumps(value))
    return value


def _answered(request: Any) -> Any:
    """boto3's request, answered by the second engine on the wire format that boto3 reads."""
    from botocore.awsrequest import AWSResponse

    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else target
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    status, answer = ask(text.partition(".")[2], json.loads(_without_aliases(body or "{}")))
    headers: Any = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "second-engine"}
    return AWSResponse(request.url, status, headers, _Wire(json.dumps(answer).encode()))


class _Wire:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
