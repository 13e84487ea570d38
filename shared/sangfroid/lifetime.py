"""When the running invocation is certainly over: the moment at which Lambda kills it.

A permit lasts exactly so long. A sender that was stopped for a while anywhere, even between its last look and its call, can
therefore not call after its permit has run out: by then it no longer exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

_ends_at: ContextVar[datetime | None] = ContextVar("ends_at", default=None)


@contextmanager
def of(context: Any, now: datetime) -> Iterator[None]:
    """Around an invocation: when Lambda ends it (`get_remaining_time_in_millis` of its context). It holds for no later one."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    before = _ends_at.set(None if remaining is None else now + timedelta(milliseconds=remaining()))
    try:
        yield
    finally:
        _ends_at.reset(before)


def ends_at() -> datetime | None:
    """The end of the running invocation by the clock of this process, or None outside a Lambda."""
    return _ends_at.get()
