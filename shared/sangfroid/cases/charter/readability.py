"""How hard a text is to read: the length of its sentences and of its words, counted in syllables (pyphen's patterns)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST_SENTENCE = 45
"""Words; a sentence beyond is a finding. Plain-language guides ask for 25 at most; lists and places need room."""
MEAN_SENTENCE = 30
LONG_WORD = 4
"""Syllables from which a word counts as long."""
LONG_WORDS = 0.22
"""Share of long words from which a text of at least `FEWEST` words is hard."""
FEWEST = 25

SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
WORD = re.compile(r"[^\W\d_][\w’'-]*")
_PIECES = re.compile(r"[’'-]")


@dataclass(frozen=True)
class Hardness:
    """What makes a text hard: its longest sentence in words, the mean, and the share of long words."""

    longest: int
    mean: float
    long_words: float

    @property
    def is_hard(self) -> bool:
        """Beyond one of the limits."""
        return self.longest > LONGEST_SENTENCE or self.mean > MEAN_SENTENCE or self.long_words > LONG_WORDS

    def detail(self, language: str) -> str:
        """The figures in a few words."""
        share = round(100 * self.long_words)
        if language == "fr":
            return f"phrase la plus longue {self.longest} mots, mots longs {share} %"
        return f"longest sentence {self.longest} words, long words {share} %"


def hardness(text: str, language: str) -> Hardness:
    """Figures of a text in `fr` or `en`."""
    sentences = [WORD.findall(sentence) for sentence in SENTENCE.split(text)]
    lengths = [len(words) for words in sentences if words]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return Hardness(0, 0.0, 0.0)
    long = sum(_syllables(word[:40], language) >= LONG_WORD for word in words)
    share = long / len(words) if len(words) >= FEWEST else 0.0
    return Hardness(max(lengths), len(words) / len(lengths), share)


def _syllables(word: str, language: str) -> int:
    return (
        max(len(_hyphens(language).positions(piece)) + 1 for piece in _PIECES.split(word) if piece)
        if word
        else 0
    )


@cache
def _hyphens(language: str) -> Any:
    from pyphen import Pyphen  # half a megabyte of patterns, which only a check needs

    return Pyphen(lang="fr_FR" if language == "fr" else "en_GB", left=1, right=1)
