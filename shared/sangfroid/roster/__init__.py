"""Who is on duty (R3): rotations, hours, holidays, absences and overrides; pure in the moment asked for."""

from __future__ import annotations

from datetime import datetime

from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.roster.plan import Gap, Roster, Shift, Standing

__all__ = ["Gap", "Roster", "Shift", "Standing", "people_for", "person_for", "staying"]


def staying(organisation: Organisation, now: datetime) -> list[Person]:
    """Everybody of the file who is still with the organisation at `now` (aware), absent or not, in its order."""
    roster = Roster(organisation)
    return [person for person in organisation.people if not roster.has_left(person.id, now)]


def person_for(organisation: Organisation, role: str, now: datetime) -> Person | None:
    """Whoever is on duty for the role at `now` (aware); None where nobody of it is there."""
    return Roster(organisation).first(role, now)


def people_for(organisation: Organisation, role: str, now: datetime) -> list[Person]:
    """Who is told for the role at `now` (aware), the first first; nobody absent is among them.

    Where people take turns, or the crisis cell has one holder, it is that one person: whoever comes next is called by the ladder.
    For other roles it is everybody who has the role.
    """
    order = [one.person for one in Roster(organisation).ranked(role, now)]
    one_alone = role in organisation.cell or any(rotation.role == role for rotation in organisation.rotations)
    return order[:1] if one_alone else order
