"""Which words of a case are those of strangers, and what stays of a document once they are gone (GDPR art. 5(1)(e), 17).

What the organisation did stays: who decided what, when, and what it published. What somebody outside wrote goes, and by what
they can be found: texts, names, handles, addresses, and every sentence of ours that repeats them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sangfroid.model import Case, Message
from sangfroid.text.folding import folded

ERASED = "[erased]"
"""What stands in the place of a text that is gone."""

RUN = 4
"""So many words in the order of a stranger's text are a quotation of it; a shorter text is one as a whole."""

SHORTEST = 3
"""Signs of a name or address from which on it is looked for; a shorter one is found in words of anybody."""


NOBODY = {"name": "", "handle": "", "url": "", "since": None}

CASE_TEXTS = ("why", "no_response", "plan", "closing", "measures", "community_first")
VERSION_TEXTS = ("review_comment", "objective", "first_draft", "findings", "overrides", "approvals")
"""Where we write freely; what is no text (ids, states, roles) is never looked through."""


class Words:
    """What strangers wrote and are called, to be found again in what we wrote."""

    def __init__(self, names: Iterable[str], texts: Iterable[str]) -> None:
        wanted = sorted({folded(name).strip() for name in names if len(name.strip("@ ")) >= SHORTEST})
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)") if wanted else None
        self._whole: set[tuple[str, ...]] = set()
        self._runs: set[tuple[str, ...]] = set()
        for text in texts:
            words = _words(text)
            self._runs |= set(_runs(words))
            self._whole.add(tuple(words))
        self._whole.discard(())

    def in_text(self, text: str) -> bool:
        """Whether the text names a stranger, or repeats RUN words of theirs, or is the whole of what they wrote."""
        if self._names is not None and self._names.search(folded(text)):
            return True
        words = _words(text)
        return tuple(words) in self._whole or any(run in self._runs for run in _runs(words))

    def scrubbed(self, value: Any) -> Any:
        """The value with every such text replaced, inside lists and objects too."""
        if isinstance(value, str):
            return ERASED if self.in_text(value) else value
        if isinstance(value, list):
            return [self.scrubbed(one) for one in value]
        if isinstance(value, dict):
            return {key: self.scrubbed(one) for key, one in value.items()}
        return value


def words_of(case: Case, messages: Iterable[Message], more: Iterable[str] = ()) -> Words:
    """The words of everybody outside of whom the case knows; `more` is what a person knows besides (a name, a street)."""
    names, texts = list(more), []
    for message in messages:
        texts.append(message.text)
        names += [message.url or ""]
        names += [str(message.author.get(key) or "") for key in ("handle", "name", "url", "bio", "email")]
        names.append(str(message.author.get("handle") or "").lstrip("@"))
    trace = case.trace
    if trace is not None:
        texts.append(trace.title)
        names += [trace.url or "", trace.canonical_url or "", *trace.rivals]
        if trace.author is not None:
            names += [trace.author.name, trace.author.handle, trace.author.url]
        for seen in trace.sightings:
            names += [seen.url, seen.author]
    if case.proposed_origin is not None:
        names += [case.proposed_origin.url, case.proposed_origin.author]
    return Words(
        (name for name in names if name and name != ERASED), (text for text in texts if text != ERASED)
    )


def due(case: Case, kept_for: timedelta, now: datetime) -> bool:
    """Whether the case is closed for longer than `kept_for`, is under no legal hold, and something is left that may go now."""
    if case.closed_at is None or case.legal_hold is not None or now - case.closed_at < kept_for:
        return False
    if case.erasure is None:
        return True
    return case.erasure.locked_until is not None and case.erasure.locked_until <= now


def message_left(item: dict[str, Any]) -> dict[str, Any]:
    """A message without what somebody wrote: that there was one, where and when, and who of us reported it."""
    return item | {"text": ERASED, "url": None, "author": {}, "notes": ""}


def case_left(document: dict[str, Any], words: Words) -> dict[str, Any]:
    """The document of a case without what strangers wrote: decisions, duties, clocks and texts of ours stay."""
    left = _scrubbed(document, CASE_TEXTS, words)
    left |= {"title": None, "notes": "", "triage_detail": {}, "proposed_origin": None}
    if left["trace"]:
        left["trace"] = left["trace"] | {
            "url": None, "canonical_url": None, "title": "", "author": NOBODY, "rivals": [], "sightings": [], "note": "",
        }  # fmt: skip
    # A finding says who was met, where, at which address: all of it goes.
    left["duties"] = [
        _scrubbed(duty, ("evidence", "note"), words) | {"finding": None} for duty in left["duties"]
    ]
    return left


def version_left(item: dict[str, Any], words: Words) -> dict[str, Any]:
    """A version of a response: what we published stays, what went to one person goes."""
    left = _scrubbed(item, VERSION_TEXTS, words)
    if left.get("answer"):
        left["answer"] = left["answer"] | {"url": None, "recipient": None}
        left["texts"] = dict.fromkeys(item["texts"], ERASED)
    return left


def delivery_left(item: dict[str, Any], *, to_one_person: bool) -> dict[str, Any]:
    """A delivery or a notice: that it went, when, by which way. The texts of notices repeat what strangers wrote."""
    left = item | ({"answers": None} if item.get("answers") else {})
    if item.get("version") is None or to_one_person:
        left |= {key: ERASED for key in ("text", "subject") if item.get(key)}
        left |= {"panel": None} if item.get("panel") else {}
    if to_one_person:
        left |= {key: None for key in ("recipient", "url", "external_id") if item.get(key)}
    return left


def evidence_left(item: dict[str, Any]) -> dict[str, Any]:
    """The entry of a piece of evidence whose files are gone: that there was one; its hashes stand in the timeline."""
    return item | {"note": "", "source_url": None, "details": {}, "files": []}


def _scrubbed(document: dict[str, Any], fields: Iterable[str], words: Words) -> dict[str, Any]:
    return document | {name: words.scrubbed(document[name]) for name in fields if document.get(name)}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - RUN + 1):
        yield tuple(words[at : at + RUN])
