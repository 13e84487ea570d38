"""Organisation files where they are written: read with their calendars, checked as a whole, made ready to upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import yaml

from local.absence_calendars import CalendarFault, with_absences
from sangfroid.faults import Fault, with_lines
from sangfroid.organisation import Organisation, OrganisationFault, document, of_document
from sangfroid.organisation_check import check, without_faults

EXAMPLE = Path(__file__).resolve().parent.parent / "shared/sangfroid/organisation.example.yaml"


@dataclass(frozen=True)
class Ready:
    """A file that was read: the organisation, what may be said of it, and the text that a desk runs on."""

    organisation: Organisation
    faults: list[Fault]
    remarks: list[Fault]
    text: str


def read(path: str | Path, now: datetime) -> Ready:
    """The file, with the absences of its calendars, and what the whole check finds at `now` (aware). Raises OrganisationFault."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise OrganisationFault(path, [Fault("unreadable", values={"detail": detail})]) from error
    content = document(text, path)
    try:
        complete = with_absences(content, path.parent, now)
    except CalendarFault as fault:
        place = ("absence_calendars",)
        raise OrganisationFault(
            path, with_lines([Fault("bad_calendar", place, {"detail": str(fault)})], text)
        ) from fault
    try:
        organisation = of_document(complete, text, path)
    except OrganisationFault as fault:
        rest = without_faults(complete)
        # What has a meaning is looked at all the same, so that a file is mended in one go.
        more = with_lines(check(rest, now).faults, text) if rest is not None else []
        each = {(one.code, one.place, str(one.values)): one for one in [*fault.faults, *more]}.values()
        everything = sorted(each, key=lambda one: one.line or 0)
        raise OrganisationFault(path, everything) from fault
    checked = check(organisation, now)
    ready = text if complete is content else yaml.safe_dump(complete, allow_unicode=True, sort_keys=False)
    return Ready(organisation, with_lines(checked.faults, text), with_lines(checked.remarks, text), ready)


def read_sound(path: str | Path, now: datetime) -> Ready:
    """As `read`; raises OrganisationFault for every fault, but for hours ahead without anybody: a desk may start with those."""
    path = Path(path)
    # A test suite starts hundreds of stacks on one file.
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _sound(path, changed, now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


@lru_cache(maxsize=16)
def _sound(path: Path, _: int, now: datetime) -> Ready:
    ready = read(path, now)
    faults = [fault for fault in ready.faults if fault.code != "gap"]
    if faults:
        raise OrganisationFault(path, faults)
    return ready
