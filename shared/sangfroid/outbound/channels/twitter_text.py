"""Which addresses of a text twitter-text takes for links: what X and Mastodon count as 23 characters.

https://github.com/twitter/twitter-text (js/src/regexp, conformance/extract.yml), and what Mastodon changes in it
(config/initializers/twitter_regex.rb). It is not the link that a reader sees (`sangfroid.text.links`): that one is for showing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

LONGEST = 4096
"""Longer addresses are no links to it (MAX_URL_LENGTH)."""

COMMON = frozenset(
    (
        "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "name", "pro", "aero", "coop", "museum", "jobs", "mobi",
        "travel", "tel", "cat", "asia", "post", "app", "blog", "cloud", "dev", "news", "online", "page", "shop", "site",
        "example",
    )
)  # fmt: skip
"""Top-level domains of more than two letters that have long been on the list, and `example`, which stands for one of them in
drafts. Of others, what counts more is counted."""

BEFORE = r"(?<![A-Za-z0-9@＠$#＃])"
LABEL = r"[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_-]*+(?<![_-]))?+"
HOST = (
    rf"(?:{LABEL}\.){{1,127}}(?P<top>xn--[a-z0-9-]++|\p{{L}}[\p{{L}}\p{{M}}]++)(?![A-Za-z0-9@+-])(?::\d++)?+"
)
LETTERS = (
    r"a-z0-9\p{Cyrillic}\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u00FF\u0100-\u024F\u0253-\u025B\u0263\u0268\u026F\u0272\u0289"
    r"\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
# The signs of a sentence end no path, but a bracket that was opened in it may.
X_PATH = (
    rf"[{LETTERS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]",
    rf"[{LETTERS}+\-=_#/]",
)
MASTODON_PATH = (
    r"[^\s\p{Z}<>()?]",
    r"[^\s\p{Z}()?!*\"'「」<>;:=,.$%\[\]~&|@]",
)
X_QUERY = (r"[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]", r"[a-z0-9\-_&=#/]")
MASTODON_QUERY = (
    r"[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\u00A0-\U0010FFFD]",
    r"[a-z0-9_&=#/\-\u00A0-\U0010FFFD]",
)


def _links(path: tuple[str, str], query: tuple[str, str]) -> regex.Pattern[str]:
    inside = path[0]
    brackets = rf"\((?:{inside}|\({inside}++\))++\)"
    # Whatever may stand in it, as far as it goes, then back to a sign that may end it.
    way = rf"(?:/(?:{inside}|{brackets})*(?<=[/)]|{path[1]}))"
    asked = rf"(?:\?{query[0]}*(?<={query[1]}))"
    return regex.compile(rf"{BEFORE}https?://{HOST}{way}?{asked}?", regex.IGNORECASE)


X = _links(X_PATH, X_QUERY)
MASTODON = _links(MASTODON_PATH, MASTODON_QUERY)


class Counted(NamedTuple):
    """A link with its span. `certain`: its top-level domain is surely on the list that comes with twitter-text."""

    start: int
    end: int
    certain: bool


def links(pattern: regex.Pattern[str], text: str) -> Iterator[Counted]:
    """Each link with `http` or `https` in `text`, in order."""
    for found in pattern.finditer(text):
        if found.end() - found.start() <= LONGEST:
            top = found["top"].lower()
            yield Counted(*found.span(), top in COMMON or (len(top) == 2 and top.isascii()))
