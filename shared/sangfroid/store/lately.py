"""What has happened in a case lately, read by its numbers: in one call with other items."""

from __future__ import annotations

from collections.abc import Sequence

from sangfroid.model import Event
from sangfroid.store import case_key, content
from sangfroid.store.seen import Place, Seen

AT_MOST = 80
"""Of the 100 items that one call gives: others are read with it."""


def event_places(case_id: str, after: int, upto: int) -> list[Place]:
    """Primary keys of the events later than `after`, up to `upto`; empty where they are too many for one call."""
    numbers = range(after + 1, upto + 1) if upto - after <= AT_MOST else ()
    return [(f"{case_key(case_id)}#TIMELINE", f"{number:08d}") for number in numbers]


def events(seen: Seen, places: Sequence[Place]) -> list[Event]:
    """The events that stand there, in order."""
    seen.fetch(places)
    found = (seen.get(place) for place in places)
    return [Event.kept(content(item)) for item in found if item is not None]
