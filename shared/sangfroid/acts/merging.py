"""A person puts two cases together, or takes one apart (the rules: cases/merging.py).

What decides is one transaction over both cases. Copies of messages and the index follow it in portions; where that was
interrupted, the same call goes on with it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sangfroid.acts import arrivals
from sangfroid.acts.reception import Reception
from sangfroid.casefile import CaseFile
from sangfroid.cases import intake, joining, merging
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import FieldError, Invalid, Unavailable
from sangfroid.model import Case, Message
from sangfroid.store import CaseStore, brand_key, message_sort, message_write, messages_key, seen_sort
from sangfroid.table import ABSENT, ConditionFailed, Put, Write

PORTION = 80
"""Items of one transaction, which takes 100."""

ATTEMPTS = 6


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
        """Take messages out of a case into a new one, which gets clocks and a procedure of its own. Returns the new case.

        Repeated after an interruption, it goes on where it stopped.
        """
        casework = self._casework
        reason = required(reason, "/reason", "why they are two events", least=1)
        self._reception.settle(case_id)
        before = _split_before(casework.store, casework.read(case_id), messages)
        if before is not None:
            point_to(casework.store, *before)
            return casework.read(before[0].id)

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
    """Copy every message of a merged case, in portions; returns how many there are.

    Done again it adds what is missing and leaves what is there: a copy may have been withdrawn in the meantime.
    """
    portion: list[Message] = []
    weight = done = 0
    for message in merging.copies(source, target, store.messages(source, limit=None)):
        size = merging.size(message)
        if portion and (len(portion) >= PORTION or weight + size > merging.PORTION_BYTES):
            _add_missing(store, portion)
            portion, weight = [], 0
        portion.append(message)
        weight, done = weight + size, done + 1
    _add_missing(store, portion)
    return done


def _add_missing(store: CaseStore, messages: list[Message]) -> None:
    for _ in range(ATTEMPTS):
        if not messages:
            return
        try:
            store.table.transact([Put(message_write(message).item, ABSENT) for message in messages])
            return
        except ConditionFailed:
            messages = [message for message in messages if store.table.get(*_place(message)) is None]
    raise Unavailable("Others write to this case at once. The same call again goes on from here.")


def _place(message: Message) -> tuple[str, str]:
    return messages_key(message.case_id), message_sort(message)


def point_to(store: CaseStore, case: Case, messages: list[Message]) -> None:
    """Have copies of these messages lead to their new case, where they led to the case that it was taken from, or nowhere."""
    entries: dict[str, dict[str, Any]] = {}
    for message in messages:
        for key in intake.prints_of(message.url, message.text):
            entries[seen_sort(key)] = {"case_id": case.id}
        for key in joining.bands(message.text):
            entries[key] = {"case_id": case.id, "message": message_sort(message)}
    keys = list(entries)
    for begin in range(0, len(keys), PORTION):
        _point(store, case, {key: entries[key] for key in keys[begin : begin + PORTION]})


def _point(store: CaseStore, case: Case, entries: dict[str, dict[str, Any]]) -> None:
    partition, old = brand_key(case.brand), case.links.split_from
    for _ in range(ATTEMPTS):
        writes: list[Write] = []
        for key, entry in entries.items():
            standing = store.table.get(partition, key)
            if standing is None or standing["case_id"] == old:
                item = entry | {"pk": partition, "sk": key}
                writes.append(Put(item, ABSENT if standing is None else {"case_id": old}))
        if not writes:
            return
        with suppress(ConditionFailed):
            store.table.transact(writes)
            return
    raise Unavailable("Many reports of the same event arrive at once. The same call again goes on from here.")


def _split_before(store: CaseStore, file: CaseFile, wanted: list[str]) -> tuple[Case, list[Message]] | None:
    """The case into which exactly these messages went before, with its messages as they came there; None where there is none."""
    if not file.case.links.split_into:
        return None
    for event in store.events(file.case.id):
        ids = event.data.get("messages")
        if event.kind == "case_split" and isinstance(ids, dict) and set(ids) == set(wanted):
            case = store.head(event.data["into"])
            taken = {message.id: message for message in store.messages(event.data["into"], limit=None)}
            if case is not None:
                return case, [taken[name] for name in ids.values() if name in taken]
    return None
