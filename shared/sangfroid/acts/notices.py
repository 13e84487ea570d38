"""Telling people what is asked of them (R2, R3), until somebody has it in hand (I14).

What people are told of is in subjects.py, who they are in whom.py, and how a round of them is told in telling.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from sangfroid.acts import chasing, subjects, whom
from sangfroid.acts.occasions import asked_about_a_leak, thing_of
from sangfroid.acts.subjects import Subject
from sangfroid.acts.telling import Round, Start, Telling
from sangfroid.casework import Casework
from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Reach
from sangfroid.outbound import notices
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.telling import Teller
from sangfroid.roster import ladder
from sangfroid.store import case_key, response_place
from sangfroid.store import freeze as freezing
from sangfroid.store.quoted import quoted_place
from sangfroid.store.seen import Seen

WITH_THE_FREEZE = "with_the_freeze"
"""Outcome of a notice that rang nobody, because the page of the freeze has just done so."""


class Notices:
    """What the desk tells people about a case."""

    def __init__(self, casework: Casework, teller: Teller, channels: Callable[[str], Channel]) -> None:
        self._casework = casework
        self._telling = Telling(casework, teller, channels)

    @property
    def _organisation(self) -> Organisation:
        return self._casework.organisation

    def tell(
        self,
        case_id: str,
        kind: str,
        occasion: str,
        roles: list[str],
        to: notices.To,
        details: dict[str, Any],
        *,
        room: bool,
    ) -> dict[str, Any]:
        """Tell people: create the notices (once per occasion and reader) and send them through the door, all together.

        Where a way is down the same person is told by another one at once, and where none gets through, the next person of the
        ladder; whoever was not reached stands in the timeline and in the case. While the freeze holds, what concerns a clock or
        a person's silence goes out of band, and so does the work on a case that holds the freeze; everything else is held (I3).
        """
        return self.tell_several(case_id, [Subject(kind, occasion, roles, to, details, room)])

    def ask_by_hand(self, case_id: str, deliveries: list[Delivery]) -> None:
        """Ask those who publish these deliveries by hand, with the words; once for all that were handed over together (I6)."""
        self.tell_several(case_id, subjects.by_hand(deliveries))

    def tell_several(self, case_id: str, told: list[Subject]) -> dict[str, Any]:
        """Tell people of several subjects of a case in one act, each as `tell` does; the sums of what came of them."""
        organisation = self._organisation
        start = self._start(case_id, [subject.details for subject in told])
        rounds = [self._begun(start, subject) for subject in told]
        letters = [(one, recipient) for one in rounds for recipient in one.chosen]
        outcomes = self._telling.send(letters, rounds)
        anew = self._frozen_meanwhile(letters, outcomes)
        left: list[tuple[Round, Person, Sequence[Reach]]] = []
        for (one, recipient), sent in zip(letters, outcomes, strict=True):
            if sent in ("published", "held"):
                one.reached.add(recipient.name)
                if one.thing is not None:
                    one.called(recipient, reached=True)
            elif (person := organisation.person(recipient.name)) is not None:
                others = [way for way in person.reach if way.channel != recipient.channel.id]
                left.append((one, person, others))
            else:
                one.waiting += sent == "retry"
        left = [entry for entry in left if entry[0] not in anew]
        for (one, person, _), reached in zip(left, self._telling.by_other_ways(left), strict=True):
            if reached:
                one.reached.add(person.id)
            else:
                one.unreached.append(person.id)
        rounds = [one for one in rounds if one not in anew]
        for one in rounds:
            self._stand_in(one)
        self._telling.record(rounds)
        answer = {
            "told": sum(entry.endswith(": published") for one in rounds for entry in one.told),
            "waiting": sum(one.waiting for one in rounds),
        }
        if not anew:
            return answer
        # The freeze was raised since this step began: the same readers are called out of band instead.
        again = self.tell_several(case_id, [one.subject for one in anew])
        return {name: answer[name] + again[name] for name in answer}

    def climb(
        self,
        case_id: str,
        kind: str,
        occasion: str,
        roles: list[str],
        to: notices.To,
        details: dict[str, Any],
        until: str,
        pace: int = 0,
    ) -> dict[str, Any]:
        """Nobody has answered what waits on the condition `until`: ask one more person, by the next way.

        What presses, and whatever rings from the start, climbs at the organisation's pace; everything else at that of its
        procedure (`pace`, seconds), and by a quiet way the first time. Returns as `tell`, and with `again_after` in how many
        seconds the next one is asked. Nobody is asked while somebody has acknowledged it.
        What nobody can acknowledge (a case that is still open) is told as it was, without a climb.
        """
        if kind == chasing.SILENT:
            return chasing.chase(self._casework, self.tell, case_id, occasion)
        thing = thing_of(until, case_id)
        if thing is None:
            return self.tell(case_id, kind, occasion, roles, to, details, room=False)
        organisation = self._organisation
        start = self._start(case_id, [details])
        file = start.file
        now, calls = file.now, file.case.calls.get(thing, [])
        quick = organisation.thresholds.ask_again_after
        seen = file.case.acknowledged.get(thing)
        if seen is not None and seen.until > now:
            return {"told": 0, "waiting": 0, "again_after": _seconds(seen.until - now)}
        if thing == f"triage:{case_id}" and asked_about_a_leak(file):
            # One question at a time: whoever decides over the suspicion has read it, and two calls in a minute help nobody.
            return {"told": 0, "waiting": 0, "again_after": _seconds(quick)}
        if any(one.occasion == occasion for one in calls):
            return {"told": 0, "waiting": 0, "again_after": _seconds(quick)}  # a repeated step
        subject = Subject(kind, occasion, roles, to, details | {"waiting": thing})
        one = self._round(start, subject, thing)
        subject = one.subject
        order = whom.order(organisation, file, subject.roles, thing)
        entry = whom.awaited(file, thing)
        heard = entry.rung_elsewhere(order) if entry is not None else {}
        urgent = whom.urgent(organisation, file, thing, order)
        gently = subject.to == "team" and not urgent
        each = max(quick, timedelta(seconds=pace)) if gently else quick
        scene = one.scene
        while True:
            so_far = [*calls, *one.calls]
            rung = ladder.next_rung(
                organisation, order, so_far, now, urgent=urgent, quietly=gently and not calls, rung=heard
            )
            if rung.person is None:
                break
            after = ladder.following(organisation, order, so_far, now, rung.person, heard)
            one.scene = replace(scene, next_person=after, next_at=now + each)
            if self._telling.with_content(one, rung.person, rung.ways):
                one.reached.add(rung.person.id)
                break
            one.unreached.append(rung.person.id)
        self._telling.record([one])
        if rung.person is not None:
            return {"told": 1, "waiting": 0, "again_after": _seconds(each)}
        wait = (rung.until or now + each) - now
        # Somebody could not be reached by any way, and nobody else is left: the same people are tried again soon.
        return {
            "told": 0,
            "waiting": 0,
            "again_after": _seconds(min(wait, each) if one.unreached else wait),
        }

    def _start(self, case_id: str, told: list[dict[str, Any]]) -> Start:
        """The case and the freeze as they stand, what is quoted, and the versions that are told of, in one call."""
        seen = Seen(self._casework.table)
        versions = [details["version"] for details in told if isinstance(details.get("version"), int)]
        places = [response_place(case_id, version) for version in versions]
        seen.fetch([(case_key(case_id), "FILE"), quoted_place(case_id), freezing.FREEZE_PLACE, *places])
        file = self._casework.read(case_id, seen)
        first = cache(partial(subjects.first_message, self._casework, file, seen))
        return Start(file, seen.get(freezing.FREEZE_PLACE) or {}, first)

    def _round(self, start: Start, subject: Subject, thing: str | None = None) -> Round:
        subject = subjects.settled(self._casework, start.file, subject)
        scene = notices.Scene(self._organisation, start.file, details=subject.details)
        return Round(subject, scene, start, thing)

    def _begun(self, start: Start, subject: Subject) -> Round:
        """A round with whom it tells first, by the way that the freeze leaves."""
        organisation, file, freeze = self._organisation, start.file, freezing.of_item(start.opened)
        one = self._round(start, subject)
        kind, roles, to, room = one.subject.kind, one.subject.roles, one.subject.to, one.subject.room
        moved = to == "team" and whom.goes_out_of_band(kind, file.case.id, freeze)
        if moved:
            to, room = "out_of_band", False
        if kind in ("clock_reminder", "clock_breached") and to == "out_of_band":
            one.thing = f"clock:{one.subject.details.get('clock')}"
        chosen = notices.recipients(organisation, file, roles, to, room=room)
        if one.thing is not None:
            chosen = whom.not_called_lately(organisation, file, one.thing, one.subject, chosen)
        if moved:
            chosen, rung = whom.rung_with_the_freeze(file, kind, chosen, freeze)
            one.told += [f"{reader.name}@{reader.channel.id}: {WITH_THE_FREEZE}" for reader in rung]
        one.chosen = chosen
        return one

    def _frozen_meanwhile(
        self, letters: list[tuple[Round, notices.Recipient]], outcomes: list[str]
    ) -> list[Round]:
        """Rounds whose letters were held and that go out of band now: the freeze was raised since the act began."""
        held = {
            id(one): one for (one, _), sent in zip(letters, outcomes, strict=True) if sent == "held"
        }.values()
        if not held:
            return []
        freeze = freezing.read(self._casework.table)
        return [one for one in held if whom.goes_out_of_band(one.subject.kind, one.file.case.id, freeze)]

    def _stand_in(self, one: Round) -> None:
        """Where nobody whom it was meant for can be reached, somebody else hears of it, whoever comes next."""
        if not one.unreached or one.reached:
            return
        order = whom.order(self._organisation, one.file, one.subject.roles)
        others = (person for person in order if person.id not in one.unreached)
        if not any(self._telling.by_another_way(one, person, person.reach) for person in others):
            one.waiting += len(one.unreached)


def _seconds(span: timedelta) -> int:
    return max(60, int(span.total_seconds()))
