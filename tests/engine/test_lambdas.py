"""The Lambda runtime: environment, context, errors, time limits, sandboxes, asynchronous invocations."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.engine.conftest import START, rows


@pytest.fixture
def invoke(stack: Stack) -> Any:
    def call(payload: Any, **more: Any) -> tuple[dict[str, Any], Any]:
        answer = stack.client("lambda").invoke(
            FunctionName="sangfroid-WorkerFunction", Payload=json.dumps(payload).encode(), **more
        )
        text = answer["Payload"].read()
        return answer, json.loads(text) if text else None

    return call


def function(stack: Stack) -> Any:
    return stack.runtime.functions["sangfroid-WorkerFunction"]


def test_a_handler_gets_its_event_and_a_context(stack: Stack, invoke: Any) -> None:
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append(context)
        return {"left": context.get_remaining_time_in_millis(), "event": event}

    function(stack).sandboxes.append(handler)
    answer, body = invoke({"é": [1, None]})
    assert (answer["StatusCode"], body) == (200, {"left": 20_000, "event": {"é": [1, None]}})
    (context,) = seen
    assert context.function_name == "sangfroid-WorkerFunction"
    assert context.invoked_function_arn == function(stack).arn
    assert len(context.aws_request_id) == 36


def test_the_environment_is_the_functions_own_and_only_while_it_loads(stack: Stack, invoke: Any) -> None:
    assert "TABLE_NAME" not in os.environ
    _, body = invoke({"do": "twice"})
    assert body["echo"] == {"do": "twice"}
    assert len(rows(stack, "TWICE")) == 2
    assert "TABLE_NAME" not in os.environ
    assert function(stack).environment["STAGE"] == "local"


def test_an_exception_becomes_error_type_and_message(invoke: Any) -> None:
    answer, body = invoke({"do": "fail", "message": "no « luck »"})
    assert answer["FunctionError"] == "Unhandled"
    assert (body["errorType"], body["errorMessage"]) == ("Flaky", "no « luck »")
    assert any("handler" in line for line in body["stackTrace"])


def test_an_answer_that_is_no_json_is_the_functions_failure(stack: Stack, invoke: Any) -> None:
    function(stack).sandboxes.append(lambda event, context: {1, 2})  # noqa: ARG005
    answer, body = invoke({})
    assert (answer["FunctionError"], body["errorType"]) == ("Unhandled", "TypeError")


def test_a_function_that_cannot_be_loaded_fails_like_one_on_aws(stack: Stack, invoke: Any) -> None:
    function(stack).handler = "nowhere.handler"
    assert invoke({})[1]["errorType"] == "ImportError"


def test_sleeping_takes_virtual_time_only(stack: Stack, invoke: Any) -> None:
    _, body = invoke({"do": "sleep", "name": "x", "seconds": 15})
    assert stack.clock.now() == START + timedelta(seconds=15)
    assert body["left"] == 5000


def test_the_time_limit_ends_a_function_at_its_second(stack: Stack, invoke: Any) -> None:
    answer, body = invoke({"do": "sleep", "name": "late", "seconds": 21})
    assert (answer["FunctionError"], body["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "20.00 seconds" in body["errorMessage"]
    assert stack.clock.now() == START + timedelta(seconds=20)
    stack.clock.advance(timedelta(minutes=1))
    assert rows(stack, "SLEPT") == []


def test_two_invocations_at_once_have_a_sandbox_each(stack: Stack) -> None:
    client = stack.client("lambda")
    for name in "ab":
        payload = json.dumps({"do": "sleep", "name": name, "seconds": 10}).encode()
        client.invoke(FunctionName="sangfroid-WorkerFunction", Payload=payload, InvocationType="Event")
    stack.clock.advance(timedelta(seconds=10))
    assert len(function(stack).sandboxes) == 2
    assert function(stack).sandboxes[0].__globals__ is not function(stack).sandboxes[1].__globals__
    assert [row["sk"] for row in rows(stack, "SLEPT")] == ["a", "b"]


def test_an_asynchronous_invocation_answers_at_once_and_is_retried_twice(stack: Stack, invoke: Any) -> None:
    answer, body = invoke({"do": "flaky", "name": "n", "times": 2}, InvocationType="Event")
    assert (answer["StatusCode"], body) == (202, None)
    stack.settle()
    tried = [rows(stack, "FLAKY")[0]["tries"]]
    for seconds in (60, 120, 600):
        stack.clock.advance(timedelta(seconds=seconds))
        tried.append(rows(stack, "FLAKY")[0]["tries"])
    assert tried == ["1", "2", "3", "3"]


def test_a_dry_run_runs_nothing(stack: Stack, invoke: Any) -> None:
    before = stack.runtime.invocations
    assert invoke({"do": "twice"}, InvocationType="DryRun")[0]["StatusCode"] == 204
    assert stack.runtime.invocations == before
