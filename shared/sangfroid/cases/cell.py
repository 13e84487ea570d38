"""The crisis cell of a case: who holds each role, exactly one pilot, and handing a role, a duty or a review on.

Whoever approves does not steer: the pilot decides under pressure what goes first, and must not also say yes to the words.
"""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import authorship
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Duty, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.roster import Roster

PILOT = "pilot"
APPROVE = frozenset({"approver", "director"})


def form(file: CaseFile, organisation: Organisation) -> None:
    """Give every role of the cell that nobody holds yet to whoever is there for it; a case always has its one pilot."""
    case = file.case
    if case.status == "closed":
        return
    roster = Roster(organisation)
    for role in dict.fromkeys([PILOT, *organisation.cell]):
        if role in case.cell:
            continue
        holder = _pilot(roster, file) if role == PILOT else roster.first(role, file.now)
        if holder is not None:
            case.cell = {**case.cell, role: holder.id}


def _pilot(roster: Roster, file: CaseFile) -> Person | None:
    """The first who is there and does not approve: of the pilots, then of those on call, then of everybody who does duties."""
    organisation, now = roster.organisation, file.now
    order = [one.person for role in (PILOT, "on_call") for one in roster.ranked(role, now)]
    order += [one for one in organisation.people if "responder" in one.access and roster.present(one.id, now)]
    return next((one for one in order if not APPROVE & set(one.access)), order[0] if order else None)


def hand_over(file: CaseFile, role: str, to: str, note: str, organisation: Organisation) -> dict[str, str]:
    """Somebody else takes a role of the cell, for this case. Raises Invalid, IllegalTransition, NotFound."""
    case = file.case
    if role != PILOT and role not in organisation.cell and role not in case.cell:
        known = ", ".join(dict.fromkeys([PILOT, *organisation.cell]))
        raise NotFound(f"The crisis cell has no role {role!r}; it has {known}.")
    _open(file)
    person = _there(file, to, organisation)
    if role == PILOT:
        if APPROVE & set(person.access):
            raise IllegalTransition(
                f"{person.name} may approve, and whoever approves does not steer. Choose another pilot."
            )
        if any(approval.by == person.id for version in file.responses for approval in version.approvals):
            raise IllegalTransition(f"{person.name} has approved a text of this case. Choose another pilot.")
    before = case.cell.get(role)
    if before == person.id:
        return case.cell
    case.cell = {**case.cell, role: person.id}
    file.note("cell_role_handed_over", role=role, before=before, to=person.id, note=note)
    return case.cell


def hand_on(file: CaseFile, duty_id: str, to: str, note: str, organisation: Organisation) -> Duty:
    """Somebody else takes a duty. Raises Invalid, IllegalTransition, NotFound."""
    duty = file.case.duty(duty_id)
    if duty is None:
        raise NotFound(f"Case {file.case.id} has no duty {duty_id!r}.")
    _open(file)
    if duty.state != "open" and not duty.every_hours:
        raise IllegalTransition(f"Duty {duty_id} is {duty.state} already.")
    person = _there(file, to, organisation)
    if duty.owner != person.id:
        before, duty.owner = duty.owner, person.id
        file.note("duty_handed_on", duty=duty_id, before=before, to=person.id, note=note)
    return duty


def reviewers(file: CaseFile, version: ResponseVersion, organisation: Organisation) -> list[str]:
    """Who is asked for a yes to a version, as many as it needs: not its author, not the pilot, nobody who is away."""
    order = [one.person for one in Roster(organisation).ranked("approver", file.now)]
    order += [one.person for one in Roster(organisation).ranked("director", file.now)]
    able = (one.id for one in order if APPROVE & set(one.access) and _may_review(file, version, one.id))
    return list(dict.fromkeys(able))[: version.approvals_needed]


def substitute(
    file: CaseFile, number: int, absent: str, to: str, reason: str, organisation: Organisation
) -> ResponseVersion:
    """Somebody else is asked for a yes in the place of one who is away. Raises Invalid, IllegalTransition, NotFound."""
    version = file.version(number)
    if version is None:
        raise NotFound(f"Case {file.case.id} has no response version {number}.")
    _open(file)
    if version.state != "in_review":
        raise IllegalTransition(f"Version {number} is {version.state}, not in review.")
    if absent not in version.reviewers:
        asked = ", ".join(version.reviewers) or "nobody"
        raise Invalid(
            f"{absent} is not asked; {asked} is.", errors=[FieldError("/absent", f"one of: {asked}")]
        )
    if any(approval.by == absent for approval in version.approvals):
        raise IllegalTransition(f"{absent} has approved version {number} already.")
    person = _there(file, to, organisation)
    if to in version.reviewers:
        raise IllegalTransition(f"{person.name} is asked already.")
    if not APPROVE & set(person.access):
        able = [one.id for one in organisation.people if APPROVE & set(one.access)]
        raise Invalid(
            f"{person.name} may not approve.", errors=[FieldError("/to", f"one of {', '.join(able)}")]
        )
    if not _may_review(file, version, to):
        raise IllegalTransition(f"{person.name} wrote these words or steers the case. Choose somebody else.")
    version.reviewers = [to if one == absent else one for one in version.reviewers]
    file.note("reviewer_substituted", version=number, absent=absent, to=to, reason=reason)
    return version


def _may_review(file: CaseFile, version: ResponseVersion, person: str) -> bool:
    return authorship.may_approve(person, version, file.responses) and person != file.case.cell.get(PILOT)


def _open(file: CaseFile) -> None:
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed; it stands as it is.")


def _there(file: CaseFile, person_id: str, organisation: Organisation) -> Person:
    roster = Roster(organisation)
    person = organisation.person(person_id)
    if person is None or roster.has_left(person_id, file.now):
        there = [one.id for one in organisation.people if roster.present(one.id, file.now)]
        raise Invalid(
            f"The organisation does not know {person_id!r}.",
            errors=[FieldError("/to", f"one of {', '.join(there)}")],
        )
    if not roster.present(person_id, file.now):
        raise IllegalTransition(f"{person.name} is away now. Choose somebody who is there.")
    return person
