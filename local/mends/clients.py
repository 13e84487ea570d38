# What is replaced here belongs to boto, whose types say little of it.
# mypy: disable-error-code="attr-defined, method-assign, no-untyped-call"
"""Clients of sandboxes that are gone, for those that come: making one takes boto longer than the calls of a short crisis.

A sandbox has clients of its own, as on AWS. When the stack is emptied its sandboxes go, and the next sandbox of the same
function that asks for the same client gets one of theirs, with all that it may spend on retries.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from local.virtual_time import CLOCK

_lent: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
_spare: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)


def forget() -> None:
    """The sandboxes are gone: what they held is free again."""
    for key, clients in _lent.items():
        _spare[key] += clients
    _lent.clear()


def dismiss() -> None:
    """The stack has stopped, and with moto boto's session ended: nobody asks for its clients again, 30 MB a stack."""
    _lent.clear()
    _spare.clear()


def apply() -> None:
    """Stands before boto's making of clients, for functions only."""
    from botocore.session import Session
    from moto.core.models import botocore_stubber

    plain = Session.create_client

    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        thread = CLOCK.current()
        function = thread.context.get("function") if thread is not None else None
        if function is None or not botocore_stubber.enabled:
            return plain(self, service_name, *args, **kwargs)
        asked = {name: _said(value) for name, value in kwargs.items()}
        key = (id(self), function, service_name, repr(args), repr(sorted(asked.items())))
        client: Any = _fresh(_spare[key].pop()) if _spare[key] else plain(self, service_name, *args, **kwargs)
        client._session_here = self  # so that no other session gets its number
        _lent[key].append(client)
        return client

    Session.create_client = create_client


def _said(value: Any) -> Any:
    """A parameter by what it says: two configurations that say the same are the same."""
    options = getattr(value, "_user_provided_options", None)
    return repr(value) if options is None else repr(sorted(options.items()))


def _fresh(client: Any) -> Any:
    """The client with a full quota of retries, and nothing from those who had it before."""
    service = client.meta.service_model.service_id.hyphenize()
    for handler in client.meta.events._emitter._handlers.prefix_search(f"after-call.{service}"):
        if getattr(handler, "__name__", "") == "release_retry_quota":
            quota = handler.__self__._quota
            quota.release(quota._max_capacity - quota._available_capacity)
    return client
