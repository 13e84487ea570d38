"""The case as one unit of change: its header, versions and deliveries, with what a change adds to timeline and intents.

A rule gets a CaseFile, changes it, and notes what happened; the store then writes all of it in one transaction or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sangfroid import timeline
from sangfroid.model import Case, Delivery, Event, Intent, Message, ResponseVersion
from sangfroid.table import Write


@dataclass
class CaseFile:
    """A loaded case and everything that the running change adds to it."""

    case: Case
    now: datetime
    by: str
    responses: list[ResponseVersion] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    extra_writes: list[Write] = field(default_factory=list)
    let_go: list[str] = field(default_factory=list)
    """Keys of deliveries that the freeze held and holds no longer."""

    def note(self, kind: str, **data: Any) -> None:
        """Append an event to the timeline."""
        case = self.case
        event = timeline.chained(
            case.id, case.timeline_seq + 1, self.now, kind, self.by, data, case.timeline_hash
        )
        case.timeline_seq, case.timeline_hash = event.seq, event.hash
        self.events.append(event)

    def start(self, machine: str, name: str, **payload: Any) -> None:
        """Have `relay` start an execution under a deterministic name; starting it twice is harmless."""
        self._intend("start", machine=machine, name=name, payload=payload)

    def resume(self, token: str, output: dict[str, Any]) -> None:
        """Have `relay` end the wait of a procedure with `output`."""
        self._intend("resume", token=token, payload=output)

    def _intend(self, action: Any, **what: Any) -> None:
        # The revision makes the id unique per change, and orders intents as they were meant.
        number = f"{self.case.revision + 1:08d}-{len(self.intents):03d}"
        self.intents.append(
            Intent(id=number, partition=f"CASE#{self.case.id}", action=action, at=self.now, **what)
        )

    def version(self, number: int) -> ResponseVersion | None:
        """The response version of that number, or None."""
        return next((version for version in self.responses if version.version == number), None)

    def latest(self, *kinds: str) -> ResponseVersion | None:
        """The newest version of these kinds (all kinds where none is named)."""
        fitting = [version for version in self.responses if not kinds or version.kind in kinds]
        return fitting[-1] if fitting else None

    @property
    def approved(self) -> ResponseVersion | None:
        """The approved response of the case: the newest version of kind `response`, where it stands approved."""
        latest = self.latest("response")
        return latest if latest is not None and latest.state == "approved" else None

    def deliveries_of(self, version: int) -> list[Delivery]:
        """The deliveries of one version, in the order of their keys."""
        return [delivery for delivery in self.deliveries.values() if delivery.version == version]
