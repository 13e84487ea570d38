"""The timeline of a case: append-only and hash-chained (I9).

The hash of an event is `sha256:` + SHA-256 over the canonical JSON (UTF-8, sorted keys, no spaces) of its fields `seq`, `at`,
`kind`, `by`, `data` and `previous_hash`, exactly as `GET /cases/{id}/timeline` shows them. So anybody who holds the document
can verify it without this product.

What strangers wrote may be erased from an event after its time. The event keeps its hash, so that the chain holds; a later
event of the kind `personal_data_erased` names it by its `seq` with the hash of what stands there now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sangfroid.model import Event

GENESIS = "sha256:" + "0" * 64
"""`previous_hash` of the first event."""

ERASURE = "personal_data_erased"
"""Kind of the event whose `data.events` says what stands in the place of earlier events: seq as text -> hash."""


def canonical(value: Any) -> Any:
    """`value` with whole floats as integers, so that it reads the same after a trip through any store."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(inner) for inner in value]
    return value


def shown(event: Event) -> dict[str, Any]:
    """The event as the timeline document shows it."""
    return event.model_dump(mode="json", exclude={"case_id"})


def hash_of(document: dict[str, Any]) -> str:
    """Hash of a shown event (its own `hash` left out)."""
    content = {key: value for key, value in document.items() if key != "hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def chained(
    case_id: str, seq: int, at: datetime, kind: str, by: str, data: dict[str, Any], previous_hash: str
) -> Event:
    """A new event that continues the chain."""
    event = Event(
        case_id=case_id,
        seq=seq,
        at=at,
        kind=kind,
        by=by,
        data=canonical(data),
        previous_hash=previous_hash or GENESIS,
    )
    event.hash = hash_of(shown(event))
    return event


@dataclass(frozen=True)
class Verdict:
    """Result of a verification: `fault` is None, or says at which `seq` the chain breaks and how."""

    events: int
    fault: str | None

    @property
    def intact(self) -> bool:
        """True where every link holds."""
        return self.fault is None


def continues(events: Iterable[dict[str, Any]], before: tuple[int, str], head: tuple[int, str]) -> str | None:
    """What is wrong where the events do not lead from one head to the other; None where every link holds."""
    seq, previous = before[0], before[1] or GENESIS
    fault, seq, previous = _follow(events, seq, previous)
    if fault is None and (seq, previous) != (head[0], head[1] or GENESIS):
        return f"the timeline ends at event {seq}, the case says {head[0]}"
    return fault


def verify(
    events: Iterable[dict[str, Any]],
    head: tuple[int, str] | None = None,
    anchored: Iterable[tuple[int, str]] = (),
) -> Verdict:
    """Follow the chain of shown events.

    `head` (seq and hash kept with the case) also detects a cut-off end; `anchored` (heads kept elsewhere) a chain that was
    written anew as a whole.
    """
    events = list(events)
    fault, seq, previous = _follow(events, 0, GENESIS)
    if fault is not None:
        return Verdict(seq, fault)
    if head is not None and head != (seq, previous if seq else ""):
        return Verdict(seq, f"the timeline ends at event {seq}, the case says {head[0]}")
    for place, kept in sorted(anchored):
        if not 0 < place <= seq:
            return Verdict(seq, f"the timeline ends at event {seq}, event {place} was anchored")
        if events[place - 1]["hash"] != kept:
            return Verdict(seq, f"event {place} is not the one that was anchored")
    return Verdict(seq, None)


def _follow(events: Iterable[dict[str, Any]], seq: int, previous: str) -> tuple[str | None, int, str]:
    """The first fault of a chain that goes on after event `seq`, or None; with the last event that was looked at.

    An event whose content was erased is sound where a later event, that stands as it was written, says so of exactly that.
    """
    events = list(events)
    erased = _announced(events)
    for event in events:
        seq += 1
        if event.get("seq") != seq:
            return f"event {seq} is missing or out of order (found seq {event.get('seq')})", seq, previous
        if event.get("previous_hash") != previous:
            return f"event {seq} does not continue event {seq - 1}", seq, previous
        stands = hash_of(event)
        if event.get("hash") != stands and stands not in erased.get(seq, ()):
            return f"event {seq} was changed after it was written", seq, previous
        previous = event["hash"]
    return None, seq, previous


def _announced(events: Iterable[dict[str, Any]]) -> dict[int, set[str]]:
    """seq -> the hashes of what stands there after an erasure, as sound events say it of those before them."""
    erased: dict[int, set[str]] = {}
    for event in events:
        if event.get("kind") == ERASURE and event.get("hash") == hash_of(event):
            for number, stands in event["data"].get("events", {}).items():
                if int(number) < event["seq"]:
                    erased.setdefault(int(number), set()).add(stands)
    return erased
