"""A place to stand around every call that leaves for a channel.

Every channel adapter makes its call through ``run``. On AWS nothing stands around it. The local stack sets
``around_channel`` to keep the outbox and to make channels fail on demand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

T = TypeVar("T")


class Letter(TypedDict):
    """What leaves, as the outbox shows it."""

    case_id: str | None
    """The case, or None where the text belongs to none."""
    kind: str
    """What it is: a response, a notification, a probe …"""
    language: str
    """BCP 47, such as ``fr``."""
    text: str
    """The words that leave, byte for byte."""
    key: str
    """The idempotency key of the delivery: the same for every attempt."""


around_channel: Callable[[str, str, Callable[[], Any], Letter], Any] | None = None
"""Called as ``around_channel(channel_id, audience, call, letter)`` in place of ``call()``; answers what it answered."""


def run(channel_id: str, audience: str, call: Callable[[], T], letter: Letter) -> T:
    """Makes the call to a channel, within the hook if one is set.

    Raises what the call raises, and with a hook also the errors of ``sangfroid.outbound.errors``.
    """
    if around_channel is None:
        return call()
    answer: T = around_channel(channel_id, audience, call, letter)
    return answer
