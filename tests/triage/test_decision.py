"""Insider facts, contradictions, thresholds."""

from __future__ import annotations

from typing import Any

import pytest

from sangfroid.triage import Candidate, Embedded, Report, Verdict, decide


class Fixed:
    """A classifier that always says the same."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def classify(self, report: Report) -> Verdict:
        return self.verdict


def verdict(
    case: Any, leak: bool = False, confidence: float = 0.97, second: Any = None, **more: Any
) -> Verdict:
    return Verdict(
        case=case,
        leak=leak,
        leak_suspected=more.pop("leak_suspected", leak),
        author="customer",
        severity="low",
        confidence=confidence,
        by="model",
        why="-",
        alternatives=[
            Candidate(case=case, leak=leak, probability=confidence),
            Candidate(case=second, leak=False, probability=1 - confidence),
        ],
        **more,
    )


def report(text: str = "-", notes: str = "", **asserted: Any) -> Report:
    message = {"text": text, "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
    return Report.model_validate({"brand": "B", "message": message, "notes": notes, "asserted": asserted})


def test_an_asserted_leak_is_case_3_and_sure_whatever_the_text_says() -> None:
    found = decide(report("Thanks, lovely staff!", confidential_leak=True), Embedded.load())
    assert (found.case, found.leak, found.leak_suspected, found.sure, found.by) == (
        3,
        True,
        True,
        True,
        "insider",
    )
    assert found.severity in ("high", "critical")
    assert found.contradictions, "that the text reads otherwise is shown"


@pytest.mark.parametrize(
    ("read", "at_fault", "expected"),
    [(1, "company", 2), (2, "external", 1), (4, "company", 3), (3, "external", 4)],
)
def test_the_insider_decides_whose_fault_it_is_and_the_contradiction_is_shown(
    read: int, at_fault: str, expected: int
) -> None:
    found = decide(report(at_fault=at_fault), Fixed(verdict(read)))
    assert found.case == expected
    assert found.by == "insider"
    assert found.contradictions
    assert not found.sure, "two sources at odds: a person looks"


def test_an_insider_who_agrees_makes_it_surer() -> None:
    found = decide(report(at_fault="external"), Fixed(verdict(1, confidence=0.6, second=2)))
    assert found.case == 1
    assert found.confidence > 0.9
    assert not found.contradictions
    assert found.sure


def test_fault_does_not_undo_a_leak() -> None:
    found = decide(report(at_fault="external"), Fixed(verdict(3, leak=True)))
    assert (found.case, found.leak) == (3, True)


def test_a_denied_leak_leaves_the_suspicion_and_asks_a_person() -> None:
    found = decide(report(confidential_leak=False), Fixed(verdict(3, leak=True, second=2)))
    assert not found.leak
    assert found.leak_suspected
    assert not found.sure
    assert found.case == 2
    assert found.contradictions


def test_below_the_threshold_a_person_is_asked_with_two_candidates() -> None:
    found = decide(report(), Fixed(verdict(2, confidence=0.6, second=1)), threshold=0.7)
    assert not found.sure
    assert [c.case for c in found.alternatives] == [2, 1]
    assert decide(report(), Fixed(verdict(2, confidence=0.7)), threshold=0.7).sure


def test_a_mere_suspicion_of_a_leak_is_never_settled_without_a_person() -> None:
    assert not decide(report(), Fixed(verdict(2, leak_suspected=True)), threshold=0.5).sure
