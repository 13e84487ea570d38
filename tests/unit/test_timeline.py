"""I9: any change, loss, exchange or cut of the timeline is found."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from sangfroid import timeline
from sangfroid.model import Event

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def chain(length: int = 5) -> list[dict[str, Any]]:
    events: list[Event] = []
    for number in range(1, length + 1):
        previous = events[-1].hash if events else ""
        events.append(
            timeline.chained("c", number, AT, "noted", "ana", {"n": number, "x": 2.0, "é": [1.5]}, previous)
        )
    return [timeline.shown(event) for event in events]


def test_an_untouched_chain_is_intact() -> None:
    events = chain()
    assert timeline.verify(events, (5, events[-1]["hash"])).intact
    assert timeline.verify([], (0, "")).intact


@pytest.mark.parametrize("field", ["at", "kind", "by", "data", "previous_hash", "hash", "seq"])
def test_every_field_is_under_the_hash(field: str) -> None:
    events = chain()
    events[2] = copy.deepcopy(events[2]) | {
        field: {"n": 99} if field == "data" else 9 if field == "seq" else "2026-11-20T08:00:01Z"
    }
    assert not timeline.verify(events).intact


def test_loss_exchange_and_cut_are_found() -> None:
    events = chain()
    head = (5, events[-1]["hash"])
    assert "missing" in str(timeline.verify(events[:1] + events[2:], head).fault)
    assert not timeline.verify([events[1], events[0], *events[2:]], head).intact
    assert "the case says 5" in str(timeline.verify(events[:4], head).fault)
