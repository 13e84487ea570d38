"""Words with their places: folding, tokens, sentences. Every offset is into the original text."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_TOKEN = re.compile(r"[a-z0-9\u0300-\u036f]+|[^\w\s]")
_STOPS = frozenset(".!?;:…\n|")
_MARKS = re.compile(r"[\u0300-\u036f]+")


class Token(NamedTuple):
    """One folded word or sign, with its span in the original text and the number of its sentence."""

    word: str
    start: int
    end: int
    sentence: int


class _Fold(dict[int, str]):
    """Lower case without accents, one character for one, so that offsets stay true."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFD", char)[0].lower()
        folded = base if len(base) == 1 else char
        if folded in "’ʼ`´":
            folded = "'"
        self[code] = folded
        return folded


_FOLD = _Fold()


def fold(text: str) -> str:
    """`text` in lower case without accents; same length."""
    return text.translate(_FOLD)


def tokens(text: str) -> list[Token]:
    """The words and signs of `text`, in order."""
    found: list[Token] = []
    sentence = 0
    folded = fold(text)
    for match in _TOKEN.finditer(folded):
        word = match.group()
        if not word.isascii():
            word = _MARKS.sub("", word) or word
        found.append(Token(word, match.start(), match.end(), sentence))
        if word in _STOPS:
            sentence += 1
    return found


def words(text: str) -> list[str]:
    """The folded words and signs alone; what a cue of the lexicon is cut into."""
    return [token.word for token in tokens(text)]
