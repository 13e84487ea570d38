"""Phrases that a translator writes, found in a text as people read it.

`word*` takes any ending, `…` up to four words, `(a|b)` one of several, `(a )?` a word that may be missing. Compared without
accents, capitals, kinds of blanks and typographic signs (sangfroid.text.folding); the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sangfroid.data_files import data
from sangfroid.text.folding import Folded, bare

GAP = r"(?:[^\w.!?]{1,3}[\w'-]{1,40}){0,4}[^\w.!?]{1,3}"


@dataclass(frozen=True)
class Span:
    """A passage of the original text, in code points."""

    start: int
    end: int
    quote: str


class Readable:
    """A text, its language, and how it reads when folded; made once a check."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = "fr" if language.startswith("fr") else "en"
        self._folded = Folded(text, look_alikes=True)
        self.folded = self._folded.text
        # `bare` of what is folded keeps a character a character, so places stay true.
        self.bare = "".join(_plain(char) for char in self._folded.text)

    def span(self, start: int, end: int) -> Span:
        """The passage of the original that stands behind the folded characters."""
        first, last = self._folded.span(start, end)
        return Span(first, last, self.text[first:last])


@cache
def _plain(char: str) -> str:
    plain = bare(char)
    return plain if len(plain) == 1 else char


@cache
def words() -> dict[str, Any]:
    """The catalogue of words and messages (words.yaml)."""
    content: dict[str, Any] = data(__package__, "words.yaml")
    return content


@cache
def pattern(phrases: tuple[str, ...], *, accents: bool = False) -> re.Pattern[str]:
    """One expression for many phrases; never matches where there are none. With `accents`, `tué` is not `tue`."""
    if not phrases:
        return re.compile(r"(?!)")
    compared = folded_alike if accents else bare
    return re.compile(rf"(?<!\w)(?:{'|'.join(_expression(phrase, compared) for phrase in phrases)})(?!\w)")


def folded_alike(text: str) -> str:
    """`text` as `Readable.folded` has it."""
    return Folded(text, look_alikes=True).text


_SIGNS = {"(": "(?:", ")": ")", "|": "|", "?": "?", "*": r"\w{0,20}", "…": GAP, "[0-9]+": r"[0-9]{1,12}"}

_BETWEEN = "[ -]?"


def _expression(phrase: str, compared: Callable[[str], str]) -> str:
    """`phrase` as an expression over folded text."""
    parts = re.split(r"(\[0-9\]\+|[()|?*…])", re.sub(r"\s*…\s*", "…", phrase.strip()))
    # An invisible blank that parts two words is nothing to see, so the words then stand together; a hyphen parts them as well.
    return "".join(
        _SIGNS.get(part)
        or re.escape(_as_compared(part, compared))
        .replace(r"\ ", _BETWEEN)
        .replace(r"\-", _BETWEEN)
        .replace("'", " ?' ?")
        for part in parts
    )


def _as_compared(literal: str, compared: Callable[[str], str]) -> str:
    lead, trail = literal[:1] == " ", literal[-1:] == " " and literal != " "
    return " " * lead + compared(literal) + " " * trail


def found(readable: Readable, phrases: tuple[str, ...], *, accents: bool = False) -> Iterator[Span]:
    """Every passage of the text that one of the phrases describes, in order."""
    for match in pattern(phrases, accents=accents).finditer(readable.folded if accents else readable.bare):
        yield readable.span(match.start(), match.end())


def first(readable: Readable, phrases: tuple[str, ...]) -> int | None:
    """Where the first such passage begins in the folded text, or None."""
    match = pattern(phrases).search(readable.bare)
    return match.start() if match else None


def listed(lists: Mapping[Any, list[str]], language: str) -> tuple[str, ...]:
    """The phrases of one language in a list by language."""
    return tuple(lists.get(language, []))
