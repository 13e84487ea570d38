# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""The engine's time is real: every loaded module of it gets the virtual clock's names in the place of the real ones."""

from __future__ import annotations

import datetime as real_datetime
import random
import sys
import threading
import time as real_time
from types import ModuleType, SimpleNamespace
from typing import Any

from local.virtual_threads import VirtualEvent, VirtualLatch, VirtualThread
from local.virtual_time import CLOCK

ENGINE = "moto.stepfunctions.parser"
TOUCHED = ("threading", "time", "datetime", "Thread", "Event", "Condition", "CountDownLatch")


class AwsDatetime(real_datetime.datetime):
    """A datetime that reads the virtual clock and writes itself as the States context object does: ms and ``Z``."""

    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> AwsDatetime:
        """The virtual time; without a zone naive UTC, which is what the engine compares with."""
        now = CLOCK.now()
        return cls._of(now.astimezone(tz) if tz is not None else now.replace(tzinfo=None))

    @classmethod
    def _of(cls, at: real_datetime.datetime) -> AwsDatetime:
        return cls(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)

    def isoformat(self, sep: str = "T", timespec: str = "milliseconds") -> str:
        """RFC 3339 in UTC with ``Z``."""
        at = self if self.tzinfo is None else self.astimezone(real_datetime.UTC)
        return real_datetime.datetime.isoformat(at.replace(tzinfo=None), sep, timespec) + "Z"

    def __deepcopy__(self, memo: dict[int, Any]) -> AwsDatetime:
        return self


def _now_seconds() -> float:
    return CLOCK.micros() / 1_000_000


# No Condition: nothing in the engine but its latch uses one, and the latch is replaced. A new use fails at once.
threading_shim = SimpleNamespace(
    Thread=VirtualThread, Event=VirtualEvent, Lock=threading.Lock, RLock=threading.RLock
)
time_shim = SimpleNamespace(sleep=CLOCK.sleep, time=_now_seconds)
datetime_shim = SimpleNamespace(
    datetime=AwsDatetime,
    date=real_datetime.date,
    timedelta=real_datetime.timedelta,
    timezone=real_datetime.timezone,
)


def engine_modules() -> list[ModuleType]:
    """Every loaded module of the engine."""
    return [
        module for name, module in list(sys.modules.items()) if name.startswith(ENGINE) and module is not None
    ]


def real_names(module: ModuleType) -> list[str]:
    """The names in a module that still stand for real time or real threads."""
    real: dict[str, Any] = {
        "threading": threading, "time": real_time, "datetime": real_datetime,
        "Thread": threading.Thread, "Event": threading.Event, "Condition": threading.Condition,
    }  # fmt: skip
    return [name for name in TOUCHED if name in real and getattr(module, name, None) is real[name]]


def apply() -> None:
    """Puts virtual time into the engine, and a repeatable die into its retry jitter."""
    import moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl as jitter
    import moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl
    import moto.stepfunctions.parser.asl.eval.count_down_latch as latch
    import moto.stepfunctions.parser.models
    import moto.stepfunctions.responses  # noqa: F401

    virtual = {
        "threading": threading_shim, "time": time_shim, "datetime": datetime_shim,
        "Thread": VirtualThread, "Event": VirtualEvent,
    }  # fmt: skip
    for module in engine_modules():
        if module.__name__.endswith(".utils.encoding"):
            # It only asks whether a value is a datetime; real ones must count too.
            continue
        for name in real_names(module):
            setattr(module, name, virtual[name])
        if getattr(module, "CountDownLatch", None) is latch.CountDownLatch:
            module.CountDownLatch = VirtualLatch
    jitter.random = random.Random(20)
