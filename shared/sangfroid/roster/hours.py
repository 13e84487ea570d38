"""From clocks on the wall to moments: whole days of a zone, hours that are skipped, hours that come twice.

`whenever` knows both; `datetime` and `dateutil` do not say which of two equal hours is meant and invent hours that never were.
A skipped hour is taken after the change (02:30 becomes 03:30), a repeated one the first time: RFC 5545, 3.3.5.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from whenever import Instant, PlainDateTime

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def moment(day: date, hour: time, zone: str) -> datetime:
    """The moment, in UTC, at which the clocks of `zone` show `hour` on `day`."""
    plain = PlainDateTime(day.year, day.month, day.day, hour.hour, hour.minute)
    return plain.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


def day_of(at: datetime, zone: str) -> date:
    """The day that the calendars of `zone` show at `at` (aware)."""
    return local(at, zone).date()


def local(at: datetime, zone: str) -> datetime:
    """`at` (aware) on the clocks of `zone`, naive."""
    return Instant(at.astimezone(UTC)).to_tz(zone).to_plain().to_stdlib()


def begun(at: datetime, hour: time, zone: str) -> date:
    """The newest day whose `hour` is not after `at`.

    Moments are compared, not clocks: within an hour that comes twice, what has begun does not begin again; a day that a zone
    left out (Samoa, 30 December 2011) ends where it begins.
    """
    day = day_of(at, zone)
    while moment(day, hour, zone) > at:
        day -= ONE_DAY
    while moment(day + ONE_DAY, hour, zone) <= at:
        day += ONE_DAY
    return day
