"""``python -m tools.make_public_holidays``: writes the table of public holidays from the library ``holidays``.

Once a year, and whenever a parliament changes its mind. ``--check`` writes nothing and ends with 1 where the table differs.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "shared/sangfroid/roster/public_holidays.json"
FIRST_YEAR, LAST_YEAR = 2026, 2033
WHOLE = (
    "AD", "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CI", "CM", "CY", "CZ", "DE", "DK", "DZ", "EE", "EG", "ES", "FI",
    "FR", "GB", "GR", "HK", "HR", "HU", "IE", "IN", "IS", "IT", "JP", "LI", "LT", "LU", "LV", "MA", "MC", "MT", "MU", "MX",
    "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SG", "SI", "SK", "SN", "TN", "TR", "US", "ZA",
)  # fmt: skip
"""Countries without regard to their parts."""
IN_PARTS = ("AU", "CA", "CH", "DE", "ES", "FR", "GB", "US")
"""Countries each part of which is a calendar of its own as well."""


def table() -> dict[str, object]:
    """The table as it is kept: for each calendar and year the days, as `01-01 05-01 …`."""
    import holidays

    calendars: dict[str, dict[str, str]] = {}
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    supported = holidays.list_supported_countries(include_aliases=False)
    for country in WHOLE:
        parts = [None, *(supported[country] if country in IN_PARTS else [])]
        for part in parts:
            days: list[date] = sorted(holidays.country_holidays(country, subdiv=part, years=years))
            by_year = {
                str(year): " ".join(day.strftime("%m-%d") for day in days if day.year == year)
                for year in years
            }
            calendars[country if part is None else f"{country}-{part}"] = by_year
    return {"first_year": FIRST_YEAR, "last_year": LAST_YEAR, "calendars": calendars}


def main() -> int:
    """Writes or checks; answers the exit status."""
    text = json.dumps(table(), indent=0, sort_keys=True) + "\n"
    if "--check" in sys.argv:
        same = TABLE.read_text("utf-8") == text
        print("the table is that of the library" if same else f"{TABLE.name} differs: make it anew")
        return 0 if same else 1
    TABLE.write_text(text, "utf-8")
    print(f"{TABLE.name}: {len(text) // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
