"""The 12 h and 48 h clocks to the second, whatever happens around them (I1)."""

from datetime import timedelta

from local.stack import Stack
from sangfroid.model import rfc3339
from tests.support.crises import ANA, OUTSIDE, Crisis

H = timedelta(hours=1)


def test_reminders_and_breaches_come_at_their_second(stack: Stack) -> None:
    crisis = Crisis(stack, ago=timedelta(hours=1, minutes=7, seconds=13))
    crisis.triage(1)
    crisis.advance(days=3)
    origin = crisis.origin
    ready = [origin + 6 * H, origin + 10 * H, origin + 11.5 * H]
    assert crisis.happened("clock_reminder", clock="response_ready") == ready
    published = [origin + 24 * H, origin + 42 * H, origin + 47 * H]
    assert crisis.happened("clock_reminder", clock="response_published") == published
    assert crisis.happened("clock_breached", clock="response_ready") == [origin + 12 * H]
    assert crisis.happened("clock_breached", clock="response_published") == [origin + 48 * H]
    climbed = crisis.happened("escalated", clock="response_ready")[:5]
    assert climbed == [
        origin + 12 * H,
        origin + 12.5 * H,
        origin + 13 * H,
        origin + 13.5 * H,
        origin + 37.5 * H,
    ]
    told = {item["at"] for item in crisis.left("team", "out_of_band", kind="clock_breached")}
    assert {rfc3339(origin + 12 * H), rfc3339(origin + 13.5 * H)} <= told
    assert crisis.left(*OUTSIDE) == []


def test_a_late_report_opens_breached_and_escalates_at_once(stack: Stack) -> None:
    crisis = Crisis(stack, ago=50 * H)
    assert {clock["state"] for clock in crisis.document["clocks"]} == {"breached"}
    assert crisis.happened("escalated", clock="response_ready") == [stack.clock.now()]
    assert crisis.happened("escalated", clock="response_published") == [stack.clock.now()]
    assert crisis.left("team", kind="clock_breached")


def test_an_earlier_message_moves_the_clocks_even_into_a_breach(stack: Stack) -> None:
    crisis = Crisis(stack, ago=2 * H)
    crisis.triage(2)
    earlier = stack.clock.now() - 13 * H
    body = {"text": "déjà hier", "platform": "forum", "published_at": rfc3339(earlier)}
    added = crisis.expect(201, ANA, "POST", "/cases/{case}/messages", body)
    assert crisis.clock("response_ready")["due_at"] == rfc3339(earlier + 12 * H)
    assert crisis.clock("response_ready")["state"] == "breached"
    assert crisis.clock("response_published")["due_at"] == rfc3339(earlier + 48 * H)
    assert crisis.clock("response_published")["state"] == "running"
    assert crisis.happened("escalated", clock="response_ready") == [stack.clock.now()]
    # A wrong one withdrawn moves them back, and the breach is undone.
    crisis.expect(
        200,
        ANA,
        "POST",
        f"/cases/{{case}}/messages/{added['message_id']}/withdraw",
        {"reason": "another Nuage"},
    )
    assert crisis.clock("response_ready")["due_at"] == rfc3339(crisis.origin + 12 * H)
    assert crisis.clock("response_ready")["state"] == "running"
    crisis.advance(hours=11)
    assert crisis.happened("clock_breached", clock="response_ready")[-1] == crisis.origin + 12 * H


def test_a_clock_alarms_when_the_crisis_was_aborted(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    client = stack.client("stepfunctions")
    for one in stack.executions():
        if one["machine"] != "deadline" and one["status"] == "RUNNING":
            client.stop_execution(executionArn=one["arn"])
    stack.settle()
    assert {
        one["status"] for one in stack.executions() if one["machine"] in ("crisis", "case_1", "response")
    } == {"ABORTED"}
    crisis.advance(hours=12)
    assert crisis.happened("clock_breached", clock="response_ready") == [crisis.origin + 12 * H]
    assert crisis.left("team", kind="clock_breached")
    assert crisis.left("out_of_band", kind="clock_breached")


def test_the_48_h_clock_is_met_only_by_the_last_confirmed_delivery(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "channel:facebook", "mode": "error", "times": 9}])
    crisis.approve()
    waiting = {
        delivery["channel"]
        for delivery in crisis.document["deliveries"]
        if delivery["required"] and delivery["state"] != "published"
    }
    assert waiting == {"facebook"}
    assert crisis.clock("response_published")["state"] == "running"
    assert crisis.document["status"] == "responding"
    assert crisis.duty("C1.4")["state"] == "open"
    crisis.advance(hours=6)
    assert crisis.clock("response_published")["state"] == "met"
    last = max(delivery["published_at"] or "" for delivery in crisis.document["deliveries"])
    assert crisis.clock("response_published")["met_at"] == last
    assert last > rfc3339(crisis.origin + H)
    assert len(crisis.left("public")) == 8
    assert crisis.document["status"] == "published"


def test_ready_late_is_met_late(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(hours=13)
    crisis.approve()
    assert crisis.clock("response_ready")["state"] == "met_late"
    assert crisis.clock("response_published")["state"] == "met"
    before = len(crisis.happened("escalated"))
    crisis.advance(days=2)
    assert len(crisis.happened("escalated")) == before
    assert {one["status"] for one in stack.executions() if one["machine"] == "deadline"} == {"SUCCEEDED"}
