"""The team's channel: one thread a case, a summary on top that is kept current, and beneath it what happens (R2, R13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from sangfroid.acts.notices import Notices
from sangfroid.acts.subjects import Subject, first_message
from sangfroid.casefile import CaseFile
from sangfroid.cases.team_room import CLOSED, HANDED, handed, heard, silent, still_theirs
from sangfroid.casework import Casework
from sangfroid.model import Delivery, Event, Model
from sangfroid.outbound import notices, room_letters
from sangfroid.outbound.beside import ATTEMPTS_BESIDE, Beside
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.letter import Letter
from sangfroid.outbound.sending import Sent
from sangfroid.outbound.telling import Teller
from sangfroid.store import (
    CHANGE_ATTEMPTS,
    case_key,
    content,
    lately,
    notice_place,
    put,
    team_room_place,
)
from sangfroid.store import freeze as freezing
from sangfroid.store.quoted import quoted_place
from sangfroid.store.seen import Seen
from sangfroid.table import Item, Put, Write

CONCERNED = ("owner", "on_call", "pr_lead", "approver", "director")
"""Roles that hear of the close, besides those of the case's cell and whoever owned one of its duties (R13)."""


class Told(Model):
    """What the team's channel has heard of a case: all events to `upto`. `telling` is how far a telling that has begun goes, so
    that one that was cut off is ended as it began. `tops`: channel -> key of the summary that stands there. `handed`: up to which
    event those have heard who were given something.
    """

    upto: int = 0
    telling: int | None = None
    handed: int = 0
    tops: dict[str, str] = Field(default_factory=dict)
    revision: int = 0


@dataclass
class _Start:
    """How things stood when a telling began. `news`: what has happened since the last one."""

    file: CaseFile
    told: Told
    opened: Item
    seen: Seen
    news: list[Event]
    fresh: bool = True
    """Whether this act has not changed the case since it was read."""
    over: bool = False
    """Whether it stands there that another telling may be asked for."""

    @property
    def case_id(self) -> str:
        return self.file.case.id

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands what the channel has heard."""
        return team_room_place(self.case_id)


class TeamRoom:
    """Keeps the thread of a case."""

    def __init__(
        self, casework: Casework, teller: Teller, channels: Callable[[str], Channel], people: Notices
    ) -> None:
        self._casework = casework
        self._teller = teller
        self._channels = channels
        self._people = people

    def update(self, case_id: str, *, last: bool = False) -> dict[str, Any]:
        """Tell what has happened since the last time; `waiting` is how many letters are not out yet: the step comes back.

        Nothing is told while the freeze holds (what comes after it takes all with it), and nothing of a leak. Until all of it is
        told no other telling is asked for. `last`: the step does not come back; another telling may be asked for now.
        Raises NotFound.
        """
        start = self._start(case_id)
        file, told = start.file, start.told
        waiting = self._closed(start) if file.case.status == "closed" else self._handed(start)
        answer = {"told": 0, "waiting": waiting}
        if freezing.of_item(start.opened).active or silent(file.case):
            if not waiting or last:
                self._heard(start, None)
            return answer
        while (upto := told.telling or file.case.timeline_seq) > told.upto:
            # What was begun is ended as it began, under its own keys; then what has come since.
            sent, left = self._tell(start, upto, over=upto == file.case.timeline_seq and not waiting)
            answer["told"] += sent
            if left:
                answer["waiting"] += left
                break
        else:
            if file.case.room_asked and not waiting and not start.over:
                self._heard(start, told.upto)
        if last and not start.over:
            self._heard(start, None)
        return answer

    def _start(self, case_id: str) -> _Start:
        """The case, the freeze and what was told, in one call; what has happened since, and the summaries, in another."""
        seen, place = Seen(self._casework.table), team_room_place(case_id)
        seen.fetch([(case_key(case_id), "FILE"), place, freezing.FREEZE_PLACE, quoted_place(case_id)])
        item = seen.get(place)
        told = Told.kept(content(item)) if item is not None else Told()
        file = self._casework.read(case_id, seen)
        since, seq = min(told.handed, told.upto), file.case.timeline_seq
        places = lately.event_places(case_id, since, seq)
        shown = [notice_place(case_id, key) for key in told.tops.values()]
        seen.fetch([*places, *shown] if seq > since else [])
        news = lately.events(seen, places)
        if not places:
            news = [event for event in self._casework.store.events_from(case_id, since) if event.seq <= seq]
        return _Start(file, told, seen.get(freezing.FREEZE_PLACE) or {}, seen, news)

    def _heard(self, start: _Start, upto: int | None, writes: Sequence[Write] = ()) -> None:
        """All up to this event was told (None: as far as it could be): whoever has more to tell asks for another telling.

        `writes` are committed with that, all or nothing.
        """

        def change(file: CaseFile) -> None:
            file.extra_writes += writes
            heard(file, upto)

        seen, start.fresh = start.file if start.fresh else None, False
        attempts = ATTEMPTS_BESIDE if writes else CHANGE_ATTEMPTS
        self._casework.change(start.case_id, "sangfroid", change, attempts, seen=seen)
        start.over = True

    def _keep(self, start: _Start) -> None:
        self._casework.table.transact([_kept(start)])
        start.told.revision += 1

    def _tell(self, start: _Start, upto: int, *, over: bool) -> tuple[int, int]:
        """How many letters are out, and how many are to be tried again. `over`: afterwards another telling may be asked for.

        That it has begun is written with the claims of its first letters, and that it is told with the settlement of the last.
        """
        told, outcomes = start.told, []
        rounds = [letters for letters in self._letters(start, upto) if letters]
        begin: list[Write] = []
        if rounds and told.telling is None:
            told.telling = upto
            begin.append(_kept(start))
            told.revision += 1  # nothing is written after it but where it was
        done = False

        def end(sents: list[Sent], writes: list[Write]) -> bool:
            nonlocal done
            if any(sent.outcome == "retry" for sent in sents):
                return False
            self._told(start, upto, zip(rounds[-1], sents, strict=True), over, writes)
            done = True
            return True

        for number, letters in enumerate(rounds):
            last = number == len(rounds) - 1 and "retry" not in outcomes
            known = {place: start.seen.get(place) for one in letters for place in _target(one)}
            beside = Beside(begin if number == 0 else (), end if last else None, known)
            sents = self._teller.tell_all(letters, start.opened, beside)
            outcomes += [sent.outcome for sent in sents]
            _stands(told, zip(letters, sents, strict=True))
        left = outcomes.count("retry")
        if not left and not done:
            self._told(start, upto, (), over)
        return outcomes.count("published"), left

    def _told(
        self,
        start: _Start,
        upto: int,
        sents: Iterable[tuple[Delivery, Sent]],
        over: bool,
        writes: Sequence[Write] = (),
    ) -> None:
        """All up to this event is told."""
        told = start.told
        before = told.model_copy(deep=True)
        _stands(told, sents)
        told.upto, told.telling = upto, None
        try:
            if over:
                self._heard(start, upto, [*writes, _kept(start)])
            else:
                self._casework.table.transact([*writes, _kept(start)])
        except BaseException:
            told.upto, told.telling, told.tops = before.upto, before.telling, before.tops
            raise
        told.revision += 1

    def _letters(self, start: _Start, upto: int) -> tuple[list[Delivery], list[Delivery]]:
        """What leaves first, and what leaves once that stands there."""
        file, told = start.file, start.told
        since = max(told.upto, file.case.room_silent_to)
        events = [event for event in start.news if since < event.seq <= upto]
        scene = notices.Scene(self._casework.organisation, file)
        rounds: tuple[list[Delivery], list[Delivery]] = ([], [])
        for reader in notices.team_rooms(self._casework.organisation):
            what = room_letters.news(scene, reader, events)
            if what is None:
                continue
            if scene.message is None:
                scene = replace(scene, message=first_message(self._casework, file, start.seen))
            top = self._top(scene, reader, told, upto)
            line = notices.notice(room_letters.NEWS, str(upto), file, reader, what)
            # The summary begins the thread; once it stands there, both leave together.
            begins = top is not None and reader.channel.id not in told.tops
            rounds[0].extend([top] if top is not None else [])
            rounds[int(begins)].append(line)
        return rounds

    def _top(self, scene: notices.Scene, reader: notices.Recipient, told: Told, upto: int) -> Delivery | None:
        """The summary, in the place of the one before; None where a channel cannot edit: it would be posted again and again."""
        what = room_letters.summary(scene, reader)
        letter = notices.notice(room_letters.SUMMARY, str(upto), scene.file, reader, what)
        given = Letter(
            key=letter.key, case_id=letter.case_id, kind=letter.kind, channel=letter.channel,
            audience=letter.audience, language=letter.language, text=letter.text or "",
        )  # fmt: skip
        if self._channels(reader.channel.id).correction(given) != "edit":
            return None
        letter.target = told.tops.get(reader.channel.id)
        return letter if letter.target != letter.key else None

    def _handed(self, start: _Start) -> int:
        """Whoever was given a duty, a role or a review by somebody else hears of it, by a quiet way; silence climbs as before.

        How many are not reached yet; those are tried again.
        """
        file, told = start.file, start.told
        found = [event for event in start.news if event.seq > told.handed and handed(event)]
        theirs = [_of_somebody(event) for event in found if still_theirs(file, event)]
        waiting = 0
        if theirs:
            waiting, start.fresh = int(self._people.tell_several(start.case_id, theirs)["waiting"]), False
        if not waiting:
            told.handed = file.case.timeline_seq
            if found:
                self._keep(start)
        return waiting

    def _closed(self, start: _Start) -> int:
        """Everybody concerned gets the report at the close (R13); once, however often this is asked."""
        case = start.file.case
        if case.closing is None:
            return 0
        start.fresh = False
        of_the_case = [*case.cell.values(), *(duty.owner for duty in case.duties if duty.owner)]
        roles = [*(f"person:{one}" for one in dict.fromkeys(of_the_case)), *CONCERNED]
        occasion = f"{CLOSED}/{case.round}"
        answer = self._people.tell(case.id, CLOSED, occasion, roles, "team", {}, room=False)
        return int(answer["waiting"])


def _kept(start: _Start) -> Put:
    return put(start.place, start.told.model_dump(mode="json"), start.told.revision)


def _stands(told: Told, sents: Iterable[tuple[Delivery, Sent]]) -> None:
    """Which summaries stand on top now."""
    for letter, sent in sents:
        if letter.kind == room_letters.SUMMARY and sent.outcome in ("published", "failed", "superseded"):
            # One that somebody deleted cannot be edited any more: the next one begins anew.
            told.tops.pop(letter.channel, None)
            if sent.outcome == "published":
                told.tops[letter.channel] = letter.key


def _target(letter: Delivery) -> list[tuple[str, str]]:
    return [notice_place(letter.case_id, letter.target)] if letter.target is not None else []


def _of_somebody(event: Event) -> Subject:
    """What somebody was given by somebody else."""
    details = {name: event.data[name] for name in ("duty", "role", "version") if name in event.data}
    to = [f"person:{event.data['to']}"]
    return Subject(HANDED[event.kind], f"handed/{event.seq}", to, "team", details | {"by": event.by})
