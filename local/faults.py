"""Making components fail on demand, and the record of everything that left the system.

Points: ``channel:<id>``, ``function:<folder>``, ``dynamodb``. Modes: ``error``, ``lost_answer``, ``timeout``,
``throttle``, ``crash``; contract.md says what each means.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from local.virtual_time import CLOCK

MODES = ("error", "lost_answer", "timeout", "throttle", "crash")
CHANNEL_TIME_LIMIT = 10.0  # seconds that an adapter waits for a channel
CHANNEL_PAUSE = 30.0  # seconds that a throttling channel asks for
WRITES = {
    "dynamodb": {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"},
    "states": {"StartExecution", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "StopExecution"},
}


class FunctionDied(BaseException):
    """The function's process is gone in the middle of its work; not an Exception, so that no handler goes on."""


class Detour(Exception):
    """A call that would have gone the short way has to go the whole way; nothing was changed."""


class BadFault(ValueError):
    """A fault that cannot be set; ``pointer`` is the JSON pointer of what is wrong with it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


class Faults:
    """The faults that are set, in order; each is used up after ``times`` uses."""

    def __init__(
        self, functions: Callable[[], Iterable[str]], channels: Callable[[], Iterable[str] | None]
    ) -> None:
        self._functions, self._channels = functions, channels
        self._lock = threading.Lock()
        self._set: list[dict[str, Any]] = []

    def set(self, faults: Any) -> None:
        """Sets faults; those set before on the same points are replaced. BadFault, and nothing is set, if one is wrong."""
        if not isinstance(faults, list):
            raise BadFault("", "a list of faults is wanted")
        checked = [self._checked(fault, f"/{number}") for number, fault in enumerate(faults)]
        points = {fault["point"] for fault in checked}
        with self._lock:
            self._set = [fault for fault in self._set if fault["point"] not in points] + checked

    def clear(self) -> None:
        """Every component works again."""
        with self._lock:
            self._set = []

    def pending(self) -> list[dict[str, Any]]:
        """What is still to come."""
        with self._lock:
            return [dict(fault) for fault in self._set if fault["times"] > 0]

    def take(self, point: str) -> str | None:
        """The mode in which the point fails now, or None; counts as one use."""
        with self._lock:
            for fault in self._set:
                if fault["point"] == point and fault["times"] > 0:
                    fault["times"] -= 1
                    mode: str = fault["mode"]
                    return mode
        return None

    def meets(self, point: str) -> bool:
        """Whether the next use of the point fails; counts as none."""
        with self._lock:
            return any(fault["point"] == point and fault["times"] > 0 for fault in self._set)

    def _checked(self, fault: Any, at: str) -> dict[str, Any]:
        if not isinstance(fault, dict):
            raise BadFault(at, "a fault is an object with point, mode and times")
        if unknown := set(fault) - {"point", "mode", "times"}:
            raise BadFault(f"{at}/{sorted(unknown)[0]}", "a fault has only point, mode and times")
        point, mode, times = fault.get("point"), fault.get("mode"), fault.get("times", 1)
        if not isinstance(point, str) or not self._known(point):
            raise BadFault(f"{at}/point", f"there is no point {point!r}; {self._points()}")
        if mode not in MODES:
            raise BadFault(f"{at}/mode", f"there is no mode {mode!r}; use one of {', '.join(MODES)}")
        if isinstance(times, bool) or not isinstance(times, int) or times < 0:
            raise BadFault(f"{at}/times", "times is a whole number from 0 upwards")
        return {"point": point, "mode": mode, "times": times}

    def _known(self, point: str) -> bool:
        kind, _, name = point.partition(":")
        if kind == "function":
            return name in self._functions()
        if kind == "channel":
            channels = self._channels()
            return bool(name) if channels is None else name in channels
        return point == "dynamodb"

    def _points(self) -> str:
        channels = self._channels()
        names = [f"function:{name}" for name in sorted(self._functions())]
        names += ["channel:<id>"] if channels is None else [f"channel:{name}" for name in sorted(channels)]
        return "use one of " + ", ".join(["dynamodb", *names])


class Outbox:
    """Everything that left the system, in the order in which it left."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lock = threading.Lock()
        self._items: list[tuple[datetime, dict[str, Any]]] = []
        self.recognised: Callable[[str], bool] = lambda _: False
        """Whether a receiver holds this key already, so that it takes a repeated call for the one that it had."""

    def items(self, since: datetime | None = None) -> list[dict[str, Any]]:
        """The items from ``since`` on (aware), that instant included."""
        with self._lock:
            return [dict(item) for at, item in self._items if since is None or at >= since]

    def clear(self) -> None:
        """Empty again."""
        with self._lock:
            self._items = []

    def around_channel(self, channel_id: str, audience: str, call: Callable[[], Any], letter: Any) -> Any:
        """What ``sangfroid.outbound.hooks.around_channel`` is set to: applies faults and records what really left."""
        from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled

        die_if_dead()
        mode = self._faults.take(f"channel:{channel_id}")
        if mode == "error":
            raise ChannelRefused(f"{channel_id} refuses: fault set by the local stack")
        if mode == "throttle":
            raise ChannelThrottled(CHANNEL_PAUSE)
        if mode == "timeout":
            CLOCK.sleep(CHANNEL_TIME_LIMIT)
            raise AnswerLost(f"{channel_id} did not answer within {CHANNEL_TIME_LIMIT:g} s")
        repeated = self.recognised(str(letter.get("key")))
        answer = call()
        now = CLOCK.now()
        item = {"at": to_text(now), "channel": channel_id, "audience": str(audience)}
        item |= {name: letter.get(name) for name in ("case_id", "kind", "language", "text", "key")}
        with self._lock:
            if not repeated:
                self._items.append((now, item))
        if mode == "lost_answer":
            raise AnswerLost(f"{channel_id} took the call, and its answer is lost")
        if mode == "crash":
            die()
        return answer


def to_text(at: datetime) -> str:
    """RFC 3339 in UTC with ``Z``, microseconds only where there are any."""
    return at.isoformat().replace("+00:00", "Z")


def die() -> None:
    """Ends the function that runs on this thread: whatever it still tries to reach outside fails in the same way."""
    thread = CLOCK.current()
    if thread is not None:
        thread.context["dead"] = True
    raise FunctionDied


def die_if_dead() -> None:
    """Nothing leaves a function that has died, not even from its ``finally``."""
    thread = CLOCK.current()
    if thread is not None and thread.context.get("dead"):
        raise FunctionDied


def around_aws_call(faults: Faults) -> Callable[[Any, Callable[[], Any]], Any]:
    """What stands around every AWS request of the process; only requests of functions can be made to fail."""
    from botocore.exceptions import ReadTimeoutError

    def refused(request: Any, status: int, error: str, message: str) -> Any:
        from botocore.awsrequest import AWSResponse

        body = json.dumps(
            {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": message}
        ).encode()
        headers: Any = {"x-amzn-RequestId": "local-fault"}
        return AWSResponse(request.url, status, headers, _Raw(body))

    def around(request: Any, carry_out: Callable[[], Any]) -> Any:
        thread = CLOCK.current()
        if thread is None or "function" not in thread.context:
            return carry_out()
        die_if_dead()
        short = getattr(request, "short", False)
        if short and faults.meets("dynamodb"):
            raise Detour
        service = request.url.split("/", 3)[2].split(".", 1)[0]
        target = request.headers.get("X-Amz-Target", b"")
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        mode = faults.take("dynamodb") if service == "dynamodb" and not short else None
        if mode == "error":
            return refused(request, 500, "InternalServerError", "Internal server error")
        if mode == "throttle":
            return refused(
                request,
                400,
                "ProvisionedThroughputExceededException",
                "The level of configured throughput was exceeded",
            )
        if mode == "timeout":
            CLOCK.sleep(thread.context.get("read_timeout", 60))
            raise ReadTimeoutError(endpoint_url=request.url)
        answer = carry_out()
        if mode == "lost_answer":
            raise ReadTimeoutError(endpoint_url=request.url)
        written = answer is not None and answer.status_code == 200 and operation in WRITES.get(service, ())
        if written and (mode == "crash" or thread.context.get("crash_after_write")):
            die()
        return answer

    return around


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.read()
