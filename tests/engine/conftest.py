"""One stack of the small fixture template a process; every test finds it empty, at a fixed time, standing still."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from local.stack import Stack

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEMPLATE = "tests/engine/fixtures/template.yaml"
ROLE = "arn:aws:iam::123456789012:role/tests"
_numbers = itertools.count(1)


@pytest.fixture
def stack() -> Stack:
    return Stack.borrow(TEMPLATE, now=START)


@pytest.fixture
def worker(stack: Stack) -> str:
    """The ARN of the function that does as it is told."""
    return next(function.arn for function in stack.runtime.functions.values() if function.folder == "worker")


@pytest.fixture
def run(stack: Stack) -> Callable[..., Any]:
    """Deploys a machine, starts it, settles; answers a function that describes the execution."""

    def start(
        states: dict[str, Any], given: Any = None, *, query: str = "JSONata", **machine: Any
    ) -> Callable[[], Any]:
        client, name = stack.client("stepfunctions"), f"test-{next(_numbers)}"
        definition = {"QueryLanguage": query, "StartAt": next(iter(states)), "States": states, **machine}
        made = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        arn = client.start_execution(
            stateMachineArn=made["stateMachineArn"],
            name="one",
            input=json.dumps(given if given is not None else {}),
        )["executionArn"]
        stack.settle()

        def describe() -> dict[str, Any]:
            found = client.describe_execution(executionArn=arn)
            if "output" in found:
                found["output"] = json.loads(found["output"])
            return found

        return describe

    return start


@pytest.fixture
def history(stack: Stack) -> Callable[[str], list[tuple[float, str]]]:
    """Seconds since START and type of every event of an execution."""

    def read(arn: str) -> list[tuple[float, str]]:
        events = stack.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
        return [((event["timestamp"] - START).total_seconds(), event["type"]) for event in events]

    return read


def task(worker: str, payload: Any, **more: Any) -> dict[str, Any]:
    """A state that invokes the worker."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": worker, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        "End": True,
    } | more


def rows(stack: Stack, pk: str) -> list[dict[str, str]]:
    """The rows of one partition, as plain texts."""
    found = stack.client("dynamodb").query(
        TableName=stack.outputs["TableName"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )["Items"]
    return [{name: next(iter(value.values())) for name, value in item.items()} for item in found]
