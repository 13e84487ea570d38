"""Keeps the cross-validation honest: no training sentence may retell an item of the development set.

A sentence retells an item when a large part of its content words (by stem) stands in that one item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sangfroid.triage.features import stem
from sangfroid.triage.text import words
from tools.triage.dataset import Item

SHARE = 0.45
LEAST = 4


def content(text: str) -> set[str]:
    """Stems of the words that carry meaning: four letters or more."""
    return {stem(word) for word in words(text) if len(word) >= LEAST and word.isalpha()}


def retellings(lines: Iterable[str], items: Sequence[Item]) -> list[tuple[str, str, float]]:
    """(sentence, id of the item, share of the sentence's content words found there) of every retelling."""
    known = [(item.id, content(f"{item.report.message.text}\n{item.report.notes}")) for item in items]
    found: list[tuple[str, str, float]] = []
    for line in lines:
        own = content(line)
        if len(own) < LEAST:
            continue
        name, share = max(
            ((name, len(own & other) / len(own)) for name, other in known), key=lambda pair: pair[1]
        )
        if share >= SHARE and len(own) * share >= LEAST - 1:
            found.append((line, name, share))
    return found
