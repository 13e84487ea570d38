"""Parts of the organisation file that say who works when: zones, hours, rotations, absences, quiet hours.

Written as people write YAML: `18:00` without quotation marks (which YAML 1.1 reads as a number), dates with or without hours,
`NO` for Norway (which YAML 1.1 reads as false). What they mean in UTC is worked out in `sangfroid.roster`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

ONE_DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayKind = Literal["every_day", "working_days", "days_off"]


class Part(BaseModel):
    """Base of the parts of the file: an unknown name is a fault, so that a typing error does not go unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r}; names are those of the IANA, such as Europe/Paris"
        ) from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its IANA name."""


def _hour(value: Any) -> Any:
    """`18:00`, which YAML 1.1 reads as 1080 (minutes), and `24:00`, the end of a day, which is no time of Python's."""
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int) and 0 <= value <= MINUTES_A_DAY:
        return time() if value == MINUTES_A_DAY else time(value // 60, value % 60)
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,2})(?::|h)(\d{2})?", value.strip(), re.ASCII)
        if found is None:
            raise ValueError("an hour of the day is written as 09:00")
        hours, minutes = int(found[1]), int(found[2] or 0)
        if (hours, minutes) == (24, 0):
            return time()
        if hours > 23 or minutes > 59:
            raise ValueError("an hour of the day lies between 00:00 and 24:00")
        return time(hours, minutes)
    return value


Hour = Annotated[time, BeforeValidator(_hour)]
"""An hour of the day on the clocks of a zone, to the minute. `24:00` is the next day's 00:00."""


def _when(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip().replace(" ", "T", 1)
        try:
            return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                "a day is written as 2026-12-24, a moment as 2026-12-24T18:00 (local) or …T17:00Z"
            ) from None
    return value


def _is_moment(value: Any) -> date | datetime:
    if isinstance(value, (date, datetime)):
        return value
    raise ValueError("a day is written as 2026-12-24, a moment as 2026-12-24T18:00 (local) or …T17:00Z")


When = Annotated[date | datetime, BeforeValidator(_is_moment), BeforeValidator(_when)]
"""A whole day, a local moment, or (with an offset) a moment anywhere. As the end of something a whole day is included."""


def _calendar(value: Any) -> Any:
    # `holidays: NO` is Norway, and false to YAML 1.1.
    return "NO" if value is False else value


Calendar = Annotated[str, BeforeValidator(_calendar), Field(min_length=2)]
"""Whose public holidays: a country (ISO 3166-1), or a part of it (`DE-BY`, `FR-57`)."""


DURATION = re.compile(
    r"-?P(?=\d|T\d)(\d+W)?(\d+([.,]\d+)?D)?(T(?=\d)(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?",
    re.ASCII,
)


def _duration(value: Any) -> Any:
    """A bare number says no unit, and `30:00` is read as minutes or hours as one likes: neither is taken."""
    if isinstance(value, timedelta) or (isinstance(value, str) and DURATION.fullmatch(value.strip())):
        return value
    raise PydanticCustomError("duration", "a duration is written as PT30M, PT12H or P1D")


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A duration in ISO 8601: weeks, days, hours, minutes, seconds."""


class Hours(Part):
    """Hours of each day, local; where `to` is not after `from`, they end on the next day."""

    start: Hour = Field(alias="from")
    to: Hour


class PublicationHours(Hours):
    """When updates and closing announcements reach one audience; a window past midnight belongs to the day on which it begins."""

    time_zone: Zone | None = Field(default=None, description="Of the audience; else the organisation's.")
    days: list[Weekday] = Field(default_factory=lambda: list(WEEKDAYS), min_length=1)


class Layer(Part):
    """People who take turns. Without `hours` and `days` the layer stands always.

    The first person's first turn begins on the day `since` at `handover`; every `turn` (whole days) the next one takes over at
    that local hour. `days` and `hours` narrow when the layer stands: a night from 18:00 to 09:00 belongs to the day on which
    it begins. A public holiday is a day off.
    """

    name: str = ""
    people: list[str] = Field(min_length=1)
    since: date
    turn: Duration = timedelta(days=7)
    handover: Hour = time(9)
    days: DayKind | list[Weekday] = "every_day"
    hours: Hours | None = None

    @model_validator(mode="after")
    def _turns_are_days(self) -> Self:
        if self.turn < ONE_DAY or self.turn % ONE_DAY:
            raise ValueError("a turn lasts whole days: P1D, P7D, P14D")
        twice = sorted({one for one in self.people if self.people.count(one) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


class Rotation(Part):
    """Who is on duty for a role. Of the layers that stand at a moment the first gives the first person."""

    role: str = Field(min_length=1)
    time_zone: Zone | None = Field(default=None, description="Else the organisation's.")
    public_holidays: Calendar | None = Field(default=None, description="Else the organisation's.")
    layers: list[Layer] = Field(min_length=1)


class Absence(Part):
    """One person is away. Without an offset both are times of the person's zone; a day as `to` is included."""

    person: str
    start: When = Field(alias="from")
    to: When
    why: str = ""


class AbsenceCalendar(Part):
    """An iCalendar file (RFC 5545) beside this one, whose events are absences; read when the organisation is loaded.

    With `person` every event is hers; else an event names people by e-mail address (ATTENDEE) or by name or id (SUMMARY).
    """

    file: str = Field(min_length=1, pattern=r"^[^/\\\x00][^\\\x00]*$")
    person: str | None = None


class Override(Part):
    """One person takes a role for a while, whatever the rotation says; the newest one that covers a moment counts.

    All times are aware. `by` is who decided it. Made in the desk (`POST /on-call/overrides`) or written into the file.
    """

    role: str
    person: str
    start: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    reason: str = ""
    by: str = ""
    made_at: AwareDatetime = datetime(2000, 1, 1, tzinfo=UTC)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to <= self.start:
            raise ValueError("ends before it begins")
        return self
