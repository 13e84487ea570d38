"""The labelled items and the banks of training sentences, and how the banks are composed into training reports."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sangfroid.triage.report import Profile, Report

DATA = Path(__file__).parent / "data"
DEV = DATA / "dev.jsonl"
CLASSES = ("1", "2", "3", "3-leak", "4", "none")
LANGUAGES = ("en", "fr")
# Composed author profiles: (account age in days, followers), loosely as such accounts are.
_PROFILES = {
    "customer": ((700, 4500), (0, 600)),
    "provoker": ((300, 2500), (500, 60_000)),
    "malicious": ((1, 120), (0, 1500)),
    "other": ((300, 5000), (100, 40_000)),
}


@dataclass(frozen=True)
class Item:
    """One report with its expected answer; `author` None where it is not scored or not known."""

    report: Report
    label: str
    author: str | None
    id: str = ""


def label_of(case: int | None, leak: bool) -> str:
    """The class name of (case, leak)."""
    return "3-leak" if leak else "none" if case is None else str(case)


def read_items(path: Path) -> list[Item]:
    """The items of a JSONL file in the labelling guide's format."""
    items: list[Item] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            expect = entry["expect"]
            items.append(
                Item(
                    Report.model_validate(entry["report"]),
                    label_of(expect["case"], expect["leak"]),
                    expect.get("author") if expect["case"] is not None else None,
                    str(entry.get("id", "")),
                )
            )
    return items


Banks = dict[str, dict[str, list[str]]]


def read_banks(folder: Path = DATA / "banks") -> Banks:
    """Bank name to section (`en`, `fr`, or an author in `bios`) to its lines."""
    banks: Banks = {}
    for path in sorted(folder.glob("*.txt")):
        sections: dict[str, list[str]] = {}
        section = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
                sections[section] = []
            elif section and (line.strip() or path.stem == "bios"):
                sections[section].append(line.strip())
        banks[path.stem] = sections
    return banks


def bank_lines(banks: Banks) -> list[str]:
    """Every sentence of every bank, once."""
    lines = [
        line
        for name, sections in banks.items()
        if name != "bios"
        for part in sections.values()
        for line in part
    ]
    return list(dict.fromkeys(lines))


class Composer:
    """Makes training reports by putting sentences of the banks together as the labelling guide describes cases."""

    def __init__(self, banks: Banks, seed: int) -> None:
        self._banks = banks
        self._random = random.Random(seed)  # noqa: S311 training data, no secret
        self._language = "en"

    def compose(self, count: int) -> list[Item]:
        """`count` items, the six classes in equal parts."""
        return [self._item(CLASSES[at % len(CLASSES)]) for at in range(count)]

    def _one(self, *names: str) -> str:
        return self._random.choice(self._banks[self._random.choice(names)][self._language])

    def _maybe(self, chance: float, name: str) -> str:
        return self._one(name) if self._random.random() < chance else ""

    def _symptom(self) -> str:
        return f"{self._one('symptom')} {self._maybe(0.35, 'misbelief')}".strip()

    def _item(self, label: str) -> Item:
        self._language = self._random.choice(LANGUAGES)
        voice = self._random.random()
        author = "provoker" if voice < 0.15 else "other" if voice < 0.3 else None
        text, notes, author = self._story(label, author)
        if author in ("provoker", "other", "malicious"):
            text = f"{text} {self._one(author)}"
        return Item(self._report(text, notes, author), label, author)

    def _story(self, label: str, author: str | None) -> tuple[str, str, str | None]:
        """Text and notes for a class; the author where the composition tells."""
        draw = self._random.random()
        neutral = self._maybe(0.35, "neutral_notes")
        if label == "1":
            if draw < 0.7:
                return self._symptom(), self._one("cause1_notes"), author or "customer"
            return self._one("cause1_msg"), neutral, author
        if label == "2":
            if draw < 0.5:
                return self._symptom(), self._one("cause2_notes"), author or "customer"
            if draw < 0.9:
                return self._one("cause2_msg"), neutral, author
            return self._one("cause2_msg"), self._one("malicious_true_notes", "cause2_notes"), "malicious"
        if label == "3":
            if draw < 0.6:
                return self._one("act3_msg"), neutral, author
            if draw < 0.85:
                return self._one("symptom", "act3_msg"), self._one("act3_notes"), author
            return self._one("act3_msg"), self._one("malicious_true_notes", "act3_notes"), "malicious"
        if label == "3-leak":
            if draw < 0.5:
                return self._one("leak_msg"), neutral, author
            if draw < 0.85:
                text = self._one("leak_innocent", "leak_innocent", "leak_msg", "symptom")
                return text, self._one("leak_notes"), author
            return self._one("leak_msg"), self._one("malicious_true_notes", "leak_notes"), "malicious"
        if label == "4":
            if draw < 0.35:
                return self._one("fake4_msg"), neutral, author
            text = self._one("act3_msg", "act3_msg", "cause2_msg", "cause2_msg", "leak_msg", "symptom")
            hostile = "malicious" if self._random.random() < 0.25 else author
            return text, self._one("fake4_notes"), hostile
        if draw < 0.75:
            return (
                self._one("none_msg"),
                neutral if self._random.random() < 0.7 else self._one("none_notes"),
                None,
            )
        return self._one("none_alarm"), self._one("none_notes"), None

    def _report(self, text: str, notes: str, author: str | None) -> Report:
        kind = author or "customer"
        ages, followers = _PROFILES[kind]
        profile = Profile(
            bio=self._random.choice(self._banks["bios"][kind]),
            followers=self._random.randint(*followers),
            account_age_days=self._random.randint(*ages),
        )
        entry: dict[str, Any] = {
            "brand": "-",
            "message": {
                "text": text,
                "platform": "other",
                "author": profile,
                "published_at": "2026-01-01T00:00:00Z",
            },
            "notes": notes,
        }
        return Report.model_validate(entry)


def labels(items: Iterable[Item]) -> list[str]:
    """The class of each item."""
    return [item.label for item in items]
