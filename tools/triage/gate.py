"""The sentences of the leak gate: what people write to companies, and what they write when data are out; slots filled."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.triage.dataset import DATA, read_banks

FOLDER = DATA / "gate"
SEED = 11
_SLOT = re.compile(r"\{(\w+)\}")
_FILLED = 3  # messages made of an ordinary line
_FILLED_LEAK = 4


class Line(NamedTuple):
    """One message: its text and language, whether data are out, and which line of the bank it was made of."""

    text: str
    language: str
    leak: bool
    source: str


def messages(folder: Path = FOLDER, seed: int = SEED) -> list[Line]:
    """Every message of the gate's banks, the same at every call; a line without slots gives one."""
    draw = random.Random(seed)  # noqa: S311 training data, no secret
    slots = _slots(folder / "slots.txt")
    banks = read_banks(folder)
    found: list[Line] = []
    for name, leak in (("ordinary", False), ("leaks", True)):
        for language, lines in banks[name].items():
            for source in (line for line in lines if not line.startswith("#")):
                count = (_FILLED_LEAK if leak else _FILLED) if _SLOT.search(source) else 1
                made = {_filled(source, language, slots, draw) for _ in range(count)}
                found += [Line(text, language, leak, source) for text in sorted(made)]
    return found


def _slots(path: Path) -> dict[str, list[str]]:
    slots: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = re.match(r"\[([\w.]+)\] (.*)", line)
        if entry:
            slots[entry[1]] = [word.strip() for word in entry[2].split("|")]
    return slots


def _filled(source: str, language: str, slots: dict[str, list[str]], draw: random.Random) -> str:
    tongue = "fr" if language == "fr" else "en"
    used: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        choices = slots.get(f"{name}.{tongue}") or slots[name]
        fresh = [word for word in choices if word not in used] or choices
        word = draw.choice(fresh)
        used.add(word)
        return word

    return _SLOT.sub(fill, source)


def notes(folder: Path = FOLDER) -> dict[str, list[str]]:
    """Notes that establish nothing, by language."""
    return {name: lines for name, lines in read_banks(folder)["notes"].items()}


def sources(folder: Path = FOLDER) -> Iterator[str]:
    """Every line as it stands in the banks."""
    banks = read_banks(folder)
    for name in ("ordinary", "leaks", "notes"):
        for lines in banks[name].values():
            yield from (line for line in lines if not line.startswith("#"))
