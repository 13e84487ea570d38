"""The Lambda runtime: the code of functions/NAME on managed threads, one invocation at a time in each sandbox."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import sys
import threading
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.faults import Faults, FunctionDied, die_if_dead
from local.virtual_threads import VirtualEvent, VirtualThread
from local.virtual_time import CLOCK, EPOCH, MICRO, DeadlinePassed, Stopped

log = logging.getLogger(__name__)
LONGEST = timedelta(minutes=15)
LARGEST_PAYLOAD = (
    6 * 1024 * 1024 + 100
)  # bytes of a synchronous request or answer; what Lambda's own messages name
ASYNC_RETRY_PAUSES = (60, 120)  # seconds between the attempts of an asynchronous invocation, as on AWS


class Throttled(Exception):
    """Lambda takes no invocation now (429 TooManyRequestsException)."""


class TooLarge(Exception):
    """The request is larger than Lambda takes (413 RequestTooLargeException)."""


class NoSuchFunction(Exception):
    """There is no function of this name."""


@dataclass
class Function:
    """One function of the template. ``folder`` is its name under functions/; ``timeout`` in seconds."""

    name: str
    folder: str
    path: Path
    handler: str
    arn: str
    timeout: float
    memory: int
    environment: dict[str, str]
    sandboxes: list[Callable[[Any, Any], Any]] = field(default_factory=list)


class LambdaContext:
    """What a handler gets as its second argument."""

    def __init__(self, function: Function, request_id: str, deadline: int) -> None:
        self.function_name = function.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory)
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function.name}"
        self._began = CLOCK.micros()
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    @property
    def log_stream_name(self) -> str:
        """The stream of the day on which the invocation began."""
        return f"{EPOCH + self._began * MICRO:%Y/%m/%d}/[$LATEST]local"

    def get_remaining_time_in_millis(self) -> int:
        """Virtual milliseconds until the function's Timeout."""
        return max(0, (self._deadline - CLOCK.micros()) // 1000)


class Runtime:
    """All functions of a stack."""

    def __init__(self, faults: Faults) -> None:
        self.functions: dict[str, Function] = {}
        self.invocations = 0
        self._faults = faults
        self._loading = threading.RLock()

    def invoke(
        self, name: str, payload: bytes, kind: str = "RequestResponse", limit: timedelta = LONGEST
    ) -> dict[str, Any]:
        """Like ``lambda.invoke``: {"StatusCode", "ExecutedVersion", "Payload": bytes, "FunctionError" if it failed}.

        ``kind``: RequestResponse, Event or DryRun. ``limit``: how long a caller from outside waits, in virtual time.
        Raises NoSuchFunction, Throttled, TimeoutError.
        """
        function = self.functions.get(name)
        if function is None:
            raise NoSuchFunction(name)
        if len(payload) > LARGEST_PAYLOAD:
            raise TooLarge(name)
        if kind == "DryRun":
            return {"StatusCode": 204, "Payload": b""}
        if kind == "Event":
            VirtualThread(
                target=self._invoke_later,
                args=(function, payload),
                name=f"{name} (event)",
                family=("functions",),
            ).start()
            return {"StatusCode": 202, "Payload": b""}
        answer = self._invoke(function, payload, limit)
        error = "errorType" in answer
        body = (json.dumps(answer) if error else answer["value"]).encode()
        if len(body) > LARGEST_PAYLOAD:
            # As on AWS: what is too large never reaches the caller.
            error = True
            too_large = (
                f"Response payload size exceeded maximum allowed payload size ({LARGEST_PAYLOAD} bytes)."
            )
            body = json.dumps(_error("Function.ResponseSizeTooLarge", too_large)).encode()
        result: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": body}
        if error:
            result["FunctionError"] = "Unhandled"
        return result

    def folders(self) -> list[str]:
        """The folders under functions/ that the template uses."""
        return [function.folder for function in self.functions.values()]

    def _invoke_later(self, function: Function, payload: bytes) -> None:
        for pause in (*ASYNC_RETRY_PAUSES, None):
            try:
                answer = self._invoke(function, payload, LONGEST)
            except Throttled:
                answer = {"errorType": "TooManyRequestsException"}
            if "errorType" not in answer:
                return
            if pause is not None:
                CLOCK.sleep(pause)
        log.warning("%s failed for good: %s", function.name, answer.get("errorType"))

    def _invoke(self, function: Function, payload: bytes, limit: timedelta) -> dict[str, Any]:
        """{"value": its JSON} or {"errorType", "errorMessage", …}."""
        mode = self._faults.take(f"function:{function.folder}")
        request_id = str(uuid.uuid4())
        self.invocations += 1
        if mode == "throttle":
            raise Throttled(function.name)
        if mode == "error":
            return _error(
                "FaultInjected", "the function fails before its first line: fault set by the local stack"
            )
        if mode == "timeout":
            CLOCK.sleep(function.timeout)
            return _timed_out(function, request_id)
        done, answers = VirtualEvent(), [_error("Runtime.ExitError", "the stack was reset")]
        thread = VirtualThread(
            target=self._run,
            args=(function, json.loads(payload or b"null"), request_id, done, answers),
            name=f"{function.name} {request_id[:8]}",
            family=("functions", request_id),
        )
        thread.deadline = CLOCK.micros() + round(function.timeout * 1_000_000)
        thread.context["function"] = function.name
        if mode == "crash":
            thread.context["crash_after_write"] = True
        thread.start()
        if CLOCK.current() is not None:
            done.wait()
        elif not CLOCK.wait_outside(done.is_set, limit):
            raise TimeoutError(function.name)
        if mode == "lost_answer":
            return _error("Runtime.ExitError", f"RequestId: {request_id} Error: the answer was lost")
        return answers[-1]

    def _run(
        self,
        function: Function,
        event: Any,
        request_id: str,
        done: VirtualEvent,
        answers: list[dict[str, Any]],
    ) -> None:
        thread = CLOCK.current()
        if thread is None:
            raise RuntimeError("a function runs on a managed thread")
        try:
            thread.context["event"] = event
            handler = function.sandboxes.pop() if function.sandboxes else self._loaded(function)
            value = handler(event, LambdaContext(function, request_id, thread.deadline or 0))
            die_if_dead()
            answers.append({"value": json.dumps(value)})
            function.sandboxes.append(handler)
        except FunctionDied:
            # Its sandbox is gone with it: the next invocation starts cold.
            message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            answers.append(_error("Runtime.ExitError", message))
        except DeadlinePassed:
            answers.append(_timed_out(function, request_id))
        except Stopped:
            raise
        except BaseException as error:
            if thread.context.get("dead"):
                answers.append(_error("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited"))
            else:
                log.info("%s raised", function.name, exc_info=True)
                trace = traceback.format_tb(error.__traceback__)
                answers.append(
                    _error(type(error).__name__, str(error)) | {"requestId": request_id, "stackTrace": trace}
                )
                if "handler" in locals():
                    function.sandboxes.append(handler)
        finally:
            done.set()

    def _loaded(self, function: Function) -> Callable[[Any, Any], Any]:
        try:
            return self._load(function)
        except Exception:
            # Every call of it will fail: that is for whoever writes it, and must not hide in a caught error.
            log.exception("%s cannot be loaded", function.name)
            raise

    def _load(self, function: Function) -> Callable[[Any, Any], Any]:
        """A fresh copy of the function's module; the process sees its environment only while it loads."""
        module_name, _, attribute = function.handler.rpartition(".")
        path = function.path / (module_name.replace(".", "/") + ".py")
        name = f"functions_{function.folder}_{module_name}"
        with self._loading:
            before, known = dict(os.environ), set(sys.modules)
            os.environ.update(function.environment)
            sys.path.insert(0, str(function.path))
            try:
                spec = importlib.util.spec_from_file_location(name, path)
                if spec is None or spec.loader is None or not path.is_file():
                    raise ImportError(f"Unable to import module '{module_name}': no such file {path.name}")
                module = importlib.util.module_from_spec(spec)
                sys.modules[name] = module
                spec.loader.exec_module(module)
            finally:
                sys.path.remove(str(function.path))
                os.environ.clear()
                os.environ.update(before)
                # Modules that lie beside app.py belong to this sandbox alone.
                for loaded in set(sys.modules) - known:
                    file = getattr(sys.modules[loaded], "__file__", None)
                    if file and Path(file).is_relative_to(function.path):
                        del sys.modules[loaded]
        handler: Callable[[Any, Any], Any] = getattr(module, attribute)
        return handler


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message}


def _timed_out(function: Function, request_id: str) -> dict[str, Any]:
    return _error(
        "Sandbox.Timedout",
        f"RequestId: {request_id} Error: Task timed out after {function.timeout:.2f} seconds",
    )
