"""Who is on duty (R3): rotations, hours, holidays, absences and overrides; pure in the moment asked for."""

from __future__ import annotations

from datetime import datetime

from sangfroid.organisation import Organisation, Person
from sangfroid.roster.plan import Gap, Roster, Shift, Standing

__all__ = ["Gap", "Roster", "Shift", "Standing", "people_for", "person_for"]


def person_for(organisation: Organisation, role: str, now: datetime) -> Person | None:
    """Whoever is on duty for the role at `now` (aware); None where nobody of it is there."""
    return Roster(organisation).first(role, now)


def people_for(organisation: Organisation, role: str, now: datetime) -> list[Person]:
    """Everybody who can be called for the role at `now` (aware), the first first; nobody absent is among them."""
    return [one.person for one in Roster(organisation).ranked(role, now)]
