"""An execution that stands at a Wait costs no thread, and nobody can tell from its history."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.engine.conftest import START, task

HOUR = timedelta(hours=1)


def states(worker: str) -> dict[str, Any]:
    return {
        "Begin": {"Type": "Pass", "Assign": {"n": 2}, "Output": {"seen": ["begin"]}, "Next": "First"},
        "First": {
            "Type": "Wait", "Seconds": "{% $n * 600 %}", "Assign": {"n": "{% $n + 1 %}"},
            "Output": {"seen": "{% $append($states.input.seen, ['waited']) %}"}, "Next": "Work",
        },
        "Work": {
            **task(worker, {"do": "sleep", "name": "b", "seconds": 7}), "End": False, "Next": "Again",
            "Output": "{% $states.input %}",
        },
        "Again": {"Type": "Wait", "Timestamp": "2026-11-20T09:00:00Z", "Next": "Last"},
        "Last": {"Type": "Pass", "Output": {"n": "{% $n %}", "seen": "{% $states.input.seen %}"}, "End": True},
    }  # fmt: skip


def given(worker: str) -> dict[str, Any]:
    found = states(worker)
    del found["Work"]["End"]
    return found


def waiting_threads() -> list[str]:
    return [
        thread.name for thread in threading.enumerate() if thread.name.startswith(("execution", "thread"))
    ]


def test_its_history_is_that_of_one_that_keeps_its_thread(stack: Stack, run: Any, worker: str) -> None:
    client = stack.client("stepfunctions")
    standing = run(given(worker))
    kept = run(given(worker), TimeoutSeconds=100_000)  # under a time limit the thread stays, as in moto
    stack.clock.advance(HOUR * 2)

    def told(describe: Any) -> list[Any]:
        events = client.get_execution_history(executionArn=describe()["executionArn"])["events"]
        return events[1:]  # the first one names the machine's role and is the same

    assert standing()["output"] == kept()["output"] == {"n": 3, "seen": ["begin", "waited"]}
    assert told(standing) == told(kept)
    assert standing()["stopDate"] == START + HOUR


def test_many_stand_without_a_thread_and_go_on_at_their_instant(stack: Stack, run: Any) -> None:
    wait = {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}
    before = len(waiting_threads())
    standing = [run(wait) for _ in range(30)]
    assert len(waiting_threads()) == before
    stack.clock.advance(HOUR - timedelta(microseconds=1))
    assert {describe()["status"] for describe in standing} == {"RUNNING"}
    stack.clock.advance(timedelta(microseconds=1))
    assert {describe()["stopDate"] for describe in standing} == {START + HOUR}


def test_one_that_is_stopped_while_it_stands_does_not_go_on(stack: Stack, run: Any, history: Any) -> None:
    describe = run({"W": {"Type": "Wait", "Seconds": 3600, "Next": "P"}, "P": {"Type": "Pass", "End": True}})
    stack.clock.advance(HOUR / 2)
    stack.client("stepfunctions").stop_execution(executionArn=describe()["executionArn"])
    stack.clock.advance(HOUR)
    assert describe()["status"] == "ABORTED"
    assert history(describe()["executionArn"])[-1] == (1800, "ExecutionAborted")
    assert stack.clock.next_due() is None


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_a_wait_inside_a_branch_ends_with_its_branch(stack: Stack, run: Any, kind: str) -> None:
    inner = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "Output": 1, "End": True}}}
    part: dict[str, Any] = (
        {"Branches": [inner, inner]} if kind == "Parallel" else {"Items": [1, 2], "ItemProcessor": inner}
    )
    describe = run({"All": {"Type": kind, "End": True, **part}})
    stack.clock.advance(HOUR)
    assert describe()["output"] == [1, 1]
    assert describe()["stopDate"] == START + timedelta(minutes=10)
