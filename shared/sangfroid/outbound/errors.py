"""How a channel can fail. Which one it is decides whether a retry is safe (I6)."""

from __future__ import annotations


class ChannelFault(Exception):
    """Base of everything that a channel can raise."""

    passing = True
    """For whoever counts faults: the caller tries again, and tells what it gave up."""


class ChannelRefused(ChannelFault):
    """The platform did not do it. With `permanent` the same call can never succeed (a text too long, a closed account)."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        super().__init__(detail)
        self.permanent = permanent


class NotConnected(ChannelRefused):
    """The channel has no credentials: nothing has ever been able to leave through it."""


class ChannelThrottled(ChannelFault):
    """The platform asks to come back after `retry_after` seconds; it did nothing."""

    def __init__(self, retry_after: float, detail: str = "the platform asks to slow down") -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class AnswerLost(ChannelFault):
    """The call was made and no answer came: the platform may have done it or not."""


class CannotLook(ChannelFault):
    """The platform has no way to look whether something was published."""
