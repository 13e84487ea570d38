"""What procedures wait for: each condition alone, what answers it, and whether its wait outlives a classification."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sangfroid.casefile import CaseFile
from sangfroid.cases.conditions import CONDITIONS, outcome_of
from sangfroid.model import Case, Delivery, Duty, NoResponse, OrderDecision, ResponseVersion, Retraction, Wait

ROOT = Path(__file__).parents[2]
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OUT_KEY = "case-1:v1:x:fr"
BACK_KEY = "case-1:v1:x:fr:retract"

Happens = Callable[[CaseFile], None]


def case_file() -> CaseFile:
    """A case of type 2 in its first classification: a response under review, nothing delivered, C2.3 and C3.0c owed."""
    case = Case(
        id="case-1",
        brand="Nuage SA",
        status="responding",
        case=2,
        first_published_at=NINE,
        opened_at=NINE,
        opened_by="ana",
        updated_at=NINE,
        round=1,
        duties=[
            Duty(id=duty, title={"fr": duty}, role="community_manager", opened_at=NINE)
            for duty in ("C2.3", "C3.0c")
        ],
    )
    file = CaseFile(case, NINE, "ana")
    text(file, 1, "in_review")
    delivery(file, OUT_KEY, "sending")
    delivery(file, BACK_KEY, "sending", act="retract")
    return file


def text(file: CaseFile, number: int, state: Any, kind: Any = "response") -> None:
    file.responses = [one for one in file.responses if one.version != number] + [
        ResponseVersion(
            case_id="case-1", version=number, kind=kind, texts={"fr": "Bonjour"}, content_hash="h", by="ana",
            at=NINE, round=1, state=state,
        )
    ]  # fmt: skip


def delivery(file: CaseFile, key: str, state: Any, kind: str = "response", act: Any = "publish") -> None:
    file.deliveries[key] = Delivery(
        key=key, case_id="case-1", kind=kind, channel="x", audience="public", language="fr", version=1,
        state=state, act=act, created_at=NINE,
    )  # fmt: skip


def proposed(file: CaseFile, *, confirmed: bool) -> None:
    file.deliveries[OUT_KEY].retraction = Retraction(
        reason="a mistake", proposed_by="ana", proposed_at=NINE, confirmed_at=NINE if confirmed else None
    )


def proposal(file: CaseFile) -> None:
    file.case.no_response = NoResponse(
        reason="a provoker", reopen_if=["press"], proposed_by="ana", proposed_at=file.now
    )


def silence(file: CaseFile) -> None:
    """It is decided, by two, that nothing is answered."""
    file.case.no_response = NoResponse(
        reason="a rumour", reopen_if=["press"], proposed_by="ana", proposed_at=NINE, confirmed_by="emma",
        confirmed_at=NINE,
    )  # fmt: skip


def order(file: CaseFile) -> None:
    """An approver decides who hears first."""
    file.case.community_first = OrderDecision(first=True, reason="the market knows", by="emma", at=NINE)


def reopened(file: CaseFile) -> None:
    silence(file)
    assert file.case.no_response is not None
    file.case.no_response.reopened_at = NINE


def settled(state: Any, duty_id: str) -> Happens:
    def happens(file: CaseFile) -> None:
        duty = file.case.duty(duty_id)
        assert duty is not None
        duty.state = state

    return happens


def anew(file: CaseFile) -> None:
    """The case is classified again."""
    file.case.round = 2


def nothing(file: CaseFile) -> None:
    pass


def suspicion(decided: str) -> Happens:
    return lambda file: setattr(file.case, "suspicion", decided)


ANSWERS: list[tuple[str, Happens, dict[str, Any] | None]] = [
    ("classified", nothing, None),
    ("classified", anew, {"outcome": "classified"}),
    ("freeze_decided", suspicion("pending"), None),
    ("freeze_decided", suspicion("frozen"), {"outcome": "frozen"}),
    ("freeze_decided", suspicion("declined"), {"outcome": "declined"}),
    ("settled:C3.0c", nothing, None),
    ("settled:C3.0c", settled("waived", "C3.0c"), {"outcome": "waived"}),
    ("settled:C9.9", nothing, None),
    ("agency_replied:C2.3", nothing, None),
    ("agency_replied:C2.3", settled("done", "C2.3"), {"outcome": "done"}),
    ("agency_replied:C2.3", anew, {"outcome": "interrupted"}),
    (f"retraction_decided:{OUT_KEY}", lambda file: proposed(file, confirmed=False), None),
    (f"retraction_decided:{OUT_KEY}", lambda file: proposed(file, confirmed=True), {"outcome": "decided"}),
    (f"retraction_decided:{OUT_KEY}", nothing, {"outcome": "decided"}),
    (f"delivery:{OUT_KEY}", nothing, None),
    (f"delivery:{OUT_KEY}", silence, None),
    (f"delivery:{OUT_KEY}", lambda file: delivery(file, OUT_KEY, "waiting"), {"outcome": "waiting"}),
    (f"delivery:{OUT_KEY}", lambda file: delivery(file, OUT_KEY, "published"), {"outcome": "published"}),
    (f"delivery:{OUT_KEY}", lambda file: delivery(file, OUT_KEY, "cancelled"), {"outcome": "superseded"}),
    (f"delivery:{OUT_KEY}", lambda file: file.deliveries.clear(), {"outcome": "superseded"}),
    ("deliveries:1:all", lambda file: file.deliveries.clear(), {"outcome": "settled"}),
    ("deliveries:1:all", lambda file: setattr(file.case, "open_deliveries", {"1:public": 1}), None),
    (
        "deliveries:1:community",
        lambda file: setattr(file.case, "open_deliveries", {"1:public": 1}),
        {"outcome": "settled"},
    ),
    ("deliveries:1:retraction:none", lambda _: None, {"outcome": "settled"}),
    (
        f"delivery:{BACK_KEY}",
        lambda file: delivery(file, BACK_KEY, "cancelled", act="retract"),
        {"outcome": "cancelled"},
    ),
    ("review_decided:1", nothing, None),
    ("review_decided:1", silence, {"outcome": "no_response"}),
    ("review_decided:1", lambda file: text(file, 1, "approved"), {"outcome": "approved", "version": 1}),
    ("review_decided:1", lambda file: text(file, 1, "rejected"), {"outcome": "rejected", "version": 1}),
    ("review_decided:1", lambda file: text(file, 1, "superseded"), {"outcome": "superseded"}),
    ("review_decided:7", nothing, {"outcome": "superseded"}),
    ("review_decided:1", lambda file: text(file, 1, "in_review", "update"), None),
    (
        "review_decided:1",
        lambda file: text(file, 1, "superseded", "update"),
        {"outcome": "superseded", "version": 1},
    ),
    ("response_written", nothing, {"outcome": "written", "version": 1}),
    ("response_written", lambda file: text(file, 1, "rejected"), None),
    ("response_written", silence, {"outcome": "no_response"}),
    ("order_decided", lambda file: text(file, 1, "approved"), None),
    ("order_decided", nothing, {"outcome": "superseded"}),
    ("order_decided", order, {"outcome": "decided"}),
    ("order_decided", silence, {"outcome": "no_response"}),
    ("duty:C2.3", lambda file: text(file, 1, "approved"), None),
    ("duty:C2.3", silence, None),
    ("duty:C2.3", nothing, {"outcome": "superseded"}),
    ("duty:C2.3", settled("waived", "C2.3"), {"outcome": "done"}),
    ("duty:C9.9", nothing, {"outcome": "done"}),
    ("no_response_decided", proposal, None),
    ("no_response_decided", silence, {"outcome": "decided"}),
    ("no_response_decided", nothing, {"outcome": "decided"}),
    ("reopened_or_closed", silence, None),
    ("reopened_or_closed", reopened, {"outcome": "reopened"}),
    ("taken_over", silence, None),
    ("closed", silence, None),
]


def wait(until: str) -> Wait:
    return Wait.model_validate({"name": "w", "until": until, "token": "t", "round": 1, "since": NINE})


def test_every_condition_stands_in_the_table_of_answers() -> None:
    assert {until.partition(":")[0] for until, _, _ in ANSWERS} == set(CONDITIONS)


@pytest.mark.parametrize(("until", "happens", "outcome"), ANSWERS)
def test_what_answers_a_condition(until: str, happens: Happens, outcome: dict[str, Any] | None) -> None:
    file = case_file()
    happens(file)
    assert outcome_of(wait(until), file) == outcome


@pytest.mark.parametrize("until", sorted({until for until, _, _ in ANSWERS}))
def test_the_close_ends_every_wait(until: str) -> None:
    file = case_file()
    file.case.status = "closed"
    assert outcome_of(wait(until), file) == {"outcome": "closed"}


INTERRUPTED = {
    "order_decided",
    f"delivery:{OUT_KEY}", "review_decided:1", "review_decided:7", "response_written", "agency_replied:C2.3", "duty:C2.3",
    "duty:C9.9",
    "no_response_decided", "reopened_or_closed", "taken_over", "closed",
}  # fmt: skip


@pytest.mark.parametrize("until", sorted({until for until, _, _ in ANSWERS}))
def test_a_classification_interrupts_what_it_does_not_outlive(until: str) -> None:
    file = case_file()
    anew(file)
    outcome = outcome_of(wait(until), file)
    assert (outcome == {"outcome": "interrupted"}) == (until in INTERRUPTED)


def test_what_follows_the_response_outlives_a_classification_and_a_silence() -> None:
    file = case_file()
    text(file, 1, "in_review", "correction")
    delivery(file, OUT_KEY, "failed", kind="correction")
    anew(file)
    silence(file)
    assert outcome_of(wait("review_decided:1"), file) is None
    assert outcome_of(wait(f"delivery:{OUT_KEY}"), file) is None
    delivery(file, OUT_KEY, "cancelled", kind="correction")
    assert outcome_of(wait(f"delivery:{OUT_KEY}"), file) == {"outcome": "cancelled"}


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown condition 'tea_is_ready'"):
        outcome_of(wait("tea_is_ready"), case_file())


def test_every_condition_that_a_machine_names_is_known() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "statemachine").glob("*.yaml"))
    named = set(re.findall(r"""until: "?(?:\{% ')?(\w+)""", written))
    assert {"classified", "response_written", "duty", "delivery", "review_decided"} <= named
    assert named <= set(CONDITIONS)
