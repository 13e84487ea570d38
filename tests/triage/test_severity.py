"""Severity and the spike rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sangfroid.triage import Report, assess, spike

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def report(followers: int = 10, platform: str = "forum") -> Report:
    message: dict[str, Any] = {
        "text": "-",
        "platform": platform,
        "published_at": NOW,
        "author": {"followers": followers},
    }
    return Report.model_validate({"brand": "B", "message": message})


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=m) for m in minutes]


def test_a_complaint_that_few_read_is_low_and_a_mass_one_is_not() -> None:
    assert assess(report(), 2, leak=False) == "low"
    assert assess(report(500_000, "x"), 2, leak=False) == "high"


@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_danger_to_people_and_leaks_are_never_below_high(case: Any) -> None:
    assert assess(report(), case, leak=False, safety=True) in ("high", "critical")
    assert assess(report(), 3, leak=True) in ("high", "critical")


def test_no_crisis_is_low_however_large_the_audience() -> None:
    assert assess(report(500_000, "press"), None, leak=False) == "low"


def test_every_sign_can_only_raise_the_severity() -> None:
    levels = ["low", "medium", "high", "critical"]
    wave = spike(ago(*range(1, 30)), NOW)
    for followers in (10, 5_000, 50_000, 500_000):
        plain = levels.index(assess(report(followers), 2, leak=False))
        for sign in ({"safety": True}, {"legal": True}, {"leak_suspected": True}, {"arrivals": wave}):
            assert levels.index(assess(report(followers), 2, leak=False, **sign)) >= plain  # type: ignore[arg-type]


def test_the_last_hour_is_compared_with_the_hours_before() -> None:
    quiet = [NOW - timedelta(hours=h, minutes=30) for h in range(1, 24)]
    assert spike([*quiet, *ago(1, 2, 3, 4, 5, 6)], NOW).spiking
    busy = [NOW - timedelta(hours=h, minutes=m) for h in range(1, 25) for m in (5, 15, 25, 35)]
    assert not spike([*busy, *ago(1, 2, 3, 4, 5, 6)], NOW).spiking, "six after four an hour is no wave"
    assert not spike(ago(1, 2, 3), NOW).spiking, "three messages after silence are no wave"
    assert not spike([], NOW).spiking


def test_the_edges_of_the_hour() -> None:
    found = spike([NOW, NOW - timedelta(hours=1), NOW + timedelta(minutes=1), NOW - timedelta(hours=25)], NOW)
    assert found.last_hour == 1
    assert found.usual == pytest.approx(1 / 24)
