"""A case before anything is public, the first word, and the plan of each case (R1, R10), on the in-memory desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sangfroid.errors import IllegalTransition, Invalid
from sangfroid.model import Case, PlannedAction, Submission
from sangfroid.triage.report import IncidentReport, ReportedMessage
from tests.support.desks import NINE, TestDesk

TEXTS = {"fr": "Nous vous présentons nos excuses.", "en": "We apologise."}
SLOTS = {
    "fr": {
        "fact": "la facturation a tourné deux fois",
        "concerned": "1 200 abonnés",
        "action": "nous annulons le second débit",
        "next": "le 20 novembre à 14 h",
    },
    "en": {
        "fact": "billing ran twice",
        "concerned": "1,200 subscribers",
        "action": "we undo the second charge",
        "next": "on 20 November at 14:00",
    },
}
ASKED = "Une journaliste demande si 1 200 abonnés ont été débités deux fois."


def enquiry(desk: TestDesk, *, known_at: datetime | None = None, **more: Any) -> str:
    body: dict[str, Any] = {
        "brand": "Nuage SA",
        "origin": "enquiry",
        "known_at": known_at,
        "notes": ASKED,
    } | more
    answer = desk.desk.reports.submit(IncidentReport.model_validate(body), body, None, "chloe")
    return str(answer["case_id"])


def case_of(desk: TestDesk, case_id: str) -> Case:
    return desk.desk.casework.read(case_id).case


def clocks(desk: TestDesk, case_id: str) -> dict[str, str]:
    return {clock.id: clock.state for clock in case_of(desk, case_id).clocks}


def public(desk: TestDesk, case_id: str, at: datetime) -> None:
    message = ReportedMessage(text="Nuage débite deux fois ses abonnés", platform="press", published_at=at)
    desk.desk.reports.add_message(case_id, message, "chloe")


# -- before anything is public


def test_a_question_opens_a_case_whose_response_clocks_start_with_the_first_public_message() -> None:
    desk = TestDesk()
    case_id = enquiry(desk)
    opened = case_of(desk, case_id)
    assert (opened.origin, opened.known_at, opened.first_published_at, opened.clocks) == (
        "enquiry",
        NINE,
        None,
        [],
    )
    assert opened.notes == ASKED
    desk.triage(case_id, 2)
    assert clocks(desk, case_id) == {"first_word": "running"}
    assert case_of(desk, case_id).duty("C2.2").due_at is None  # type: ignore[union-attr]
    desk.now = NINE + timedelta(hours=2, minutes=5)
    public(desk, case_id, NINE + timedelta(hours=2))
    began = case_of(desk, case_id)
    assert began.first_published_at == NINE + timedelta(hours=2)
    assert [clock.id for clock in began.clocks] == ["response_ready", "response_published", "first_word"]
    assert began.clock("response_ready").due_at == NINE + timedelta(hours=14)
    assert began.clock("response_published").due_at == NINE + timedelta(hours=50)
    # From then on I1 holds: an earlier message moves them, and leaves the desk's own clock alone.
    word = began.clock("first_word").due_at
    public(desk, case_id, NINE + timedelta(hours=1))
    moved = case_of(desk, case_id)
    assert moved.clock("response_ready").due_at == NINE + timedelta(hours=13)
    assert moved.clock("first_word").due_at == word == NINE + timedelta(hours=1)


def test_a_response_that_was_out_before_anybody_wrote_has_met_its_clocks() -> None:
    desk = TestDesk()
    case_id = enquiry(desk, origin="internal")
    desk.triage(case_id, 3)
    version = desk.approve(case_id, TEXTS)
    desk.publish(case_id, version)
    assert case_of(desk, case_id).status == "published"
    with pytest.raises(IllegalTransition, match="published already"):
        desk.write(case_id, TEXTS, "response")
    desk.advance(timedelta(hours=5))
    public(desk, case_id, desk.now)
    assert clocks(desk, case_id) == {
        "response_ready": "met",
        "response_published": "met",
        "first_word": "met",
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"origin": "message"}, "/message"),
        ({"notes": "x"}, "/notes"),
        ({"known_at": NINE + timedelta(hours=1)}, "/known_at"),
    ],
)
def test_what_a_report_without_a_message_must_say(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        enquiry(TestDesk(), **change)
    assert refused.value.errors[0].pointer == pointer


def test_triage_judges_what_was_asked() -> None:
    desk = TestDesk(case=2)
    case_id = enquiry(desk)
    assert desk.desk.triage.classify(case_id)["outcome"] == "classified"


# -- the first word


def test_the_first_word_counts_from_the_moment_a_crisis_is_recognised() -> None:
    desk = TestDesk()
    case_id = desk.report(ago=timedelta(hours=30))
    assert "first_word" not in clocks(desk, case_id), "it does not run in triage"
    desk.advance(timedelta(minutes=20))
    desk.triage(case_id, 1)
    word = case_of(desk, case_id).clock("first_word")
    assert (word.due_at, word.state) == (desk.now + timedelta(hours=1), "running")
    desk.triage(case_id, 2)
    assert case_of(desk, case_id).clock("first_word").due_at == word.due_at, "a case has one first word"
    late = enquiry(desk, known_at=NINE - timedelta(hours=2))
    desk.triage(late, 2)
    assert case_of(desk, late).clock("first_word").state == "breached"


def test_a_holding_text_is_the_first_word_and_stops_neither_of_the_other_clocks() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 3)
    texts = desk.desk.responses.texts_of(case_id, "holding", None, SLOTS)
    assert texts["en"] == (
        "What we know: billing ran twice. It concerns 1,200 subscribers. We apologise. "
        "What we are doing: we undo the second charge. Next news on 20 November at 14:00."
    )
    version = desk.desk.responses.submit(case_id, Submission(texts, "holding"), "ana")
    assert (version.kind, version.approvals_needed) == ("holding", 1)
    (asked,) = [item for item in desk.table.items.values() if item.get("machine") == "review"]
    assert asked["payload"]["patience"] == 15 * 60, "then a deputy is asked"
    desk.review(case_id, version)
    desk.publish(case_id, version.version)
    assert clocks(desk, case_id) == {
        "response_ready": "running",
        "response_published": "running",
        "first_word": "met",
    }
    assert case_of(desk, case_id).status == "responding"
    assert {letter.kind for letter in desk.reached("public")} == {"holding"}


def test_a_slot_that_says_nothing_is_refused_and_so_are_slots_of_another_kind() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    with pytest.raises(Invalid) as refused:
        desk.desk.responses.texts_of(case_id, "holding", None, {"fr": SLOTS["fr"] | {"action": "x"}})
    assert refused.value.errors[0].pointer == "/slots/fr/action"
    with pytest.raises(Invalid):
        desk.desk.responses.texts_of(case_id, "response", None, SLOTS)


def test_the_response_itself_is_a_first_word_at_its_first_publication() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    desk.publish(case_id, desk.approve(case_id, TEXTS), "community")
    assert clocks(desk, case_id)["first_word"] == "met"
    with pytest.raises(IllegalTransition, match="comes first"):
        desk.desk.publication.plan(case_id, 1, "all")


# -- the plan


def test_each_case_has_a_plan_with_a_named_person_for_each_action() -> None:
    for number in (1, 2, 3, 4):
        desk = TestDesk()
        case_id = desk.report()
        desk.triage(case_id, number)  # type: ignore[arg-type]
        plan = case_of(desk, case_id).plan
        assert plan is not None
        assert set(plan.objectives) == set(plan.strategy) == {"fr", "en"}
        known = {person.id for person in desk.organisation.people}
        assert plan.actions
        assert {action.person for action in plan.actions} <= known
        version = desk.write(case_id, TEXTS)
        assert version.objective == plan.objectives["fr"], "a text has an objective, written before it"


def test_a_plan_changes_with_a_note_and_is_kept() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    change = desk.desk.planning.change
    with pytest.raises(Invalid) as refused:
        change(case_id, "x", "ana", posture="correct")
    assert refused.value.errors[0].pointer == "/note"
    with pytest.raises(Invalid) as refused:
        change(
            case_id,
            "the agency advises it",
            "ana",
            actions=[PlannedAction(text="call the press", person="nobody")],
        )
    assert refused.value.errors[0].pointer == "/actions/0/person"
    change(case_id, "customers ask for refunds", "ana", objectives={"fr": "Que chacun soit remboursé."})
    plan = case_of(desk, case_id).plan
    assert plan is not None
    assert (plan.objectives["fr"], plan.note, plan.by) == (
        "Que chacun soit remboursé.",
        "customers ask for refunds",
        "ana",
    )
    assert desk.write(case_id, TEXTS).objective == "Que chacun soit remboursé."
    assert "plan_changed" in [event.kind for event in desk.desk.casework.store.events(case_id)]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("posture", ["deny", "attack"])
def test_denial_and_attack_are_refused_where_the_fault_is_ours(number: Any, posture: Any) -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, number)
    if number in (2, 3):
        with pytest.raises(Invalid) as refused:
            desk.desk.planning.change(case_id, "the board wants it", "ana", posture=posture)
        assert refused.value.errors[0].pointer == "/posture"
    else:
        desk.desk.planning.change(case_id, "the board wants it", "ana", posture=posture)
