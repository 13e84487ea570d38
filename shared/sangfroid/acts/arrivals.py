"""The counters beside a case: how many reports arrived in ten minutes, in a few shards (the rules: cases/arrivals.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sangfroid.casefile import CaseFile
from sangfroid.cases import arrivals
from sangfroid.cases.arrivals import Counter, bucket_of
from sangfroid.model import Case, rfc3339
from sangfroid.store import CaseStore, arrivals_key
from sangfroid.table import ABSENT, Item, Put

SHARDS = 16
COUNTERS_KEPT = timedelta(days=60)


@dataclass(frozen=True)
class Counted:
    """The write that counts one report, and what the counter says of reports that did not change the case."""

    write: Put
    light: int


def count(store: CaseStore, case_id: str, now: datetime, shard: int, *, light: bool) -> Counted:
    """Count one more report; the write fails where another report counted in this shard at the same moment."""
    place = (arrivals_key(case_id), f"{rfc3339(bucket_of(now))}#{shard:02d}")
    before = store.table.get(*place)
    item: Item = {
        "pk": place[0],
        "sk": place[1],
        "n": (before["n"] if before else 0) + 1,
        "light": (before["light"] if before else 0) + light,
        "expires_at": int((now + COUNTERS_KEPT).timestamp()),
    }
    expect = ABSENT if before is None else {"n": before["n"]}
    return Counted(Put(item, expect), item["light"])


def first(case_id: str, now: datetime) -> Put:
    """The counter of a case that is being opened."""
    place = (arrivals_key(case_id), f"{rfc3339(bucket_of(now))}#00")
    kept = int((now + COUNTERS_KEPT).timestamp())
    return Put({"pk": place[0], "sk": place[1], "n": 1, "light": 0, "expires_at": kept}, ABSENT)


def uncounted(store: CaseStore, case: Case) -> int:
    """How many messages of the case its own count does not know yet."""
    return arrivals.uncounted(case, _counters(store, case))


def settle(file: CaseFile, store: CaseStore) -> None:
    """Take over what joined since the last time, and look whether messages arrive faster than before."""
    arrivals.settle(file, _counters(store, file.case))


def _counters(store: CaseStore, case: Case) -> list[Counter]:
    """The counters since those that were added up for good: at most a day's, never all of them."""
    items = store.table.query(arrivals_key(case.id), after=case.tally.since).items
    return [
        Counter(
            item["sk"],
            datetime.fromisoformat(item["sk"].partition("#")[0]),
            int(item["n"]),
            int(item["light"]),
        )
        for item in items
    ]
