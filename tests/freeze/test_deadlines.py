"""A deadline that passes while the freeze forbids to speak: neither forgiven nor called missed (docs/freeze.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.freeze.drain import drain
from sangfroid.http import report, report_page
from sangfroid.model import Case, Clock, ClockId
from tests.support.desks import NINE, TestDesk

TEXTS = {
    "fr": "Nous vous présentons nos excuses. Prochaine nouvelle le 20 novembre à 20 h.",
    "en": "We apologise. Next news on 20 November at 20:00.",
}


def frozen_at(hours: float, *, case: int = 2) -> tuple[TestDesk, str]:
    """A case of 08:00 that is no leak, recognised at 09:00, and a freeze for another one so long after."""
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, case)  # type: ignore[arg-type]
    desk.advance(timedelta(hours=hours))
    desk.freeze()
    return desk, case_id


def case_of(desk: TestDesk, case_id: str) -> Case:
    return desk.desk.casework.read(case_id).case


def at(desk: TestDesk, case_id: str, clock_id: ClockId) -> Clock:
    """The clock at its deadline, looked at."""
    clock = case_of(desk, case_id).clock(clock_id)
    desk.now = clock.due_at
    for _ in range(2):  # a reminder that nobody gave comes first
        desk.desk.procedures.look_at_clock(case_id, clock_id, clock.generation, act=True)
    return case_of(desk, case_id).clock(clock_id)


def events(desk: TestDesk, case_id: str, kind: str) -> list[dict[str, Any]]:
    return [one.data for one in desk.desk.casework.store.events(case_id) if one.kind == kind]


@pytest.mark.parametrize("clock_id", ["first_word", "response_published"])
def test_what_a_freeze_forbade_at_its_deadline_is_late_and_nobody_missed_it(clock_id: ClockId) -> None:
    desk, case_id = frozen_at(0.5)
    frozen = desk.now
    clock = at(desk, case_id, clock_id)
    assert (clock.state, clock.frozen_since) == ("breached", frozen)
    (said,) = events(desk, case_id, "clock_breached")
    assert said["frozen_since"] == "2026-11-20T09:30:00Z"


def test_writing_and_approving_is_not_forbidden_so_that_deadline_is_missed() -> None:
    desk, case_id = frozen_at(0.5)
    clock = at(desk, case_id, "response_ready")
    assert (clock.state, clock.frozen_since) == ("breached", None)


def test_a_deadline_that_had_passed_before_the_freeze_was_missed() -> None:
    desk, case_id = frozen_at(1.5)
    for _ in range(2):
        desk.desk.procedures.look_at_clock(case_id, "first_word", 1, act=True)
    clock = case_of(desk, case_id).clock("first_word")
    assert (clock.state, clock.frozen_since) == ("breached", None)


def test_a_deadline_after_the_release_was_missed() -> None:
    desk, case_id = frozen_at(0.5)
    desk.desk.freezer.release("all", "over", "dora")
    desk.desk.freezer.release("all", "over", "dirk")
    assert at(desk, case_id, "first_word").frozen_since is None


def test_what_follows_the_freeze_is_met_late_and_still_says_why() -> None:
    desk, case_id = frozen_at(0.5, case=1)
    at(desk, case_id, "first_word")
    desk.desk.freezer.release("all", "over", "dora")
    desk.desk.freezer.release("all", "over", "dirk")
    desk.advance(timedelta(hours=1))
    desk.publish(case_id, desk.approve(case_id, TEXTS))
    clock = case_of(desk, case_id).clock("first_word")
    assert (clock.state, clock.frozen_since) == ("met_late", NINE + timedelta(minutes=30))


def test_a_statement_that_may_leave_is_not_held() -> None:
    desk = TestDesk()
    case_id = desk.report(text="Nos mots de passe sont en ligne", asserted={"confidential_leak": True})
    desk.triage(case_id, 3, leak=True)
    version = desk.write(case_id, TEXTS)
    desk.review(case_id, version, "emma", "dora")
    assert drain(desk.table, desk.desk.freezer, lambda: desk.now, 1)["outcome"] == "effective"
    desk.release("statement", case_id)
    assert at(desk, case_id, "first_word").frozen_since is None


def test_rounds_of_news_are_held_and_rounds_of_reading_are_missed() -> None:
    desk, case_id = frozen_at(0.5, case=3)
    desk.now = NINE + timedelta(hours=24)
    first = desk.desk.procedures.look_at_rounds(case_id, ["C3.3", "R6"])
    assert (first["outcome"], first["duty"]) == ("missed", "C3.3"), "moderating is reading and capturing now"
    second = desk.desk.procedures.look_at_rounds(case_id, ["C3.3", "R6"])
    assert second["outcome"] == "wait", "nobody is called for what is forbidden"
    case = case_of(desk, case_id)
    counted = {one.id: (one.rounds_missed, one.rounds_held) for one in case.duties if one.every_hours}
    assert counted == {"C3.3": (1, 0), "R6": (0, 1)}
    assert [one["duty"] for one in events(desk, case_id, "round_held")] == ["R6"]
    duty = case.duty("R6")
    assert duty is not None
    assert (duty.state, duty.due_at) == ("open", NINE + timedelta(hours=48)), "and it stays owed"


def test_a_promise_is_broken_for_those_who_read_it_and_nobody_is_called_for_it() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 1)
    desk.publish(case_id, desk.approve(case_id, TEXTS))
    (promise,) = [one for one in case_of(desk, case_id).duties if one.promised_in is not None]
    assert promise.due_at is not None
    desk.freeze()
    frozen = desk.now
    desk.now = promise.due_at
    assert desk.desk.procedures.look_at_rounds(case_id, [promise.id])["outcome"] == "over"
    held = case_of(desk, case_id).duty(promise.id)
    assert held is not None
    assert (held.state, held.broken_at, held.frozen_since) == ("open", promise.due_at, frozen)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["Ce que le gel a retenu", "retenue par le gel", "échus pendant le gel"]),
        ("en", ["What the freeze held", "held by the freeze", "ended during the freeze"]),
    ],
)  # fmt: skip
def test_the_report_tells_it_apart(language: Any, words: list[str]) -> None:
    desk, case_id = frozen_at(0.5, case=3)
    at(desk, case_id, "first_word")
    desk.now = NINE + timedelta(hours=24)
    desk.desk.procedures.look_at_rounds(case_id, ["R6"])
    file = desk.desk.casework.read(case_id)
    told = report.build(file, list(desk.desk.casework.store.events(case_id)), language)
    assert len([line for line in told.held if "R6" in line]) == 1
    assert not [line for line in told.late if "R6" in line]
    page = report_page.page(told, language)
    for said in words:
        assert said in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_due_at_a_deadline_that_the_freeze_held_is_held_with_it(language: Any) -> None:
    desk, case_id = frozen_at(0.5)
    clock = at(desk, case_id, "response_published")
    desk.advance(timedelta(hours=1))
    file = desk.desk.casework.read(case_id)
    told = report.build(file, list(desk.desk.casework.store.events(case_id)), language)
    assert clock.escalations > 0
    for name in ("C2.3", "C2.4", "(48 h)"):
        assert [line for line in told.held if name in line], name
        assert not [line for line in told.late if name in line], name
    assert [line for line in told.late if "C2.2" in line], "writing was never forbidden"


def test_people_are_told_that_the_freeze_forbids_it_not_that_they_are_late() -> None:
    desk, case_id = frozen_at(0.5)
    at(desk, case_id, "first_word")
    desk.desk.notices.tell(
        case_id, "clock_breached", "x", ["on_call"], "out_of_band", {"clock": "first_word"}, room=False
    )
    told = [letter.text for letter in desk.reached("out_of_band")]
    assert told
    assert all("gel" in text or "freeze" in text for text in told)
    assert not [text for text in told if "put right" in text or "encore agir" in text]
