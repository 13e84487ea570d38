"""Public holidays from a table that `python -m tools.make_public_holidays` makes from the library `holidays`.

The library is 10 MB and slow to load; a Lambda needs a few hundred days. The table names its first and last year.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files


@cache
def _table() -> tuple[int, int, dict[str, frozenset[str]]]:
    content = json.loads(files("sangfroid.roster").joinpath("public_holidays.json").read_text("utf-8"))
    calendars = {
        name: frozenset(f"{year}-{day}" for year, days in years.items() for day in days.split())
        for name, years in content["calendars"].items()
    }
    return content["first_year"], content["last_year"], calendars


def is_holiday(calendar: str | None, day: date) -> bool:
    """Whether `day` is a public holiday of the calendar (`FR`, `DE-BY`); False without one, and outside the table's years."""
    return calendar is not None and day.isoformat() in _table()[2].get(calendar, ())


def calendars() -> list[str]:
    """The calendars of the table."""
    return sorted(_table()[2])


def last_day() -> date:
    """The last day that the table knows."""
    return date(_table()[1], 12, 31)
