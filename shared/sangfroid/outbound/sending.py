"""What a sending is on its way through the door: claimed, called, settled; and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sangfroid.model import Delivery, rfc3339
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound.circuit import Circuit
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.table import Write

LEASE_MARGIN = timedelta(seconds=5)
"""What a permit lasts beyond the channel's own time limit: the settlement, and the skew between two clocks."""

CALLS_OF_A_SENDING = 3
"""At most: find, publish, read back; each within the channel's time limit."""

Outcome = Literal["published", "retracted", "retry", "held", "failed", "superseded"]
Place = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """What came of one sending: `until` says when to come back for `retry` (None: a person or the freeze decides)."""

    outcome: Outcome
    until: datetime | None = None
    call_a_person: bool = False
    handed_over: Delivery | None = None
    """The delivery, where a person was given the task to publish it and nobody waits for that: they are asked once."""

    def document(self) -> dict[str, Any]:
        """For a state machine: no content (I13)."""
        return {
            "outcome": self.outcome,
            "until": rfc3339(self.until) if self.until else None,
            "call_a_person": self.call_a_person,
        }


@dataclass(frozen=True)
class Addressed:
    """A delivery to attempt: where it stands, and what is to be written there with its claim, where nothing stands yet.

    `group` names those whose publishers are asked together, where people publish them by hand.
    """

    place: Place
    new: Delivery | None = None
    group: str | None = None


@dataclass(frozen=True)
class Claim:
    """A sending that is under way: from the commit of its claim on, `delivery` is ours to call and to settle."""

    delivery: Delivery
    letter: Letter
    id: str
    look_first: bool
    circuit: Circuit | None = None
    published: Receipt | None = None
    """What is taken back, where the delivery is there for that."""


@dataclass(frozen=True)
class Ready:
    """A sending that may begin: its claim, and the writes that make it one. Nothing is written yet."""

    claim: Claim
    writes: list[Write]

    def committed(self) -> Claim:
        """The claim, now that the writes stand in the table."""
        delivery = self.claim.delivery.model_copy()
        delivery.revision += 1
        return replace(self.claim, delivery=delivery)


@dataclass(frozen=True)
class Decided:
    """What becomes of a delivery that does not leave now, and the writes that say so. Nothing is written yet."""

    sent: Sent
    writes: list[Write]


def lease(channel: ChannelSettings) -> timedelta:
    """How long one sending on this channel may be in flight."""
    return channel.time_limit * CALLS_OF_A_SENDING + LEASE_MARGIN
