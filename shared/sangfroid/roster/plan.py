"""Who is on duty for a role: the first, the next, and who comes after that (R3). Pure in the moment asked for (I11).

The order, best first: who took the role by an override; who is in turn in the layers of the rotation that stand at that moment,
then the others of these layers; people of its other layers; everybody else who has the role, in the order of the file. Nobody
who is absent or has left stands in it. A moment at which nobody that was planned is there is a gap: somebody still is first
where anybody has the role, but they do not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person
from sangfroid.roster.hours import ONE_DAY, begun, day_of, moment
from sangfroid.roster.public_holidays import is_holiday
from sangfroid.staffing import WEEKDAYS, Absence, Layer, Rotation, When

Why = Literal["override", "rotation", "replacement", "standing", "unplanned"]
"""Taken by an override; in turn; in the place of somebody absent; the role has no rotation; nobody was planned."""


@dataclass(frozen=True)
class Standing:
    """One place in the order of a role. `detail`: the layer's name, the override's reason, or whose place it is."""

    person: Person
    why: Why
    detail: str = ""

    @property
    def planned(self) -> bool:
        """Whether the person can know that they are on duty."""
        return self.why != "unplanned"


@dataclass(frozen=True)
class Shift:
    """One person is first for a role from `start` to `end` (UTC, half open)."""

    role: str
    person: str
    start: datetime
    end: datetime
    why: Why
    detail: str = ""


@dataclass(frozen=True)
class Gap:
    """From `start` to `end` (UTC, half open) nobody who was planned is there; `instead` would be called, if anybody."""

    role: str
    start: datetime
    end: datetime
    instead: str | None = None


@dataclass(frozen=True)
class Span:
    """[start, end) in UTC."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies within."""
        return self.start <= at < self.end


EVER = datetime(1, 1, 2, tzinfo=UTC)
NEVER = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass
class Roster:
    """The rotations of an organisation; its `overrides` hold those that were made in the desk too."""

    organisation: Organisation
    _away: dict[str, list[Span]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._people = {person.id: person for person in self.organisation.people}
        self._rotations = {rotation.role: rotation for rotation in self.organisation.rotations}
        self._newest = sorted(self.organisation.overrides, key=lambda one: one.made_at, reverse=True)
        self._away = {person: [] for person in self._people}
        for absence in self.organisation.absences:
            if absence.person in self._away:
                self._away[absence.person].append(self.span(absence))
        for person in self.organisation.people:
            if person.left:
                since = EVER if person.left is True else self._moment(person.left, person.id, ending=False)
                self._away[person.id].append(Span(since, NEVER))

    def roles(self) -> list[str]:
        """Every role that somebody is on duty for: those of rotations first, then all others, in the order of the file."""
        given = (role for person in self.organisation.people for role in person.duties)
        return list(dict.fromkeys([*self._rotations, *self.organisation.cell, *given]))

    def roles_on_duty(self) -> list[str]:
        """Roles for which somebody must be there at every hour: those with rotations, and those of the ladder."""
        ladder = (rung.role for rung in self.organisation.escalation.ladder if rung.role != "owner")
        return list(dict.fromkeys([*self._rotations, *ladder]))

    def absent(self, person: str, start: datetime, end: datetime) -> Span | None:
        """The first span within [start, end) (aware) in which the person is away; None where they are there throughout."""
        spans = (span for span in self._away.get(person, ()) if span.start < end and span.end > start)
        return min(spans, key=lambda span: span.start, default=None)

    def present(self, person: str, at: datetime) -> bool:
        """Whether somebody of the file is neither absent nor has left at `at` (aware)."""
        return person in self._people and not any(span.holds(at) for span in self._away[person])

    def has_left(self, person: str, at: datetime) -> bool:
        """Whether somebody of the file is no longer with the organisation at `at` (aware)."""
        known = self._people.get(person)
        if known is None or not known.left:
            return False
        return known.left is True or at >= self._moment(known.left, person, ending=False)

    def ranked(self, role: str, at: datetime) -> list[Standing]:
        """Who is called for the role at `at` (aware): the first, the next, and so on; empty where nobody is there."""
        order: dict[str, Standing] = {}
        replaced = ""
        for person, why, detail in self._candidates(role, at):
            known = self._people.get(person)
            if known is None or person in order:
                continue
            if not self.present(person, at):
                # The absent one whose turn it is: whoever stands in says so.
                replaced = replaced or (known.name if why in ("rotation", "standing", "override") else "")
                continue
            if not order and replaced and why in ("rotation", "standing"):
                order[person] = Standing(known, "replacement", replaced)
            else:
                order[person] = Standing(known, why, detail)
        return list(order.values())

    def first(self, role: str, at: datetime) -> Person | None:
        """Whoever is on duty for the role at `at`; None where nobody of it is there."""
        order = self.ranked(role, at)
        return order[0].person if order else None

    def after(self, role: str, at: datetime, asked: Iterable[str]) -> Person | None:
        """The next person for the role, none of those who were asked already; None where nobody is left."""
        done = set(asked)
        return next((one.person for one in self.ranked(role, at) if one.person.id not in done), None)

    def shifts(self, role: str, start: datetime, end: datetime) -> list[Shift]:
        """Who is first, from `start` to `end` (aware): without overlap, and without a hole but where nobody is there."""
        found: list[Shift] = []
        for begins, ends in self._stretches(role, start, end):
            order = self.ranked(role, begins)
            if not order:
                continue
            one = order[0]
            last = found[-1] if found else None
            if last and last.end == begins and (last.person, last.why, last.detail) == (
                one.person.id, one.why, one.detail,
            ):  # fmt: skip
                found[-1] = Shift(role, last.person, last.start, ends, one.why, one.detail)
            else:
                found.append(Shift(role, one.person.id, begins, ends, one.why, one.detail))
        return found

    def gaps(self, role: str, start: datetime, end: datetime) -> list[Gap]:
        """When, from `start` to `end` (aware), nobody who was planned for the role is there."""
        found: list[Gap] = []
        for begins, ends in self._stretches(role, start, end):
            order = self.ranked(role, begins)
            if order and order[0].planned:
                continue
            instead = order[0].person.id if order else None
            if found and found[-1].end == begins and found[-1].instead == instead:
                found[-1] = Gap(role, found[-1].start, ends, instead)
            else:
                found.append(Gap(role, begins, ends, instead))
        return found

    def until(self, role: str, at: datetime, horizon: timedelta = timedelta(days=31)) -> datetime:
        """When whoever is first at `at` is so no longer; at most `at` + `horizon`."""
        shifts = self.shifts(role, at, at + horizon)
        if not shifts or shifts[0].start > at:
            return at
        end = shifts[0].end
        for one in shifts[1:]:
            if one.person != shifts[0].person:
                break
            end = one.end
        return end

    # What stands at a moment ----------------------------------------------------------------------------------------
    def _candidates(self, role: str, at: datetime) -> Iterator[tuple[str, Why, str]]:
        for override in self._newest:
            if override.role == role and override.start <= at < override.to:
                yield override.person, "override", override.reason
        rotation = self._rotations.get(role)
        standing: Why = "standing" if rotation is None else "unplanned"
        if rotation is not None:
            layers = [(layer, self._stands(layer, rotation, at)) for layer in rotation.layers]
            for layer, stands in sorted(layers, key=lambda one: not one[1]):
                turn = self._turn(layer, rotation, at)
                for person in layer.people[turn:] + layer.people[:turn]:
                    yield person, "rotation" if stands else "unplanned", layer.name
        for person_of_role in self.organisation.with_duty(role):
            yield person_of_role.id, standing, ""

    def _turn(self, layer: Layer, rotation: Rotation, at: datetime) -> int:
        days = (begun(at, layer.handover, self._zone(rotation)) - layer.since).days
        return days // (layer.turn // ONE_DAY) % len(layer.people)

    def _stands(self, layer: Layer, rotation: Rotation, at: datetime) -> bool:
        zone = self._zone(rotation)
        if layer.hours is None:
            return self._is_day(layer, rotation, day_of(at, zone))
        today = day_of(at, zone)
        # A window that began yesterday may still be open; the days beside that are for zones that leave days out.
        return any(
            self._is_day(layer, rotation, day) and self._window(layer, zone, day).holds(at)
            for day in (today + ONE_DAY * step for step in (-2, -1, 0, 1))
        )

    def _window(self, layer: Layer, zone: str, day: date) -> Span:
        assert layer.hours is not None  # noqa: S101 - asked only for layers with hours
        ends = day if layer.hours.to > layer.hours.start else day + ONE_DAY
        return Span(moment(day, layer.hours.start, zone), moment(ends, layer.hours.to, zone))

    def _is_day(self, layer: Layer, rotation: Rotation, day: date) -> bool:
        if layer.days == "every_day":
            return True
        if isinstance(layer.days, list):
            return WEEKDAYS[day.weekday()] in layer.days
        calendar = rotation.public_holidays or self.organisation.public_holidays
        off = day.weekday() >= 5 or day in self.organisation.days_off or is_holiday(calendar, day)
        return off == (layer.days == "days_off")

    def _zone(self, rotation: Rotation) -> str:
        return rotation.time_zone or self.organisation.time_zone

    # When it may change ---------------------------------------------------------------------------------------------
    def _stretches(self, role: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """[start, end) in pieces within which the order of the role cannot change."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        inner = {one for one in self._changes(role, start, end) if start < one < end}
        marks = [start, *sorted(inner), end]
        return ((begins, ends) for begins, ends in pairwise(marks) if begins < ends)

    def _changes(self, role: str, start: datetime, end: datetime) -> Iterator[datetime]:
        for spans in self._away.values():
            for span in spans:
                yield from (span.start, span.end)
        for override in self._newest:
            if override.role == role:
                yield from (override.start.astimezone(UTC), override.to.astimezone(UTC))
        rotation = self._rotations.get(role)
        if rotation is None:
            return
        zone = self._zone(rotation)
        day, last = day_of(start, zone) - 2 * ONE_DAY, day_of(end, zone) + 2 * ONE_DAY
        while day <= last:
            for layer in rotation.layers:
                yield moment(day, layer.handover, zone)
                if layer.hours is not None:
                    window = self._window(layer, zone, day)
                    yield from (window.start, window.end)
                elif layer.days != "every_day":
                    yield moment(day, _MIDNIGHT, zone)
            day += ONE_DAY

    # Absences -------------------------------------------------------------------------------------------------------
    def span(self, absence: Absence) -> Span:
        """The absence in UTC."""
        return Span(
            self._moment(absence.start, absence.person, ending=False),
            self._moment(absence.to, absence.person, ending=True),
        )

    def _moment(self, when: When, person: str, *, ending: bool) -> datetime:
        """A day or moment of the file in UTC; as an end a whole day is included."""
        known = self._people.get(person)
        zone = (known.time_zone if known else None) or self.organisation.time_zone
        if not isinstance(when, datetime):
            return moment(when + ONE_DAY if ending else when, _MIDNIGHT, zone)
        return when.astimezone(UTC) if when.tzinfo else moment(when.date(), when.time(), zone)


_MIDNIGHT = datetime(2000, 1, 1).time()  # noqa: DTZ001 - an hour of the day alone
