"""Erases what strangers wrote in cases that are closed for long enough, and keeps the timeline's chain (GDPR art. 5(1)(e), 17).

Each step may be repeated, and the case says that it is done at last: what a crash left is done by the next run. The timeline
says first what will stand in the place of its earlier events, and is rewritten after it, so that it verifies at every moment.
Messages go next to last: by their words the others are found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sangfroid import timeline
from sangfroid.casefile import CaseFile
from sangfroid.cases import erasing as rules
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition
from sangfroid.model import Case, Erasure, Event, LegalHold, rfc3339
from sangfroid.store import brand_key, case_key, evidence_key, messages_key, quoted, response_delivery
from sangfroid.table import Delete, Item, Put

PAGE = 50
EVENTS_NAMED = 2_000
"""Events that one event of the timeline names at most: an item holds 400 KB."""

BASIS = "GDPR art. 5(1)(e) and 17"


class Objects(Protocol):
    """Where the files of evidence lie, for whoever may delete there."""

    def erase(self, key: str, version: str) -> bool:
        """Delete exactly that version; False while a lock keeps it. True too where it is gone already."""


@dataclass(frozen=True)
class Erased:
    """What one erasure did: items by kind, and until when a lock keeps evidence, if one does."""

    case_id: str
    items: Counter[str]
    locked_until: datetime | None


class Erasing:
    """Erasure and legal hold, case by case."""

    def __init__(
        self, casework: Casework, erase_example: Callable[[str], int], objects: Objects | None = None
    ) -> None:
        """`erase_example` takes a case out of what triage learns from, and says how many examples went (learning/shelf)."""
        self._casework, self._store, self._table = casework, casework.store, casework.table
        self._erase_example, self._objects = erase_example, objects

    def due(self, kept_for: timedelta) -> Iterator[Case]:
        """Closed cases whose time has come, evidence included that a lock had kept."""
        cursor: str | None = None
        while True:
            page, cursor = self._store.listed("closed", PAGE, cursor)
            for case in page:
                if rules.due(case, kept_for, self._casework.now()):
                    yield case
            if cursor is None:
                return

    def hold(self, case_id: str, reason: str, by: str) -> None:
        """Nothing of the case is erased until the hold is lifted. May be said again with another reason."""

        def work(file: CaseFile) -> None:
            file.case.legal_hold = LegalHold(reason=reason, by=by, at=file.now)
            file.note("legal_hold_set", reason=reason)

        self._casework.change(case_id, by, work)

    def lift(self, case_id: str, reason: str, by: str) -> None:
        """Lift the hold. Raises IllegalTransition where there is none."""

        def work(file: CaseFile) -> None:
            if file.case.legal_hold is None:
                raise IllegalTransition("The case is under no legal hold.")
            file.case.legal_hold = None
            file.note("legal_hold_lifted", reason=reason)

        self._casework.change(case_id, by, work)

    def erase(self, case_id: str, by: str, more: Iterable[str] = ()) -> Erased:
        """Erase what strangers wrote in one case; `more` are names that a person knows besides.

        Raises NotFound, and IllegalTransition for a case that is open or under a legal hold.
        """
        case = self._casework.read(case_id).case
        _refuse(case)
        words = rules.words_of(case, self._store.messages(case_id, limit=None), more)
        counted: Counter[str] = Counter()
        self._events(case_id, words, by, counted)
        locked_until = self._evidence(case_id, counted)
        self._responses(case_id, words, counted)
        self._beside(case, counted)
        self._rewrite(messages_key(case_id), "", rules.message_left, "message", counted)
        self._done(case_id, words, by, locked_until)
        return Erased(case_id, counted, locked_until)

    def _events(self, case_id: str, words: rules.Words, by: str, counted: Counter[str]) -> None:
        """Say what will stand in the place of earlier events, then put it there."""
        found = [_left(event, words) for event in self._store.events(case_id)]
        coming = [event for event in found if event is not None]
        stands = {str(event.seq): timeline.hash_of(timeline.shown(event)) for event in coming}

        def announce(file: CaseFile) -> None:
            _refuse(file.case)
            before = [one for one in self._store.events(case_id) if one.kind == timeline.ERASURE]
            said = {pair for one in before for pair in one.data["events"].items()}
            new = sorted((seq for seq in stands if (seq, stands[seq]) not in said), key=int)
            # Also where no event of the timeline says anything of theirs: that it was erased stands there.
            for at in range(0, max(len(new), not before), EVENTS_NAMED):
                named = {seq: stands[seq] for seq in new[at : at + EVENTS_NAMED]}
                file.note(timeline.ERASURE, basis=BASIS, events=named)

        self._casework.change(case_id, by, announce)
        for event in coming:
            place = {"pk": f"{case_key(case_id)}#TIMELINE", "sk": f"{event.seq:08d}"}
            self._table.transact([Put(event.model_dump(mode="json") | place, {"hash": event.hash})])
            counted["event"] += 1

    def _evidence(self, case_id: str, counted: Counter[str]) -> datetime | None:
        """Delete the files that no lock keeps; answers when the last of the others may go."""
        locked: list[datetime] = []

        def left(item: Item) -> Item:
            gone = [
                self._objects is not None and self._objects.erase(one["key"], one["version"])
                for one in item["files"]
            ]
            if not all(gone):
                locked.append(datetime.fromisoformat(item["retained_until"]))
                return rules.evidence_left(item) | {"files": item["files"]}
            return rules.evidence_left(item)

        self._rewrite(evidence_key(case_id), "", left, "evidence", counted)
        return max(locked, default=None)

    def _responses(self, case_id: str, words: rules.Words, counted: Counter[str]) -> None:
        """Versions, their deliveries and notices, and what a channel of this machine keeps of them."""
        private, channels = set(), set()

        def version(item: Item) -> Item:
            if item.get("answer"):
                private.add(item["version"])
            return rules.version_left(item, words)

        def delivery(item: Item) -> Item:
            channels.add(item["channel"])
            return rules.delivery_left(item, to_one_person=item.get("version") in private)

        def outbox(item: Item) -> Item:
            return item | {"text": rules.ERASED, "recipient": None}

        self._rewrite(case_key(case_id), "FILE#RESPONSE#", version, "version", counted)
        self._rewrite(f"{case_key(case_id)}#VERSIONS", "", version, "version", counted)
        self._rewrite(response_delivery(case_id, "")[0], "", delivery, "delivery", counted)
        self._rewrite(case_key(case_id), "NOTICE#", delivery, "notice", counted)
        for channel in sorted(channels):
            self._rewrite(f"OUTBOX#{channel}", f"{case_id}:", outbox, "outbox", counted)

    def _beside(self, case: Case, counted: Counter[str]) -> None:
        """What stands beside the case: the message that is quoted, drafts, the entries by which texts and authors are recognised,
        the example of triage.
        """
        self._table.transact([quoted.forgotten(case.id)])
        for beside in ("DRAFTS", "FOUND"):
            for item in self._items(f"{case_key(case.id)}#{beside}", ""):
                self._table.transact([Delete(item["pk"], item["sk"])])
                counted[beside.lower()] += 1
        for prefix in ("SEEN#", "BAND#", "TOPIC#", "AUTHOR#"):
            for item in self._items(brand_key(case.brand), prefix):
                others = [one for one in item.get("case_ids", []) if one != case.id]
                if others and len(others) < len(item["case_ids"]):
                    self._table.transact([Put(item | {"case_ids": others}, {"case_ids": item["case_ids"]})])
                elif item.get("case_id") == case.id or case.id in item.get("case_ids", []):
                    self._table.transact([Delete(item["pk"], item["sk"])])
                else:
                    continue
                counted["index"] += 1
        counted["learning"] += self._erase_example(case.id)

    def _done(self, case_id: str, words: rules.Words, by: str, locked_until: datetime | None) -> None:
        def work(file: CaseFile) -> None:
            _refuse(file.case)
            before = file.case.model_dump(mode="json")
            left = rules.case_left(before, words)
            stands = Case.kept(left)
            for name in left:
                if left[name] != before[name]:
                    setattr(file.case, name, getattr(stands, name))
            file.case.erasure = Erasure(at=file.now, by=by, locked_until=locked_until)
            if locked_until is not None:
                file.note("evidence_still_locked", until=rfc3339(locked_until))

        self._casework.change(case_id, by, work)

    def _items(self, partition: str, prefix: str) -> Iterator[Item]:
        after: str | None = None
        while True:
            page = self._table.query(partition, prefix, limit=PAGE, after=after)
            yield from page.items
            if page.next is None:
                return
            after = page.next

    def _rewrite(
        self, partition: str, prefix: str, left: Callable[[Item], Item], what: str, counted: Counter[str]
    ) -> None:
        """Put in the place of each item what is left of it; one that is left as it was is not written."""
        for item in self._items(partition, prefix):
            stays = left(item)
            if stays != item:
                unchanged: dict[str, Any] = {
                    key: item[key] for key in ("revision", "id", "key") if key in item
                }
                self._table.transact([Put(stays, unchanged)])
                counted[what] += 1


def _refuse(case: Case) -> None:
    if case.closed_at is None:
        raise IllegalTransition("The case is open: what people wrote is needed to answer them.")
    if case.legal_hold is not None:
        raise IllegalTransition(f"The case is under a legal hold: {case.legal_hold.reason}")


def _left(event: Event, words: rules.Words) -> Event | None:
    """The event without what strangers wrote; None where it says nothing of theirs."""
    if event.kind == timeline.ERASURE:
        return None
    data = words.scrubbed(event.data)
    return None if data == event.data else event.model_copy(update={"data": data})
