"""A person puts two cases together, or takes one apart (the rules: cases/merging.py).

What decides is one transaction over both cases. Copies of messages and the index follow it in portions; where that was
interrupted, the same call goes on with it.
"""

from __future__ import annotations

from typing import Any

from sangfroid.acts import arrivals
from sangfroid.acts.reception import Reception
from sangfroid.casefile import CaseFile
from sangfroid.cases import intake, joining, merging
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, Invalid
from sangfroid.model import Case, Message
from sangfroid.store import CaseStore, brand_key, message_sort, message_write, seen_sort
from sangfroid.table import Put, Write

PORTION = 80
"""Items of one transaction, which takes 100."""


class Merging:
    """The acts of putting together and taking apart."""

    def __init__(self, casework: Casework, reception: Reception) -> None:
        self._casework = casework
        self._reception = reception

    def merge(self, case_id: str, into: str, reason: str, by: str) -> CaseFile:
        """Put a case into another one of the same brand: it ends there, its messages go over, the earlier origin counts.

        Repeated after an interruption, it goes on where it stopped. Returns the case that goes on.
        """
        reason = required(reason, "/reason", "why they are one crisis", least=1)
        self._reception.settle(case_id)

        def act(files: list[CaseFile]) -> list[CaseFile]:
            source, target = files
            if not merging.merged_before(source.case, into):
                merging.merge(source, target, reason)
            return []

        if case_id == into:
            raise Invalid(
                "A case cannot be merged into itself.", errors=[FieldError("/into", "the same case")]
            )
        self._casework.change_together([case_id, into], by, act)
        carry_over(self._casework.store, case_id, into)
        return self._casework.read(into)

    def split(self, case_id: str, messages: list[str], reason: str, by: str) -> CaseFile:
        """Take messages out of a case into a new one, which gets clocks and a procedure of its own. Returns the new case."""
        casework = self._casework
        reason = required(reason, "/reason", "why they are two events", least=1)
        self._reception.settle(case_id)
        casework.read(case_id)

        def act(files: list[CaseFile]) -> list[CaseFile]:
            # Read within the change: a message that was withdrawn meanwhile is not taken along.
            chosen, left = merging.choose(casework.store.messages(case_id, limit=None), messages, case_id)
            now = casework.now()
            fresh = merging.split(files[0], chosen, left, reason, now, by)
            fresh.extra_writes.append(arrivals.first(fresh.case.id, now))
            return [fresh]

        (fresh,) = casework.change_together([case_id], by, act)
        point_to(casework.store, fresh.case, fresh.messages)
        return casework.read(fresh.case.id)


def carry_over(store: CaseStore, source: str, target: str) -> int:
    """Copy every message of a merged case, in portions; done twice it does no harm. Returns how many there are."""
    portion: list[Write] = []
    weight = done = 0
    for message in merging.copies(source, target, store.messages(source, limit=None)):
        size = merging.size(message)
        if portion and (len(portion) >= PORTION or weight + size > merging.PORTION_BYTES):
            store.table.transact(portion)
            portion, weight = [], 0
        portion.append(message_write(message))
        weight, done = weight + size, done + 1
    if portion:
        store.table.transact(portion)
    return done


def point_to(store: CaseStore, case: Case, messages: list[Message]) -> None:
    """Have copies of these messages lead to their new case."""
    entries: dict[str, dict[str, Any]] = {}
    for message in messages:
        for key in intake.prints_of(message.url, message.text):
            entries[seen_sort(key)] = {"case_id": case.id}
        for key in joining.bands(message.text):
            entries[key] = {"case_id": case.id, "message": message_sort(message)}
    writes: list[Write] = [
        Put(entry | {"pk": brand_key(case.brand), "sk": key}) for key, entry in entries.items()
    ]
    for begin in range(0, len(writes), PORTION):
        store.table.transact(writes[begin : begin + PORTION])
