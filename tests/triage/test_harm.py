"""Who is woken: by expected harm, monotone, humane, explained in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sangfroid.triage.harm import ACTIONS, HUMANE, Rules, Situation, is_night, morning, weigh

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 11, 20, 3, tzinfo=PARIS)
DAY = datetime(2026, 11, 20, 11, tzinfo=PARIS)


def situation(**given: Any) -> Situation:
    return Situation(**{"suspicion": 0.0, "severity": "low", "reach": 0, "local": NIGHT, **given})


def test_an_insider_s_word_freezes_at_any_hour() -> None:
    for local in (NIGHT, DAY):
        assert weigh(situation(vouched=True, suspicion=1.0, local=local)).action == "freeze"


def test_a_strong_suspicion_wakes_a_director_and_a_weak_one_asks_quietly() -> None:
    strong = weigh(situation(suspicion=0.9, severity="high", reach=2))
    weak = weigh(situation(suspicion=0.35, severity="high", reach=2))
    assert (strong.action, strong.wakes, strong.until) == ("page_director", True, None)
    assert (weak.action, weak.wakes) == ("ask_quietly", False)
    assert weak.until == NIGHT + HUMANE.climbs_after


def test_nobody_is_woken_for_what_can_wait() -> None:
    found = weigh(situation(suspicion=0.02, severity="medium", reach=1))
    assert (found.action, found.until) == ("wait_until_morning", NIGHT.replace(hour=7))


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
@pytest.mark.parametrize("reach", [0, 4])
def test_nobody_is_woken_for_a_guess_however_grave(severity: Any, reach: int) -> None:
    assert not weigh(situation(suspicion=0.59, severity=severity, reach=reach, spiking=True)).wakes


def test_danger_to_people_that_many_read_wakes_and_one_review_does_not() -> None:
    assert weigh(situation(danger=0.8, severity="critical", reach=3, spiking=True)).wakes
    assert not weigh(situation(danger=0.6, severity="medium", reach=0)).wakes


def test_by_day_a_likely_leak_is_put_to_a_director() -> None:
    assert weigh(situation(suspicion=0.6, severity="medium", local=DAY)).action == "page_director"
    assert weigh(situation(suspicion=0.05, severity="low", local=DAY)).action == "wait_until_morning"


def test_a_setting_lets_a_strong_suspicion_freeze() -> None:
    rules = Rules(suspicion_freezes=True)
    assert weigh(situation(suspicion=0.9, severity="high", reach=2), rules).action == "freeze"
    assert weigh(situation(danger=0.9, severity="critical", reach=4), rules).action == "page_director"


_SITUATIONS = st.builds(
    Situation,
    suspicion=st.floats(0, 1),
    danger=st.floats(0, 1),
    severity=st.sampled_from(["low", "medium", "high", "critical"]),
    reach=st.integers(0, 4),
    spiking=st.booleans(),
    vouched=st.booleans(),
    local=st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 hypothesis adds the zone
        datetime(2027, 12, 31),  # noqa: DTZ001
        timezones=st.just(PARIS),
    ),
)


@settings(max_examples=200, deadline=None)
@given(_SITUATIONS, st.sampled_from(["suspicion", "danger", "severity", "reach", "spiking", "vouched"]))
def test_louder_evidence_never_gives_a_quieter_action(before: Situation, what: str) -> None:
    louder: Any = {
        "suspicion": min(1.0, before.suspicion + 0.2),
        "danger": min(1.0, before.danger + 0.2),
        "severity": "critical",
        "reach": 4,
        "spiking": True,
        "vouched": True,
    }[what]
    after = Situation(**{**before.__dict__, what: louder})
    assert ACTIONS.index(weigh(after).action) >= ACTIONS.index(weigh(before).action)


@settings(max_examples=200, deadline=None)
@given(_SITUATIONS)
def test_every_decision_has_its_reason_in_both_languages_and_a_moment_to_look_again(found: Situation) -> None:
    decision = weigh(found)
    for language in ("fr", "en"):
        assert len(decision.reason[language]) > 30
        assert "{" not in decision.reason[language]
    assert (decision.until is None) == decision.wakes
    if decision.until is not None:
        assert found.local <= decision.until <= found.local + timedelta(hours=24)


def test_the_morning_is_the_wall_clock_s_also_where_the_hour_changes() -> None:
    before = datetime(2026, 10, 25, 1, 30, tzinfo=PARIS)  # the clocks go back at 03:00
    assert morning(before) == datetime(2026, 10, 25, 7, tzinfo=PARIS)
    longer = weigh(situation(suspicion=0.5, severity="medium", local=before)).expected_harm
    plain = weigh(situation(suspicion=0.5, severity="medium", local=before.replace(day=20))).expected_harm
    assert longer - plain == pytest.approx(0.5), "one more hour to wait"
    assert morning(datetime(2026, 11, 20, 23, tzinfo=UTC)).day == 21


def test_the_edges_of_the_night() -> None:
    assert [is_night(DAY.replace(hour=h, minute=m)) for h, m in ((22, 0), (6, 59))] == [True, True]
    assert [is_night(DAY.replace(hour=h, minute=m)) for h, m in ((7, 0), (21, 59))] == [False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_starts": time(23)},
        {"ask_from": 9.0},
        {"per_hour": {"low": 1.0}},
        {"per_hour": {"low": 0.0, "medium": 1.0, "high": 1.0, "critical": 1.0}},
        {"page_certainty": 1.5},
        {"wake_everybody": True},
    ],
)
def test_rules_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rules(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"suspicion": 1.2}, {"danger": -0.1}, {"reach": 5}, {"local": NIGHT.replace(tzinfo=None)}]
)
def test_a_situation_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"probabilities|reach|zone"):
        situation(**wrong)
