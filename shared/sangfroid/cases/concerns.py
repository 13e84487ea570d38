"""What people ask for, summed up from their messages for whoever writes the answer: counted, and in their own words (A17).

Each text is then checked against it. Pure. One message counts once for each thing that it asks; withdrawn messages do not
count. The words stand in concerns.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sangfroid.cases.charter.phrases import Readable, first, listed, pattern, words
from sangfroid.data_files import data
from sangfroid.model import Finding, Message, ResponseKind

OTHER = "other"
"""A question that none of the words know: it is quoted all the same."""

READ = 2_000
"""Characters of one message that are read."""

QUOTES = 3
"""Quotations of one thing, the oldest first."""

LONGEST_QUOTE = 200

MESSAGES_READ = 200
"""Messages of a case from which it is summed up what people ask for: the earliest. A bound, so that no act grows with a case."""

MANY = 3
"""So many people ask the same before a text that says nothing of it gets a finding; an answer owes it to its one person."""

CHECKED: tuple[ResponseKind, ...] = ("response", "answer")
"""Kinds of texts that are checked against what is asked: those that answer, not those that hold, go on or put right."""

_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")


@dataclass
class Concern:
    """One thing that people ask for. `messages`: how many do; `quotes`: pairs of a message's id and its sentence."""

    id: str
    title: dict[str, str]
    messages: int = 0
    quotes: list[tuple[str, str]] = field(default_factory=list)


def asked(messages: Iterable[Message]) -> list[Concern]:
    """What is asked, the most frequent first; among equals in the order of the catalogue."""
    catalogue = _catalogue()
    found = {name: Concern(name, entry["title"]) for name, entry in catalogue.items()}
    found[OTHER] = Concern(OTHER, {"fr": "Autres questions", "en": "Other questions"})
    for message in sorted(messages, key=lambda one: (one.published_at, one.id)):
        if message.withdrawn:
            continue
        for name, sentence in _asked_in(message.text[:READ]).items():
            concern = found[name]
            concern.messages += 1
            if len(concern.quotes) < QUOTES:
                concern.quotes.append((message.id, sentence[:LONGEST_QUOTE]))
    return sorted((one for one in found.values() if one.messages), key=lambda one: -one.messages)


def unanswered(
    messages: Iterable[Message], texts: dict[str, str], kind: ResponseKind, answers: str | None = None
) -> list[Finding]:
    """What people ask for and a text does not speak of: a warning a language, with the words of one who asks (A17).

    `answers`: the id of the one message that an answer is for; otherwise what is asked by MANY counts. The quote of such a
    finding is the asker's, so it has no place in the text. A question that none of the words know is left
    to the writer's own eyes.
    """
    if kind not in CHECKED:
        return []
    wanted = [one for one in messages if answers is None or one.id == answers]
    owed = [
        one for one in asked(wanted) if one.id != OTHER and one.messages >= (MANY if answers is None else 1)
    ]
    return [finding for language, text in texts.items() for finding in _unsaid(owed, language, text)]


def _unsaid(owed: list[Concern], language: str, text: str) -> Iterator[Finding]:
    readable = Readable(text, language)
    for concern in owed:
        entry = _catalogue()[concern.id]
        said = listed(entry["answers"], readable.language)
        if "charter" in entry:
            said += listed(words()["owed"][entry["charter"]], readable.language)
        if first(readable, said) is None:
            message = words()["messages"][readable.language]["unanswered_concern"]
            yield Finding(
                code="unanswered_concern",
                severity="warning",
                language=language,
                message=message.format(count=concern.messages, title=concern.title[readable.language]),
                quote=concern.quotes[0][1],
            )


def _asked_in(text: str) -> dict[str, str]:
    """What one text asks for -> the first sentence that does."""
    said: dict[str, str] = {}
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match[0].split())
        readable = Readable(sentence, "en")
        known = [name for name, expression in _expressions() if expression.search(readable.bare)]
        if not known and sentence.endswith("?") and len(sentence) > 1:
            known = [OTHER]
        for name in known:
            said.setdefault(name, sentence)
    return said


@cache
def _catalogue() -> dict[str, Any]:
    content: dict[str, Any] = data("sangfroid.cases", "concerns.yaml")
    return content


@cache
def _expressions() -> list[tuple[str, re.Pattern[str]]]:
    """Each thing with its words in every language: people mix them, and many messages name none."""
    return [
        (name, pattern(tuple(phrase for phrases in entry["phrases"].values() for phrase in phrases)))
        for name, entry in _catalogue().items()
    ]
