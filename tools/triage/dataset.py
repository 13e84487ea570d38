"""The labelled items and the banks of training sentences, and how the banks are composed into training reports."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sangfroid.triage.report import Profile, Report

DATA = Path(__file__).parent / "data"
DEV = DATA / "dev.jsonl"
CLASSES = ("1", "2", "3", "3-leak", "4", "none")
LANGUAGES = ("en", "fr")
STORIES = "stories"
TOLD_WHOLE = 0.15  # share of the composed reports that are stories as written
TOLD_ABROAD = 0.3  # of these, in another language than those of the banks
_LENGTH = (5.1, 0.5)  # of a message in characters, log-normal: half are longer than 165
ONE_LINE = 0.5  # share of messages of a single line
SMALL_TALK = 0.75  # share of small talk among the lines that lengthen a message
SECOND_NOTE = 0.5
# Composed author profiles: (account age in days, followers), loosely as such accounts are.
_CUT = "\x1f"  # between the lines of a report while it is composed
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
    lines: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Of a composed report: the sentences of its message and of its notes."""


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


class Story(NamedTuple):
    """A whole training report: class, author (None = not told), message and notes."""

    label: str
    author: str | None
    text: str
    notes: str


def story(line: str) -> Story:
    """`class | author or - | message | notes`, the notes possibly empty. Raises ValueError where the form is another."""
    label, author, text, notes = (part.strip() for part in line.split("|"))
    if label not in CLASSES or not text:
        raise ValueError(line)
    return Story(label, None if author == "-" else author, text, notes)


def bank_lines(banks: Banks) -> list[str]:
    """Every sentence of every bank, once; of a story its message and its notes."""
    lines: list[str] = []
    for name, sections in banks.items():
        for line in (line for part in sections.values() for line in part):
            if name == STORIES:
                lines += [part for part in story(line)[2:] if part]
            elif name != "bios":
                lines.append(line)
    return list(dict.fromkeys(lines))


class Composer:
    """Makes training reports by putting sentences of the banks together as the labelling guide describes cases."""

    def __init__(self, banks: Banks, seed: int) -> None:
        self._banks = banks
        self._random = random.Random(seed)  # noqa: S311 training data, no secret
        self._language = "en"
        self._stories: dict[tuple[str, str], list[Story]] = {}
        for language, lines in banks[STORIES].items():
            for line in lines:
                told = story(line)
                self._stories.setdefault((language, told.label), []).append(told)

        self._abroad = sorted(set(banks[STORIES]) - set(LANGUAGES))

    def compose(self, count: int) -> list[Item]:
        """`count` items, the six classes in equal parts."""
        return [self._item(CLASSES[at % len(CLASSES)]) for at in range(count)]

    def _one(self, *names: str) -> str:
        return self._random.choice(self._banks[self._random.choice(names)][self._language])

    def _maybe(self, chance: float, name: str) -> str:
        return self._one(name) if self._random.random() < chance else ""

    def _text(self, *names: str) -> str:
        """A message of about the length that people write: one line of the banks, then more of the same and small talk."""
        short = self._random.random() < ONE_LINE
        wanted = 0.0 if short else self._random.lognormvariate(*_LENGTH)
        bank = self._random.choice(names)
        parts = [self._one(bank)]
        while sum(map(len, parts)) < wanted:
            more = self._one("chatter" if self._random.random() < SMALL_TALK else bank)
            if more in parts:
                break
            parts.insert(self._random.randint(0, len(parts)), more)
        return _CUT.join(parts)

    def _note(self, *names: str) -> str:
        """What the notes establish; a second line of the same kind or a neutral one beside it now and then."""
        bank = self._random.choice(names)
        lines = [self._one(bank)]
        if self._random.random() < SECOND_NOTE:
            lines.append(self._one(self._random.choice(("neutral_notes", bank))))
            self._random.shuffle(lines)
        return _CUT.join(dict.fromkeys(lines))

    def _symptom(self) -> str:
        return f"{self._text('symptom')}{_CUT}{self._maybe(0.35, 'misbelief')}".strip(_CUT)

    def _item(self, label: str) -> Item:
        self._language = self._random.choice(LANGUAGES)
        if self._random.random() < TOLD_WHOLE:
            if self._random.random() < TOLD_ABROAD:
                self._language = self._random.choice(self._abroad)
            told = self._random.choice(self._stories[self._language, label])
            return self._made(told.text, told.notes, label, told.author)
        voice = self._random.random()
        author = "provoker" if voice < 0.15 else "other" if voice < 0.3 else None
        text, notes, author = self._story(label, author)
        if author in ("provoker", "other", "malicious"):
            text = f"{text}{_CUT}{self._one(author)}"
        return self._made(text, notes, label, author)

    def _made(self, text: str, notes: str, label: str, author: str | None) -> Item:
        lines = (_lines(text), _lines(notes))
        report = self._report(" ".join(lines[0]), " ".join(lines[1]), author)
        return Item(report, label, author, lines=lines)

    def _story(self, label: str, author: str | None) -> tuple[str, str, str | None]:
        """Text and notes for a class; the author where the composition tells."""
        draw = self._random.random()
        neutral = self._maybe(0.35, "neutral_notes")
        if label == "1":
            if draw < 0.7:
                return self._symptom(), self._note("cause1_notes"), author or "customer"
            return self._text("cause1_msg"), neutral, author
        if label == "2":
            if draw < 0.5:
                return self._symptom(), self._note("cause2_notes"), author or "customer"
            if draw < 0.9:
                return self._text("cause2_msg"), neutral, author
            return self._text("cause2_msg"), self._note("malicious_true_notes", "cause2_notes"), "malicious"
        if label == "3":
            if draw < 0.6:
                return self._text("act3_msg"), neutral, author
            if draw < 0.85:
                return self._text("symptom", "act3_msg"), self._note("act3_notes"), author
            return self._text("act3_msg"), self._note("malicious_true_notes", "act3_notes"), "malicious"
        if label == "3-leak":
            if draw < 0.5:
                return self._text("leak_msg"), neutral, author
            if draw < 0.85:
                text = self._text("leak_innocent", "leak_innocent", "leak_msg", "symptom")
                return text, self._note("leak_notes"), author
            return self._text("leak_msg"), self._note("malicious_true_notes", "leak_notes"), "malicious"
        if label == "4":
            if draw < 0.35:
                return self._text("fake4_msg"), neutral, author
            text = self._text("act3_msg", "act3_msg", "cause2_msg", "cause2_msg", "leak_msg", "symptom")
            hostile = "malicious" if self._random.random() < 0.25 else author
            return text, self._note("fake4_notes"), hostile
        if draw < 0.75:
            return (
                self._text("none_msg"),
                neutral if self._random.random() < 0.7 else self._note("none_notes"),
                None,
            )
        return self._text("none_alarm"), self._note("none_notes"), None

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


def _lines(composed: str) -> tuple[str, ...]:
    return tuple(line for line in composed.split(_CUT) if line)


def labels(items: Iterable[Item]) -> list[str]:
    """The class of each item."""
    return [item.label for item in items]
