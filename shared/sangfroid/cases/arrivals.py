"""How many reports arrive, and when: the rules about the counters beside the case (acts/arrivals.py reads and writes them).

A counter stands for ten minutes and one of a few shards; writers who meet take another shard. What joined a case
without changing it (see acts/reception.py) is counted there first and taken over into the case from time to time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

from sangfroid.casefile import CaseFile
from sangfroid.cases import no_response
from sangfroid.model import Case, Severity
from sangfroid.triage.severity import LEVELS, Spike, spike

BUCKET = timedelta(minutes=10)
LOOKED_BACK = timedelta(hours=25)
"""The last hour, and the day before it with which the spike rule compares."""


@dataclass(frozen=True)
class Counter:
    """One counter: reports of these ten minutes, `light` of them without a change of the case. `name` orders the counters."""

    name: str
    began: datetime
    reports: int
    light: int


def bucket_of(moment: datetime) -> datetime:
    """The beginning of the ten minutes in which `moment` lies."""
    plain = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return plain - timedelta(minutes=plain.minute % 10)


def uncounted(case: Case, counters: list[Counter]) -> int:
    """How many messages of the case its own count does not know yet; `counters` are those since `Tally.since`."""
    return max(0, _light(case, counters) - case.tally.taken)


def _light(case: Case, counters: list[Counter]) -> int:
    return case.tally.base + sum(counter.light for counter in counters)


def settle(file: CaseFile, counters: list[Counter]) -> None:
    """Take over what joined since the last time, and look whether messages arrive faster than before."""
    case = file.case
    total = _light(case, counters)
    tally = case.tally.model_copy()
    fresh = total - tally.taken
    if fresh > 0:
        case.message_count += fresh
        file.note("reports_joined", count=fresh, messages=case.message_count)
        no_response.consider_count(file)
    past = file.now - LOOKED_BACK - BUCKET
    old = [counter for counter in counters if counter.began < past]
    if old:
        tally.base += sum(counter.light for counter in old)
        tally.since = old[-1].name
    tally.taken = total
    if fresh > 0 or old:
        case.tally = tally
    _look_for_spike(file, counters)


def _look_for_spike(file: CaseFile, counters: list[Counter]) -> None:
    # A bucket counts as its end, or as now where it is still open: a report is never taken for older than it is.
    times = chain.from_iterable(
        repeat(min(counter.began + BUCKET, file.now), counter.reports) for counter in counters
    )
    found = spike(times, file.now)
    case = file.case
    if found.spiking and not case.spiking:
        case.spiking = True
        _raise(file, found)
    elif not found.spiking and case.spiking:
        case.spiking = False
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


def raised(case: Case) -> Severity:
    """The severity one level up; a wave makes nothing of what is no crisis."""
    return case.severity if case.no_crisis else LEVELS[min(LEVELS.index(case.severity) + 1, len(LEVELS) - 1)]
