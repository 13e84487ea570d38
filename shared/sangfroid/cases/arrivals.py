"""How many reports arrive, and when: counters beside the case, so that a storm of messages does not rewrite the case.

A counter stands for ten minutes and one of a few shards; writers who meet take another shard. What joined a case
without changing it (see reception.py) is counted here first and taken over into the case from time to time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import no_response
from sangfroid.model import Case, rfc3339
from sangfroid.store import CaseStore, case_key
from sangfroid.table import ABSENT, Item, Put
from sangfroid.triage.severity import LEVELS, Spike, spike

BUCKET = timedelta(minutes=10)
SHARDS = 16
LOOKED_BACK = timedelta(hours=25)
"""The last hour, and the day before it with which the spike rule compares."""

COUNTERS_KEPT = timedelta(days=60)


def bucket_of(moment: datetime) -> datetime:
    """The beginning of the ten minutes in which `moment` lies."""
    plain = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return plain - timedelta(minutes=plain.minute % 10)


@dataclass(frozen=True)
class Counted:
    """The write that counts one report, and what the counter says of reports that did not change the case."""

    write: Put
    light: int


def count(store: CaseStore, case_id: str, now: datetime, shard: int, *, light: bool) -> Counted:
    """Count one more report; the write fails where another report counted in this shard at the same moment."""
    place = (f"{case_key(case_id)}#ARRIVALS", f"{rfc3339(bucket_of(now))}#{shard:02d}")
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
    place = (f"{case_key(case_id)}#ARRIVALS", f"{rfc3339(bucket_of(now))}#00")
    kept = int((now + COUNTERS_KEPT).timestamp())
    return Put({"pk": place[0], "sk": place[1], "n": 1, "light": 0, "expires_at": kept}, ABSENT)


def uncounted(store: CaseStore, case: Case) -> int:
    """How many messages of the case its own count does not know yet."""
    return max(0, _light(_counters(store, case), case) - int(case.extra.get("tally", {}).get("taken", 0)))


def _counters(store: CaseStore, case: Case) -> list[tuple[datetime, Item]]:
    """The counters since those that were added up for good: at most a day's, never all of them."""
    since = case.extra.get("tally", {}).get("since")
    items = store.table.query(f"{case_key(case.id)}#ARRIVALS", after=since).items
    return [(datetime.fromisoformat(item["sk"].partition("#")[0]), item) for item in items]


def _light(counters: list[tuple[datetime, Item]], case: Case) -> int:
    base = int(case.extra.get("tally", {}).get("base", 0))
    return base + sum(int(item["light"]) for _, item in counters)


def settle(file: CaseFile, store: CaseStore) -> None:
    """Take over what joined since the last time, and look whether messages arrive faster than before."""
    case = file.case
    counters = _counters(store, case)
    total = _light(counters, case)
    tally: dict[str, Any] = dict(case.extra.get("tally", {}))
    fresh = total - int(tally.get("taken", 0))
    if fresh > 0:
        case.message_count += fresh
        file.note("reports_joined", count=fresh, messages=case.message_count)
        no_response.consider_count(file)
    past = file.now - LOOKED_BACK - BUCKET
    old = [(moment, item) for moment, item in counters if moment < past]
    if old:
        tally["base"] = int(tally.get("base", 0)) + sum(int(item["light"]) for _, item in old)
        tally["since"] = old[-1][1]["sk"]
    tally["taken"] = total
    if case.extra.get("tally") != tally and (fresh > 0 or old):
        case.extra["tally"] = tally
    _look_for_spike(file, counters)


def _look_for_spike(file: CaseFile, counters: list[tuple[datetime, Item]]) -> None:
    # A bucket counts as its end, or as now where it is still open: a report is never taken for older than it is.
    times = chain.from_iterable(
        repeat(min(moment + BUCKET, file.now), int(item["n"])) for moment, item in counters
    )
    found = spike(times, file.now)
    extra = file.case.extra
    if found.spiking and not extra.get("spiking"):
        extra["spiking"] = True
        _raise(file, found)
    elif not found.spiking and extra.get("spiking"):
        extra["spiking"] = False
        file.note("spike_ended", last_hour=found.last_hour, usual=round(found.usual, 2))


def _raise(file: CaseFile, found: Spike) -> None:
    case = file.case
    before = case.severity
    case.severity = raised(case)
    file.note(
        "spike_began",
        last_hour=found.last_hour,
        usual=round(found.usual, 2),
        severity=case.severity,
        before=before,
    )


def raised(case: Case) -> Any:
    """The severity one level up; a wave makes nothing of what is no crisis."""
    return case.severity if case.no_crisis else LEVELS[min(LEVELS.index(case.severity) + 1, len(LEVELS) - 1)]
