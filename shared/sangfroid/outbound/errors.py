"""How a channel fails. The three kinds differ in what is known about the text: that decides what may be done next."""

from __future__ import annotations


class ChannelError(Exception):
    """Any failure of a channel."""


class ChannelRefused(ChannelError):
    """The channel answered no; nothing was published, and asking again the same way will not help by itself."""


class ChannelThrottled(ChannelError):
    """The channel asks for a pause; nothing was published.

    ``retry_after``: seconds to wait before the next attempt, from 0 upwards.
    """

    def __init__(self, retry_after: float, message: str = "") -> None:
        super().__init__(message or f"the channel asks for a pause of {retry_after:g} s")
        self.retry_after = retry_after


class AnswerLost(ChannelError):
    """No answer came: whether the text was published is not known. Look before sending again."""
