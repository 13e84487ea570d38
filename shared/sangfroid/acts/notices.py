"""Telling people what is asked of them (R2, R3), until somebody has it in hand (I14)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sangfroid.acts import chasing
from sangfroid.acts.occasions import CLOCK_NOTICES, WORK_NOTICES, asked_about_a_leak, thing_of
from sangfroid.casefile import CaseFile
from sangfroid.cases import retractions, waiting
from sangfroid.casework import Casework
from sangfroid.model import Called
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Reach
from sangfroid.outbound import notices, panels
from sangfroid.outbound.agency_file import file_for_agency
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.previews import Previewer
from sangfroid.outbound.telling import Teller
from sangfroid.roster import Roster, ladder, staying
from sangfroid.store import evidence_key
from sangfroid.store import freeze as freezing
from sangfroid.table import Item

WITH_THE_FREEZE = "with_the_freeze"
"""Outcome of a notice that rang nobody, because the page of the freeze has just done so."""

REMEMBERED = 48
"""Calls that a case remembers for one thing."""

AN_HOUR = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass
class _Round:
    """What came of telling one occasion."""

    told: list[str] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    opened: Item = field(default_factory=dict)
    """The freeze as it was read when this round began; empty where none was ever raised."""


class Notices:
    """What the desk tells people about a case."""

    def __init__(self, casework: Casework, teller: Teller, channels: Callable[[str], Channel]) -> None:
        self._casework = casework
        self._teller = teller
        self._previewer = Previewer(casework.organisation, channels)

    def _file_for_agency(self, file: CaseFile) -> str:
        """The whole file, with a link to reply by; none is made while the freeze holds."""
        store, case_id = self._casework.store, file.case.id
        evidence = self._casework.table.query(evidence_key(case_id)).items
        reply = chasing.link(self._casework, case_id)
        return file_for_agency(file.case, store.messages(case_id), evidence, store.events(case_id), reply)

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
        """Tell people: create the notices (once per occasion and reader) and send each through the door.

        Where a way is down the same person is told by another one at once, and where none gets through, the next person of the
        ladder; whoever was not reached stands in the timeline and in the case. While the freeze holds, what concerns a clock or
        a person's silence goes out of band, and so does the work on a case that holds the freeze; everything else is held (I3).
        """
        organisation, file = self._organisation, self._casework.read(case_id)
        kind, roles, to, details = self._settled(file, kind, roles, to, details)
        scene = self._scene(file, kind, details)
        outcome = self._round()
        moved = to == "team" and self._goes_out_of_band(kind, case_id, outcome)
        if moved:
            to, room = "out_of_band", False
        waiting_for = 0
        of_a_clock = kind in ("clock_reminder", "clock_breached") and to == "out_of_band"
        clock = f"clock:{details.get('clock')}" if of_a_clock else None
        chosen = notices.recipients(organisation, file, roles, to, room=room)
        if clock is not None:
            chosen = self._not_called_lately(file, clock, occasion, chosen, roles)
        if moved:
            chosen = self._without_pointless_calls(file, kind, chosen, outcome)
        for recipient in chosen:
            sent = self._send(kind, occasion, scene, recipient, outcome)
            outcome.told.append(f"{recipient.name}@{recipient.channel.id}: {sent}")
            if sent == "held" and self._goes_out_of_band(kind, case_id, self._round()):
                # The freeze was raised since this step began: the same readers are called out of band instead.
                return self.tell(case_id, kind, occasion, roles, to, details, room=room)
            if sent in ("published", "held"):
                outcome.reached.add(recipient.name)
                if clock is not None:
                    outcome.calls.append(_called(recipient, file, occasion, reached=True))
                continue
            person = organisation.person(recipient.name)
            if person is None:
                waiting_for += sent == "retry"
                continue
            others = [one for one in person.reach if one.channel != recipient.channel.id]
            if self._by_another_way(kind, occasion, scene, person, others, outcome):
                outcome.reached.add(person.id)
            else:
                outcome.unreached.append(person.id)
        if outcome.unreached and not outcome.reached:
            # Nobody whom it was meant for can be reached: somebody else hears of it, whoever comes next.
            order = [one for one in self._order(file, roles) if one.id not in outcome.unreached]
            stood_in = any(
                self._by_another_way(kind, occasion, scene, one, one.reach, outcome) for one in order
            )
            waiting_for += 0 if stood_in else len(outcome.unreached)
        self._record(file, kind, occasion, outcome, clock)
        return {"told": sum(": published" in one for one in outcome.told), "waiting": waiting_for}

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
        organisation, file = self._organisation, self._casework.read(case_id)
        thing = thing_of(until, case_id)
        if thing is None:
            return self.tell(case_id, kind, occasion, roles, to, details, room=False)
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
        kind, roles, to, details = self._settled(file, kind, roles, to, details | {"waiting": thing})
        order = self._order(file, roles, thing)
        entry = next((one for one in waiting.waits(file) if one.id == thing), None)
        heard = entry.rung_elsewhere(order) if entry is not None else {}
        urgent = self._urgent(file, thing, order)
        gently = to == "team" and not urgent
        each = max(quick, timedelta(seconds=pace)) if gently else quick
        scene = self._scene(file, kind, details)
        outcome = self._round()
        while True:
            rung = ladder.next_rung(
                organisation,
                order,
                [*calls, *outcome.calls],
                now,
                urgent=urgent,
                quietly=gently and not calls,
                rung=heard,
            )
            if rung.person is None:
                break
            after = ladder.following(organisation, order, [*calls, *outcome.calls], now, rung.person, heard)
            asked = replace(scene, next_person=after, next_at=now + each)
            if self._by_another_way(kind, occasion, asked, rung.person, rung.ways, outcome):
                outcome.reached.add(rung.person.id)
                self._with_content(kind, occasion, asked, rung.person, outcome)
                break
            outcome.unreached.append(rung.person.id)
        self._record(file, kind, occasion, outcome, thing)
        if rung.person is not None:
            return {"told": 1, "waiting": 0, "again_after": _seconds(each)}
        wait = (rung.until or now + each) - now
        # Somebody could not be reached by any way, and nobody else is left: the same people are tried again soon.
        return {
            "told": 0,
            "waiting": 0,
            "again_after": _seconds(min(wait, each) if outcome.unreached else wait),
        }

    # -- what is told, and to whom

    def _settled(
        self, file: CaseFile, kind: str, roles: list[str], to: notices.To, details: dict[str, Any]
    ) -> tuple[str, list[str], notices.To, dict[str, Any]]:
        """What it really is about, as the case stands now."""
        if kind == "delivery_failing" and str(details.get("channel", "")).endswith(retractions.key_of("")):
            kind = "retraction_failing"
        by_hand = details.get("delivery")  # where the door has just given it to a person
        if by_hand is None and kind == "delivery_failing":
            by_hand = file.deliveries.get(str(details.get("channel")))
        if by_hand is not None and by_hand.state == "manual" and by_hand.publisher is not None:
            # Nothing has failed: it is somebody's task, by the quiet way, with the words that they publish.
            kind, roles, to = "publish_by_hand", [f"person:{by_hand.publisher}"], "team"
            details = {"channel": by_hand.channel, "delivery": by_hand, "version": by_hand.version}
        if kind == "agency_file":
            details = details | {"file": self._file_for_agency(file)}
        return kind, roles, to, details

    def _scene(self, file: CaseFile, kind: str, details: dict[str, Any]) -> notices.Scene:
        first = None
        if not notices.discreet(kind, file.case):
            first = next(
                (one for one in self._casework.store.messages(file.case.id, limit=5) if not one.withdrawn),
                None,
            )
        return notices.Scene(self._organisation, file, first, details=details)

    def _order(self, file: CaseFile, roles: list[str], thing: str = "") -> list[Person]:
        """Everybody who can be asked: those meant first, then the ladder of the organisation; nobody who must not do it."""
        organisation = self._organisation
        rungs = [rung.role for rung in organisation.escalation.ladder]
        meant = [one for role in roles for one in self._of_role(file, role)]
        behind = [one for role in rungs for one in self._of_role(file, role)]
        entry = next((one for one in waiting.waits(file) if one.id == thing), None)
        there = {person.id: person for person in staying(organisation, file.now)}
        first = [there[one] for one in entry.people if one in there] if entry is not None else []
        never = entry.never if entry is not None else []
        order = {one.id: one for one in [*first, *meant, *behind] if one.id not in never}
        return list(order.values())

    def _of_role(self, file: CaseFile, role: str) -> list[Person]:
        """People of a role: whoever is on duty first, those behind them after that."""
        ranked = [one.person for one in Roster(self._organisation).ranked(role, file.now)]
        return ranked or notices.people(self._organisation, file, [role])

    def _urgent(self, file: CaseFile, thing: str, order: list[Person]) -> bool:
        """Whether it cannot wait for the morning: what a leak may be, what is grave and not yet understood or not yet
        out, and whatever would be late by then."""
        kind = thing.partition(":")[0]
        if kind == "suspicion":
            return file.case.triage_detail.get("woken") != "wait_until_morning"
        if kind in ("triage", "delivery") and file.case.severity in ("high", "critical"):
            return True
        entry = next((one for one in waiting.waits(file) if one.id == thing), None)
        due = entry.due_at if entry is not None else None
        if due is not None and due <= file.now:
            # A clock that was missed has called people itself; what still runs says whether this presses.
            ahead = [
                one.due_at for one in file.case.clocks if one.state == "running" and one.due_at > file.now
            ]
            due = min(ahead, default=due)
        return bool(order) and not ladder.can_wait(self._organisation, order[0], file.now, due)

    def _not_called_lately(
        self, file: CaseFile, thing: str, occasion: str, chosen: list[notices.Recipient], roles: list[str]
    ) -> list[notices.Recipient]:
        """Nobody is called twice within the hour for a case by its clocks, which are never silenced: whoever comes next is."""
        lately = {
            one.person
            for one in file.case.calls.get(thing, [])
            if file.now - one.at < AN_HOUR and one.reached and one.occasion != occasion
        }
        lately |= {one for one, at in waiting.last_rung(file, but=thing).items() if file.now - at < AN_HOUR}
        left = [one for one in chosen if one.name not in lately]
        if left or not lately:
            return left
        order = (person for person in self._order(file, roles) if person.id not in lately)
        ways = ((person, way) for person in order for way in person.reach)
        ringing = (self._recipient(person, way) for person, way in ways)
        after = next((one for one in ringing if one.channel.audience == "out_of_band"), None)
        return [after] if after is not None else chosen

    def _without_pointless_calls(
        self, file: CaseFile, kind: str, chosen: list[notices.Recipient], outcome: _Round
    ) -> list[notices.Recipient]:
        """Whom to ring up for what goes by a quiet way outside a freeze.

        The page of the freeze has just rung everybody, and the console that it points to shows what waits: work on the case rings
        nobody again within the hour, but whoever that page did not reach. A clock rings one person at a time.
        """
        if kind not in WORK_NOTICES:
            return chosen[:1]
        freeze = freezing.of_item(outcome.opened)
        if freeze.raised_at is None or file.now - freeze.raised_at >= AN_HOUR:
            return chosen
        rung = [one for one in chosen if one.name not in freeze.unreached]
        outcome.told += [f"{one.name}@{one.channel.id}: {WITH_THE_FREEZE}" for one in rung]
        return [one for one in chosen if one not in rung]

    # -- telling

    def _round(self) -> _Round:
        return _Round(opened=self._casework.table.get(*freezing.FREEZE_PLACE) or {})

    def _send(
        self,
        kind: str,
        occasion: str,
        scene: notices.Scene,
        recipient: notices.Recipient,
        outcome: _Round,
    ) -> str:
        """Tell one reader by one way; the outcome. What cannot be composed is told by its bare page, never left out (I14)."""
        panel, seen = None, None
        try:
            told = notices.compose(kind, scene, recipient)
            panel = panels.panel(kind, scene, recipient, self._previewer)
            seen = panels.answerable(kind, scene, recipient)
        except Exception:
            log.exception("A notice of kind %s could not be composed.", kind)
            told = notices.bare(kind, recipient, scene.organisation)
        return self._teller.tell(
            notices.notice(kind, occasion, scene.file, recipient, told, panel, seen), outcome.opened
        ).outcome

    def _by_another_way(
        self, kind: str, occasion: str, scene: notices.Scene, person: Person, ways: Any, outcome: _Round
    ) -> bool:
        """Tell the person by the first of these ways that gets through."""
        for way in ways:
            recipient = self._recipient(person, way)
            sent = self._send(kind, occasion, scene, recipient, outcome)
            outcome.told.append(f"{person.id}@{way.channel}: {sent}")
            outcome.calls.append(_called(recipient, scene.file, occasion, reached=sent == "published"))
            if sent == "published":
                return True
        return False

    def _with_content(
        self, kind: str, occasion: str, scene: notices.Scene, person: Person, outcome: _Round
    ) -> None:
        """A page names nothing: what it is about goes beside it, by the person's quiet way."""
        told = {one.channel for one in outcome.calls if one.person == person.id}
        for way in person.reach:
            recipient = self._recipient(person, way)
            if recipient.channel.audience != "out_of_band" and way.channel not in told:
                sent = self._send(kind, occasion, scene, recipient, outcome)
                outcome.told.append(f"{person.id}@{way.channel}: {sent}")
                return

    def _recipient(self, person: Person, way: Reach) -> notices.Recipient:
        return notices.to_person(
            self._organisation, person, self._organisation.channel(way.channel), way.address
        )

    def _record(self, seen: CaseFile, kind: str, occasion: str, outcome: _Round, thing: str | None) -> None:
        """Who was told and who was not, in the timeline; who was not reached by any way also in the case."""
        if not outcome.told and not outcome.unreached:
            return

        def act(file: CaseFile) -> None:
            case = file.case
            file.note("notified", notice=kind, occasion=occasion, recipients=outcome.told)
            if thing is not None and outcome.calls:
                standing = {one.id for one in waiting.waits(file)} | {thing}
                standing |= {f"clock:{clock.id}" for clock in case.clocks}
                kept = {key: calls for key, calls in case.calls.items() if key in standing}
                case.calls = kept | {thing: [*case.calls.get(thing, []), *outcome.calls][-REMEMBERED:]}
            for person in outcome.reached:
                case.unreached.pop(person, None)
            if outcome.unreached:
                file.note("not_reached", notice=kind, occasion=occasion, people=outcome.unreached)
                case.unreached |= dict.fromkeys(outcome.unreached, file.now)

        self._casework.change(seen.case.id, "sangfroid", act, seen=seen)

    def _goes_out_of_band(self, kind: str, case_id: str, outcome: _Round) -> bool:
        """Whether a notice to the team is a call out of band now, because the freeze holds."""
        freeze = freezing.of_item(outcome.opened)
        of_the_freeze = kind in WORK_NOTICES and case_id in freeze.holding
        return freeze.active and (kind in CLOCK_NOTICES or of_the_freeze)


def _called(recipient: notices.Recipient, file: CaseFile, occasion: str, *, reached: bool) -> Called:
    channel = recipient.channel
    return Called(
        person=recipient.name, channel=channel.id, audience=channel.audience, at=file.now, reached=reached, occasion=occasion,
    )  # fmt: skip


def _seconds(span: timedelta) -> int:
    return max(60, int(span.total_seconds()))
