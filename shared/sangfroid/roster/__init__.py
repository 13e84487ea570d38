"""Who a role is now. Pure: rules (whose duty it is) and notices (who is told) both ask here, and nowhere else."""

from __future__ import annotations

from datetime import datetime

from sangfroid.organisation import Organisation, Person


def people_for(organisation: Organisation, role: str, now: datetime) -> list[Person]:  # noqa: ARG001
    """Everybody who has the duty role at `now`, first whoever acts for it: today the order of the organisation file."""
    return organisation.with_duty(role)


def person_for(organisation: Organisation, role: str, now: datetime) -> Person | None:
    """The person who the role is at `now`, or None where nobody has it."""
    return next(iter(people_for(organisation, role, now)), None)
