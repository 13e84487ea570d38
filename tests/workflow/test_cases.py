"""The four cases from report to close, on the template that deploys (C1.1 to C4.5)."""

import io
from pathlib import Path
from typing import Any

import pytest

from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script, verdict
from local.stack import Stack
from sangfroid.timeline import verify


def faults_of_texts(case: Any) -> dict[int, list[str]]:
    """Version -> codes of what the charter finds in it, where it was not a draft that was written again."""
    return {
        one["version"]: [finding["code"] for finding in one["findings"]]
        for one in case["responses"]
        if one["findings"] and one["state"] == "approved"
    }


def forgotten_promises(case: Any, events: list[dict[str, Any]]) -> list[str]:
    """Promises of published texts that were broken, or that nobody has kept."""
    made = {event["data"]["duty"] for event in events if event["kind"] == "promise_made"}
    broken = {event["data"]["duty"] for event in events if event["kind"] == "promise_broken"}
    kept = {duty["id"] for duty in case["duties"] if duty["state"] == "done" and duty["evidence"]}
    return sorted(broken | (made - kept))


def said_in_the_freeze(
    outbox: list[dict[str, Any]], events: list[dict[str, Any]], case: Any
) -> list[tuple[str, str, str]]:
    """What left between the freeze and its end for anybody but those who are called out of band, other than the statement."""
    when = {event["kind"]: event["at"] for event in events}
    if "freeze_effective" not in when:
        return []
    over = when.get("freeze_released", "9999")
    released = when.get("statement_released", over)
    statements = {
        text for one in case["responses"] if one["kind"] == "response" for text in one["texts"].values()
    }
    return [
        (item["at"], item["audience"], item["kind"])
        for item in outbox
        if when["freeze_effective"] < item["at"] < over
        and item["audience"] != "out_of_band"
        and not (item["at"] >= released and item["text"] in statements)
    ]


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rehearsal_ends_as_its_script_expects(path: Path) -> None:
    script = read_script(path)
    stack = Stack.borrow(now=script.starts)
    told = io.StringIO()
    rehearsal = Rehearsal(stack, script, Teller(told))
    case = rehearsal.play()
    assert verdict(script, case) == []
    assert {duty["state"] for duty in case["duties"]} <= {"done", "waived"}
    stack.settle()
    ended = {one["name"]: one["status"] for one in stack.executions() if one["machine"] != "deadline"}
    assert ended[case["id"]] == "SUCCEEDED"
    assert "FAILED" not in ended.values()
    events = stack.request("GET", f"/cases/{case['id']}/timeline", token=stack.token("a", ["auditor"])).json[
        "events"
    ]
    assert verify(events).intact
    assert "48 h clock" in told.getvalue()
    assert faults_of_texts(case) == {}, "every text passes the charter"
    assert forgotten_promises(case, events) == [], "nothing that was promised is forgotten"
    assert said_in_the_freeze(stack.outbox(), events, case) == [], (
        "in the freeze only what was released is said"
    )


def test_no_text_travels_through_a_state_machine() -> None:
    """I13: execution histories hold ids, never a word of a message, response or person."""
    script = read_script(SCRIPTS / "case_2.yaml")
    stack = Stack.borrow(now=script.starts)
    Rehearsal(stack, script, Teller(io.StringIO())).play()
    client = stack.client("stepfunctions")
    histories = ""
    for one in stack.executions():
        pages = client.get_paginator("get_execution_history").paginate(executionArn=one["arn"])
        histories += "".join(str(page["events"]) for page in pages)
    assert "ReviewDecided" not in histories
    assert "WaitForPeople" in histories
    # A faulty expression would be caught like any failure, and people would not be told: it must not exist.
    assert "QueryEvaluationError" not in histories
    for word in (
        "SUPPRIMÉ",
        "SUPPRIM",
        "@marc_t",
        "photographe",
        "excuses",
        "apologise",
        "migration défectueux",
        "nuage.example",
    ):
        assert word not in histories, word
