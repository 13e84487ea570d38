"""What is read of a text: all of a short one, and of a long one the sentences that carry the matter, wherever they stand.

A message may be 20,000 characters long with its point in the middle. Every sentence is weighed by the concepts that it
holds (`data/salience.txt`, learnt by `python -m tools.triage.train`); those that weigh most are kept with their
neighbours, in their order. Where nothing weighs, both ends are read. The time grows with the length, no faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from sangfroid.triage import spelling
from sangfroid.triage.lexicon import Hit, Lexicon, shipped
from sangfroid.triage.text import Token, tokens

WHOLE = 600
"""Characters of words up to which a text is read whole."""
LONG = 1_200
"""Characters from which the ends are read by themselves too."""
ENDS = (80, 220, 500)
"""How much of each end is then read."""
_SENTENCE = 40
"""Tokens after which a sentence without an end is cut."""
_SHORT = 4
_SHARE = 0.3
"""A sentence is kept from this share of the weight of the heaviest one."""
_LEAST = 0.25
"""A text whose heaviest sentence weighs less says nothing: both ends are read."""


@dataclass
class Reading:
    """The tokens that are read, and the concepts in them. Offsets are into the original text."""

    tokens: list[Token]
    hits: list[Hit]

    @property
    def said(self) -> str:
        """The words that are read, folded, with their signs; for the sentence model."""
        parts: list[str] = []
        end = -1
        for token in self.tokens:
            if token.start > end >= 0:
                parts.append(" ")
            parts.append(token.word)
            end = token.end
        return "".join(parts)


def read(text: str, lexicon: Lexicon | None = None) -> Reading:
    """The reading of one zone of a report."""
    return readings(text, lexicon)[0]


def readings(text: str, lexicon: Lexicon | None = None) -> list[Reading]:
    """The reading of a text, and of a very long one its ends too, at several lengths: the point may stand at either end, in
    words that no concept knows. Whoever judges takes the one that says most."""
    known = lexicon or shipped()
    found = _mended(tokens(text), known)
    hits = known.find(found)
    length = _length(found)
    if length <= WHOLE:
        return [Reading(found, hits)]
    sentences = _sentences(found)
    chosen = [_heaviest(sentences, _weigh(sentences, hits, salience()))]
    if length > LONG:
        orders = (range(len(sentences)), range(len(sentences) - 1, -1, -1))
        chosen += [sorted(_first(sentences, order, room)) for room in ENDS for order in orders]
    return [_kept(sentences, hits, kept) for kept in chosen]


def _mended(found: Iterable[Token], lexicon: Lexicon) -> list[Token]:
    """The tokens without their typing errors; a word that begins a cue of the lexicon is none."""
    mend = spelling.shipped().mend
    read: list[Token] = []
    for token in found:
        word = mend(token.word)
        read.append(token if word == token.word or lexicon.knows(token.word) else token._replace(word=word))
    return read


def _kept(sentences: Sequence[Sequence[Token]], hits: Sequence[Hit], kept: Sequence[int]) -> Reading:
    spans = [(sentences[at][0].start, sentences[at][-1].end) for at in kept]
    return Reading([token for at in kept for token in sentences[at]], _inside(hits, spans))


def _first(sentences: Sequence[Sequence[Token]], order: Iterable[int], room: int) -> list[int]:
    """The first sentences in `order` until `room` characters are full."""
    kept: list[int] = []
    for at in order:
        if room <= 0:
            break
        kept.append(at)
        room -= _length(sentences[at])
    return kept


def _length(found: Sequence[Token]) -> int:
    return sum(len(token.word) + 1 for token in found)


def _sentences(found: Sequence[Token]) -> list[list[Token]]:
    """Tokens by sentence; one that does not end is cut, and very short ones are read with the next."""
    cut: list[list[Token]] = []
    last = -1
    for token in found:
        own = cut[-1] if cut else []
        if not own or len(own) >= _SENTENCE or (token.sentence != last and len(own) >= _SHORT):
            cut.append([token])
        else:
            own.append(token)
        last = token.sentence
    return cut


def _weigh(
    sentences: Sequence[Sequence[Token]], hits: Sequence[Hit], known: Mapping[str, float]
) -> list[float]:
    """The weight of each sentence: of the different concepts that begin in it."""
    weights: list[float] = []
    ordered = sorted(hits, key=lambda hit: hit.start)
    at = 0
    for sentence in sentences:
        seen: set[str] = set()
        while at < len(ordered) and ordered[at].start < sentence[-1].end:
            if ordered[at].start >= sentence[0].start:
                seen.add(ordered[at].concept)
            at += 1
        weights.append(sum(known.get(concept, 0.0) for concept in seen))
    return weights


def _heaviest(sentences: Sequence[Sequence[Token]], weights: Sequence[float]) -> list[int]:
    """Positions of the sentences that are kept, in order."""
    top = max(weights, default=0.0)
    if top < _LEAST:
        return _ends(sentences)
    kept: set[int] = set()
    room = WHOLE
    said: set[tuple[str, ...]] = set()
    for at in sorted(range(len(sentences)), key=lambda place: (-weights[place], place)):
        if weights[at] < _SHARE * top or room <= 0:
            break
        words = tuple(token.word for token in sentences[at])
        if words in said:  # the same sentence pasted many times is one
            continue
        said.add(words)
        kept.add(at)
        room -= _length(sentences[at])
    for at in sorted(kept):
        for beside in (at - 1, at + 1):
            if room > 0 and 0 <= beside < len(sentences) and beside not in kept:
                kept.add(beside)
                room -= _length(sentences[beside])
    return sorted(kept)


def _ends(sentences: Sequence[Sequence[Token]]) -> list[int]:
    """The sentences of the first and of the last half of what is read."""
    both = (range(len(sentences)), range(len(sentences) - 1, -1, -1))
    return sorted({at for order in both for at in _first(sentences, order, WHOLE // 2)})


def _inside(hits: Sequence[Hit], spans: Sequence[tuple[int, int]]) -> list[Hit]:
    found: list[Hit] = []
    ordered = sorted(hits, key=lambda hit: hit.start)
    at = 0
    for start, end in spans:
        while at < len(ordered) and ordered[at].start < start:
            at += 1
        while at < len(ordered) and ordered[at].start < end:
            found.append(ordered[at])
            at += 1
    return found


@lru_cache(maxsize=1)
def salience() -> dict[str, float]:
    """Weight of each concept for whether a sentence carries the matter."""
    lines = resources.files("sangfroid.triage").joinpath("data", "salience.txt").read_text(encoding="utf-8")
    return {name: float(weight) for name, weight in (line.split() for line in lines.splitlines() if line)}
