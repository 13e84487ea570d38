"""The team's channel: one thread a case, a summary on top that is kept current, and beneath it what happens (R2, R13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import Field

from sangfroid.acts.notices import Notices
from sangfroid.acts.subjects import Subject, first_message
from sangfroid.casefile import CaseFile
from sangfroid.cases.team_room import CLOSED, HANDED, handed, silent, still_theirs
from sangfroid.casework import Casework
from sangfroid.model import Delivery, Event, Model
from sangfroid.outbound import notices, room_letters
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.letter import Letter
from sangfroid.outbound.telling import Teller
from sangfroid.store import case_key, content, put, team_room_place
from sangfroid.store import freeze as freezing
from sangfroid.store.seen import Seen
from sangfroid.table import Item, Put

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


class TeamRoom:
    """Keeps the thread of a case."""

    def __init__(
        self, casework: Casework, teller: Teller, channels: Callable[[str], Channel], people: Notices
    ) -> None:
        self._casework = casework
        self._teller = teller
        self._channels = channels
        self._people = people

    def update(self, case_id: str) -> dict[str, Any]:
        """Tell what has happened since the last time; `waiting` is how many letters are not out yet: the step comes back.

        Nothing is told while the freeze holds (what comes after it takes all with it), and nothing of a leak. Raises NotFound.
        """

        seen, place = Seen(self._casework.table), team_room_place(case_id)
        seen.fetch([(case_key(case_id), "FILE"), place, freezing.FREEZE_PLACE])
        opened, item = seen.get(freezing.FREEZE_PLACE) or {}, seen.get(place)
        told = Told.kept(content(item)) if item is not None else Told()
        frozen, before = freezing.of_item(opened).active, told.revision

        def begun(file: CaseFile) -> CaseFile:
            case = file.case
            case.room_asked = False
            if told.revision > before:  # somebody else wrote in between, and it is looked at anew
                told.telling, told.revision = None, before
            if told.telling is None and case.timeline_seq > told.upto and not (frozen or silent(case)):
                told.telling = case.timeline_seq
                file.extra_writes.append(_kept(place, told))
                told.revision += 1
            return file

        file = self._casework.change(case_id, "sangfroid", begun, seen=self._casework.read(case_id, seen))
        # Read once: for whoever was given something, and for the channel.
        new = list(self._casework.store.events_from(case_id, min(told.handed, told.upto)))
        new = [event for event in new if event.seq <= file.case.timeline_seq]
        waiting = self._closed(file) if file.case.status == "closed" else self._handed(file, told, place, new)
        if frozen or silent(file.case):
            return {"told": 0, "waiting": waiting}
        sent = 0
        # What was begun is ended as it began, under its own keys; then what has come since.
        for _ in range(2):
            upto = told.telling or file.case.timeline_seq
            if upto <= told.upto:
                break
            if told.telling is None:
                told.telling = upto
                self._keep(place, told)
            since = max(told.upto, file.case.room_silent_to)
            events = [event for event in new if since < event.seq <= upto]
            out, left = self._tell(file, told, events, upto, opened)
            sent += out
            if left:
                return {"told": sent, "waiting": waiting + left}
            told.upto, told.telling = upto, None
            self._keep(place, told)
        return {"told": sent, "waiting": waiting}

    def _keep(self, place: tuple[str, str], told: Told) -> None:
        self._casework.table.transact([_kept(place, told)])
        told.revision += 1

    def _tell(
        self, file: CaseFile, told: Told, events: list[Event], upto: int, opened: Item
    ) -> tuple[int, int]:
        """How many letters are out, and how many are to be tried again."""
        scene = notices.Scene(self._casework.organisation, file)
        rounds: list[list[Delivery]] = [[], []]
        for reader in notices.team_rooms(self._casework.organisation):
            what = room_letters.news(scene, reader, events)
            if what is None:
                continue
            if scene.message is None:
                scene = replace(scene, message=first_message(self._casework, file))
            top = self._top(scene, reader, told, upto)
            line = notices.notice(room_letters.NEWS, str(upto), file, reader, what)
            # The summary begins the thread; once it stands there, both leave together.
            begins = top is not None and reader.channel.id not in told.tops
            rounds[0] += [top] if top is not None else []
            rounds[int(begins)].append(line)
        outcomes: list[str] = []
        for now in rounds:
            for letter, sent in zip(now, self._teller.tell_all(now, opened), strict=True):
                outcomes.append(sent.outcome)
                if letter.kind == room_letters.SUMMARY and sent.outcome in (
                    "published", "failed", "superseded",
                ):  # fmt: skip
                    # One that somebody deleted cannot be edited any more: the next one begins anew.
                    told.tops.pop(letter.channel, None)
                    if sent.outcome == "published":
                        told.tops[letter.channel] = letter.key
        return outcomes.count("published"), outcomes.count("retry")

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

    def _handed(self, file: CaseFile, told: Told, place: tuple[str, str], new: list[Event]) -> int:
        """Whoever was given a duty, a role or a review by somebody else hears of it, by a quiet way; silence climbs as before.

        How many are not reached yet; those are tried again.
        """
        found = [event for event in new if event.seq > told.handed and handed(event)]
        theirs = [_of_somebody(event) for event in found if still_theirs(file, event)]
        waiting = int(self._people.tell_several(file.case.id, theirs)["waiting"]) if theirs else 0
        if not waiting:
            told.handed = file.case.timeline_seq
            if found:
                self._keep(place, told)
        return waiting

    def _closed(self, file: CaseFile) -> int:
        """Everybody concerned gets the report at the close (R13); once, however often this is asked."""
        case = file.case
        if case.closing is None:
            return 0
        of_the_case = [*case.cell.values(), *(duty.owner for duty in case.duties if duty.owner)]
        roles = [*(f"person:{one}" for one in dict.fromkeys(of_the_case)), *CONCERNED]
        occasion = f"{CLOSED}/{case.round}"
        answer = self._people.tell(case.id, CLOSED, occasion, roles, "team", {}, room=False)
        return int(answer["waiting"])


def _kept(place: tuple[str, str], told: Told) -> Put:
    return put(place, told.model_dump(mode="json"), told.revision)


def _of_somebody(event: Event) -> Subject:
    """What somebody was given by somebody else."""
    details = {name: event.data[name] for name in ("duty", "role", "version") if name in event.data}
    to = [f"person:{event.data['to']}"]
    return Subject(HANDED[event.kind], f"handed/{event.seq}", to, "team", details | {"by": event.by})
