"""The team's channel on the real machines: the thread of a case from report to close; everybody gets the report (R2, R13)."""

from __future__ import annotations

import json
from datetime import timedelta

from local.stack import Stack
from sangfroid.model import rfc3339
from tests.support.crises import ANA, TEXTS, Crisis

FOUND = "the reports and our status page say the same: nothing answers since 08:40"


def at_work(crisis: Crisis) -> list[str]:
    """The tellings that are under way."""
    return [name for name, status in crisis.running().items() if "-room-" in name and status == "RUNNING"]


def test_the_team_follows_a_crisis_in_its_channel_and_gets_the_report(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(minutes=2)
    began = crisis.left("team", kind="case_summary")
    assert [one["channel"] for one in began] == ["team-chat"]
    assert began[0]["at"] <= rfc3339(stack.clock.now() - timedelta(seconds=55))
    crisis.approve(TEXTS)
    crisis.advance(hours=2)
    crisis.send_by_hand()
    crisis.advance(minutes=5)
    for duty in crisis.document["duties"]:
        if duty["state"] == "open" and not duty["automatic"]:
            crisis.call(
                ANA, "POST", f"/cases/{{case}}/duties/{duty['id']}", {"state": "done", "evidence": FOUND}
            )
    crisis.advance(minutes=5)
    crisis.close()
    crisis.advance(minutes=5)
    edits = crisis.left("team", kind="case_summary")
    assert len({one["key"] for one in edits}) == len(edits) > 2
    lines = "\n".join(one["text"] for one in crisis.left("team", kind="case_news"))
    for what in ("Réponse approuvée", "Publié · community-forum/en", "Échéance atteinte", "Dossier clos"):
        assert what in lines, lines
    report = crisis.left("team", kind="case_closed")
    readers = {one["key"].rsplit(":", 2)[1] for one in report}
    owners = {duty["owner"] for duty in crisis.document["duties"] if duty["owner"]}
    assert owners <= readers
    assert all(f"/#/cases/{crisis.id}/report" in one["text"] for one in report)
    crisis.advance(days=1)
    assert len(crisis.left("team", kind="case_closed")) == len(report), "once"
    assert at_work(crisis) == []


def test_nothing_of_a_leak_stands_in_the_channel(stack: Stack) -> None:
    crisis = Crisis(stack, asserted={"confidential_leak": True})
    crisis.advance(hours=1)
    assert not crisis.left("team", kind="case_summary")
    assert not crisis.left("team", kind="case_news")


def test_one_execution_tells_all_that_came_while_the_channel_was_down(stack: Stack) -> None:
    crisis = Crisis(stack)
    stack.faults.set([{"point": "channel:team-chat", "mode": "error", "times": 10**9}])
    crisis.triage(1)
    crisis.advance(minutes=20)
    for number in range(4):
        measure = {"text": f"measure number {number}", "owner": "dev", "due": "2027-01-01"}
        crisis.call(ANA, "POST", "/cases/{case}/measures", measure)
        crisis.advance(minutes=10)
    assert len(at_work(crisis)) == 1
    stack.faults.clear()
    crisis.advance(hours=2)
    told = [one["text"] for one in crisis.left("team", kind="case_news")]
    lines = "\n".join(told)
    places = [lines.index(f"measure number {number}") for number in range(4)]
    assert places == sorted(places), "in their order"
    assert all(lines.count(f"measure number {number}") == 1 for number in range(4)), "each once"
    assert at_work(crisis) == []


def test_a_channel_that_is_down_for_a_week_ends_as_failed(stack: Stack) -> None:
    """The machine as it is deployed, with a week of two hours: all the others would say the same."""
    crisis = Crisis(stack)
    client = stack.client("stepfunctions")
    machines = {one["name"]: one["stateMachineArn"] for one in client.list_state_machines()["stateMachines"]}
    (arn,) = [arn for name, arn in machines.items() if "TeamRoom" in name or "team_room" in name]
    found = client.describe_state_machine(stateMachineArn=arn)
    assert "$turns < 173 %" in found["definition"], "five times soon, then once an hour for a week"
    short = client.create_state_machine(
        name="a-short-week", roleArn=found["roleArn"], definition=found["definition"].replace("< 173", "< 8")
    )["stateMachineArn"]
    stack.faults.set([{"point": "channel:team-chat", "mode": "error", "times": 10**9}])
    crisis.triage(1)
    begun = client.start_execution(stateMachineArn=short, input=json.dumps({"case_id": crisis.id}))
    stack.clock.advance(timedelta(hours=2, minutes=30))
    assert client.describe_execution(executionArn=begun["executionArn"])["status"] == "RUNNING"
    stack.clock.advance(timedelta(hours=2))
    ended = client.describe_execution(executionArn=begun["executionArn"])
    assert (ended["status"], ended["error"]) == ("FAILED", "StoppedForAPerson"), "an alarm rings"
