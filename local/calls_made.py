"""Which AWS calls each function made: operation and arguments, as boto3 was asked. Nothing is kept while nobody listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from local.virtual_time import CLOCK


class Call(NamedTuple):
    """One call: `function` is its name on the stack, `service` botocore's, `given` the arguments before they are sent."""

    function: str
    service: str
    operation: str
    given: dict[str, Any]


_listeners: list[list[Call]] = []


def apply() -> None:
    """Look at every call of the process once, whoever makes it. Part of the mends: once a process."""
    from botocore.handlers import BUILTIN_HANDLERS

    BUILTIN_HANDLERS.append(("provide-client-params", note))


def note(params: dict[str, Any], model: Any, **_: Any) -> None:
    """Tells the listeners of a call that is about to be made on this thread; `model` is boto's of the operation."""
    from local.mends.calls import is_aside

    thread = CLOCK.current()
    if _listeners and thread is not None and "function" in thread.context and not is_aside():
        call = Call(thread.context["function"], model.service_model.service_name, model.name, params)
        for listener in _listeners:
            listener.append(call)


@contextmanager
def heard() -> Iterator[list[Call]]:
    """Every call of a function from now on, until the block ends."""
    calls: list[Call] = []
    _listeners.append(calls)
    try:
        yield calls
    finally:
        _listeners.remove(calls)
