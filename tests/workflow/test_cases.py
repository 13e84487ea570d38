"""The four cases from report to close, on the template that deploys (C1.1 to C4.5)."""

import io
from pathlib import Path

import pytest

from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script, verdict
from local.stack import Stack
from sangfroid.timeline import verify


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
