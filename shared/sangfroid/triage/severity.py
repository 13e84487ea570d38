"""How grave a case is, and whether messages arrive faster than before. Pure functions, no clock is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sangfroid.model import CaseNumber, Severity
from sangfroid.triage.report import Report

LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")

# Platforms where one message is made to be read by strangers; press also counts as already spread.
_WIDE = {"press": 2, "tiktok": 1, "youtube": 1, "x": 1, "instagram": 1, "linkedin": 1, "reddit": 1}
_FOLLOWERS = ((100_000, 3), (20_000, 2), (2_000, 1))


@dataclass(frozen=True)
class Spike:
    """The last hour against the hours before. `ratio` is last hour / usual hour (usual never below one)."""

    last_hour: int
    usual: float
    ratio: float
    spiking: bool


def spike(
    times: Iterable[datetime], now: datetime, *, hours: int = 24, factor: float = 3.0, floor: int = 5
) -> Spike:
    """Compare the messages of the hour before `now` with the mean of the `hours` before that hour.

    A spike needs both `floor` messages in the last hour (three messages after silence are not a wave) and `factor`
    times the usual rate. Times after `now` are ignored.
    """
    hour = timedelta(hours=1)
    last = 0
    before = 0
    for moment in times:
        age = now - moment
        if timedelta(0) <= age < hour:
            last += 1
        elif hour <= age < hour * (hours + 1):
            before += 1
    usual = before / hours
    ratio = last / max(usual, 1.0)
    return Spike(last, usual, ratio, last >= floor and ratio >= factor)


def reach(report: Report) -> int:
    """0 (a few people) to 4 (a mass audience), from followers and the kind of platform."""
    followers = report.message.author.followers
    points = next((p for limit, p in _FOLLOWERS if followers >= limit), 0)
    return min(4, points + _WIDE.get(report.message.platform, 0))


def assess(
    report: Report,
    case: CaseNumber | None,
    *,
    leak: bool,
    leak_suspected: bool = False,
    safety: bool = False,
    legal: bool = False,
    arrivals: Spike | None = None,
) -> Severity:
    """Low to critical. A leak is never below high; danger to people never below high; no crisis is low."""
    if case is None and not (leak or leak_suspected or safety):
        return "low"
    points = reach(report) + (2 if safety else 0) + (1 if legal else 0) + (1 if leak_suspected else 0)
    if arrivals is not None and arrivals.spiking:
        points += 2
    level = 0 if points <= 1 else 1 if points <= 3 else 2 if points <= 5 else 3
    if leak or (safety and case is not None):
        level = max(level, 2)
    if leak and (safety or points >= 4):
        level = 3
    return LEVELS[level]
