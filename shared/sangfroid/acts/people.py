"""Who is who, who is on duty, and exchanging somebody at once (R3)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.organisation import Organisation
from sangfroid.roster import Gap, Roster, Shift
from sangfroid.staffing import Override
from sangfroid.store import overrides

LONGEST_LOOK = timedelta(days=100)
LONGEST_OVERRIDE = timedelta(days=92)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
A_YEAR = timedelta(days=366)
GAPS_AHEAD = timedelta(days=90)
A_WEEK = timedelta(days=7)


class People:
    """The organisation and its roster as people see and change them."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    @property
    def organisation(self) -> Organisation:
        """The organisation in force."""
        return self._casework.organisation

    def now(self) -> datetime:
        """The moment by the desk's clock, in UTC."""
        return self._casework.now()

    def roster(self) -> Roster:
        """The roster as it stands."""
        return Roster(self._casework.organisation)

    def shifts(self, start: datetime | None, end: datetime | None) -> tuple[list[Shift], list[Gap]]:
        """Who is first for each role on duty between two moments (aware; the next seven days), and when nobody planned is."""
        begin = start or self._casework.now()
        if not EARLIEST <= begin <= LATEST:
            years = f"between {EARLIEST.year} and {LATEST.year}"
            raise Invalid(f"`from` must lie {years}.", errors=[FieldError("/from", years)])
        until = end or begin + A_WEEK
        if until <= begin:
            raise Invalid("`to` must be after `from`.", errors=[FieldError("/to", "after `from`")])
        if until - begin > LONGEST_LOOK:
            raise Invalid(
                f"At most {LONGEST_LOOK.days} days at once.",
                errors=[FieldError("/to", f"within {LONGEST_LOOK.days} days of `from`")],
            )
        roster = self.roster()
        roles = roster.roles_on_duty()
        shifts = [shift for role in roles for shift in roster.shifts(role, begin, until)]
        return shifts, [gap for role in roles for gap in roster.gaps(role, begin, until)]

    def gaps_ahead(self) -> list[Gap]:
        """Hours of the next 90 days in which nobody who was planned is there."""
        return self.shifts(None, self.now() + GAPS_AHEAD)[1]

    def exchange(
        self, role: str, person: str, start: datetime, end: datetime, reason: str, by: str
    ) -> Override:
        """Have one person take a role between two moments (aware), whatever the rotation says.

        Raises Invalid, IllegalTransition, Unavailable.
        """
        now, organisation = self._casework.now(), self._casework.organisation
        roster = self.roster()
        errors = []
        if role not in roster.roles():
            errors.append(FieldError("/role", f"one of {', '.join(roster.roles())}"))
        found = organisation.person(person)
        if found is None or roster.has_left(person, now):
            there = ", ".join(one.id for one in organisation.people if not roster.has_left(one.id, now))
            errors.append(FieldError("/person", f"one of {there}"))
        if end <= start:
            errors.append(FieldError("/to", "after `from`"))
        elif end <= now:
            errors.append(FieldError("/to", "later than now"))
        elif end - start > LONGEST_OVERRIDE:
            days = LONGEST_OVERRIDE.days
            errors.append(FieldError("/to", f"within {days} days of `from`; for longer, change the rotation"))
        elif start > now + A_YEAR:
            errors.append(FieldError("/from", "within a year from now; for later, change the rotation"))
        if errors:
            raise Invalid("This exchange cannot be made.", errors=errors)
        away = roster.absent(person, max(start, now), end)
        if away is not None and found is not None:
            raise IllegalTransition(
                f"{found.name} is away from {away.start:%Y-%m-%d %H:%M} to {away.end:%Y-%m-%d %H:%M} UTC. Choose somebody who is "
                "there, or other hours."
            )
        override = Override.model_validate(
            {
                "role": role,
                "person": person,
                "from": start,
                "to": end,
                "reason": reason,
                "by": by,
                "made_at": now,
            }
        )
        overrides.add(self._casework.table, override, uuid.uuid4().hex[:12], now)
        return override
