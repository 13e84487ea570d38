"""Ids in paths. What cannot be an id of ours is not found, and never reaches the store."""

from __future__ import annotations

import re
from urllib.parse import unquote

from sangfroid.errors import NotFound

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}")


def named(value: str, what: str) -> str:
    """The id in a path segment, percent-decoded where the gateway has not done so; `what` names the thing for the refusal."""
    plain = unquote(value)
    if not _ID.fullmatch(plain):
        raise NotFound(f"There is no {what} of that name.")
    return plain
