"""Whole executions in virtual time: children, parallel parts, stopping, timeouts, many at once, long waits."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.engine.conftest import ROLE, START, rows, task

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
CALLBACK = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def ask(worker: str, name: str = "t", **more: Any) -> dict[str, Any]:
    payload = {"do": "keep", "name": name, "token": "{% $states.context.Task.Token %}"}
    return task(worker, payload, Resource=CALLBACK, Output="{% $states.result %}", **more)


def child(stack: Stack, states: dict[str, Any], name: str) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    made = stack.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE
    )
    return str(made["stateMachineArn"])


def call(machine: str, name: str = "child", **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": machine, "Name": name, "Input": {}},
        "Output": "{% $states.result.Output %}",
        "End": True,
    } | more


def of(stack: Stack, name: str) -> dict[str, Any]:
    return next(entry for entry in stack.executions() if entry["machine"] == name)


def test_every_state_stands_at_its_second_in_the_history(
    stack: Stack, run: Any, worker: str, history: Any
) -> None:
    states = {
        "A": {"Type": "Wait", "Seconds": 1800, "Next": "B"},
        "B": task(worker, {"do": "sleep", "name": "b", "seconds": 7}, Next="C", End=None),
        "C": {"Type": "Wait", "Timestamp": "2026-11-21T08:00:00Z", "End": True},
    }
    del states["B"]["End"]
    describe = run(states)
    stack.clock.advance(timedelta(days=2))
    entered = [at for at, kind in history(describe()["executionArn"]) if kind.endswith("StateEntered")]
    assert entered == [0, 1800, 1807]
    assert describe()["stopDate"] == START + timedelta(days=1)


def test_a_parent_gets_the_output_of_its_child_at_the_instant_it_ends(stack: Stack, run: Any) -> None:
    states = {"W": {"Type": "Wait", "Seconds": 43_201, "Output": {"done": True}, "End": True}}
    describe = run({"C": call(child(stack, states, "kid"))})
    stack.clock.advance(timedelta(days=1))
    assert describe()["output"] == {"done": True}
    assert describe()["stopDate"] == START + timedelta(seconds=43_201)


def test_three_levels_of_children(stack: Stack, run: Any) -> None:
    low = child(stack, {"W": {"Type": "Wait", "Seconds": 60, "Output": {"level": 3}, "End": True}}, "low")
    middle = child(stack, {"C": call(low, "low-one")}, "middle")
    describe = run({"C": call(middle, "middle-one")})
    stack.clock.advance(timedelta(minutes=2))
    assert (describe()["output"], describe()["stopDate"]) == ({"level": 3}, START + timedelta(minutes=1))


def test_a_failed_child_is_a_task_failure_that_can_be_caught(stack: Stack, run: Any) -> None:
    bad = child(stack, {"F": {"Type": "Fail", "Error": "Bad.Luck", "Cause": "as it happens"}}, "bad")
    output = {
        "error": "{% $states.errorOutput.Error %}",
        "said": "{% $parse($states.errorOutput.Cause).Error %}",
    }
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Output": output, "Next": "P"}]
    assert run({"C": call(bad, Catch=catch), "P": PASS})()["output"] == {
        "error": "States.TaskFailed",
        "said": "Bad.Luck",
    }
    assert run({"C": call(bad, "other")})()["status"] == "FAILED"


def test_a_child_that_exists_already_is_refused_by_its_name(stack: Stack, run: Any) -> None:
    kid = child(stack, {"P": PASS}, "once")
    assert run({"C": call(kid)})()["status"] == "SUCCEEDED"
    assert run({"C": call(kid)})()["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_an_aborted_child_fails_its_parent(stack: Stack, run: Any, worker: str) -> None:
    describe = run({"C": call(child(stack, {"A": ask(worker)}, "kid"))})
    stack.client("stepfunctions").stop_execution(executionArn=of(stack, "kid")["arn"])
    stack.settle()
    assert (describe()["status"], describe()["error"]) == ("FAILED", "States.TaskFailed")


@pytest.mark.parametrize("place", ["wait", "token", "retry", "function", "child", "map", "parallel"])
def test_stopping_works_wherever_an_execution_stands(stack: Stack, run: Any, worker: str, place: str) -> None:
    later = {"Later": task(worker, {"do": "state", "name": "later", "state": "ran"})}
    inner = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    kid = child(stack, {"A": ask(worker), **later}, "kid")
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 500, "MaxAttempts": 9}]
    first: dict[str, Any] = {
        "wait": {"Type": "Wait", "Seconds": 600},
        "token": ask(worker),
        "retry": task(worker, {"do": "fail"}, Retry=retry),
        "function": task(worker, {"do": "sleep", "name": "f", "seconds": 15}),
        "child": call(kid),
        "map": {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": inner},
        "parallel": {"Type": "Parallel", "Branches": [inner, inner]},
    }[place]
    first.pop("End", None)
    describe = run({"First": first | {"Next": "Later"}, **later})
    stack.clock.advance(timedelta(seconds=5))
    stack.client("stepfunctions").stop_execution(executionArn=describe()["executionArn"])
    stack.clock.advance(timedelta(days=1))
    assert (describe()["status"], describe()["stopDate"]) == ("ABORTED", START + timedelta(seconds=5))
    assert rows(stack, "THING#later") == []
    if place == "child":
        assert of(stack, "kid")["status"] == "ABORTED"
    if place == "function":
        assert len(rows(stack, "SLEPT")) == 1, "a function that has begun goes on by itself"


def test_a_failed_branch_stops_the_others_and_their_children(stack: Stack, run: Any, worker: str) -> None:
    kid = child(stack, {"A": ask(worker)}, "kid")
    fails = {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 60, "Next": "F"}, "F": {"Type": "Fail", "Error": "Enough"},
    }}  # fmt: skip
    waits = {"StartAt": "C", "States": {"C": call(kid)}}
    catch = [
        {"ErrorEquals": ["Enough"], "Next": "P", "Output": {"caught": "{% $states.errorOutput.Error %}"}}
    ]
    describe = run(
        {"B": {"Type": "Parallel", "Branches": [fails, waits], "Catch": catch, "End": True}, "P": PASS}
    )
    stack.clock.advance(timedelta(minutes=2))
    assert describe()["output"] == {"caught": "Enough"}
    assert of(stack, "kid")["status"] == "ABORTED"


@pytest.mark.usefixtures("stack")
def test_a_failed_item_fails_its_map(run: Any, worker: str) -> None:
    states = {
        "T": task(
            worker, "{% $states.input = 2 ? {'do': 'fail'} : {'do': 'sleep', 'name': 'x', 'seconds': 9} %}"
        )
    }
    each = {
        "Type": "Map",
        "Items": [1, 2, 3],
        "ItemProcessor": {"StartAt": "T", "States": states},
        "End": True,
    }
    assert (found := run({"M": each})())["status"] == "FAILED"
    assert found["error"] == "Flaky"


def test_map_keeps_order_and_its_concurrency(stack: Stack, run: Any, worker: str) -> None:
    states = {"T": task(worker, {"do": "sleep", "name": "{% $string($states.input) %}", "seconds": 10},
                        Output="{% $states.input %}")}  # fmt: skip
    each = {
        "Type": "Map", "Items": [3, 1, 2, 5, 4], "MaxConcurrency": 2, "End": True,
        "ItemProcessor": {"StartAt": "T", "States": states},
    }  # fmt: skip
    describe = run({"M": each})
    stack.clock.advance(timedelta(minutes=2))
    assert describe()["output"] == [3, 1, 2, 5, 4]
    assert describe()["stopDate"] == START + timedelta(seconds=30)


def test_a_task_that_times_out_leaves_its_child_running(stack: Stack, run: Any, worker: str) -> None:
    kid = child(stack, {"A": ask(worker)}, "kid")
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "P", "Output": {"late": True}}]
    describe = run({"C": call(kid, TimeoutSeconds=60, Catch=catch), "P": PASS})
    stack.clock.advance(timedelta(minutes=2))
    assert describe()["output"] == {"late": True}
    assert of(stack, "kid")["status"] == "RUNNING"


def test_what_is_caught_by_the_state_itself_is_tried_again(stack: Stack, run: Any, worker: str) -> None:
    """moto alone goes on to `Next`: a wait that is renewed day after day ended with its first day."""
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "A"}]
    waits = ask(worker) | {"TimeoutSeconds": 60, "Catch": catch, "Next": "P"}
    waits.pop("End", None)
    describe = run({"A": waits, "P": PASS})
    stack.clock.advance(timedelta(minutes=5))
    assert describe()["status"] == "RUNNING"


def test_retries_of_a_function_end_when_it_succeeds(stack: Stack, run: Any, worker: str) -> None:
    retry = [
        {
            "ErrorEquals": ["Flaky"],
            "IntervalSeconds": 5,
            "BackoffRate": 1,
            "MaxAttempts": 5,
            "JitterStrategy": "FULL",
        }
    ]
    describe = run({"T": task(worker, {"do": "flaky", "name": "n", "times": 3}, Retry=retry)})
    stack.clock.advance(timedelta(minutes=1))
    assert describe()["status"] == "SUCCEEDED"
    assert rows(stack, "FLAKY")[0]["tries"] == "4"
    assert START < describe()["stopDate"] <= START + timedelta(seconds=15)


def test_fifty_at_once_all_go_their_own_way(stack: Stack, worker: str) -> None:
    client = stack.client("stepfunctions")
    states = {
        "Keep": {"Type": "Pass", "Assign": {"n": "{% $states.input.n %}"}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": "{% $n * 60 %}", "Next": "T"},
        "T": task(
            worker, {"do": "echo", "n": "{% $n %}"}, Output={"n": "{% $states.result.Payload.echo.n %}"}
        ),
    }
    kid = child(stack, states, "many")
    for number in range(1, 51):
        client.start_execution(stateMachineArn=kid, name=f"n{number}", input=json.dumps({"n": number}))
    stack.clock.advance(timedelta(hours=1))
    found = [entry for entry in stack.executions() if entry["machine"] == "many"]
    assert len(found) == 50
    for entry in found:
        number = int(entry["name"][1:])
        output = client.describe_execution(executionArn=entry["arn"])["output"]
        assert (entry["status"], json.loads(output)) == ("SUCCEEDED", {"n": number})
        assert entry["stop"] == START + timedelta(minutes=number)


def test_thirty_days_of_daily_rounds(stack: Stack, run: Any, worker: str) -> None:
    states = {
        "Count": {"Type": "Pass", "Assign": {"n": 0}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 86_400, "Next": "T"},
        "T": task(worker, {"do": "state", "name": "{% 'day' & $n %}", "state": "done"}, Next="More",
                  Assign={"n": "{% $n + 1 %}"}),
        "More": {"Type": "Choice", "Choices": [{"Condition": "{% $n < 30 %}", "Next": "W"}], "Default": "P"},
        "P": PASS | {"Output": {"n": "{% $n %}"}},
    }  # fmt: skip
    del states["T"]["End"]
    describe = run(states)
    stack.clock.advance(timedelta(days=31))
    assert (describe()["output"], describe()["stopDate"]) == ({"n": 30}, START + timedelta(days=30))


def test_a_crisis_of_sixty_invocations_over_two_days_takes_little_real_time(
    stack: Stack, run: Any, worker: str
) -> None:
    states = {
        "Count": {"Type": "Pass", "Assign": {"n": 0}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 2880, "Next": "T"},
        "T": task(worker, {"do": "twice"}, Next="More", Assign={"n": "{% $n + 1 %}"}),
        "More": {"Type": "Choice", "Choices": [{"Condition": "{% $n < 60 %}", "Next": "W"}], "Default": "P"},
        "P": PASS,
    }
    del states["T"]["End"]
    describe = run(states)
    began = time.monotonic()
    stack.clock.advance(timedelta(days=3))
    assert describe()["status"] == "SUCCEEDED"
    assert time.monotonic() - began < 4


def test_the_whole_fixture_from_request_to_answer(stack: Stack) -> None:
    token = stack.token("ana", ["responder"])
    assert stack.request("POST", "/things", {"id": "a", "words": 'no "quotes"'}, token=token).status == 202
    assert stack.request("GET", "/things/a", token=token).json["state"] == "working"
    assert stack.clock.advance_until(lambda: bool(rows(stack, "TOKEN")), timedelta(days=1))
    assert stack.clock.now() == START + timedelta(hours=1)
    stack.client("stepfunctions").send_task_success(
        taskToken=rows(stack, "TOKEN")[0]["token"], output='{"answer": "yes"}'
    )
    stack.settle()
    assert stack.request("GET", "/things/a", token=token).json["state"] == "done"
    assert {(entry["machine"], entry["status"]) for entry in stack.executions()} == {
        ("main", "SUCCEEDED"), ("child", "SUCCEEDED"),
    }  # fmt: skip
    described = stack.client("stepfunctions").describe_execution(executionArn=of(stack, "main")["arn"])
    assert json.loads(described["output"]) == {"answer": "yes", "parts": [10, 20, 30], "words": 'no "quotes"'}


def test_two_runs_are_the_same_to_the_event(stack: Stack) -> None:
    def play() -> list[Any]:
        token = stack.token("ana", ["responder"])
        for name in "abc":
            stack.request("POST", "/things", {"id": name}, token=token)
        stack.clock.advance(timedelta(days=5))
        client = stack.client("stepfunctions")
        return [
            (entry["name"], entry["status"], event["timestamp"], event["type"])
            for entry in stack.executions()
            for event in client.get_execution_history(executionArn=entry["arn"])["events"]
        ]

    first = play()
    stack.reset(START)
    assert play() == first
    assert len(first) > 100
