"""Who is told and who is asked: whoever is on duty first, nobody twice within the hour, nobody for nothing."""

from __future__ import annotations

from datetime import timedelta

from sangfroid.acts.occasions import CLOCK_NOTICES, WORK_NOTICES
from sangfroid.acts.subjects import Subject
from sangfroid.casefile import CaseFile
from sangfroid.cases import waiting
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Reach
from sangfroid.outbound import notices
from sangfroid.roster import Roster, ladder, staying
from sangfroid.store.freeze import Freeze

AN_HOUR = timedelta(hours=1)


def order(organisation: Organisation, file: CaseFile, roles: list[str], thing: str = "") -> list[Person]:
    """Everybody who can be asked: those meant first, then the ladder of the organisation; nobody who must not do it."""
    rungs = [rung.role for rung in organisation.escalation.ladder]
    meant = [one for role in roles for one in _of_role(organisation, file, role)]
    behind = [one for role in rungs for one in _of_role(organisation, file, role)]
    entry = awaited(file, thing)
    there = {person.id: person for person in staying(organisation, file.now)}
    first = [there[one] for one in entry.people if one in there] if entry is not None else []
    never = entry.never if entry is not None else []
    return list({one.id: one for one in [*first, *meant, *behind] if one.id not in never}.values())


def awaited(file: CaseFile, thing: str) -> waiting.Awaited | None:
    """What waits in the desk under this id, as the case stands; None where nothing does."""
    return next((one for one in waiting.waits(file) if one.id == thing), None) if thing else None


def _of_role(organisation: Organisation, file: CaseFile, role: str) -> list[Person]:
    """People of a role: whoever is on duty first, those behind them after that."""
    ranked = [one.person for one in Roster(organisation).ranked(role, file.now)]
    return ranked or notices.people(organisation, file, [role])


def urgent(organisation: Organisation, file: CaseFile, thing: str, people: list[Person]) -> bool:
    """Whether it cannot wait for the morning: what a leak may be, what is grave and not yet understood or not yet
    out, and whatever would be late by then."""
    kind = thing.partition(":")[0]
    if kind == "suspicion":
        return file.case.triage_detail.get("woken") != "wait_until_morning"
    if kind in ("triage", "delivery") and file.case.severity in ("high", "critical"):
        return True
    entry = awaited(file, thing)
    due = entry.due_at if entry is not None else None
    if due is not None and due <= file.now:
        # A clock that was missed has called people itself; what still runs says whether this presses.
        ahead = [one.due_at for one in file.case.clocks if one.state == "running" and one.due_at > file.now]
        due = min(ahead, default=due)
    return bool(people) and not ladder.can_wait(organisation, people[0], file.now, due)


def goes_out_of_band(kind: str, case_id: str, freeze: Freeze) -> bool:
    """Whether a notice to the team is a call out of band now, because the freeze holds."""
    of_the_freeze = kind in WORK_NOTICES and case_id in freeze.holding
    return freeze.active and (kind in CLOCK_NOTICES or of_the_freeze)


def not_called_lately(
    organisation: Organisation,
    file: CaseFile,
    thing: str,
    subject: Subject,
    chosen: list[notices.Recipient],
) -> list[notices.Recipient]:
    """Nobody is called twice within the hour for a case by its clocks, which are never silenced: whoever comes next is."""
    lately = {
        one.person
        for one in file.case.calls.get(thing, [])
        if file.now - one.at < AN_HOUR and one.reached and one.occasion != subject.occasion
    }
    lately |= {one for one, at in waiting.last_rung(file, but=thing).items() if file.now - at < AN_HOUR}
    left = [one for one in chosen if one.name not in lately]
    if left or not lately:
        return left
    people = (person for person in order(organisation, file, subject.roles) if person.id not in lately)
    ringing = (recipient(organisation, person, way) for person in people for way in person.reach)
    after = next((one for one in ringing if one.channel.audience == "out_of_band"), None)
    return [after] if after is not None else chosen


def rung_with_the_freeze(
    file: CaseFile, kind: str, chosen: list[notices.Recipient], freeze: Freeze
) -> tuple[list[notices.Recipient], list[notices.Recipient]]:
    """Whom to ring up for what goes by a quiet way outside a freeze, and whom the page of the freeze has rung for it.

    The page of the freeze has just rung everybody, and the console that it points to shows what waits: work on the case rings
    nobody again within the hour, but whoever that page did not reach. A clock rings one person at a time.
    """
    if kind not in WORK_NOTICES:
        return chosen[:1], []
    if freeze.raised_at is None or file.now - freeze.raised_at >= AN_HOUR:
        return chosen, []
    rung = [one for one in chosen if one.name not in freeze.unreached]
    return [one for one in chosen if one not in rung], rung


def recipient(organisation: Organisation, person: Person, way: Reach) -> notices.Recipient:
    """The person on one of their ways."""
    return notices.to_person(organisation, person, organisation.channel(way.channel), way.address)
