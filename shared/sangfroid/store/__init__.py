"""Cases in the table: which item stands where, and one transaction a change.

Keys (partition / sort):
`CASE#<id>` / `FILE` the case; `NOTICE#<key>`; `INTENT#<id>`
`CASE#<id>#VERSIONS` / `<n>` a version with its approvals, apart from the case: few functions may write one (decision 0108)
`CASE#<id>#RENDERINGS` / `<n>` how a version was shown to who approved it
`CASE#<id>#DELIVERIES` / `<key>`, each on its own: claimed and settled without the case (decision 0015)
`CASE#<id>#MESSAGES` / `<published_at>#<message id>` · `CASE#<id>#TIMELINE` / `<seq>`
`CASE#<id>#ANCHOR` / `OWED` how far its timeline is anchored (store/anchors.py)
`CASE#<id>#FOUND` / what was found by who reads strangers' texts (store/found.py)
`CASE#<id>#ARRIVALS` / `<ten minutes>#<shard>` how many reports came (acts/arrivals.py)
`BRAND#<brand>` / `OPEN#<case id>` its open cases, `SEEN#<print>` the case of a message seen before,
  `BAND#<n>#<hash>` and `TOPIC#<word>` the case of a text like it (cases/joining.py), `AUTHOR#<hash>` the cases of an author
`CHANNEL#<id>` / `CIRCUIT` how often a channel failed in a row (outbound/circuit.py)
`IDEMPOTENCY#<caller> <route> <key>` / `REPORT` what a report under this key was answered; `CALL` any other call (store/once.py)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sangfroid.casefile import CaseFile, Deliveries, Versions
from sangfroid.errors import NotFound, Unavailable
from sangfroid.model import (
    SETTLED,
    Case,
    Delivery,
    Event,
    Intent,
    Message,
    ResponseVersion,
    plain_brand,
    rfc3339,
)
from sangfroid.store import anchors, desk_index, once, quoted
from sangfroid.store.freeze import no_longer_held
from sangfroid.store.packing import packed, unpacked
from sangfroid.store.seen import Seen
from sangfroid.table import ABSENT, Check, ConditionFailed, Delete, Item, Put, Table, Write

CHANGE_ATTEMPTS = 12
SORT_KEY_LIMIT = 1024  # bytes; what DynamoDB takes

WRITES_AT_ONCE = 95
"""Of the 100 that DynamoDB takes in one transaction: a little is left for who adds to a change."""

SETTLED_AT_ONCE, SETTLED_BY_ONE_INTENT = 30, 100
"""Deliveries in one transaction, each with up to two writes beside it; and in one intent, which is one item (400 KB)."""

EVENTS_A_PAGE = 500

NO_SUCH_CASE = "There is no case {!r}. GET /cases lists those that exist."

NOTED_AT_ONCE = 35
"""How many notes of deliveries one change takes into the timeline: two writes each, and what follows from them."""
IDEMPOTENCY_KEPT = timedelta(days=30)
T = TypeVar("T")


def case_key(case_id: str) -> str:
    """Partition key of a case."""
    return f"CASE#{case_id}"


def arrivals_key(case_id: str) -> str:
    """Partition key of the counters of a case."""
    return f"{case_key(case_id)}#ARRIVALS"


def messages_key(case_id: str) -> str:
    """Partition key of the messages of a case."""
    return f"{case_key(case_id)}#MESSAGES"


def message_sort(message: Message) -> str:
    """Sort key of a message: in the order of publication."""
    return f"{rfc3339(message.published_at)}#{message.id}"


def evidence_key(case_id: str) -> str:
    """Partition key of the evidence of a case."""
    return f"{case_key(case_id)}#EVIDENCE"


def response_delivery(case_id: str, key: str) -> tuple[str, str]:
    """Primary key of a delivery of a response."""
    return f"{case_key(case_id)}#DELIVERIES", key


def notice_place(case_id: str, key: str) -> tuple[str, str]:
    """Primary key of a notice."""
    return case_key(case_id), f"NOTICE#{key}"


def seen_sort(print_: str) -> str:
    """Sort key of a print, beneath its brand."""
    return f"SEEN#{print_}"


def brand_key(brand: str) -> str:
    """Partition key of the open cases of a brand, whatever its capitals and spaces."""
    return "BRAND#" + plain_brand(brand)


def team_room_place(case_id: str) -> tuple[str, str]:
    """Primary key of how far the team's channel has been told of a case."""
    return case_key(case_id), "TEAMROOM"


def delivery_place(delivery: Delivery) -> tuple[str, str]:
    """Primary key of a delivery: notices stand apart from the deliveries of a response."""
    place = notice_place if delivery.is_notice else response_delivery
    return place(delivery.case_id, delivery.key)


def response_place(case_id: str, version: int) -> tuple[str, str]:
    """Primary key of a response version."""
    return f"{case_key(case_id)}#VERSIONS", f"{version:04d}"


def renderings_place(case_id: str, version: int) -> tuple[str, str]:
    """Primary key of how a response version was shown, place by place."""
    return f"{case_key(case_id)}#RENDERINGS", f"{version:04d}"


def put(place: tuple[str, str], document: dict[str, Any], revision: int) -> Put:
    """A put that bumps the revision of a document loaded at `revision` (0 = must not exist yet)."""
    item = document | {"pk": place[0], "sk": place[1], "revision": revision + 1}
    return Put(item, ABSENT if revision == 0 else {"revision": revision})


def intended(intent: Intent) -> Put:
    """The write by which an intent reaches `relay`."""
    return Put(intent.model_dump(mode="json") | {"pk": intent.partition, "sk": f"INTENT#{intent.id}"}, ABSENT)


def note_of(delivery: Delivery, kind: str | None, at: datetime, data: dict[str, Any] | None = None) -> Put:
    """The write by which what happened to a delivery reaches the timeline, without the case being read or written here.

    It goes with the write of the delivery. `kind` None: only the count of what is owed changes.
    """
    settled = delivery.act == "publish" and delivery.state in SETTLED
    payload = {
        "kind": kind,
        "data": data or {},
        "settled": f"{delivery.version}:{delivery.audience}" if settled else None,
        "required": delivery.required,
        "delivery": delivery.key,
        "out": delivery.state in ("published", "retracted"),
        "stuck": delivery.state in ("failed", "manual"),
    }
    number = f"NOTE#{rfc3339(at)}#{_digest(delivery)}"
    partition = case_key(delivery.case_id)
    return intended(Intent(id=number, partition=partition, action="note", payload=payload, at=at))


def _digest(delivery: Delivery) -> str:
    """Tells apart what is written beside each change of each delivery."""
    return f"{hashlib.sha256(delivery.key.encode()).hexdigest()[:16]}-{delivery.revision + 1}"


def note_gone(intent: Intent) -> Delete:
    """The write that takes a note off the list, with the change that took it into the timeline; once only."""
    return Delete(intent.partition, f"INTENT#{intent.id}", {"id": intent.id})


def message_write(message: Message) -> Put:
    """The write that keeps a message with its case, in the order of publication."""
    place = {"pk": messages_key(message.case_id), "sk": message_sort(message)}
    return Put(message.model_dump(mode="json") | place)


def put_delivery(delivery: Delivery) -> Put:
    """The put of a delivery, without what it does not say: most of its attributes are empty most of its life."""
    return put(
        delivery_place(delivery), delivery.model_dump(mode="json", exclude_none=True), delivery.revision
    )


def content(item: Item) -> Item:
    """The document of an item, without its keys and index attributes."""
    return {
        key: value
        for key, value in unpacked(item).items()
        if key not in ("pk", "sk", "listing", "listed_at", "expires_at")
    }


@dataclass(frozen=True)
class Remembered:
    """What an idempotency key answered before: the fingerprint of the body and the answer."""

    fingerprint: str
    answer: dict[str, Any]


class CaseStore:
    """Cases on a `Table`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def load(self, case_id: str, now: datetime, by: str, seen: Seen | None = None) -> CaseFile:
        """The case, strongly consistent, its versions and deliveries when they are asked for; raises NotFound."""
        case = self.existing(case_id, seen)
        tally, some = case.delivery_tally, partial(self.some_deliveries, case_id)
        deliveries = Deliveries(some, partial(self.deliveries, case_id), tally.planned if tally else None)
        # Read after the case: who changes a version changes the case, so what is newer here fails to be written.
        versions = Versions(lambda n: self.version(case_id, n, seen), lambda: self.versions(case_id))
        return CaseFile(case, now, by, versions if case.versions else Versions(), deliveries)

    def version(self, case_id: str, number: int, seen: Seen | None = None) -> ResponseVersion | None:
        """One response version, strongly consistent, or None."""
        item = (seen or Seen(self.table)).get(response_place(case_id, number))
        return ResponseVersion.kept(content(item)) if item is not None else None

    def versions(self, case_id: str) -> list[ResponseVersion]:
        """Every response version of the case, in order."""
        found = self.table.query(response_place(case_id, 0)[0])
        return [ResponseVersion.kept(content(item)) for item in found.items]

    def some_deliveries(self, case_id: str, keys: Iterable[str]) -> list[Delivery]:
        """Deliveries of responses, strongly consistent; those that exist. A key is often what somebody wrote into an address."""
        fit = (response_delivery(case_id, key) for key in keys if 0 < len(key.encode()) <= SORT_KEY_LIMIT)
        found = (item for some in batched(fit, 100) for item in self._many(some))
        return [Delivery.kept(content(item)) for item in found if item is not None]

    def renderings(self, case_id: str, version: int, seen: Seen | None = None) -> dict[str, str]:
        """How a version was shown for approval: <channel>/<language> -> digest; empty for one that keeps them in itself."""
        item = (seen or Seen(self.table)).get(renderings_place(case_id, version))
        return dict(item["renderings"]) if item is not None else {}

    def deliveries_page(
        self, case_id: str, limit: int, after: str | None
    ) -> tuple[list[Delivery], str | None]:
        """A page of the deliveries of the case's responses, in the order of their keys, and after which the next one begins."""
        page = self.table.query(response_delivery(case_id, "")[0], limit=limit, after=after)
        return [Delivery.kept(content(item)) for item in page.items], page.next

    def deliveries(self, case_id: str, version: int | None = None) -> list[Delivery]:
        """Every delivery of the case's responses (or of one version), in the order of their keys."""
        place = response_delivery(case_id, "" if version is None else f"{case_id}:v{version}:")
        return [Delivery.kept(content(item)) for item in self.table.query(*place).items]

    def create(self, file: CaseFile) -> None:
        """Write a new case; raises ConditionFailed where something of it exists already."""
        self._write(file, loaded=None)

    def head(self, case_id: str, seen: Seen | None = None) -> Case | None:
        """The case without its versions and deliveries, strongly consistent, or None."""
        item = (seen or Seen(self.table)).get((case_key(case_id), "FILE"))
        return Case.kept(content(item)) if item else None

    def existing(self, case_id: str, seen: Seen | None = None) -> Case:
        """The case alone, as `head`; raises NotFound."""
        found = self.head(case_id, seen)
        if found is None:
            raise NotFound(NO_SUCH_CASE.format(case_id))
        return found

    def change(
        self,
        case_id: str,
        now: datetime,
        by: str,
        work: Callable[[CaseFile], T],
        attempts: int = CHANGE_ATTEMPTS,
        seen: CaseFile | None = None,
    ) -> T:
        """Load, let `work` change the file, write all or nothing; repeated when somebody else wrote in between.

        `work` may run more than once and must be free of effects of its own. `seen`: the case as it was just read, and not
        changed since; it is read again only where somebody else wrote in between. Returns what `work` returned.
        Raises what `work` raises (nothing is written then), and Unavailable when the case stays contended.
        """
        for attempt in range(attempts):
            file = self.load(case_id, now, by) if seen is None else seen.again(now, by)
            seen = None
            loaded = file.case.model_dump()
            answer = work(file)
            try:
                self._write(file, loaded)
            except ConditionFailed as conflict:
                if not all(pk.startswith(case_key(case_id)) for pk, _ in conflict.keys):
                    # Not the case was contended but something that `work` asked for besides (an idempotency key, say).
                    raise
                # Real time, not the clock of the rules: this only lets the other writer finish.
                time.sleep(0.002 * attempt)
                continue
            return answer
        raise Unavailable(
            "Many people are changing this case at once; nothing was changed. Please try again."
        )

    def change_together(
        self, case_ids: list[str], now: datetime, by: str, work: Callable[[list[CaseFile]], list[CaseFile]]
    ) -> None:
        """Change several cases in one transaction. `work` gets their files and returns those to create besides.

        As `change` otherwise; raises Unavailable too where the change is too large for one transaction.
        """
        for attempt in range(CHANGE_ATTEMPTS):
            files = [self.load(case_id, now, by) for case_id in case_ids]
            loaded = [file.case.model_dump() for file in files]
            created = work(files)
            written = [self._changes(file, was) for file, was in zip(files, loaded, strict=True)]
            written += [self._changes(file, None) for file in created]
            try:
                self._commit(written, by)
            except ConditionFailed:
                # Real time, not the clock of the rules: this only lets the other writer finish.
                time.sleep(0.002 * attempt)
                continue
            return
        raise Unavailable(
            "Many people are changing these cases at once; nothing was changed. Please try again."
        )

    def _write(self, file: CaseFile, loaded: dict[str, Any] | None) -> None:
        self._commit([self._changes(file, loaded)], file.by)

    def _commit(self, changes: list[_Changes], by: str) -> None:
        """Write changes in one transaction where they fit; otherwise what decides first, and the deliveries in parts after it.

        Each part is safe by itself: the door looks at the version and the freeze in the transaction of every claim, and
        those are written first. What is left to do stands in the table until `relay` has done it.
        """
        deciding = [write for change in changes for write in change.deciding]
        following = [write for change in changes for part in change.parts for write in part.writes]
        if len(deciding) + len(following) > WRITES_AT_ONCE:
            following = [intended(intent) for change in changes for intent in change.later()]
        if deciding or following:
            once.transact(self.table, [*deciding, *following], by)

    def _changes(self, file: CaseFile, loaded: dict[str, Any] | None) -> _Changes:
        """Everything that a change has to write; nothing where it changed nothing. `loaded`: the case as it was read."""
        writes: list[Write] = []
        case = file.case
        changed = file.versions.changed()
        if changed and not file.lines_drawn:
            case.version_lines = None  # whoever needs them next draws them from the versions
        if file.versions.all_read:
            case.versions = len(file.responses)
        for version in changed:
            place = response_place(case.id, version.version)
            kept = version.model_dump(mode="json", exclude={"renderings"} if version.shown_as else None)
            writes.append(put(place, kept, version.revision))
            if version.renderings and version.shown_as and not version.revision:
                pk, sk = renderings_place(case.id, version.version)
                writes.append(Put({"pk": pk, "sk": sk, "renderings": version.renderings}, ABSENT))
        let_go, woken = set(file.let_go), {key: (token, output) for key, token, output in file.woken}
        parts = [
            _Part(delivery, before, delivery.key in let_go, woken.get(delivery.key), file.now)
            for delivery, before in file.deliveries.changed()
        ]
        writes += [
            *(message_write(message) for message in file.messages),
            *quoted.follow(case, file.messages),
        ]
        for event in file.events:
            place = (case_key(case.id) + "#TIMELINE", f"{event.seq:08d}")
            writes.append(Put(event.model_dump(mode="json") | {"pk": place[0], "sk": place[1]}, ABSENT))
        writes += [intended(intent) for intent in file.intents]
        writes += file.extra_writes
        if not writes and loaded == case.model_dump():
            if not parts:
                return _Changes(case, file.now, [], [])
            if all(part.quiet for part in parts):
                # Nothing of the case is written; but what was decided was decided about the case as it stood.
                stands = Check(case_key(case.id), "FILE", {"status": case.status, "round": case.round})
                return _Changes(case, file.now, [stands], parts)
        case.updated_at = file.now
        if file.show is not None:
            document = file.show(file)
            digest = desk_index.digest(document)
            if case.shown_digest != digest:
                case.shown_digest = digest
                writes.append(desk_index.showing(case.id, document))
        head = put((case_key(case.id), "FILE"), packed(case.model_dump(mode="json")), case.revision)
        head.item.update(listing=f"STATUS#{case.status}", listed_at=rfc3339(case.opened_at))
        writes.append(head)
        if loaded is None or loaded["status"] != case.status:
            writes += self._listed(case)
            writes.append(anchors.owed(case_key(case.id), case.id, rfc3339(file.now)))
        elif case.status == "closed" and file.events:
            writes.append(anchors.owed(case_key(case.id), case.id, rfc3339(file.now)))
        return _Changes(case, file.now, writes, parts)

    def settle(self, case_id: str, changes: dict[str, dict[str, Any]], now: datetime) -> None:
        """Write what a change left to be written of many deliveries, in parts; done twice, it changes nothing more.

        A delivery that has moved on since is left alone: the door judged it under what was decided.
        """
        for keys in batched(sorted(changes), SETTLED_AT_ONCE):
            self._settle_some({key: changes[key] for key in keys}, case_id, now)

    def _settle_some(self, changes: dict[str, dict[str, Any]], case_id: str, now: datetime) -> None:
        parts = []
        standing = {one.key: one for one in self.some_deliveries(case_id, changes)}
        for key, change in changes.items():
            delivery = standing.get(key)
            if delivery is None or delivery.revision != change["revision"]:
                continue
            before = dict(delivery.__dict__)
            document = delivery.model_dump(mode="json") | change["fields"]
            woken = (change["token"], change["output"]) if change.get("token") else None
            parts.append(
                _Part(Delivery.model_validate(document), before, bool(change.get("let_go")), woken, now)
            )
        try:
            if parts:
                self.table.transact([write for part in parts for write in part.writes])
        except ConditionFailed:
            if len(parts) == 1:
                return  # it has moved on just now
            for part in parts:
                key = part.delivery.key
                self._settle_some({key: changes[key]}, case_id, now)

    def _listed(self, case: Case) -> list[Write]:
        """The entries by which a case is found: among all cases, and among the open ones of its brand."""
        everywhere = {
            "pk": case_key(case.id),
            "sk": "LISTED",
            "listing": "CASES",
            "listed_at": rfc3339(case.opened_at),
        }
        writes: list[Write] = [Put(everywhere)]
        if case.status == "closed":
            writes.append(Delete(brand_key(case.brand), f"OPEN#{case.id}"))
        else:
            writes.append(Put({"pk": brand_key(case.brand), "sk": f"OPEN#{case.id}", "case_id": case.id}))
        return writes

    def seen(self, brand: str, prints: list[str]) -> dict[str, str | None]:
        """Id of the last case of the brand to which a message with each of these prints belonged, or None; one call for all."""
        items = self._many([(brand_key(brand), seen_sort(print_)) for print_ in prints])
        return {print_: item["case_id"] if item else None for print_, item in zip(prints, items, strict=True)}

    def indexed(self, brand: str, keys: list[str]) -> dict[str, Item | None]:
        """The entries of an index of the brand (`BAND#…`, `TOPIC#…`): `case_id`, `at`, and what the index needs; one call."""
        return dict(zip(keys, self._many([(brand_key(brand), key) for key in keys]), strict=True))

    def _many(self, places: list[tuple[str, str]]) -> list[Item | None]:
        return [self.table.get(*places[0])] if len(places) == 1 else self.table.get_many(places)

    def index(self, brand: str, key: str, entry: Item, before: Item | None, expires: datetime | None) -> Put:
        """The write of an index entry; fails where another report was faster."""
        item = entry | {"pk": brand_key(brand), "sk": key}
        if expires is not None:
            item["expires_at"] = int(expires.timestamp())
        return Put(item, ABSENT if before is None else {"case_id": before["case_id"]})

    def remember_print(self, brand: str, print_: str, case_id: str, before: str | None) -> Put:
        """The write that ties a print to its case; fails where another report was faster."""
        item = {"pk": brand_key(brand), "sk": seen_sort(print_), "case_id": case_id}
        return Put(item, ABSENT if before is None else {"case_id": before})

    def listed(self, status: str | None, limit: int, cursor: str | None) -> tuple[list[Case], str | None]:
        """A page of cases, newest first, of one status or of all."""
        page = self.table.listing(f"STATUS#{status}" if status else "CASES", limit=limit, after=cursor)
        cases = []
        for item in page.items:
            found = item if item["sk"] == "FILE" else self.table.get(item["pk"], "FILE")
            # The index holds whatever says that it is listed; a case is one in its own partition alone.
            if found is not None and found["pk"] == case_key(found["id"]):
                cases.append(Case.kept(content(found)))
        return cases, page.next

    def messages(self, case_id: str, *, limit: int | None = 200, after: str | None = None) -> list[Message]:
        """The messages of a case, earliest publication first."""
        page = self.table.query(messages_key(case_id), limit=limit, after=after)
        return [Message.kept(content(item)) for item in page.items]

    def events(self, case_id: str) -> list[Event]:
        """The whole timeline, in order."""
        return [Event.kept(content(one)) for one in self.table.query(f"{case_key(case_id)}#TIMELINE").items]

    def events_from(self, case_id: str, after: int) -> Iterator[Event]:
        """The timeline later than seq `after`, in order, read in pages as far as it is asked for."""
        place: str | None = f"{after:08d}"
        while place is not None:
            page = self.table.query(case_key(case_id) + "#TIMELINE", limit=EVENTS_A_PAGE, after=place)
            yield from (Event.kept(content(item)) for item in page.items)
            place = page.next

    def notices(self, case_id: str) -> list[Delivery]:
        """Everything that the desk told people about the case, sent or not."""
        return [Delivery.kept(content(item)) for item in self.table.query(case_key(case_id), "NOTICE#").items]

    def noted(self, case_id: str) -> list[Intent]:
        """What happened to deliveries and does not stand in the timeline yet, the oldest first; at most NOTED_AT_ONCE."""
        page = self.table.query(case_key(case_id), "INTENT#NOTE#", limit=NOTED_AT_ONCE)
        return [Intent.kept(content(item)) for item in page.items]

    def done(self, intents: list[Intent]) -> None:
        """Forget intents that were carried out."""
        for some in batched(intents, WRITES_AT_ONCE):
            self.table.transact([Delete(one.partition, f"INTENT#{one.id}") for one in some])

    def remembered(self, key: str) -> Remembered | None:
        """What this idempotency key answered before, or None."""
        item = self.table.get(f"IDEMPOTENCY#{key}", "REPORT")
        return Remembered(item["fingerprint"], item["answer"]) if item else None

    def remember(
        self, key: str, fingerprint: str, answer: dict[str, Any], now: datetime, *, again: bool = False
    ) -> Put:
        """The write that ties an idempotency key to its answer, to go with the change that it answers.

        With `again` it takes the place of what the same body was answered before.
        """
        item = {
            "pk": f"IDEMPOTENCY#{key}",
            "sk": "REPORT",
            "fingerprint": fingerprint,
            "answer": answer,
            "expires_at": int((now + IDEMPOTENCY_KEPT).timestamp()),
        }
        return Put(item, {"fingerprint": fingerprint} if again else ABSENT)


@dataclass(frozen=True)
class _Part:
    """One delivery that a change writes, and what goes with it: the list of what is held, and who waits for it."""

    delivery: Delivery
    before: dict[str, Any] | None
    let_go: bool
    woken: tuple[str, dict[str, Any]] | None
    now: datetime

    @property
    def quiet(self) -> bool:
        """Whether nothing follows from it for the case: somebody waits for it, or waits no more."""
        before = self.before or {}
        return {name for name, value in self.delivery.__dict__.items() if before.get(name) != value} <= {
            "wait"
        }

    @property
    def writes(self) -> list[Write]:
        """What is written in one transaction."""
        writes: list[Write] = [put_delivery(self.delivery)]
        if self.let_go:
            writes.append(no_longer_held(self.delivery.case_id, self.delivery.key))
        if self.woken is not None:
            token, output = self.woken
            writes.append(
                intended(
                    Intent(
                        id=f"DELIVERY-{_digest(self.delivery)}",
                        partition=case_key(self.delivery.case_id),
                        action="resume",
                        token=token,
                        payload=output,
                        at=self.now,
                    )
                )
            )
        return writes

    def later(self) -> dict[str, Any]:
        """The same for `settle`."""
        before = self.before or {}
        document = self.delivery.model_dump(mode="json")
        fields = {
            name: document[name]
            for name, value in self.delivery.__dict__.items()
            if before.get(name) != value
        }
        change: dict[str, Any] = {"revision": self.delivery.revision, "fields": fields}
        if self.let_go:
            change["let_go"] = True
        if self.woken is not None:
            change["token"], change["output"] = self.woken
        return change


@dataclass(frozen=True)
class _Changes:
    """What one change writes of one case: what decides, and the deliveries that follow from it."""

    case: Case
    now: datetime
    deciding: list[Write]
    parts: list[_Part]

    def later(self) -> list[Intent]:
        """The intents by which `relay` writes the deliveries after the rest."""
        return [
            Intent(
                id=f"SETTLE-{self.case.revision + 1:08d}-{number:03d}",
                partition=case_key(self.case.id),
                action="settle",
                payload={part.delivery.key: part.later() for part in some},
                at=self.now,
            )
            for number, some in enumerate(batched(self.parts, SETTLED_BY_ONE_INTENT))
        ]


def batched(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size`, in order."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
