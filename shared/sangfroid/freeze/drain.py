"""From raised to effective: wait until no sending is in flight any more (I3).

After the raise no claim can commit. Each permit that stands is a call in flight, for the call started with the claim that wrote
it; it is waited for until it is settled, or until Lambda has certainly killed its sender.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sangfroid.freeze.procedure import Freezer
from sangfroid.model import Intent, rfc3339
from sangfroid.store import freeze as freezing
from sangfroid.store.freeze import CLOCK_SKEW, Freeze
from sangfroid.table import ConditionFailed, Delete, Item, Table

LOOK_AGAIN_AFTER = timedelta(seconds=1)


def drain(table: Table, freezer: Freezer, now: Callable[[], datetime], epoch: int) -> dict[str, Any]:
    """One look at the permits. Answers `{"outcome": "effective" | "wait" | "superseded", "until": RFC 3339}`.

    `wait` says when to look again. Safe to repeat: what was done by an earlier look is found done.
    """
    freeze = freezing.read(table)
    if freeze.raised_epoch != epoch or not freeze.active:
        return {"outcome": "superseded", "until": rfc3339(now())}
    if freeze.state == "raised":
        left = [
            ends
            for item in table.query(freezing.PERMITS).items
            if (ends := _in_flight_until(table, item, now()))
        ]
        if left:
            return {"outcome": "wait", "until": rfc3339(min(now() + LOOK_AGAIN_AFTER, *left))}
        freeze = freezer.alter(lambda current: _become_effective(current, epoch, now()))
    freezer.mark_cases(freeze)
    return {"outcome": "effective", "until": rfc3339(now())}


def _become_effective(freeze: Freeze, epoch: int, now: datetime) -> list[Intent] | None:
    if freeze.raised_epoch != epoch or freeze.state != "raised":
        return None
    freeze.state, freeze.effective_at = "effective", now
    return []


def _in_flight_until(table: Table, item: Item, now: datetime) -> datetime | None:
    """When the sending with this permit is certainly over, or None where it is already (the permit is taken back then)."""
    over = datetime.fromisoformat(item["until"]) + CLOCK_SKEW
    if now < over:
        return over
    with suppress(ConditionFailed):  # settled meanwhile
        table.transact([Delete(freezing.PERMITS, item["sk"], {"until": item["until"]})])
    return None
