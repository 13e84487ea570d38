"""The board: what waits for whom over all cases, read from the index of the desk that the table's stream keeps (R3)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sangfroid.acts.awaited import OF_THE_FREEZE, Asked, Document, freeze_document, of_freeze
from sangfroid.cases import shown as drawn
from sangfroid.cases import waiting
from sangfroid.cases.waiting import Awaited
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.freeze.procedure import Freezer
from sangfroid.model import Acknowledgement, Role, rfc3339
from sangfroid.roster import Roster
from sangfroid.store import desk_index
from sangfroid.store import freeze as freezing
from sangfroid.store.freeze import Freeze
from sangfroid.table import Table

CASES_A_PAGE = 50
WAITING_SHOWN = 100
HELD_COUNTED = 1_000
NAMED = 10
"""People whom one case names as awaited."""

SHIFT_LOOKED_AT = timedelta(days=2)


@dataclass(frozen=True)
class Reader:
    """Who looks at the board."""

    id: str
    roles: frozenset[Role]
    duties: frozenset[str]


@dataclass(frozen=True)
class OnDuty:
    """Who is first for a role, and until when (aware; None: for as long as was looked at)."""

    role: str
    person: str
    until: datetime | None


@dataclass(frozen=True)
class Board:
    """What one person sees: what waits for them, a page of the open cases, the freeze, and who is on duty."""

    waiting: list[Document]
    more_waiting: bool
    cases: list[Document]
    after: str | None
    freeze: Document
    on_duty: list[OnDuty]
    open: int
    names: dict[str, str]


@dataclass
class _Shown:
    """What a case of the index is, between two versions of it."""

    document: Document
    awaited: list[Awaited]
    due: str

    @property
    def place(self) -> str:
        """Where it stands in the list: the next deadline first."""
        return f"{self.due}|{self.document['case']['id']}"


@dataclass
class _Kept:
    """The index as it was read under a version."""

    version: str | None = None
    cases: list[_Shown] = field(default_factory=list)
    freeze: Document = field(default_factory=dict)

    @property
    def approved(self) -> dict[str, Document]:
        """Id of a case -> its approved response."""
        return {
            one.document["case"]["id"]: one.document["approved"]
            for one in self.cases
            if one.document["approved"]
        }


class Boards:
    """Keeps the index of the desk, and reads the board from it."""

    def __init__(self, casework: Casework, freezer: Freezer) -> None:
        self._casework = casework
        self._freezer = freezer
        self._kept = _Kept()
        self._shift: tuple[object, datetime, list[OnDuty]] | None = None

    # -- keeping the index: every change of a case writes what is shown of it; the rest is what the table's stream calls

    def index_case(self, case_id: str) -> None:
        """Make what is shown of a case anew, whatever was shown of it. Afterwards comes `moved`."""
        try:
            file = self._casework.read(case_id)
        except NotFound:
            return
        desk_index.show(self._table, case_id, drawn.document(file))

    def index_freeze(self) -> None:
        """Make what is shown of the freeze anew."""
        freeze = freezing.read(self._table)
        held = len(self._table.query(freezing.HELD, limit=HELD_COUNTED).items) if freeze.active else 0
        desk_index.show(self._table, desk_index.FREEZE_SORT, freeze_document(freeze, held))

    def moved(self) -> None:
        """The index has changed: it gets another version."""
        desk_index.move(self._table)

    def rebuild(self) -> int:
        """Make the whole index anew, for a table that is older than it; how many cases are open."""
        count, cursor = 0, None
        while True:
            cases, cursor = self._casework.store.listed(None, 100, cursor)
            for case in cases:
                self.index_case(case.id)
                count += case.status != "closed"
            if cursor is None:
                break
        self.index_freeze()
        self.moved()
        return count

    # -- reading

    def version(self) -> str | None:
        """The version of the index as it stands: one read of one item."""
        return desk_index.version(self._table)

    def tag(self, version: str | None, reader: Reader, *more: str | None) -> str:
        """Another one when something that this person is shown may be another: version, person, shift, not time."""
        said: list[Any] = [
            version,
            reader.id,
            sorted(reader.roles),
            sorted(reader.duties),
            *more,
        ]
        said += [self._people(), [[one.role, one.person, str(one.until)] for one in self.on_duty()]]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]

    def board(self, version: str | None, reader: Reader, after: str | None) -> Board:
        """The board of one person under a version of the index; `after`: the place of a case of an earlier page."""
        kept = self._read(version)
        roster = Roster(self._casework.organisation)
        asked = Asked(self._casework.organisation, roster, self._casework.now())
        holding = kept.freeze.get("holding", []) if kept.freeze.get("state") != "statement" else []
        titled = {shown.document["case"]["id"]: shown.document["case"] for shown in kept.cases}
        own = [
            self._waiting(_as_called(one, reader, asked), shown.document["case"], asked)
            for shown in kept.cases
            for one in asked.standing_in(shown.awaited)
            if one.is_for(reader.id, reader.roles, reader.duties) or one.has_called(reader.id)
        ]
        own += [
            self._waiting(one, titled.get(one.what.get("case_id")), asked)
            for one in of_freeze(kept.freeze, kept.approved)
            if one.is_for(reader.id, reader.roles, reader.duties)
        ]
        own.sort(key=lambda one: (one["due_at"] or "9999", one["since"], one["id"]))
        rest = [one for one in kept.cases if after is None or one.place > after]
        page = rest[:CASES_A_PAGE]
        cases = []
        for shown in page:
            document = dict(shown.document["case"])
            is_held = document["id"] in holding
            document["step"] = "held" if is_held else document["step"]
            directors = asked.with_access("director") if is_held else []
            document["waits_for"] = list(dict.fromkeys([*directors, *asked.people(shown.awaited)]))[:NAMED]
            cases.append(document)
        on_duty = self.on_duty()
        freeze = kept.freeze or freeze_document(Freeze(), 0)
        board = Board(
            waiting=own[:WAITING_SHOWN],
            more_waiting=len(own) > WAITING_SHOWN,
            cases=cases,
            after=page[-1].place if len(rest) > len(page) else None,
            freeze=freeze,
            on_duty=on_duty,
            open=len(kept.cases),
            names={},
        )
        board.names.update(self._names(board))
        return board

    def on_duty(self) -> list[OnDuty]:
        """Who is first for each role that people take in turns, and until when; looked at again once that is over."""
        organisation, now = self._casework.organisation, self._casework.now()
        rotations = organisation.rotations
        key = (rotations, organisation.overrides, organisation.absences, organisation.people)
        if self._shift is not None and self._shift[0] == key and self._shift[1] > now:
            return self._shift[2]
        roster, end = Roster(organisation), now + SHIFT_LOOKED_AT
        found: list[OnDuty] = []
        until = end
        for role in [rotation.role for rotation in rotations] or ["on_call"]:
            shifts = roster.shifts(role, now, end)
            if shifts and shifts[0].start <= now:
                last = shifts[0].end
                found.append(OnDuty(role, shifts[0].person, last if last < end else None))
            until = min([until, *(one.end for one in shifts[:1])])
        # What ends beyond the horizon is looked for again within the hour.
        self._shift = (key, min(until, now + timedelta(hours=1)), found)
        return found

    def acknowledge(self, waiting_id: str, reader: Reader) -> Acknowledgement:
        """Somebody has seen what waits for them. Raises NotFound, IllegalTransition, NotAllowed."""
        lasting = self._casework.organisation.escalation.acknowledged_for
        kind, _, rest = waiting_id.partition(":")
        if kind in OF_THE_FREEZE:
            return self._acknowledge_freeze(waiting_id, reader, lasting)
        if kind not in waiting.KINDS or not rest:
            raise NotFound("Nothing of that name waits. GET /desk lists what does.")
        return self._casework.change(
            rest.partition(":")[0],
            reader.id,
            lambda file: waiting.acknowledge(file, waiting_id, reader.roles, reader.duties, lasting),
        )

    def _acknowledge_freeze(self, waiting_id: str, reader: Reader, lasting: timedelta) -> Acknowledgement:
        now, kind = self._casework.now(), waiting_id.partition(":")[0]
        seen = Acknowledgement(by=reader.id, at=now, until=now + lasting)
        texts = {one: drawn.approved(self._casework.read(one)) for one in freezing.read(self._table).holding}
        approved = {one: text for one, text in texts.items() if text is not None}

        def work(freeze: Freeze) -> list[Any]:
            standing = {one.id: one for one in of_freeze(freeze_document(freeze, 0), approved)}
            found = standing.get(waiting_id)
            if found is None:
                raise IllegalTransition(
                    "It waits no longer: somebody has done it, or the freeze has moved on."
                )
            if not found.is_for(reader.id, reader.roles, reader.duties):
                raise NotAllowed("This waits for others, not for you.")
            freeze.acknowledged = {
                key: value for key, value in freeze.acknowledged.items() if key in standing
            } | {waiting_id: seen}
            return []

        freeze = self._freezer.alter(work)
        for holding in freeze.holding:
            self._casework.change(
                holding,
                reader.id,
                lambda file: file.note(
                    "acknowledged", waiting=waiting_id, what=kind, until=rfc3339(seen.until)
                ),
            )
        return seen

    # -- parts

    @property
    def _table(self) -> Table:
        return self._casework.table

    def _read(self, version: str | None) -> _Kept:
        """The index; what was read under the version that still stands is read no second time."""
        if version is None or version != self._kept.version:
            documents, freeze = desk_index.read(self._table)
            shown = [
                _Shown(one, [Awaited.kept(each) for each in one["awaited"]], _next_due(one["case"]))
                for one in documents
            ]
            shown.sort(key=lambda one: one.place)
            self._kept = _Kept(version, shown, freeze or {})
        return self._kept

    def _people(self) -> str:
        """Who is there, as far as what is shown depends on it."""
        organisation, now = self._casework.organisation, self._casework.now()
        roster = Roster(organisation)
        said = [
            [one.id, one.name, sorted(one.access), sorted(one.duties), roster.present(one.id, now)]
            for one in organisation.people
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    def _waiting(self, one: Awaited, case: Document | None, asked: Asked) -> Document:
        plain = one.model_dump(
            mode="json", include={"id", "kind", "due_at", "since", "link", "what", "acknowledged"}
        )
        person, at = asked.next_call(one)
        return plain | {
            "case_id": case["id"] if case else one.what.get("case_id"),
            "brand": case["brand"] if case else None,
            "title": case["title"] if case else None,
            "next_person": person,
            "next_at": rfc3339(at) if at else None,
        }

    def _names(self, board: Board) -> dict[str, str]:
        """Names of everybody whom the board mentions."""
        ids: set[str] = {one.person for one in board.on_duty}
        for each in board.waiting:
            ids.update(filter(None, (each["next_person"], each["what"].get("by"))))
            ids.update(each["what"].get("people", []))
            if each["acknowledged"]:
                ids.add(each["acknowledged"]["by"])
        for case in board.cases:
            ids.update(case["waits_for"])
        ids.update(vote["by"] for vote in board.freeze.get("releases", []))
        ids.update(filter(None, [board.freeze.get("raised_by")]))
        found = {one: self._casework.organisation.person(one) for one in sorted(ids)}
        return {one: person.name if person else one for one, person in found.items()}


def _as_called(one: Awaited, reader: Reader, asked: Asked) -> Awaited:
    """What somebody sees who was called for what others must do: that they were, for what, and whom to reach."""
    if one.may(reader.id, reader.roles):
        return one
    what = {"for": one.kind, "people": asked.people([one])[:NAMED]}
    return one.model_copy(update={"kind": "called", "what": what, "link": f"/cases/{one.id.split(':')[1]}"})


def _next_due(case: Document) -> str:
    return min(
        (one["due_at"] for one in case["clocks"] if one["state"] in ("running", "breached")), default="9999"
    )
