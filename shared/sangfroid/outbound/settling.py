"""Settling: what came of a call is written down, and its permit given back, in one transaction; several calls in one as well."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts, retractions
from sangfroid.casework import Casework
from sangfroid.errors import StoreRefused, Unavailable
from sangfroid.model import Delivery
from sangfroid.outbound.circuit import Circuits
from sangfroid.outbound.sending import Claim, Outcome, Sent
from sangfroid.store import content, delivery_place, note_of, put_delivery
from sangfroid.store import freeze as freezing
from sangfroid.table import ConditionFailed, Delete, Put, Write

log = logging.getLogger(__name__)

Ends = Callable[[list[Write]], bool]
"""Commits these writes with its own and says True, or commits nothing and says False (beside.py)."""

LOOKS_TO_SETTLE = 5
"""How often a settlement looks again where somebody else wrote: each time more of what it would write stands there already."""


@dataclass(frozen=True)
class Settlement:
    """What came of a call, not yet written: `work` writes it into the delivery. `at`: when the call was over.

    `replaced`: the target was edited into this. `healthy`: what the call says of the platform (None: nothing).
    """

    claim: Claim
    outcome: Outcome
    work: Callable[[Delivery], None]
    at: datetime
    until: datetime | None = None
    call_a_person: bool = False
    replaced: bool = False
    healthy: bool | None = None

    @property
    def of_the_case(self) -> bool:
        """Whether it changes more of the case than its own delivery."""
        return not self.claim.delivery.is_notice and (self.outcome == "retracted" or self.replaced)

    @property
    def sent(self) -> Sent:
        """What is told of it once it is written."""
        return Sent(self.outcome, self.until, self.call_a_person or self.outcome == "failed")

    def record(self, delivery: Delivery) -> bool:
        """Write it into the delivery as it stands; False where nothing is to be written.

        Where the claim is no longer ours (it ran out and another sender looked), only what was done is still written down.
        """
        if delivery.state in facts.OUT or (delivery.claim != self.claim.id and self.outcome not in facts.OUT):
            return False
        self.work(delivery)
        delivery.claim = delivery.claimed_until = None
        return True

    def writes(self, delivery: Delivery) -> list[Write]:
        """The writes that settle it, on the delivery as it stands; its permit is given back in any case."""
        writes: list[Write] = [Delete(freezing.PERMITS, self.claim.id)]
        if self.record(delivery):
            writes.append(put_delivery(delivery))
            if delivery.state == "held":
                writes.append(freezing.held(delivery, self.at))
            if not delivery.is_notice:
                writes.append(_note(delivery, self.outcome, self.at))
        return writes


class Settler:
    """Writes what came of calls."""

    def __init__(self, casework: Casework, circuits: Circuits) -> None:
        self._casework = casework
        self._table = casework.table
        self._circuits = circuits

    def settle(self, done: Settlement) -> Sent:
        """Write what happened and give the permit back, in one transaction."""
        self._write(done)
        self._judge(done)
        return done.sent

    def settle_together(self, calls: Sequence[Settlement], ends: Ends | None = None) -> list[Sent]:
        """The same for several calls: one transaction for all, or each by itself where somebody has moved one of them on.

        Each is tried, whatever becomes of another; raises the first fault when all were. `ends` may commit that transaction.
        """
        own = [one for one in calls if not one.of_the_case]
        rest = [one for one in calls if one.of_the_case]
        if len(own) > 1 or (own and ends is not None):
            writes = [write for one in own for write in one.writes(one.claim.delivery.model_copy())]
            try:
                if rest or ends is None or not _ended(ends, writes):
                    self._table.transact(writes)
            except (ConditionFailed, StoreRefused, Unavailable):
                # Each by itself sees what stands there now, and what of it was written already.
                rest = [*own, *rest]
        else:
            rest = [*own, *rest]
        faults: list[Exception] = []
        for work in [
            *(partial(self._write, one) for one in rest),
            *(partial(self._judge, one) for one in calls),
        ]:
            try:
                work()
            except Exception as fault:  # noqa: BLE001 - raised when each was tried
                faults.append(fault)
                if isinstance(fault, Unavailable):
                    break  # of the store's time, and ours, nothing is left for the others
        if faults:
            raise faults[0]
        return [one.sent for one in calls]

    def _write(self, done: Settlement) -> None:
        if done.of_the_case:
            self._in_the_case(done)
        else:
            self._alone(done)

    def _judge(self, done: Settlement) -> None:
        """Count for the platform's circuit what the call says of it."""
        circuit = done.claim.circuit
        if circuit is not None and done.healthy is not None:
            if done.healthy:
                self._circuits.succeeded(circuit)
            else:
                self._circuits.failed(circuit, self._casework.now())

    def _alone(self, done: Settlement) -> None:
        """Settle a delivery on its own item. What the case must know of it goes as a note; `relay` takes many at once."""
        delivery: Delivery | None = done.claim.delivery.model_copy()
        for _ in range(LOOKS_TO_SETTLE):
            if delivery is None:
                return
            try:
                self._table.transact(done.writes(delivery))
                return
            except ConditionFailed:
                # Somebody has moved it on since the claim: what was done is still written down.
                item = self._table.get(*delivery_place(done.claim.delivery))
                delivery = Delivery.kept(content(item)) if item is not None else None

    def _in_the_case(self, done: Settlement) -> None:
        def change(file: CaseFile) -> None:
            file.extra_writes.append(Delete(freezing.PERMITS, done.claim.id))
            delivery = file.deliveries[done.claim.delivery.key]
            if done.record(delivery):
                if done.outcome == "retracted":
                    retractions.done(file, delivery)
                elif delivery.target is not None and delivery.target in file.deliveries:
                    file.deliveries[delivery.target].replaced_by = delivery.key
                if delivery.state == "held":
                    file.extra_writes.append(freezing.held(delivery, file.now))
                file.note(f"delivery_{done.outcome}", **_told(delivery))

        self._casework.change(done.claim.delivery.case_id, "sangfroid", change)


def _ended(ends: Ends, writes: list[Write]) -> bool:
    """Whether it has committed them; what stands in its way holds up no settlement."""
    try:
        return ends(writes)
    except Exception:
        # Where it is not known whether it was committed, each by itself sees what stands there.
        log.warning("A settlement is written without what was to be written besides.", exc_info=True)
        return False


def _note(delivery: Delivery, outcome: Outcome, at: datetime) -> Put:
    return note_of(delivery, f"delivery_{outcome}", at, _told(delivery))


def _told(delivery: Delivery) -> dict[str, object]:
    """What the timeline says of it; no text."""
    return {
        "delivery": delivery.key,
        "channel": delivery.channel,
        "language": delivery.language,
        "attempt": delivery.attempts,
        "url": delivery.url,
        "reason": delivery.reason,
    }


def fail(delivery: Delivery, reason: str, *, unknown: bool = True) -> None:
    """Nobody tries again by itself; `unknown`: it may have been published all the same."""
    delivery.state, delivery.reason, delivery.unknown_outcome = "failed", reason, unknown
