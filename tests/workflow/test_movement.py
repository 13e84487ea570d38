"""What may change while everything runs: classification, text, decision; and what then holds (I5, C2.3, C4.2, C4.3)."""

from datetime import timedelta

import pytest

from local.stack import Stack
from sangfroid.model import rfc3339
from tests.support.crises import ANA, DORA, EMMA, OUTSIDE, TEXTS, Crisis

H = timedelta(hours=1)


@pytest.mark.parametrize("case", [1, 2, 3, 4])
def test_nothing_leaves_before_approval(stack: Stack, case: int) -> None:
    crisis = Crisis(stack)
    crisis.triage(case)
    written = crisis.write()
    crisis.advance(hours=8)
    assert crisis.left(*OUTSIDE) == []
    crisis.review(written)
    if case == 3:
        assert crisis.left(*OUTSIDE) == []  # C3.1: two approvers
        crisis.expect(
            409,
            EMMA,
            "POST",
            "/cases/{case}/response/1/review",
            {"decision": "approve", "content_hash": written["content_hash"], "comment": ""},
        )
        crisis.review(written, DORA)
    assert crisis.left("community")
    assert bool(crisis.left("public")) == (case in (1, 3))


@pytest.mark.parametrize(("case", "duty"), [(2, "C2.3"), (4, "C4.3")])
def test_the_community_is_told_first(stack: Stack, case: int, duty: str) -> None:
    crisis = Crisis(stack)
    crisis.triage(case)
    told = {"state": "done", "evidence": "told in the forum, thread 4711"}
    path = f"/cases/{{case}}/duties/{duty}"
    assert "no approved text" in crisis.expect(409, ANA, "POST", path, told)["detail"]
    crisis.approve()
    assert crisis.left("community")
    assert crisis.duty(duty)["state"] == "done"
    assert not crisis.left("team", kind="community_first"), "nobody has to tick what was delivered"
    crisis.advance(minutes=29)
    assert crisis.left("public") == []
    crisis.advance(minutes=1)
    assert len(crisis.left("public")) == 8
    community = max(item["at"] for item in crisis.left("community"))
    assert community < min(item["at"] for item in crisis.left("public"))


def test_reclassification_keeps_the_origin_and_voids_the_review(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.do("C1.1")
    written = crisis.write()
    due = [clock["due_at"] for clock in crisis.document["clocks"]]
    crisis.advance(hours=2)
    crisis.triage(2)
    document = crisis.document
    assert document["case"] == 2
    assert [clock["due_at"] for clock in document["clocks"]] == due
    assert document["responses"][0]["state"] == "superseded"
    states = {duty["id"]: duty["state"] for duty in document["duties"]}
    assert states["C1.1"] == "done"
    assert states["C1.2"] == "waived"
    assert states["C2.2"] == "open"
    difference = next(event for event in reversed(crisis.events) if event["kind"] == "duties_opened")["data"]
    assert set(difference["added"]) == {"C2.1", "C2.2", "C2.3", "C2.4", "C2.5", "C2.6"}
    assert "C1.2" in difference["cancelled"]
    running = {
        one["machine"]: one["status"] for one in stack.executions() if one["machine"].startswith("case_")
    }
    assert running == {"case_1": "SUCCEEDED", "case_2": "RUNNING"}
    body = {"decision": "approve", "content_hash": written["content_hash"], "comment": ""}
    crisis.expect(409, EMMA, "POST", "/cases/{case}/response/1/review", body)
    assert states["C2.1"] == "done", "what was traced is traced"
    crisis.approve()
    crisis.head_start()
    assert crisis.document["status"] == "published"


def test_a_new_version_voids_the_approval_and_what_was_waiting(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(2)
    crisis.approve({"fr": "Nous sommes désolés. Version une."})
    assert crisis.clock("response_ready")["state"] == "met"
    second = crisis.write({"fr": "Nous sommes désolés. Version deux."})
    assert crisis.document["responses"][0]["state"] == "superseded"
    assert crisis.clock("response_ready")["state"] == "running"
    crisis.head_start()
    assert crisis.left("public") == []
    crisis.review(second)
    crisis.head_start()
    assert {item["text"] for item in crisis.left("public")} == {"Nous sommes désolés. Version deux."}


def test_a_rejected_text_goes_back_to_its_writer(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.review(crisis.write(), decision="reject")
    assert len(crisis.left("team", kind="draft_requested")) == 2
    crisis.approve()
    assert crisis.document["status"] == "published"


def test_not_responding_is_a_decision_that_can_be_reopened(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(4)
    body = {"reason": "bait", "reopen_if": ["press"]}
    crisis.expect(409, EMMA, "POST", "/cases/{case}/no-response", body)
    crisis.expect(202, ANA, "POST", "/cases/{case}/no-response", body)
    crisis.expect(403, ("ana", ["responder", "approver"]), "POST", "/cases/{case}/no-response", body)
    crisis.expect(200, EMMA, "POST", "/cases/{case}/no-response", body)
    assert {clock["state"] for clock in crisis.document["clocks"]} == {"cancelled"}
    assert crisis.document["status"] == "following_up"
    crisis.advance(hours=13)
    assert crisis.happened("clock_breached") == []
    forum = {"text": "et alors ?", "platform": "forum", "published_at": rfc3339(stack.clock.now())}
    crisis.expect(201, ANA, "POST", "/cases/{case}/messages", forum)
    assert crisis.document["status"] == "following_up"
    crisis.expect(201, ANA, "POST", "/cases/{case}/messages", forum | {"platform": "press"})
    assert crisis.document["status"] == "responding"
    assert crisis.clock("response_ready")["state"] == "breached"
    crisis.approve()
    crisis.head_start()
    assert crisis.document["status"] == "published"


def test_not_responding_and_closing(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(4)
    crisis.expect(202, ANA, "POST", "/cases/{case}/no-response", {"reason": "bait", "reopen_if": ["press"]})
    crisis.expect(200, EMMA, "POST", "/cases/{case}/no-response", {"reason": "bait", "reopen_if": ["press"]})
    crisis.do("C4.1")
    crisis.do("C4.5")
    crisis.close()
    assert crisis.left(*OUTSIDE) == []
    assert crisis.running()[crisis.id] == "SUCCEEDED"


def test_not_responding_is_refused_in_an_own_fault(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(2)
    if crisis.document["author"] != "provoker":
        crisis.expect(409, ANA, "POST", "/cases/{case}/no-response", {"reason": "no", "reopen_if": ["press"]})


def test_no_crisis_ends_everything(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(None)
    assert crisis.document["status"] == "closed"
    assert {clock["state"] for clock in crisis.document["clocks"]} == {"cancelled"}
    crisis.advance(days=3)
    assert set(crisis.running().values()) == {"SUCCEEDED"}
    assert crisis.happened("clock_breached") == []


def test_silence_climbs_the_ladder(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(hours=7)
    told = [
        (item["at"][11:16], item["audience"]) for item in crisis.left("team", "out_of_band", kind="silence")
    ]
    assert ("10:00", "team") in told
    assert ("12:00", "out_of_band") in told
    assert ("10:00", "out_of_band") not in told


def test_what_a_person_reports_is_dismissed_by_a_person_alone(stack: Stack) -> None:
    """However sure triage is that it is nothing: it asks, and asks again higher up, at its second, while nobody answers."""
    crisis = Crisis(stack, message={"text": "?", "platform": "x", "published_at": "2026-11-20T07:59:00Z"})
    assert crisis.document["status"] == "triage"
    assert crisis.left("team", kind="triage_requested")
    crisis.advance(minutes=20)
    asked = {item["at"] for item in crisis.left("out_of_band", kind="triage_requested")}
    assert asked == {"2026-11-20T08:20:00Z"}
    crisis.advance(minutes=20)
    assert len({item["at"] for item in crisis.left("out_of_band", kind="triage_requested")}) == 2


def test_people_are_asked_when_triage_itself_is_broken(stack: Stack) -> None:
    stack.faults.set([{"point": "function:classify", "mode": "error", "times": 99}])
    crisis = Crisis(stack)
    crisis.advance(minutes=5)
    assert crisis.left("team", kind="triage_requested")
    crisis.triage(1)
    crisis.approve()
    assert crisis.document["status"] == "published"


def test_a_missed_round_is_an_alarm(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(3)
    crisis.approve()
    opened = stack.clock.now()
    crisis.advance(hours=25)
    assert crisis.happened("round_missed", duty="C3.3") == [opened + 24 * H]
    assert crisis.left("team", kind="round_missed")
    crisis.do("C3.3")
    crisis.advance(hours=24)
    assert len(crisis.happened("round_missed", duty="C3.3")) == 1
    assert crisis.duty("C3.3")["state"] == "open"
    crisis.do("C3.3")
    # News were owed as well, since nothing had been told for a day: an announcement ends them.
    assert crisis.happened("round_missed", duty="R6") == [opened + 48 * H]
    crisis.approve(TEXTS, kind="closing_announcement")
    assert crisis.duty("R6")["over"]
    crisis.close()
    crisis.advance(days=3)
    assert len(crisis.happened("round_missed")) == 2


def test_the_close_lists_what_is_owed(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(2)
    body = {"root_cause": "a faulty script", "lessons": "rehearse it first", "measures": []}
    refusal = crisis.expect(409, ANA, "POST", "/cases/{case}/close", body)
    assert {"C2.1", "C2.2", "C2.3", "C2.4", "C2.5", "C2.6", "response_ready"} <= {
        entry["id"] for entry in refusal["owed"]
    }
    assert crisis.document["status"] == "responding"
