"""Opaque cursors: base64url of what the store needs to go on, bound to the query that they came from."""

from __future__ import annotations

import base64
import re

from sangfroid.errors import Invalid

_SHAPES = {
    "cases": re.compile(r"[0-9TZ:.+-]{20,40}\|CASE#[A-Za-z0-9-]{1,100}\|(?:FILE|LISTED)"),
    "search": re.compile(
        r"(?:[0-9TZ:.+-]{20,40}\|CASE#[A-Za-z0-9-]{1,100}\|(?:FILE|LISTED))?(?:![A-Za-z0-9-]{1,100}![0-9TZ:.+-]{20,40}#[A-Za-z0-9-]{1,120})?"
    ),
    "deliveries": re.compile(r"[!-~]{1,400}"),
    "responses": re.compile(r"[0-9]{1,6}"),
    "desk": re.compile(r"[0-9TZ:.+-]{4,40}\|[A-Za-z0-9-]{1,100}"),
    "messages": re.compile(r"[0-9TZ:.+-]{20,40}#[A-Za-z0-9-]{1,40}"),
}


def write(kind: str, query: str, place: str) -> str:
    """A cursor of `kind` ("cases", "messages", "deliveries", "responses") for this `query` that goes on after `place`."""
    return base64.urlsafe_b64encode(f"{kind}\n{query}\n{place}".encode()).decode().rstrip("=")


def read(kind: str, query: str, cursor: str) -> str:
    """The place in a cursor; raises Invalid where it was not given out for this query.

    Its shape is checked, so that nothing invented ever reaches the store.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        found, asked, place = raw.split("\n")
    except ValueError:
        found = asked = place = ""
    if found != kind or not _SHAPES[kind].fullmatch(place) or write(kind, asked, place) != cursor:
        raise Invalid("This cursor is not one of ours. Begin again without a cursor.")
    if asked != query:
        raise Invalid("This cursor belongs to another filter. Begin again without a cursor.")
    return place
