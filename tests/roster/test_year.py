"""A year of rotations: always exactly one first person a role, never an absent one, each handover where the last one ended.

Across both changes of the hour, a leap day, a day that Samoa left out, the half hour of Lord Howe, and a change at one minute
past midnight (St. John's until 2011), which makes a date come twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sangfroid.roster import Roster
from sangfroid.roster.hours import begun, local, moment
from tests.support.rosters import organisation

YEARS = [
    ("Europe/Paris", datetime(2026, 11, 28, 11, 17, tzinfo=UTC)),
    ("Europe/Paris", datetime(2027, 9, 1, tzinfo=UTC)),  # to a leap day
    ("America/New_York", datetime(2026, 1, 1, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 7, 1, tzinfo=UTC)),  # there was no 30 December 2011
    ("Australia/Lord_Howe", datetime(2026, 3, 1, tzinfo=UTC)),  # changes by half an hour
    (
        "America/St_Johns",
        datetime(2010, 9, 1, tzinfo=UTC),
    ),  # changed at 00:01 of a Sunday, back into the day before
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
]
PEOPLE = ["ana", "ben", "chloe", "dev", "emma"]
ALWAYS_THERE = "dirk"
MINUTE = timedelta(minutes=1)


@st.composite
def rotations(draw: st.DrawFn, zone: str, begin: datetime) -> dict[str, Any]:
    hour = st.times().map(lambda one: one.replace(minute=one.minute // 15 * 15, second=0, microsecond=0))
    layers = []
    for number in range(draw(st.integers(1, 3))):
        layer: dict[str, Any] = {
            "name": f"layer {number}",
            "people": draw(st.permutations([*PEOPLE, ALWAYS_THERE]))[: draw(st.integers(1, 5))],
            "since": begin.date() + timedelta(days=draw(st.integers(-40, 40))),
            "turn": timedelta(days=draw(st.sampled_from([1, 2, 7, 14]))),
            "handover": draw(hour),
        }
        if draw(st.booleans()):
            layer["days"] = draw(
                st.sampled_from(["every_day", "working_days", "days_off", ["fri", "sat"], ["sun"]])
            )
        if draw(st.booleans()):
            layer["hours"] = {"from": draw(hour), "to": draw(hour)}
        layers.append(layer)
    return {"role": "on_call", "time_zone": zone, "public_holidays": "FR", "layers": layers}


@st.composite
def absences(draw: st.DrawFn, begin: datetime) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start = begin + timedelta(hours=draw(st.integers(-48, 365 * 24)))
        end = start + timedelta(hours=draw(st.integers(1, 24 * 30)))
        whole_days = draw(st.booleans())
        found.append(
            {
                "person": draw(st.sampled_from(PEOPLE)),
                "from": start.date() if whole_days else start,
                "to": end.date() if whole_days else end,
            }
        )
    return found


@st.composite
def years(draw: st.DrawFn) -> tuple[Roster, datetime, datetime]:
    zone, begin = draw(st.sampled_from(YEARS))
    made = organisation([draw(rotations(zone, begin))], draw(absences(begin)))
    people = [
        person.model_copy(update={"duties": ["on_call"] if person.id in (ALWAYS_THERE, "ana") else []})
        for person in made.people
    ]
    return Roster(made.model_copy(update={"people": people})), begin, begin + timedelta(days=366)


@settings(max_examples=60, deadline=None)
@given(years())
def test_always_exactly_one_first_never_an_absent_one_without_a_hole(
    year: tuple[Roster, datetime, datetime],
) -> None:
    roster, begin, end = year
    shifts = roster.shifts("on_call", begin, end)
    assert (shifts[0].start, shifts[-1].end) == (begin, end)
    assert all(before.end == after.start and before.start < before.end for before, after in pairwise(shifts))
    for shift in shifts:
        for at in (shift.start, shift.end - timedelta(microseconds=1)):
            order = roster.ranked("on_call", at)
            assert [order[0].person.id] == [shift.person]
            assert all(roster.present(one.person.id, at) for one in order)
            assert len({one.person.id for one in order}) == len(order)


@settings(max_examples=25, deadline=None)
@given(years(), st.lists(st.integers(0, 366 * 24 * 60 - 1), min_size=50, max_size=50))
def test_between_two_changes_nothing_changes(
    year: tuple[Roster, datetime, datetime], minutes: list[int]
) -> None:
    """What `shifts` says of a stretch is what every moment in it says when it is asked by itself."""
    roster, begin, end = year
    shifts = roster.shifts("on_call", begin, end)
    gaps = roster.gaps("on_call", begin, end)
    for at in (begin + MINUTE * minute for minute in minutes):
        holding = [one.person for one in shifts if one.start <= at < one.end]
        order = roster.ranked("on_call", at)
        assert holding == [order[0].person.id]
        assert any(gap.start <= at < gap.end for gap in gaps) == (not order[0].planned)


@pytest.mark.parametrize(("zone", "begin"), YEARS)
@pytest.mark.parametrize("handover", [time(0), time(2, 30), time(9), time(23, 45)])
def test_every_day_the_next_one_at_the_hour_of_the_handover(
    zone: str, begin: datetime, handover: time
) -> None:
    """Against a plain count: day by day the next of the list, whatever the clocks do in between."""
    names = PEOPLE[:3]
    layer = {"people": names, "since": begin.date(), "turn": timedelta(days=1), "handover": handover}
    roster = Roster(organisation([{"role": "on_call", "time_zone": zone, "layers": [layer]}]))
    shifts = roster.shifts("on_call", begin, begin + timedelta(days=366))
    wrong_order = []
    for before, after in pairwise(shifts):
        shown = local(after.start, zone)
        skipped = shown.time() != handover
        # Only an hour that the clocks skipped moves a handover, by as much as they skipped.
        assert not skipped or timedelta(0) < shown - datetime.combine(shown.date(), handover) <= timedelta(
            hours=1
        )
        if (names.index(before.person) + 1) % 3 != names.index(after.person):
            wrong_order.append(shown.date())
    # The day that Samoa left out was somebody's turn all the same: there the list skips one.
    assert wrong_order == ([date(2011, 12, 31)] if zone == "Pacific/Apia" else [])
    days = {local(shift.start, zone).date() for shift in shifts[1:]}
    assert len(days) == len(shifts) - 1
    assert max(one.end - one.start for one in shifts) <= timedelta(hours=25)
    assert min(one.end - one.start for one in shifts[1:-1]) >= timedelta(hours=23)


def test_hours_that_are_skipped_or_come_twice() -> None:
    paris = "Europe/Paris"
    assert moment(date(2027, 3, 28), time(2, 30), paris) == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )  # shown as 03:30
    assert moment(date(2026, 10, 25), time(2, 30), paris) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )  # the first
    # In the repeated hour what has begun goes on: 02:10 shows for the second time at 01:10 UTC.
    assert begun(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), time(2, 30), paris) == date(2026, 10, 25)
    assert begun(datetime(2026, 10, 25, 0, 10, tzinfo=UTC), time(2, 30), paris) == date(2026, 10, 24)
    # St. John's: 7 November 2010 began, and after a minute it was the 6th again.
    assert begun(datetime(2010, 11, 7, 3, 0, tzinfo=UTC), time(0), "America/St_Johns") == date(2010, 11, 7)
    assert local(datetime(2010, 11, 7, 3, 0, tzinfo=UTC), "America/St_Johns").date() == date(2010, 11, 6)
    # Samoa: the 30th of December began when the 31st did.
    samoa = [moment(date(2011, 12, day), time(9), "Pacific/Apia") for day in (29, 30, 31)]
    assert samoa[1] == samoa[2] == samoa[0] + timedelta(days=1)
    assert begun(samoa[2] - MINUTE, time(9), "Pacific/Apia") == date(2011, 12, 29)
    assert begun(samoa[2], time(9), "Pacific/Apia") == date(2011, 12, 31)


@given(st.sampled_from(YEARS), st.integers(0, 366 * 24 * 60), st.times())
@settings(max_examples=300, deadline=None)
def test_the_newest_begun_day_is_the_newest(year: tuple[str, datetime], minute: int, hour: time) -> None:
    zone, begin = year
    at, hour = begin + MINUTE * minute, hour.replace(second=0, microsecond=0)
    day = begun(at, hour, zone)
    assert moment(day, hour, zone) <= at < moment(day + timedelta(days=1), hour, zone)
