"""What a person changed of a text, word by word: so that an approver sees what was left as a machine wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

WORD = re.compile(r"\S+\s*|\s+")
MOST_WORK = 4_000_000
"""Pairs of words that are compared at most; beyond, what differs is shown as one passage (the time stays bounded)."""

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Part:
    """A run of words: in both texts, only in the newer, or only in the older."""

    kind: Kind
    text: str


def between(older: str, newer: str) -> list[Part]:
    """The parts of both texts in order: `same` and `added` make up the newer text, `same` and `removed` the older."""
    one, other = WORD.findall(older), WORD.findall(newer)
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    parts = [Part("same", "".join(one[:start]))]
    if len(left) * len(right) > MOST_WORK:
        parts += [Part("removed", "".join(left)), Part("added", "".join(right))]
    else:
        for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            if kind == "equal":
                parts.append(Part("same", "".join(left[a:b])))
                continue
            parts += [Part("removed", "".join(left[a:b])), Part("added", "".join(right[c:d]))]
    parts.append(Part("same", "".join(one[len(one) - end :])))
    return [part for part in parts if part.text]


def _alike(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def untouched(parts: list[Part]) -> float:
    """Which share of the newer text's words stood in the older one already, 0 to 1."""
    words = {
        kind: sum(len(part.text.split()) for part in parts if part.kind == kind) for kind in ("same", "added")
    }
    whole = words["same"] + words["added"]
    return round(words["same"] / whole, 3) if whole else 0.0
