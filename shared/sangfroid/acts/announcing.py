"""Announcing: every change of a case on the event bus, for other systems of the company; silent about leaks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from sangfroid import case_events
from sangfroid.casework import Casework
from sangfroid.errors import Unavailable
from sangfroid.model import Event
from sangfroid.store import case_key
from sangfroid.store.seen import Seen

AT_ONCE = 10
"""Entries that one call of PutEvents takes (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html)."""

Send = Callable[[list[case_events.Entry]], None]


class Announcing:
    """Sends what timelines say to a bus. At least once: `case_id` and `seq` tell a repetition."""

    def __init__(self, casework: Casework, send: Send, stack: str, bus: str) -> None:
        self._casework = casework
        self._send = send
        self._stack = stack
        self._bus = bus

    def announce(self, events: Iterable[Event]) -> int:
        """How many were sent. Raises Unavailable where the bus did not take all; then all are announced again.

        A case is looked at as it stands now, never by the image that the stream brings: what happened before it was known for
        a leak is not told afterwards. All cases of a batch are read in one call, and none of which there is nothing to tell.
        """
        made = [(event.case_id, case_events.entry(event, self._stack, self._bus)) for event in events]
        told = self._told(dict.fromkeys(case_id for case_id, entry in made if entry is not None))
        entries = [entry for case_id, entry in made if entry is not None and case_id in told]
        for start in range(0, len(entries), AT_ONCE):
            self._send(entries[start : start + AT_ONCE])
        return len(entries)

    def _told(self, case_ids: Iterable[str]) -> set[str]:
        """Those of which something is told."""
        store, seen = self._casework.store, Seen(self._casework.table)
        seen.fetch((case_key(case_id), "FILE") for case_id in case_ids)
        heads = {case_id: store.head(case_id, seen) for case_id in case_ids}
        return {
            case_id for case_id, case in heads.items() if case is not None and not case_events.untold(case)
        }


class Bus:
    """An event bus of EventBridge, by a client of boto3."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, entries: list[case_events.Entry]) -> None:
        """Put them on the bus; raises Unavailable where it refuses one."""
        answer = self._client.put_events(Entries=entries)
        if answer["FailedEntryCount"]:
            codes = sorted({one["ErrorCode"] for one in answer["Entries"] if "ErrorCode" in one})
            raise Unavailable(f"the event bus refused {answer['FailedEntryCount']}: {', '.join(codes)}")


def from_env(casework: Casework) -> Announcing | None:
    """As the environment of a Lambda says (EVENT_BUS, STACK_NAME); None where no bus is named."""
    bus = os.environ.get("EVENT_BUS", "")
    if not bus:
        return None
    import boto3

    return Announcing(casework, Bus(boto3.client("events")).send, os.environ["STACK_NAME"], bus)
