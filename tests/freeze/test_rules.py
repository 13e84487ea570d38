"""Who may raise, join and release the freeze, and what becomes of what it held (I3, I4, I8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.errors import IllegalTransition, Invalid
from sangfroid.freeze.drain import drain
from sangfroid.freeze.machine import FreezeStep, Machine
from sangfroid.freeze.pages import pages
from sangfroid.freeze.review import HeldReview
from sangfroid.organisation import load
from sangfroid.store import freeze as freezing
from tests.support.desks import EXAMPLE, TestDesk

LEAK: dict[str, Any] = {"asserted": {"confidential_leak": True}}
TEXTS = {"fr": "Nous sommes désolés.", "en": "We are sorry."}


def intents(desk: TestDesk, partition: str) -> list[dict[str, Any]]:
    return [
        item for (pk, sk), item in desk.table.items.items() if pk == partition and sk.startswith("INTENT#")
    ]


def drained(desk: TestDesk) -> freezing.Freeze:
    """The freeze once nothing is in flight."""
    freeze = freezing.read(desk.table)
    assert (
        drain(desk.table, desk.desk.freezer, lambda: desk.now, freeze.raised_epoch)["outcome"] == "effective"
    )
    return freezing.read(desk.table)


def approved(desk: TestDesk, case_id: str, texts: dict[str, str] = TEXTS) -> Any:
    version = desk.write(case_id, texts)
    needed = version.approvals_needed
    for person in ("emma", "dora", "dirk")[:needed]:
        desk.desk.responses.review(
            case_id, version.version, True, version.content_hash, "", person, director=False
        )
    return version


def leak(desk: TestDesk, text: str = "Les salaires de tous sont en ligne") -> str:
    """A leak that an insider vouches for, classified."""
    case_id = desk.report(text=text, **LEAK)
    desk.desk.triage.classify(case_id)
    return case_id


def machine_of(desk: TestDesk) -> Machine:
    """The steps of the freeze on the desk; nothing here touches the second lock."""
    room = desk.desk
    return Machine(room.casework, room.freezer, room.teller, room.channels, None)  # type: ignore[arg-type]


# -- raise and join


def test_an_asserted_leak_freezes_in_the_transaction_of_its_report() -> None:
    desk = TestDesk()
    case_id = desk.report(**LEAK)
    freeze = freezing.read(desk.table)
    assert (freeze.state, freeze.epoch, freeze.cases) == ("raised", 1, [case_id])
    assert [intent["name"] for intent in intents(desk, freezing.INTENTS)] == ["freeze-e1"]
    assert "freeze_raised" in [event.kind for event in desk.desk.casework.store.events(case_id)]


def test_a_report_that_joins_a_case_and_newly_vouches_for_a_leak_freezes() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    assert desk.desk.casework.read(case_id).case.case == 2
    assert desk.report(**LEAK) == case_id
    case = desk.desk.casework.read(case_id).case
    assert (case.case, case.leak) == (3, True)
    assert freezing.read(desk.table).cases == [case_id]
    assert desk.report(**LEAK) == case_id
    assert freezing.read(desk.table).epoch == 1, "a second report of the same leak raises nothing anew"


def test_a_responder_who_finds_a_leak_freezes_and_a_confirmation_does_not_freeze_again() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 3, leak=True, reason="it is a leak")
    assert freezing.read(desk.table).holding == [case_id]
    desk.release("all")
    assert not freezing.read(desk.table).active
    desk.triage(case_id, 3, leak=True, reason="start the procedure again")
    assert not freezing.read(desk.table).active


def test_a_director_freezes_without_a_case_and_two_end_it() -> None:
    desk = TestDesk()
    document = desk.desk.freezer.raise_freeze(None, "something is wrong", "dora")
    assert (document["state"], document["holding"]) == ("raised", [])
    assert desk.desk.freezer.raise_freeze(None, "again", "dirk")["epoch"] == 1, "joined"
    with pytest.raises(IllegalTransition, match="no statement"):
        desk.desk.freezer.release("statement", "", "dora")
    assert desk.desk.freezer.release("all", "", "dora")[0] is False
    complete, document = desk.desk.freezer.release("all", "", "dirk")
    assert complete
    assert document["state"] == "open"


def test_two_leaks_share_the_freeze_and_it_ends_with_the_second_release() -> None:
    desk = TestDesk()
    first, second = leak(desk), leak(desk, "Le code source est sur un forum")
    assert freezing.read(desk.table).holding == [first, second]
    assert len(intents(desk, freezing.INTENTS)) == 1, "one execution of the procedure"
    drained(desk)
    desk.release("all")
    freeze = freezing.read(desk.table)
    assert freeze.active
    assert freeze.holding == [second]
    desk.release("all", second)
    assert not freezing.read(desk.table).active


def test_a_second_leak_silences_a_released_statement_again() -> None:
    desk = TestDesk()
    first = leak(desk)
    drained(desk)
    approved(desk, first)
    desk.release("statement")
    assert freezing.read(desk.table).state == "statement"
    second = leak(desk, "Et maintenant les contrats")
    freeze = freezing.read(desk.table)
    assert (freeze.state, freeze.statements, freeze.holding) == ("raised", {}, [first, second])
    assert [intent["name"] for intent in intents(desk, freezing.INTENTS) if intent["action"] == "start"] == [
        "freeze-e1",
        "freeze-e3",
    ]


def test_a_case_that_joins_an_effective_freeze_has_its_evidence_at_once() -> None:
    desk = TestDesk()
    leak(desk)
    drained(desk)
    second = leak(desk, "Et maintenant les contrats")
    duty = desk.desk.casework.read(second).case.duty("C3.0a")
    assert duty is not None
    assert duty.state == "done"


# -- release


def test_one_director_does_not_count_twice() -> None:
    desk = TestDesk()
    leak(desk)
    drained(desk)
    assert desk.desk.freezer.release("all", "", "dora")[0] is False
    with pytest.raises(IllegalTransition, match="different director"):
        desk.desk.freezer.release("all", "", "dora")
    assert freezing.read(desk.table).active


def test_a_vote_for_a_statement_does_not_count_after_a_change_of_the_text() -> None:
    desk = TestDesk()
    case_id = leak(desk)
    drained(desk)
    approved(desk, case_id)
    assert desk.desk.freezer.release("statement", "", "dora")[0] is False
    second = approved(desk, case_id, {"fr": "Pardon.", "en": "We apologise."})
    assert desk.desk.freezer.release("statement", "", "dirk")[0] is False, (
        "the first vote was for another text"
    )
    complete, document = desk.desk.freezer.release("statement", "", "dora")
    assert complete
    assert document["statements"] == {case_id: second.content_hash}


def test_votes_of_different_stages_do_not_add_up() -> None:
    desk = TestDesk()
    case_id = leak(desk)
    drained(desk)
    approved(desk, case_id)
    assert desk.desk.freezer.release("statement", "", "dora")[0] is False
    assert desk.desk.freezer.release("all", "", "dirk")[0] is False
    assert freezing.read(desk.table).state == "effective"


def test_a_statement_waits_until_nothing_is_in_flight_and_needs_an_approved_text() -> None:
    desk = TestDesk()
    case_id = leak(desk)
    with pytest.raises(IllegalTransition, match="drained"):
        desk.desk.freezer.release("statement", "", "dora")
    drained(desk)
    with pytest.raises(IllegalTransition, match="no approved response"):
        desk.desk.freezer.release("statement", "", "dora")
    with pytest.raises(IllegalTransition, match="does not hold"):
        desk.desk.freezer.release("all", "", "dora", case_id="case-unknown")
    assert freezing.read(desk.table).holding == [case_id]


def test_nothing_is_released_where_nothing_is_frozen() -> None:
    with pytest.raises(IllegalTransition, match="no freeze"):
        TestDesk().desk.freezer.release("all", "", "dora")


# -- suspicion


def test_a_leak_that_only_the_text_suggests_does_not_freeze_and_a_director_decides() -> None:
    desk = TestDesk(case=3, leak=True, leak_suspected=True)
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    assert not freezing.read(desk.table).active
    started = [intent["machine"] for intent in intents(desk, f"CASE#{case_id}")]
    assert started.count("suspicion") == 1
    assert "freeze" not in started
    answer = desk.desk.freezer.decide_suspicion(case_id, True, "better safe", "dora")
    assert answer["outcome"] == "frozen"
    assert freezing.read(desk.table).holding == [case_id]
    with pytest.raises(IllegalTransition, match="waits for a decision"):
        desk.desk.freezer.decide_suspicion(case_id, False, "", "dora")


def test_the_button_that_freezes_answers_the_suspicion_of_its_case() -> None:
    """A director at night presses "Freeze everything" for the case: the question is answered, and the search has its duty."""
    desk = TestDesk(case=2, leak=False, leak_suspected=True, confidence=0.5)
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    assert desk.desk.casework.read(case_id).case.suspicion == "pending"
    desk.desk.freezer.raise_freeze(case_id, "the payroll is ours", "dora")
    case = desk.desk.casework.read(case_id).case
    assert (case.suspicion, case.case, case.leak, case.status) == ("frozen", 3, True, "responding")
    assert case.why == "the payroll is ours"
    search = case.duty("C3.0c")
    assert search is not None
    assert (search.state, search.owner) == ("open", "dev")


def test_a_freeze_for_a_case_of_another_kind_classifies_nothing() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    desk.desk.freezer.raise_freeze(case_id, "something is wrong", "dora")
    case = desk.desk.casework.read(case_id).case
    assert (case.case, case.leak) == (2, False)


def test_a_declined_suspicion_owes_nothing_of_a_leak() -> None:
    desk = TestDesk(case=3, leak=True, leak_suspected=True)
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    desk.desk.freezer.decide_suspicion(case_id, False, "an old press release", "dora")
    case = desk.desk.casework.read(case_id).case
    assert not case.leak
    assert {duty.id: duty.state for duty in case.duties}["C3.0c"] == "waived"
    assert not freezing.read(desk.table).active


def test_a_setting_makes_suspicion_freeze() -> None:
    organisation = load(EXAMPLE)
    strict = organisation.thresholds.model_copy(update={"suspicion_freezes": True})
    desk = TestDesk(organisation.model_copy(update={"thresholds": strict}), case=2, leak_suspected=True)
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    assert freezing.read(desk.table).holding == [case_id]


# -- held


def published_before_the_leak(desk: TestDesk) -> tuple[str, list[str]]:
    """A case of another brand's trouble with an approved response that nobody has sent yet."""
    case_id = desk.report(text="Panne générale")
    desk.desk.triage.classify(case_id)
    version = approved(desk, case_id)
    desk.desk.ending.close_duty(case_id, "C2.3", "waived", None, "told by telephone, one by one", "ben")
    return case_id, desk.desk.publication.plan(case_id, version.version, "all")["deliveries"]


def end_freeze(desk: TestDesk) -> dict[str, Any]:
    desk.release("all")
    review = HeldReview(desk.desk.casework)
    return review.step(freezing.read(desk.table).raised_epoch)


def test_what_was_held_goes_back_to_review_and_leaves_once_approved_again() -> None:
    desk = TestDesk()
    case_id, keys = published_before_the_leak(desk)
    leak(desk)
    drained(desk)
    assert {desk.desk.publication.send(case_id, key).outcome for key in keys} == {"held"}
    assert {entry["delivery"] for entry in desk.desk.freezer.document()["held"]} == set(keys)
    answer = end_freeze(desk)
    assert answer["returned"] == [{"case_id": case_id, "version": 1}]
    assert {desk.desk.publication.send(case_id, key).outcome for key in keys} == {"held"}, (
        "nothing goes out by itself"
    )
    assert not desk.reached("public", "community", "customer", "partner")
    file = desk.desk.casework.read(case_id)
    assert file.responses[0].state == "in_review"
    assert file.case.clock("response_ready").state == "met"
    needed = file.responses[0].approvals_needed
    for person in ("emma", "dora")[:needed]:
        desk.desk.responses.review(
            case_id, 1, True, file.responses[0].content_hash, "", person, director=False
        )
    sent = {desk.desk.publication.send(case_id, key).outcome for key in keys if "press-list" not in key}
    assert sent == {"published"}
    assert not desk.desk.freezer.document()["held"]


def test_a_delivery_that_was_waiting_unseen_is_held_as_well_after_the_freeze() -> None:
    """It never met the freeze, but its version is back in review: it must not be cancelled, and must not go out."""
    desk = TestDesk()
    case_id, keys = published_before_the_leak(desk)
    leak(desk)
    drained(desk)
    assert desk.desk.publication.send(case_id, keys[0]).outcome == "held"
    end_freeze(desk)
    assert desk.desk.publication.send(case_id, keys[1]).outcome == "held"


def test_held_things_of_a_closed_case_and_of_a_voided_text_are_dropped_with_a_note() -> None:
    desk = TestDesk()
    case_id, keys = published_before_the_leak(desk)
    leak(desk)
    drained(desk)
    for key in keys:
        desk.desk.publication.send(case_id, key)
    desk.write(case_id, {"fr": "Pardon.", "en": "Sorry."})
    end_freeze(desk)
    assert {delivery.state for delivery in desk.desk.casework.read(case_id).deliveries.values()} == {
        "cancelled"
    }
    assert not desk.desk.freezer.document()["held"]


def test_team_notices_of_every_case_are_held_and_dropped_and_clock_reminders_go_out_of_band() -> None:
    desk = TestDesk()
    other, _ = published_before_the_leak(desk)
    leak(desk)
    drained(desk)
    desk.desk.notices.tell(other, "review_requested", "one", ["approver"], "team", {}, room=True)
    assert not desk.reached("team")
    desk.desk.notices.tell(
        other, "clock_reminder", "two", ["on_call"], "team", {"clock": "response_published"}, room=True
    )
    assert len(desk.reached("out_of_band")) == 1
    held = [entry for entry in desk.desk.freezer.document()["held"] if entry["case_id"] == other]
    assert {entry["kind"] for entry in held} == {"review_requested"}
    answer = end_freeze(desk)
    assert answer["told_anew"] == [other]
    assert not desk.reached("team")
    (dropped,) = [event for event in desk.desk.casework.store.events(other) if event.kind == "held_dropped"]
    assert dropped.data["notices"] == len(held)


def test_a_page_about_the_freeze_carries_no_content_of_any_case() -> None:
    desk = TestDesk()
    case_id = desk.report(text="SECRET-WORDS", **LEAK)
    kinds = ("frozen", "suspension_failed", "release_awaited", "drain_failing", "procedure_failed")
    for kind in kinds:
        for _ in range(2):
            for called in pages(desk.organisation, desk.now, kind, "one", ["everybody"], frozen=True):
                for letter in called.letters:
                    desk.desk.teller.tell(letter)
    desk.desk.notices.tell(
        case_id, "leak_source", "one", ["security_lead"], "out_of_band", {"duty": "C3.0c"}, room=False
    )
    letters = desk.reached("out_of_band")
    reachable = [
        person
        for person in desk.organisation.people
        if any(reach.channel == "pager" for reach in person.reach)
    ]
    assert len(letters) == len(kinds) * len(reachable) + 1, (
        "everybody once an occasion, however often the step is repeated"
    )
    for letter in letters:
        assert "Nuage" not in letter.text
        assert "SECRET-WORDS" not in letter.text


def test_a_release_wakes_the_procedure_which_calls_the_other_director() -> None:
    desk = TestDesk()
    desk.report(**LEAK)
    desk.freeze()
    machine = machine_of(desk)
    machine.run(FreezeStep(step="wait", epoch=1, name="w", token="t"))  # noqa: S106
    desk.desk.freezer.release("all", "over", "dora")
    woken = [
        one["payload"]["outcome"] for one in intents(desk, freezing.INTENTS) if one["action"] == "resume"
    ]
    assert woken == ["requested"]
    machine.run(FreezeStep(step="page", epoch=1, kind="release_requested", occasion="o", roles=["director"]))
    assert [letter.recipient for letter in desk.reached("out_of_band")] == ["+33100000007"], "Dirk, not Dora"


def test_whoever_cannot_be_told_of_the_freeze_is_shown_and_hears_of_its_end() -> None:
    desk = TestDesk()
    case_id = desk.report(**LEAK)
    desk.freeze()
    machine = machine_of(desk)
    step = FreezeStep(step="page", epoch=1, kind="frozen", occasion="o", roles=["everybody"])
    machine.run(step)
    assert desk.desk.freezer.document()["unreached"] == ["chloe", "agency"], "they have no pager"
    desk.release("all", case_id)
    machine.run(step.model_copy(update={"kind": "freeze_over"}))
    assert desk.desk.freezer.document()["unreached"] == []
    (chloe,) = [one for one in desk.reached("team") if one.recipient == "chloe@nuage.example"]
    assert "levé" in chloe.text


def test_the_drain_waits_for_whatever_may_be_in_flight_and_takes_back_what_is_over() -> None:
    desk = TestDesk()
    desk.desk.freezer.raise_freeze(None, "x", "dora")
    over = freezing.permit("over", "c", "x", "k1", desk.now - timedelta(seconds=3))
    calling = freezing.permit("calling", "c", "x", "k2", desk.now + timedelta(seconds=60))
    desk.table.transact([over, calling])
    look = drain(desk.table, desk.desk.freezer, lambda: desk.now, 1)
    assert look["outcome"] == "wait"
    desk.advance(timedelta(seconds=60))
    assert drain(desk.table, desk.desk.freezer, lambda: desk.now, 1)["outcome"] == "wait", (
        "clocks may stand apart"
    )
    assert [sk for (pk, sk) in desk.table.items if pk == freezing.PERMITS] == ["calling"]
    desk.advance(freezing.CLOCK_SKEW)
    assert drain(desk.table, desk.desk.freezer, lambda: desk.now, 1)["outcome"] == "effective"
    assert not [sk for (pk, sk) in desk.table.items if pk == freezing.PERMITS]


def test_a_proof_is_wanted_for_a_channel_that_a_person_must_stop() -> None:
    desk = TestDesk()
    desk.desk.freezer.raise_freeze(None, "x", "dora")
    with pytest.raises(Invalid):
        desk.desk.freezer.close_checklist("x", " ", "ana")
