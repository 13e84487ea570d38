"""Why a page was not fetched: one class a reason, so that whoever asked can tell a trap from a bad moment."""

from __future__ import annotations


class FetchRefused(Exception):
    """Base. `kind` names the reason in a word; the text says it to a person and holds nothing of the page."""

    @property
    def kind(self) -> str:
        """`not_public`, `too_large`, …"""
        name = type(self).__name__
        return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


class BadUrl(FetchRefused):
    """Not an ordinary address of the web: scheme, port, credentials or spelling."""


class NotPublic(FetchRefused):
    """It leads to this machine, a private network, a metadata service or another place that is not the public internet."""


class TooManyRedirects(FetchRefused):
    """It leads on and on."""


class TooLarge(FetchRefused):
    """More bytes than a page has, or more once unpacked."""


class TooSlow(FetchRefused):
    """It did not come within the time limit, however it was given piece by piece."""


class WrongContent(FetchRefused):
    """Not a text of the web: another content type or encoding."""


class Unreachable(FetchRefused):
    """No such name, no connection, no valid certificate, or an answer that is not HTTP."""
