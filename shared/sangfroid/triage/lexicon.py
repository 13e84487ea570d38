"""Concepts: groups of general cues in French and English, found in a text with their spans.

The cues stand in `data/lexicon.txt`. A cue is one or more words; `*` at the end of a word means any ending.
Look-up is by dictionary (first word, then the rest), so the size of the lexicon hardly costs time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from sangfroid.triage.text import Token, words

# Words that turn what follows in the same sentence into its opposite, and how far they reach.
_NEGATIONS = (
    "no not never nor without none nobody nothing cannot isn wasn aren weren didn doesn don haven hasn hadn "
    "pas jamais aucun aucune ni sans rien nullement guere"
)
NEGATIONS = frozenset(_NEGATIONS.split())
REACH = 4


class Hit(NamedTuple):
    """One cue found: its concept, its span, and whether a negation stands before it."""

    concept: str
    start: int
    end: int
    negated: bool


class _Cue(NamedTuple):
    concept: str
    rest: tuple[tuple[str, bool], ...]  # (word, any ending)


class Lexicon:
    """A set of concepts, ready to search."""

    def __init__(self, concepts: dict[str, Iterable[str]]) -> None:
        self.concepts = tuple(concepts)
        self._exact: dict[str, list[_Cue]] = {}
        self._pairs: dict[tuple[str, str], list[_Cue]] = {}  # by the first two words, where both are whole
        self._prefix: dict[str, list[_Cue]] = {}
        for concept, cues in concepts.items():
            for cue in cues:
                self._add(concept, cue)
        self._lengths = sorted({len(prefix) for prefix in self._prefix})
        # A word that begins nothing is passed over at once: most words of a long text do.
        self._begins = {*self._exact, *(first for first, _ in self._pairs), *NEGATIONS}
        self._shortest = self._lengths[0] if self._lengths else 1_000

    def _add(self, concept: str, cue: str) -> None:
        parts: list[tuple[str, bool]] = []
        for piece in cue.split("_"):
            open_end = piece.endswith("*")
            cut = words(piece.rstrip("*"))
            parts += [(word, False) for word in cut[:-1]] + [(word, open_end) for word in cut[-1:]]
        if not parts:
            return
        (first, open_end), rest = parts[0], tuple(parts[1:])
        if not open_end and rest and not rest[0][1]:
            self._pairs.setdefault((first, rest[0][0]), []).append(_Cue(concept, rest))
            return
        place = self._prefix if open_end else self._exact
        place.setdefault(first, []).append(_Cue(concept, rest))

    def knows(self, word: str) -> bool:
        """Whether a cue begins with `word`, or with an open beginning of it."""
        return word in self._begins or any(word[:length] in self._prefix for length in self._lengths)

    def words(self) -> Iterator[str]:
        """Every whole word of every cue."""
        yield from self._begins
        for place in (self._exact, self._pairs, self._prefix):
            for cues in place.values():
                for cue in cues:
                    yield from (word for word, open_end in cue.rest if not open_end)

    def find(self, found: Sequence[Token]) -> list[Hit]:
        """Every cue in the tokens of one text."""
        hits: list[Hit] = []
        last_negation = -100
        negated_sentence = -1
        for at, token in enumerate(found):
            word = token.word
            if len(word) < self._shortest and word not in self._begins:
                continue
            cues = list(self._exact.get(word, ()))
            if at + 1 < len(found):
                cues += self._pairs.get((word, found[at + 1].word), ())
            for length in self._lengths:
                if length > len(word):
                    break
                cues += self._prefix.get(word[:length], ())
            for cue in cues:
                last = self._match(found, at, cue.rest)
                if last is not None:
                    negated = negated_sentence == token.sentence and at - last_negation <= REACH
                    hits.append(Hit(cue.concept, token.start, found[last].end, negated))
            if word in NEGATIONS:
                last_negation, negated_sentence = at, token.sentence
        return hits

    @staticmethod
    def _match(found: Sequence[Token], at: int, rest: tuple[tuple[str, bool], ...]) -> int | None:
        for word, open_end in rest:
            at += 1
            if at >= len(found):
                return None
            other = found[at].word
            if not (other.startswith(word) if open_end else other == word):
                return None
        return at


def parse(text: str) -> dict[str, list[str]]:
    """Concept name to its cues, from the lines `[concept] cue cue …`; `#` starts a comment line."""
    concepts: dict[str, list[str]] = {}
    for line in text.splitlines():
        entry = re.match(r"\[(\w+)\]\s*(.*)", line)
        if entry:
            concepts.setdefault(entry[1], []).extend(entry[2].split())
    return concepts


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The lexicon that comes with the package."""
    data = resources.files("sangfroid.triage").joinpath("data", "lexicon.txt").read_text(encoding="utf-8")
    return Lexicon(dict(parse(data)))
