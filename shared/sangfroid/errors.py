"""Refusals that a person can act on; the API door turns each into an RFC 9457 problem document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One fault of a rejected body: an RFC 6901 JSON pointer and what is wrong there."""

    pointer: str
    detail: str


class Refused(Exception):
    """Something asked for that the rules do not allow; the store is unchanged.

    `status` is the HTTP status, `title` a short constant phrase, `detail` what a person can do about it.
    """

    status = 400
    title = "Refused"

    def __init__(self, detail: str, *, errors: list[FieldError] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra


class Invalid(Refused):
    """The body or a parameter is well-formed but says something impossible (422)."""

    status = 422
    title = "Invalid content"


class NotAllowed(Refused):
    """The person lacks the role, or would act on work of their own (403)."""

    status = 403
    title = "Not allowed"


class NotFound(Refused):
    """No such case, version, duty or delivery (404)."""

    status = 404
    title = "Not found"


class IllegalTransition(Refused):
    """Not possible in the state in which the case is now (409)."""

    status = 409
    title = "Not possible now"


class Unavailable(Refused):
    """A service beneath did not answer; nothing was changed, try again (503)."""

    status = 503
    title = "Try again"


class StoreRefused(Refused):
    """The store refuses this for good: too large, not permitted, not valid (500). Nothing was changed; again will not help."""

    status = 500
    title = "The store refuses this for good"
