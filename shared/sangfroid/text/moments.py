"""Times as pages and tools write them, to moments: ISO 8601 with its liberties, RFC 2822, RFC 9557, seconds since 1970.

Without a zone nobody knows which moment it is, so it is none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from typing import Any
from zoneinfo import ZoneInfo

LONGEST = 100
EPOCH_MILLISECONDS = 100_000_000_000
"""A number of at least this many is milliseconds since 1970, a smaller one seconds (this many seconds is the year 5138)."""

_ISO = re.compile(
    r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?:[tT_]| ?[,aà@]? ?)(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,12}))?)?)? ?"
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
_MONTH = re.compile(r"(?i)(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
_GMT_OFFSET = re.compile(r"(?i)\b(?:GMT|UTC)(?=[+-]\d)")
_ENDS_IN_OFFSET = re.compile(r" [+-]\d{4}$", re.ASCII)
_COMMENT = re.compile(r" ?\([^()]*\)$")
# The zones of RFC 2822 and those of Europe; others mean two places.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "wet": 0, "west": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
}  # fmt: skip


def moment_of(value: Any) -> datetime | None:
    """The moment that `value` names, aware and in UTC; None where it names none."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return _since_1970(float(value))
        if not isinstance(value, str) or len(value) > LONGEST:
            return None
        text = " ".join(value.replace("\u2212", "-").split())
        if _NUMBER.fullmatch(text):
            return _since_1970(float(text))
        return _iso(text) or _worded(text)
    except (ValueError, OverflowError, OSError):
        return None


def _since_1970(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if abs(number) >= EPOCH_MILLISECONDS else number, UTC)


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
