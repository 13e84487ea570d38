"""Who took whose turn: overrides made in the desk, one small item that every procedure can afford to read.

What was made, and by whom, is kept for good beside it, one item each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sangfroid.errors import IllegalTransition, Unavailable
from sangfroid.model import rfc3339
from sangfroid.staffing import Override
from sangfroid.table import ABSENT, ConditionFailed, Put, Table

PLACE = "ON_CALL"
NOW = "OVERRIDES"
KEPT_FOR = timedelta(days=31)
MOST = 300
ATTEMPTS = 5

_changes = 0
"""Raised by every change made in this process, so that nobody in it goes on with what they knew."""


def changes() -> int:
    """How many changes this process has made."""
    return _changes


def read(table: Table) -> list[Override]:
    """The overrides that have not been over for a month."""
    return _parsed(table.get(PLACE, NOW))


def add(table: Table, override: Override, override_id: str, now: datetime) -> None:
    """Keep one more. Raises IllegalTransition where too many stand, Unavailable where others keep writing."""
    global _changes  # noqa: PLW0603 - what it is for is said above
    for _ in range(ATTEMPTS):
        item = table.get(PLACE, NOW)
        kept = [one for one in _parsed(item) if one.to > now - KEPT_FOR]
        if len(kept) >= MOST:
            raise IllegalTransition(
                f"{MOST} overrides stand already: change the rotations in the organisation file."
            )
        revision = int(item["revision"]) if item else 0
        fresh = {
            "pk": PLACE, "sk": NOW, "revision": revision + 1, "overrides": [_shown(one) for one in [*kept, override]],
        }  # fmt: skip
        record = {"pk": PLACE, "sk": f"MADE#{rfc3339(now)}#{override_id}", **_shown(override)}
        try:
            table.transact([Put(fresh, {"revision": revision} if item else ABSENT), Put(record, ABSENT)])
        except ConditionFailed:
            continue
        _changes += 1
        return
    raise Unavailable("Others change the roster at this moment: try again.")


def _parsed(item: dict[str, Any] | None) -> list[Override]:
    return [Override.model_validate(one) for one in item["overrides"]] if item else []


def _shown(override: Override) -> dict[str, Any]:
    return {
        "role": override.role,
        "person": override.person,
        "from": rfc3339(override.start),
        "to": rfc3339(override.to),
        "reason": override.reason,
        "by": override.by,
        "made_at": rfc3339(override.made_at),
    }
