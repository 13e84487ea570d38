"""Publication hours by audience: when progress updates and closing announcements leave (R6, C2.5, C2.6).

Pure. Nothing else waits for them: a response, a first word, a correction, an answer to one person and what takes a publication
back leave at any hour, and so does news that was promised for a time before the hours begin.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sangfroid.model import Delivery, Duty
from sangfroid.organisation import Organisation
from sangfroid.roster.hours import moment
from sangfroid.staffing import WEEKDAYS, PublicationHours

WAIT = ("update", "closing_announcement")
"""Kinds of texts that wait for the hours of their audience. None of them stops the 12 h, the 48 h or the first word's clock."""

DAYS_LOOKED_AT = 9
"""Every weekday comes once in so many days, from today's hours that are over to the same weekday's next."""


def concern(delivery: Delivery, organisation: Organisation) -> bool:
    """Whether a delivery is of those that wait for the hours of their audience."""
    return (
        delivery.act == "publish"
        and delivery.kind in WAIT
        and delivery.audience in organisation.publication_hours
    )


def waits_until(
    delivery: Delivery, duties: Iterable[Duty], organisation: Organisation, now: datetime
) -> datetime | None:
    """When it may leave, in UTC, or None where it may now; `duties` are those of its case.

    News never waits past the time for which it was promised: a promise that falls due before the hours begin, or is overdue,
    lets it out.
    """
    if not concern(delivery, organisation):
        return None
    opens = opens_at(organisation.publication_hours[delivery.audience], organisation.time_zone, now)
    if opens is None:
        return None
    promised = (
        one.due_at
        for one in duties
        if one.promised_in is not None and one.automatic and one.state == "open" and one.due_at is not None
    )
    return None if any(due <= opens for due in promised) else opens


def opens_at(hours: PublicationHours, zone: str, now: datetime) -> datetime | None:
    """When the hours begin next, in UTC, or None while they last. `zone` is used where they name none.

    Local time decides, so the hours keep their place on the clock across a change of hour; one that a change skips begins as
    the clock has jumped.
    """
    zone = hours.time_zone or zone
    today = now.astimezone(ZoneInfo(zone)).date()
    for ahead in range(-1, DAYS_LOOKED_AT):  # yesterday's may end after midnight
        day = today + timedelta(days=ahead)
        if WEEKDAYS[day.weekday()] not in hours.days:
            continue
        last = day if hours.to > hours.start else day + timedelta(days=1)
        begin = moment(day, hours.start, zone)
        if begin <= now < moment(last, hours.to, zone):
            return None
        if now < begin:
            return begin
    raise AssertionError("a week has every weekday")  # pragma: no cover
