"""The title of a case: the first sentence of the earliest message that counts, on one line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import regex

from sangfroid.model import Case, Message

LONGEST = 80
"""Characters of a title."""

LOOKED_AT = 2_000
"""Characters of a text that are looked at: a stranger's text may be long."""

_NOT_SHOWN = regex.compile(r"[\p{Cc}\p{Cs}\p{Z}]+")
# What turns the direction of writing would turn the page around the title; a joiner within an emoji or a word stays.
_HIDDEN = regex.compile(r"[\p{Cf}--[\u200c\u200d]]", regex.V1)
_SENTENCE = regex.compile(r"^.{12,}?[.!?…。！？](?=\s|$)")


def first_sentence(text: str) -> str | None:
    """The first sentence of `text` in at most `LONGEST` characters, without control and direction signs; None for nothing."""
    line = _HIDDEN.sub("", _NOT_SHOWN.sub(" ", text[:LOOKED_AT])).strip()
    found = _SENTENCE.match(line)
    sentence = found.group() if found else line
    if len(sentence) > LONGEST:
        sentence = sentence[: LONGEST - 1].rstrip() + "…"
    return sentence or None


def consider(case: Case, text: str, published_at: datetime) -> None:
    """A message was added: it gives the case its title where none stands or that of a later message does."""
    title = first_sentence(text)
    if title is not None and (case.titled_at is None or published_at < case.titled_at):
        case.title, case.titled_at = title, published_at


def anew(case: Case, messages: Iterable[Message]) -> None:
    """Messages were taken out of the case: its title is that of the earliest of those which are left."""
    case.title = case.titled_at = None
    for message in messages:
        consider(case, message.text, message.published_at)
