"""One finder of links: the link that a reader sees, not the signs around it."""

from __future__ import annotations

from typing import NamedTuple

import regex

_SCHEME = regex.compile(r"(?<![\p{L}\p{N}+.-])https?://", regex.IGNORECASE)
_SCHEME_NEXT = regex.compile(r"https?://", regex.IGNORECASE)
_STOP = regex.compile(
    r"[\s\p{Z}\p{C}\p{Me}\p{Default_Ignorable_Code_Point}\p{So}<>\"`\\^|…‥“”„‟‹›«»‚‛‘"
    r"\u00A7\u00B6\u2020-\u2023\u203B\u00AC\u00B1\u00D7\u00F7\u2190-\u22FF"
    r"\p{Pi}\u3000-\u303F\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\u060C\u061B\u061F\u06D4\u0964\u0965\u2E2E\u2014\u2015]"
)
_MARK = regex.compile(r"\p{M}")
_ENTITY = regex.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});$")
_HOST = regex.compile(r"(?:[^\s/?#@]*@)?(?:[\p{L}\p{N}_]|\[[0-9a-fA-F:.])")
_TRAILING = frozenset(".,;:!?'’*~&([{")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_OPENING = frozenset("([{")
_SEPARATORS = frozenset(",;")


class Link(NamedTuple):
    """One link of a text, with its span there."""

    address: str
    start: int
    end: int


def find_links(text: str, place: int = 0) -> list[Link]:
    """The links with `http` or `https` in `text` from `place` on, in order, as a reader takes them.

    A bracket that closes belongs to the link only where it was opened in it (`Nuage_(informatique)`, `(see https://…)`); quotes,
    full stops of any script, emphasis (`**`), blanks and invisible characters end it.
    """
    found: list[Link] = []
    while scheme := _SCHEME.search(text, place):
        place = _walk(text, scheme.end())
        end = _trimmed(text, scheme.end(), place, text[scheme.start() - 1] if scheme.start() else "")
        if _HOST.match(text, scheme.end(), end):
            found.append(Link(text[scheme.start() : end], scheme.start(), end))
    return found


def _walk(text: str, place: int) -> int:
    """Where the link ends at the latest; every character is looked at once."""
    opened = dict.fromkeys("([{", 0)
    while place < len(text):
        char = text[place]
        if char in _OPENING:
            opened[char] += 1
        elif opening := _CLOSING.get(char):
            if not opened[opening]:
                return place
            opened[opening] -= 1
        elif not char.isalnum() and _ends(text, place, char):
            return place
        place += 1
    return place


def _ends(text: str, place: int, char: str) -> bool:
    if _MARK.match(char) and _STOP.match(char) is None:
        return not (text[place - 1].isalnum() or _MARK.match(text[place - 1]))  # a mark belongs to its letter
    if char == "*":
        return text.startswith("**", place)
    if char in _SEPARATORS:
        return _SCHEME_NEXT.match(text, place + 1) is not None
    return _STOP.match(char) is not None


def _trimmed(text: str, start: int, end: int, before: str) -> int:
    """Without the punctuation of the sentence, and without the sign of emphasis that also stands before the link.

    A sign of another script or of typography is punctuation where the link ends with it, and its own in the middle (`Col·lecció`,
    `Michelson–Morley`); a reference to a character of HTML is none of it (GitHub Flavored Markdown, 6.9).
    """
    while end > start:
        char = text[end - 1]
        if char == ";" and (entity := _ENTITY.search(text, max(start, end - 34), end)):
            end = entity.start()
        elif char in _TRAILING or (char == "_" and before == "_") or _sign(char):
            end -= 1
        else:
            break
    return end


def _sign(char: str) -> bool:
    return not char.isascii() and not char.isalnum() and _MARK.match(char) is None
