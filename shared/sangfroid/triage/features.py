"""What the embedded models look at: words, letter groups and concepts of message and notes, and the public profile.

The same code runs when the models are trained and in the Lambda, so there is nothing to keep in step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from sangfroid.triage.lexicon import Hit, Lexicon, shipped
from sangfroid.triage.reading import Reading, read, readings
from sangfroid.triage.report import Report
from sangfroid.triage.text import Token, tokens

Zone = Literal["text", "notes"]

EMPTY_NOTE = 6
"""Words of a note without any concept that says no more than none at all ("seen this morning", "for information")."""

STEM = 6
_GRAMS = (4, 5)


@dataclass
class Evidence:
    """One zone of a report, cut up: tokens and concept hits with their places."""

    zone: Zone
    tokens: list[Token]
    hits: list[Hit]


@dataclass
class Features:
    """Counted features by block, with the evidence that they came from."""

    words: Counter[str] = field(default_factory=Counter)
    concepts: set[str] = field(default_factory=set)
    profile: set[str] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)
    said: dict[Zone, str] = field(default_factory=dict)


def stem(word: str) -> str:
    """The word without its ending (first six letters); any number is one feature."""
    return "0" if word.isdigit() else word[:STEM]


def concept_name(zone: Zone, hit: Hit) -> str:
    """Name of the feature that a hit counts for in its own zone."""
    return f"{zone[0]}{'!' if hit.negated else ''}@{hit.concept}"


def zone_words(zone: Zone, found: list[Token]) -> list[str]:
    """Stems, pairs of neighbouring stems, and letter groups across word ends."""
    mark = zone[0] + ":"
    stems = [stem(token.word) for token in found]
    names = [mark + word for word in stems]
    names += [f"{mark}{left}_{right}" for left, right in pairwise(stems)]
    line = " " + " ".join("0" if token.word.isdigit() else token.word for token in found) + " "
    for size in _GRAMS:
        names += [f"{mark}#{line[at : at + size]}" for at in range(len(line) - size + 1)]
    return names


def extract(report: Report, lexicon: Lexicon | None = None) -> Features:
    """All features of one report."""
    return next(extractions(report, lexicon))


def extractions(report: Report, lexicon: Lexicon | None = None) -> Iterator[Features]:
    """The features of one report; of a very long message also those of its ends (`reading.readings`)."""
    known = lexicon or shipped()
    notes = read(report.notes, known)
    if not notes.hits and len(notes.tokens) <= EMPTY_NOTE:
        notes = read("", known)
    profile = _profile(report, known)
    for message in readings(report.message.text, known):
        features = Features(profile=profile)
        zones: tuple[tuple[Zone, Reading], ...] = (("text", message), ("notes", notes))
        for zone, reading in zones:
            features.evidence.append(Evidence(zone, reading.tokens, reading.hits))
            features.said[zone] = reading.said
            features.words.update(zone_words(zone, reading.tokens))
            for hit in reading.hits:
                name = concept_name(zone, hit)
                features.concepts.add(name)
                features.concepts.add("a" + name[1:])
        yield features


def _profile(report: Report, lexicon: Lexicon) -> set[str]:
    author = report.message.author
    names = {f"platform {report.message.platform}", f"own page {report.message.on_own_platform}"}
    age = author.account_age_days
    if age is not None:
        names.add(
            "age "
            + next((n for limit, n in ((15, "days"), (90, "weeks"), (365, "months")) if age < limit), "years")
        )
    reach = ((50, "tens"), (1_000, "hundreds"), (5_000, "thousands"), (20_000, "ten thousand"))
    names.add("followers " + next((n for limit, n in reach if author.followers < limit), "mass"))
    found = tokens(author.bio[:500])
    if not found:
        names.add("no bio")
    names |= {"bio " + stem(token.word) for token in found}
    names |= {"bio @" + hit.concept for hit in lexicon.find(found)}
    return names
