"""Absences from calendars as Outlook, Google and Nextcloud export them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.absence_calendars import CalendarFault, with_absences
from sangfroid.organisation import Organisation
from sangfroid.roster import Roster
from tests.support.desks import EXAMPLE

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HEAD = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def organisation(tmp_path: Path, events: list[str], person: str | None = None) -> Organisation:
    body = "".join(
        f"BEGIN:VEVENT\nUID:{number}@test\nDTSTAMP:20261101T000000Z\n{event}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    )
    (tmp_path / "away.ics").write_text((HEAD + body + "END:VCALENDAR\n").replace("\n", "\r\n"), "utf-8")
    document: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    document["absence_calendars"] = [{"file": "away.ics"} | ({"person": person} if person else {})]
    return Organisation.model_validate(with_absences(document, tmp_path, NOW))


def away(made: Organisation, person: str, *moments: str) -> list[bool]:
    roster = Roster(made)
    return [not roster.present(person, datetime.fromisoformat(one)) for one in moments]


def test_whole_days_end_before_the_day_that_they_name(tmp_path: Path) -> None:
    made = organisation(
        tmp_path, ["SUMMARY:Congés — Chloe Martin\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227"]
    )
    # Midnight in Paris is 23:00 UTC; the accent of Chloé is not asked for.
    moments = ("2026-12-23T22:59Z", "2026-12-23T23:00Z", "2026-12-26T22:59Z", "2026-12-26T23:00Z")
    assert away(made, "chloe", *moments) == [False, True, True, False]


def test_times_with_a_zone_of_outlook_and_an_attendee(tmp_path: Path) -> None:
    event = (
        "SUMMARY:Dentist\nATTENDEE:MAILTO:Ana@nuage.example\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\n"
        "DTSTART;TZID=Romance Standard Time:20270329T090000\nDTEND;TZID=Romance Standard Time:20270329T110000"
    )
    made = organisation(tmp_path, [event])
    assert away(made, "ana", "2027-03-29T06:59Z", "2027-03-29T07:00Z", "2027-03-29T09:00Z") == [
        False,
        True,
        False,
    ]


def test_every_friday_across_the_change_of_the_hour(tmp_path: Path) -> None:
    event = (
        "SUMMARY:off\nDTSTART;TZID=Europe/Paris:20261016T130000\nDTEND;TZID=Europe/Paris:20261016T180000\n"
        "RRULE:FREQ=WEEKLY;BYDAY=FR\nEXDATE;TZID=Europe/Paris:20261204T130000"
    )
    made = organisation(tmp_path, [event], person="ben")
    moments = ("2026-11-27T12:00Z", "2026-11-27T11:59Z", "2026-12-04T12:00Z", "2027-07-02T11:00Z")
    assert away(made, "ben", *moments) == [True, False, False, True]


def test_what_is_no_absence_and_who_is_nobody(tmp_path: Path) -> None:
    hours = "DTSTART:20261201T080000Z\nDTEND:20261201T100000Z"
    events = [
        f"SUMMARY:Ana: weekly meeting\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\n{hours}",
        f"SUMMARY:Ana away\nSTATUS:CANCELLED\n{hours}",
        f"SUMMARY:Ana reads\nTRANSP:TRANSPARENT\n{hours}",
    ]
    assert not [one for one in organisation(tmp_path, events).absences if one.why == "calendar"]
    with pytest.raises(CalendarFault, match=r"absence_calendars\.0 \(away\.ics\).*Anatole on 2026"):
        organisation(tmp_path, [f"SUMMARY:Anatole\n{hours}"])


def test_a_file_that_is_none_or_missing(tmp_path: Path) -> None:
    (tmp_path / "away.ics").write_text("<html>sign in</html>")
    for name in ("away.ics", "none.ics"):
        with pytest.raises(CalendarFault, match=name):
            with_absences({"people": [], "absence_calendars": [{"file": name}]}, tmp_path, NOW)
