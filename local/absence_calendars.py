"""Absences from iCalendar files (RFC 5545), as calendars export them: read where the organisation is loaded or uploaded.

What a desk runs on holds only the absences found, so that no Lambda parses a calendar, and a version of the organisation is one
document. Events that were cancelled, that leave a person free (TRANSP), or that Outlook marks as less than "out of office" do
not count.
Repeated events are read from a month ago to 400 days ahead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

BEHIND, AHEAD = timedelta(days=31), timedelta(days=400)
MOST_EVENTS = 20_000


class CalendarFault(Exception):
    """A calendar cannot be used; the message says which, where, and how it is mended."""


def with_absences(document: dict[str, Any], folder: Path, now: datetime) -> dict[str, Any]:
    """The organisation's document (as YAML gives it) with the events of its `absence_calendars` among its `absences`.

    `folder`: where the files' names count from. `now`: aware. Raises CalendarFault.
    """
    calendars = document.get("absence_calendars")
    if not isinstance(calendars, list) or not calendars:
        return document
    people = [one for one in document.get("people") or [] if isinstance(one, dict)]
    found: list[dict[str, Any]] = []
    for number, calendar in enumerate(calendars):
        if not isinstance(calendar, dict) or not isinstance(calendar.get("file"), str):
            return document  # its shape is looked at where the document is validated
        place = f"absence_calendars.{number} ({calendar['file']})"
        found += _events(folder / calendar["file"], place, calendar.get("person"), people, now)
    absences = [*(document.get("absences") or []), *found]
    return {**document, "absences": absences, "absence_calendars": []}


def _events(
    path: Path, place: str, person: str | None, people: list[dict[str, Any]], now: datetime
) -> Iterator[dict[str, Any]]:
    import icalendar
    import recurring_ical_events

    try:
        content = icalendar.Calendar.from_ical(path.read_bytes())
    except OSError as error:
        raise CalendarFault(
            f"{place}: cannot be read: {error.strerror}. Put the file beside this one."
        ) from error
    except ValueError as error:
        raise CalendarFault(f"{place}: is no iCalendar file: {error}. Export it again as .ics.") from error
    unknown: list[str] = []
    events = recurring_ical_events.of(content, skip_bad_series=False).between(
        (now - BEHIND).astimezone(UTC), (now + AHEAD).astimezone(UTC)
    )
    if len(events) > MOST_EVENTS:
        raise CalendarFault(
            f"{place}: more than {MOST_EVENTS} events in 14 months. Export the absences alone."
        )
    for event in events:
        if not _is_absence(event):
            continue
        who = [person] if person else list(_people(event, people))
        start, end = event.start, event.end
        if isinstance(start, datetime) and start.tzinfo is None:
            pass  # a floating time: the person's own clocks, as in the file
        elif isinstance(start, datetime):
            start, end = start.astimezone(UTC), end.astimezone(UTC)
        elif isinstance(start, date) and end > start:
            end -= timedelta(days=1)  # DTEND of whole days is the day after; `to` of the file is included
        if not who:
            unknown.append(f"{event.get('SUMMARY', 'an event')} on {start}")
        for one in who:
            yield {"person": one, "from": start, "to": end, "why": "calendar"}
    if unknown:
        raise CalendarFault(
            f"{place}: nobody of `people` is named by {'; '.join(unknown[:5])}{' …' if unknown[5:] else ''}. Name somebody by "
            "id, name or e-mail address in the event, or give the calendar a `person`."
        )


def _is_absence(event: Any) -> bool:
    busy = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")).upper()
    return (
        str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
        and busy == "OOF"
    )


def _people(event: Any, people: Iterable[dict[str, Any]]) -> Iterator[str]:
    attendees = event.get("ATTENDEE", [])
    named = attendees if isinstance(attendees, list) else [attendees]
    addresses = {str(one).lower().removeprefix("mailto:") for one in named}
    summary = f" {_plain(str(event.get('SUMMARY', '')))} "
    for person in people:
        ways = {
            str(reach.get("address", "")).lower()
            for reach in person.get("reach") or []
            if isinstance(reach, dict)
        }
        own = ways | {str(person.get("email", "")).lower()}
        names = [_plain(str(person.get(key, ""))) for key in ("id", "name")]
        if own & addresses or any(name and f" {name} " in summary for name in names):
            yield str(person.get("id"))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(
        "".join(one if one.isalnum() else " " for one in folded if not unicodedata.combining(one)).split()
    )
