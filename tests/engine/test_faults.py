"""Every fault point in every mode, and the outbox."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.faults import BadFault
from local.stack import Stack
from sangfroid.outbound import hooks
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from tests.engine.conftest import START, rows


def fault(stack: Stack, point: str, mode: str, times: int = 1) -> None:
    stack.faults.set([{"point": point, "mode": mode, "times": times}])


def work(stack: Stack, **payload: Any) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(
        FunctionName="sangfroid-WorkerFunction", Payload=json.dumps(payload).encode()
    )
    value: dict[str, Any] = json.loads(answer["Payload"].read())
    return value


def send(stack: Stack) -> str:
    """How the sending function ended: "sent" or the name of its error."""
    return str(work(stack, do="send", name="k1").get("errorType", "sent"))


# Channels --------------------------------------------------------------------------------------------------------
def test_what_leaves_is_recorded_word_for_word(stack: Stack) -> None:
    stack.clock.advance(timedelta(seconds=90))
    assert send(stack) == "sent"
    assert stack.outbox() == [{
        "at": "2026-11-20T08:01:30Z", "channel": "post", "audience": "public", "case_id": "c1", "kind": "note",
        "language": "fr", "text": "Bonjour « à tous »", "key": "k1",
    }]  # fmt: skip
    assert stack.outbox(START + timedelta(seconds=90)) != []
    assert stack.outbox(START + timedelta(seconds=91)) == []


@pytest.mark.parametrize(
    ("mode", "ended", "left", "after"),
    [
        ("error", "ChannelRefused", False, True),
        ("throttle", "ChannelThrottled", False, True),
        ("timeout", "AnswerLost", False, True),
        ("lost_answer", "AnswerLost", True, True),
        ("crash", "Runtime.ExitError", True, False),
    ],
)
def test_channel_modes(stack: Stack, mode: str, ended: str, left: bool, after: bool) -> None:
    fault(stack, "channel:post", mode)
    assert send(stack) == ended
    assert bool(stack.outbox()) is left
    assert bool(rows(stack, "SENT")) is left
    assert bool(rows(stack, "AFTER")) is after, "nothing happens in a function after it has died"
    assert stack.clock.now() == START + timedelta(seconds=10 if mode == "timeout" else 0)
    assert send(stack) == "sent", "the fault is used up"


def test_the_errors_carry_what_a_sender_has_to_know(stack: Stack) -> None:
    letter = hooks.Letter(case_id=None, kind="note", language="en", text="x", key="k")
    fault(stack, "channel:post", "throttle")
    with pytest.raises(ChannelThrottled) as caught:
        hooks.run("post", "team", lambda: None, letter)
    assert caught.value.retry_after == 30
    fault(stack, "channel:post", "error")
    with pytest.raises(ChannelRefused):
        hooks.run("post", "team", lambda: None, letter)
    fault(stack, "channel:post", "lost_answer")
    with pytest.raises(AnswerLost):
        hooks.run("post", "team", lambda: None, letter)
    assert [item["audience"] for item in stack.outbox()] == ["team"]


def test_a_call_that_fails_by_itself_leaves_no_item(stack: Stack) -> None:
    def broken() -> None:
        raise OSError("no route")

    letter = hooks.Letter(case_id=None, kind="note", language="en", text="x", key="k")
    with pytest.raises(OSError, match="no route"):
        hooks.run("post", "team", broken, letter)
    assert stack.outbox() == []


# Functions -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mode", "ended", "written"),
    [
        ("error", "FaultInjected", 0),
        ("timeout", "Sandbox.Timedout", 0),
        ("lost_answer", "Runtime.ExitError", 2),
        ("crash", "Runtime.ExitError", 1),
    ],
)
def test_function_modes(stack: Stack, mode: str, ended: str, written: int) -> None:
    fault(stack, "function:worker", mode)
    assert work(stack, do="twice")["errorType"] == ended
    assert len(rows(stack, "TWICE")) == written
    assert stack.clock.now() == START + timedelta(seconds=20 if mode == "timeout" else 0)


def test_a_throttled_function_is_refused_to_its_caller(stack: Stack) -> None:
    fault(stack, "function:worker", "throttle", 10)
    client = stack.client("lambda")
    with pytest.raises(client.exceptions.TooManyRequestsException):
        work(stack, do="twice")
    assert rows(stack, "TWICE") == []


@pytest.mark.parametrize(
    ("mode", "status", "retry_after"),
    [
        ("error", 500, None),
        ("throttle", 503, "1"),
        ("timeout", 503, "1"),
        ("lost_answer", 500, None),
        ("crash", 500, None),
    ],
)
def test_a_failed_function_behind_http(stack: Stack, mode: str, status: int, retry_after: str | None) -> None:
    fault(stack, "function:desk", mode)
    answer = stack.request("POST", "/things", {"id": "x"}, token=stack.token("ana", []))
    assert (answer.status, answer.headers.get("retry-after")) == (status, retry_after)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status


# DynamoDB --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mode", "times", "ended", "written", "seconds"),
    [
        ("error", 2, "InternalServerError", 0, None),
        ("throttle", 2, "ProvisionedThroughputExceededException", 0, None),
        ("timeout", 2, "ReadTimeoutError", 0, 4),
        ("lost_answer", 2, "ReadTimeoutError", 3, None),
        ("crash", 1, "Runtime.ExitError", 3, 0),
    ],
)
def test_dynamodb_modes(
    stack: Stack, mode: str, times: int, ended: str, written: int, seconds: int | None
) -> None:
    """The client of the function tries twice and waits two seconds for an answer; ``times`` counts calls on the wire."""
    fault(stack, "dynamodb", mode, times)
    answer = work(stack, do="transact", names=["a", "b", "c"])
    assert answer["errorType"] in (ended, "ClientError")
    assert ended in json.dumps(answer)
    assert len(rows(stack, "TRANSACT")) == written
    if seconds is not None:
        assert timedelta(0) <= stack.clock.now() - START - timedelta(seconds=seconds) < timedelta(seconds=2)


def test_boto_repeats_a_transaction_whose_answer_was_lost_and_it_counts_once(stack: Stack) -> None:
    fault(stack, "dynamodb", "lost_answer")
    assert "errorType" not in work(stack, do="transact", names=["a", "b"])
    assert len(rows(stack, "TRANSACT")) == 2


def test_only_functions_feel_the_faults_of_dynamodb(stack: Stack) -> None:
    fault(stack, "dynamodb", "error", 5)
    assert rows(stack, "T") == []
    assert stack.faults.pending() == [{"point": "dynamodb", "mode": "error", "times": 5}]


# Setting ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("faults", "pointer"),
    [
        ({}, ""),
        (["x"], "/0"),
        ([{"point": "function:nobody", "mode": "error", "times": 1}], "/0/point"),
        ([{"point": "disk", "mode": "error", "times": 1}], "/0/point"),
        ([{"mode": "error", "times": 1}], "/0/point"),
        ([{"point": "channel:", "mode": "error"}], "/0/point"),
        ([{"point": "dynamodb", "mode": "explode", "times": 1}], "/0/mode"),
        ([{"point": "dynamodb", "mode": "error", "times": -1}], "/0/times"),
        ([{"point": "dynamodb", "mode": "error", "times": 1.5}], "/0/times"),
        ([{"point": "dynamodb", "mode": "error", "times": True}], "/0/times"),
        ([{"point": "dynamodb", "mode": "error", "time": 1}], "/0/time"),
        ([{"point": "dynamodb", "mode": "error"}, {"point": "dynamodb", "mode": 1}], "/1/mode"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_whole(stack: Stack, faults: Any, pointer: str) -> None:
    with pytest.raises(BadFault) as caught:
        stack.faults.set(faults)
    assert caught.value.pointer == pointer
    assert stack.faults.pending() == []


def test_setting_a_point_again_replaces_it_and_leaves_the_others(stack: Stack) -> None:
    fault(stack, "dynamodb", "error", 3)
    fault(stack, "channel:post", "error", 2)
    fault(stack, "dynamodb", "throttle", 1)
    assert {(entry["point"], entry["mode"]) for entry in stack.faults.pending()} == {
        ("channel:post", "error"), ("dynamodb", "throttle"),
    }  # fmt: skip
    stack.faults.clear()
    assert stack.faults.pending() == []


def test_a_point_may_fail_in_several_ways_one_after_the_other(stack: Stack) -> None:
    modes = ["error", "throttle", "lost_answer"]
    stack.faults.set([{"point": "channel:post", "mode": mode, "times": 1} for mode in modes])
    assert [send(stack) for _ in range(4)] == ["ChannelRefused", "ChannelThrottled", "AnswerLost", "sent"]
