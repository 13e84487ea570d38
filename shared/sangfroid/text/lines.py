"""Texts that people send in: one that says something, a line that is one line, an address of the web."""

from __future__ import annotations

from urllib.parse import urlsplit

import regex

from sangfroid.text.blank import is_blank
from sangfroid.text.leftovers import turned

_NOT_IN_A_LINE = regex.compile(r"[\p{Cc}\p{Cs}\u2028\u2029]")
_RUN = regex.compile(r"[\p{Cc}\p{Cs}\p{Z}]+")
_TURNING = regex.compile(r"[\u202A-\u202E\u2066-\u2069]")
_NOT_IN_AN_ADDRESS = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Z}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]"
)


def said(value: str) -> str:
    """`value`, if a reader sees something in it; raises ValueError."""
    if is_blank(value):
        raise ValueError("is empty for a reader: write something that can be seen")
    return value


def one_line(value: str) -> str:
    """`value`, if it is one line: no line break of any kind (U+0085, U+2028 …) and no control character; raises ValueError.

    One-line fields become headers of mails, names and titles, where such a character begins something else.
    """
    if _NOT_IN_A_LINE.search(value):
        raise ValueError("must be one line: no line breaks, tabs or control characters")
    if turned(value):
        raise ValueError(
            "must read in the order in which it is written: no marks that turn words around (U+202E)"
        )
    return value


def unturned(value: str) -> str:
    """A stranger's name as its letters stand: where marks turn words around, without those marks.

    A name is shown beside ours in lists, mails and titles, where such a mark turns around what follows it.
    """
    return _TURNING.sub("", value) if turned(value) else value


def as_one_line(value: str) -> str:
    """What a tool sent for a one-line field, as one line: runs of breaks, blanks and control characters are a blank."""
    return unturned(_RUN.sub(" ", value).strip())


def web_address(value: str) -> str:
    """`value`, if it is an address that a browser opens with http or https; raises ValueError.

    Others run something (`javascript:`), carry what they show (`data:`), or open what is on the reader's own machine (`file:`).
    What reads as another address than it opens is refused too: a user name before the host, and what turns or hides letters.
    """
    try:
        parts = urlsplit(value)
        plain = parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc and parts.port != 0
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        plain, host = False, ""
    named = all(label and label[0] != "-" != label[-1] for label in host.split(".")) and "%" not in host
    if not plain or not named or _NOT_IN_AN_ADDRESS.search(value):
        raise ValueError("must be an address of the web, such as https://example.org/page (http or https)")
    return value
