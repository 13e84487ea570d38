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
FOLDS = 5
_LONG, _LONG_LEAK = 1.5, 0.7  # longer messages for each short one
_FILLED = 3  # messages made of an ordinary line
_FILLED_LEAK = 4


class Line(NamedTuple):
    """One message: its sentences, its language, whether data are out, and the fold that its lines of the bank belong to.

    All messages made of one line of the bank stand in one fold, so that a model is never measured on a line that it knows.
    """

    lines: tuple[str, ...]
    language: str
    leak: bool
    fold: int

    @property
    def text(self) -> str:
        """The message as it would be written."""
        return " ".join(self.lines)


def messages(folder: Path = FOLDER, seed: int = SEED) -> list[Line]:
    """Every message of the gate's banks, the same at every call.

    Each line of the bank alone, its slots filled a few times; then longer ones: two to four ordinary lines of one trade, and a
    leak told among ordinary lines.
    """
    draw = random.Random(seed)  # noqa: S311 training data, no secret
    slots = _slots(folder / "slots.txt")
    banks = read_banks(folder)
    pools: dict[tuple[bool, str, int], list[list[str]]] = {}
    found: list[Line] = []
    for name, leak in (("ordinary", False), ("leaks", True)):
        for language, lines in banks[name].items():
            for line in lines:
                if line.startswith("#"):  # the next trade
                    for fold in range(FOLDS):
                        pools.setdefault((leak, language, fold), []).append([])
                    continue
                fold = draw.randrange(FOLDS)
                count = (_FILLED_LEAK if leak else _FILLED) if _SLOT.search(line) else 1
                made = sorted({_filled(line, language, slots, draw) for _ in range(count)})
                found += [Line((text,), language, leak, fold) for text in made]
                trades = pools.setdefault((leak, language, fold), [])
                if not trades:
                    trades.append([])
                trades[-1] += made
    for (leak, language, fold), trades in sorted(pools.items()):
        ordinary = [line for trade in pools.get((False, language, fold), []) for line in trade]
        own = [trade for trade in trades if trade]
        for _ in range(round(sum(map(len, own)) * (_LONG_LEAK if leak else _LONG))):
            trade = draw.choice(own)
            if leak:
                told = [draw.choice(trade), *draw.sample(ordinary, min(len(ordinary), draw.randint(1, 2)))]
                draw.shuffle(told)
            else:
                told = draw.sample(trade, min(len(trade), draw.randint(2, 5)))
            found.append(Line(tuple(told), language, leak, fold))
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
    return dict(read_banks(folder)["notes"])


def sources(folder: Path = FOLDER) -> Iterator[str]:
    """Every line as it stands in the banks."""
    banks = read_banks(folder)
    for name in ("ordinary", "leaks", "notes"):
        for lines in banks[name].values():
            yield from (line for line in lines if not line.startswith("#"))
