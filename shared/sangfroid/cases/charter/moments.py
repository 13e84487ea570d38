"""Days, hours and numbers as French and English texts write them: what languages must agree on, and what was promised for when.

Only what is said outright is read (`14 h`, `2 pm`, `lundi 2 mars`); relative words ("this morning") are findings, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sangfroid.cases.charter.phrases import Readable, Span

_MONTHS = (
    ("janvier", "january", "jan"), ("fevrier", "february", "feb"), ("mars", "march", "mar"), ("avril", "april", "apr"),
    ("mai", "may"), ("juin", "june", "jun"), ("juillet", "july", "jul"), ("aout", "august", "aug"),
    ("septembre", "september", "sept", "sep"), ("octobre", "october", "oct"), ("novembre", "november", "nov"),
    ("decembre", "december", "dec"),
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))

HOUR = re.compile(
    r"(?<![\w:.,/-])(?:(?P<noon>midi|noon)|(?P<midnight>minuit|midnight)"
    r"|(?P<h>[01]?\d|2[0-4]) ?(?:h|heures?)(?: ?(?P<hm>[0-5]\d))?(?![\w])"
    r"|(?P<c>[01]?\d|2[0-4]):(?P<cm>[0-5]\d)(?::[0-5]\d)?(?: ?(?P<cp>[ap])\.?m\.?)?(?!\w|:\d)"
    r"|(?P<p>1[0-2]|0?[1-9])(?:[.:](?P<pm>[0-5]\d))? ?(?P<half>[ap])\.?m\.?(?!\w)"
    r"|(?P<dur>\d{1,2}) (?=hours?\b)hours?)"
)
DAY = re.compile(
    rf"(?<![\w.,/:-])(?:(?P<d>[0-2]?\d|3[01])(?:er|st|nd|rd|th)? (?:of )?(?P<m>{_NAMES})\b"
    rf"|(?P<em>{_NAMES}) (?P<ed>[0-2]?\d|3[01])(?:st|nd|rd|th)?\b"
    r"|(?P<nd>[0-2]?\d|3[01])(?:/(?P<nm>0?\d|1[0-2])(?:/\d{2,4})?|\.(?P<nm2>0?\d|1[0-2])\.\d{2,4})(?![\d/]))"
    r"(?:,? (?P<y>20\d\d)\b)?"
)
NUMBER = re.compile(
    r"(?<![\w.,])(?:[a-z]{1,3}-?)?\d{1,3}(?:[ .,]\d{3})+(?![\d])|(?<![\w.,])[a-z]{0,3}-?\d+(?:[.,]\d+)?"
)


@dataclass(frozen=True)
class Hour:
    """An hour of the day as it stands in a text."""

    hour: int
    minute: int
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """A day of the year as it stands in a text."""

    day: int
    month: int
    year: int | None
    start: int
    end: int


@dataclass(frozen=True)
class Promised:
    """A moment that a text names, with the passage that names it; `at` is aware."""

    at: datetime
    span: Span


def hours(bare: str) -> list[Hour]:
    """Every hour of the day in a folded text, in order."""
    return [_hour(found) for found in HOUR.finditer(bare)]


def _hour(found: re.Match[str]) -> Hour:
    part = found.groupdict()
    if part["noon"]:
        hour, minute = 12, 0
    elif part["midnight"]:
        hour, minute = 0, 0
    elif part["h"]:
        hour, minute = int(part["h"]), int(part["hm"] or 0)
    elif part["c"]:
        hour, minute = _half(int(part["c"]), part["cp"]), int(part["cm"])
    elif part["p"]:
        hour, minute = _half(int(part["p"]), part["half"]), int(part["pm"] or 0)
    else:
        hour, minute = int(part["dur"]), 0
    return Hour(hour % 24, minute, found.start(), found.end())


def _half(hour: int, half: str | None) -> int:
    return hour if half is None else hour % 12 + (12 if half == "p" else 0)


def days(bare: str) -> list[Day]:
    """Every day of the year in a folded text, in order."""
    found = []
    for one in DAY.finditer(bare):
        part = one.groupdict()
        figures = part["nm"] or part["nm2"]
        month = int(figures) if figures else MONTHS[part["m"] or part["em"]]
        day = int(part["d"] or part["ed"] or part["nd"])
        if day and month:
            found.append(Day(day, month, int(part["y"]) if part["y"] else None, one.start(), one.end()))
    return found


def facts(readable: Readable) -> set[str]:
    """Hours, days and numbers of a text in one form for every language: `14:00`, `2/3`, `1200`."""
    bare = re.sub(r"https?://\S+", " ", readable.bare)
    told = {f"{one.hour}:{one.minute:02d}" for one in hours(bare)}
    told |= {f"{one.day}/{one.month}" for one in days(bare)}
    rest = list(bare)
    named: list[Hour | Day] = [*hours(bare), *days(bare)]
    for one in named:
        rest[one.start : one.end] = " " * (one.end - one.start)
    for match in NUMBER.finditer("".join(rest)):
        written = match[0]
        if re.search(r"[ .,]\d{3}(?:[ .,]\d{3})*$", written):
            written = re.sub(r"[ .,]", "", written)
        told.add(written.replace(",", ".").replace(" ", ""))
    return told


def promised(
    readable: Readable, now: datetime, zone: ZoneInfo, start: int = 0, end: int | None = None
) -> list[Promised]:
    """The moments that a part of the text names outright: an hour with its day, or alone (then the next such hour from `now`).

    A day without a year is the one nearest to `now`. Times are those of `zone`, where the readers are.
    """
    local = now.astimezone(zone)
    end = len(readable.bare) if end is None else end
    known = [one for one in days(readable.bare) if start <= one.start < end]
    found = []
    for hour in hours(readable.bare):
        if not start <= hour.start < end:
            continue
        near = [one for one in known if abs(one.start - hour.end) <= 40 or abs(hour.start - one.end) <= 40]
        day = min(
            near, key=lambda one: min(abs(one.start - hour.end), abs(hour.start - one.end)), default=None
        )
        first, last = hour.start, hour.end
        if day is not None:
            at = _dated(day, hour, local, zone)
            first, last = min(first, day.start), max(last, day.end)
        else:
            at = local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
            at = at if at > local else at + timedelta(days=1)
        if at is not None:
            found.append(Promised(at, readable.span(first, last)))
    return found


def _dated(day: Day, hour: Hour, local: datetime, zone: ZoneInfo) -> datetime | None:
    years = [day.year] if day.year else [local.year - 1, local.year, local.year + 1]
    chosen = []
    for year in years:
        try:
            chosen.append(datetime(year, day.month, day.day, hour.hour, hour.minute, tzinfo=zone))
        except ValueError:
            continue  # 29 February of another year
    return min(chosen, key=lambda at: abs(at - local), default=None)


_MONTHS_WRITTEN = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}


def month_name(month: int, language: str) -> str:
    """The month (1 to 12) as a text in this language writes it."""
    return _MONTHS_WRITTEN["fr" if language.startswith("fr") else "en"].split("|")[month - 1]
