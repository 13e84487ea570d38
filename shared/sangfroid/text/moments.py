"""Times as pages and tools write them, to moments: ISO 8601 with its liberties, weeks and days of the year among them, RFC 2822,
RFC 9557, seconds since 1970, and dates in words of the languages around us (`20 nov. 2026 à 8h30 CET`).

Without a zone nobody knows which moment it is, so it is none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from typing import Any
from zoneinfo import ZoneInfo

LONGEST = 100
EPOCH_MILLISECONDS = 100_000_000_000
"""A number of at least this many is milliseconds since 1970, a smaller one seconds (this many seconds is the year 5138)."""

_ISO = re.compile(
    r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?:[tT_]| ?[,aà@]? ?)(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,12}))?)?)? ?"
    r"([zZ]|[A-Za-z]{3,4}|(?:(?:UTC|GMT)? ?[+-]\d\d?(?::?\d\d)?(?::?\d\d)?))?(?: ?\([\w .+:/-]*\))?",
    re.ASCII,
)
_ZONE_NAMED = re.compile(r"(?:(?:\[!?(?:u-)?[\w=+/-]+\])+| [A-Z][a-z]{2,20}/[\w+/-]{2,40})$", re.ASCII)
# As `ctime` and the interface of X write it: the zone before the year.
_YEAR_LAST = re.compile(
    r"(?:[A-Za-z]{3},? )?([A-Za-z]{3}) (\d\d?) (\d\d?:\d\d(?::\d\d)?) (\S{1,9}) (\d{4})", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)?:?(\d\d)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{9,16}(?:\.\d{1,9})?", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)-?([1-7])(?=[Tt ])", re.ASCII)
_DAY_OF_YEAR = re.compile(r"(\d{4})-?(\d{3})(?=[Tt ])", re.ASCII)
_IDEOGRAPHS = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_MONTH = re.compile(r"(?i)(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
_GMT_OFFSET = re.compile(r"(?i)\b(?:GMT|UTC)(?=[+-]\d)")
_ENDS_IN_OFFSET = re.compile(r" [+-]\d{4}$", re.ASCII)
_COMMENT = re.compile(r" ?\([^()]*\)$")
# The zones of RFC 2822 and those of Europe; others mean two places.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "wet": 0, "west": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
    "mez": 1, "mesz": 2, "jst": 9, "kst": 9,
}  # fmt: skip
# January to December in English, French, German, Spanish, Italian and Dutch, without accents, and as they are shortened.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv januar jan enero ene gennaio gen januari",
            "february feb fevrier fevr fev februar febrero febbraio febbr februari",
            "march mar mars marz mrz marzo maart mrt",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag mei",
            "june jun juin juni junio giugno giu",
            "july jul juillet juil juli julio luglio lug",
            "august aug aout agosto ago augustus",
            "september sept sep septembre septiembre settembre sett set",
            "october oct octobre oktober okt octubre ottobre ott",
            "november nov novembre noviembre",
            "december dec decembre dezember dez diciembre dic dicembre",
        ),
        1,
    )
    for name in names.split()
}
_CLOCK = (
    r"(?P<hour>\d{1,2})(?: ?h ?(?P<minute>\d\d)?|[:.](?P<minute_after>\d\d)(?:[:.](?P<second>\d\d))?)(?: uhr)?"
    r" ?(?P<half>[ap]\.?m\.?)? ?(?P<zone>\(?(?:[a-z]{1,4}|(?:utc|gmt)? ?[+-]\d\d?:?(?:\d\d)?)\)?)"
)
_BETWEEN = r"(?:,? (?:a|at|um|om|alle(?: ore)?|a las|de|den)? ?|, ?| ?- ?)"
_WEEKDAY = r"(?:(?:le |on )?[a-z]{2,12}\.?,? )?(?:le |den |der |el |il |on )?"
_DAY_FIRST = re.compile(
    _WEEKDAY
    + r"(?P<day>\d{1,2})(?:er|\.|st|nd|rd|th|o)?[ -](?:de )?(?P<month>[a-z]{3,10})\.?,?[ -](?:de )?(?P<year>\d{4})"
    + _BETWEEN
    + _CLOCK,
    re.ASCII,
)
_MONTH_FIRST = re.compile(
    _WEEKDAY
    + r"(?P<month>[a-z]{3,10})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
    + _BETWEEN
    + _CLOCK,
    re.ASCII,
)
_FIGURES = re.compile(
    _WEEKDAY
    + r"(?P<one>\d{1,2})(?P<sign>[./-])(?P<other>\d{1,2})(?P=sign)(?P<year>\d{4})(?:t|"
    + _BETWEEN
    + ")"
    + _CLOCK,
    re.ASCII,
)


def moment_of(value: Any) -> datetime | None:
    """The moment that `value` names, aware and in UTC; None where it names none."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return _since_1970(float(value))
        if not isinstance(value, str) or len(value) > LONGEST:
            return None
        text = " ".join(unicodedata.normalize("NFKC", value).replace("\u2212", "-").split())
        if _NUMBER.fullmatch(text):
            return _since_1970(float(text))
        return _iso(_calendar(text)) or _iso(_dated(text)) or _worded(text)
    except (ValueError, OverflowError, OSError):
        return None


def _since_1970(number: float) -> datetime:
    for _ in range(3):  # milli-, micro- or nanoseconds
        if abs(number) >= EPOCH_MILLISECONDS:
            number /= 1000
    return datetime.fromtimestamp(number, UTC)


def _calendar(text: str) -> str:
    """With a date by its week or by its number in the year as month and day. Raises ValueError where there is none such."""
    if found := _WEEK.match(text):
        day = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
    elif found := _DAY_OF_YEAR.match(text):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if day.year != int(found[1]):
            raise ValueError("no such day of the year")
    elif found := _IDEOGRAPHS.match(text):
        day = date(int(found[1]), int(found[2]), int(found[3]))
    else:
        return text
    return f"{day.isoformat()}{text[found.end() :]}"


def _dated(text: str) -> str:
    """A date in words as ISO 8601; what is none stays as it is."""
    plain = "".join(
        char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char)
    )
    if found := _FIGURES.fullmatch(plain):
        month, day = _in_figures(int(found["one"]), found["sign"], int(found["other"]))
    elif found := _DAY_FIRST.fullmatch(plain) or _MONTH_FIRST.fullmatch(plain):
        month, day = _MONTHS.get(found["month"], 0), int(found["day"])
    if not found or not month:
        return text
    hour, half = int(found["hour"]), (found["half"] or "").replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return text
        hour = hour % 12 + (12 if half == "pm" else 0)
    zone = found["zone"].strip("() ")
    clock = f"{hour:02}:{found['minute'] or found['minute_after'] or '00'}:{found['second'] or '00'}"
    return f"{found['year']}-{month:02}-{day:02}T{clock}{zone.upper() if zone[:1].isalpha() else zone}"


def _in_figures(one: int, sign: str, other: int) -> tuple[int, int]:
    """Month and day of `one/other`; month 0 where both could be the month (3/4: a day of April, or of March)."""
    if one > 12 or sign == "." or one == other:  # with dots the day comes first wherever they are written
        return other, one
    return (one, other) if other > 12 else (0, 0)


def _iso(text: str) -> datetime | None:
    named = _ZONE_NAMED.search(text)
    found = _ISO.fullmatch(text[: named.start()].rstrip() if named else text)
    if found is None:
        return None
    zone = _zone(found[8] or "") or (_place(named[0]) if named else None)
    if zone is None:
        return None
    day = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=zone)
    hour, minute, second = int(found[4]), int(found[5] or 0), int(found[6] or 0)
    fraction = int((found[7] or "0")[:6].ljust(6, "0"))
    return _at(day, hour, minute, second, fraction)


def _at(day: datetime, hour: int, minute: int, second: int, fraction: int = 0) -> datetime | None:
    """The moment of a day; a leap second is the next one, and 24:00 the next day's beginning."""
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    late = timedelta(days=hour // 24, seconds=second // 60)
    exact = day.replace(
        hour=hour % 24, minute=minute, second=second % 60 if second < 60 else 59, microsecond=fraction
    )
    return exact.astimezone(UTC) + late


def _zone(name: str) -> tzinfo | None:
    plain = name.strip().lower()
    if plain in _ZONES:
        return timezone(timedelta(hours=_ZONES[plain]))
    offset = _OFFSET.fullmatch(plain.removeprefix("utc").removeprefix("gmt").strip())
    if offset is None:
        return None
    late = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0), seconds=int(offset[4] or 0))
    return timezone(-late if offset[1] == "-" else late)


def _place(names: str) -> tzinfo | None:
    for name in names.strip(" []").split("]["):
        if "=" not in name:
            try:
                return _zone(name.lstrip("!")) or ZoneInfo(name.lstrip("!"))
            except (KeyError, ValueError, OSError):
                return None
    return None


def _worded(text: str) -> datetime | None:
    """RFC 2822, RFC 850, asctime with a zone, and what JavaScript's `toString` says."""
    if not _MONTH.search(text):
        return None
    plain = _GMT_OFFSET.sub("", _COMMENT.sub("", text))
    plain = _YEAR_LAST.sub(r"\2 \1 \5 \3 \4", plain, count=1)
    tail = plain.rpartition(" ")[2]
    if tail.lower() in _ZONES:
        offset = _ZONES[tail.lower()]
        plain = f"{plain[: -len(tail)]}{'-' if offset < 0 else '+'}{abs(offset):02}00"
    elif re.fullmatch(r"[+-]\d\d(?::\d\d)?", tail):
        plain = f"{plain[: -len(tail)]}{tail.replace(':', '').ljust(5, '0')}"
    # Without a zone the library takes Greenwich for granted.
    found = parsedate_tz(plain) if _ENDS_IN_OFFSET.search(plain) else None
    if found is None:
        return None
    day = datetime(found[0], found[1], found[2], tzinfo=timezone(timedelta(seconds=found[9] or 0)))
    return _at(day, found[3], found[4], found[5])
