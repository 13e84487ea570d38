"""Streams: filters, order, partial failures, bisecting, retries in virtual time, the on-failure queue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.mends import dynamodb
from local.stack import Stack
from local.streams import Pump, matches
from tests.engine.conftest import START, rows


def intend(stack: Stack, name: str, body: dict[str, Any] | None = None) -> None:
    item = {
        "pk": {"S": f"THING#{name}"},
        "sk": {"S": "INTENT#1"},
        "body": {"S": json.dumps(body or {"id": name})},
    }
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=item)


def dead_letters(stack: Stack) -> list[dict[str, Any]]:
    client = stack.client("sqs")
    found = client.receive_message(QueueUrl=client.list_queues()["QueueUrls"][0], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_record_starts_its_work_and_others_are_filtered_out(stack: Stack) -> None:
    intend(stack, "a")
    stack.client("dynamodb").put_item(
        TableName=stack.outputs["TableName"],
        Item={"pk": {"S": "x"}, "sk": {"S": "OTHER"}, "body": {"S": "{}"}},
    )
    stack.settle()
    assert [entry["name"] for entry in stack.executions()] == ["THING-a"]
    assert [row["sk"] for row in rows(stack, "THING#a")] == ["THING"]


def test_a_write_returns_before_its_record_is_delivered(stack: Stack) -> None:
    """The function is never called inside the write: a handler's own write must not wait for the relay."""
    before = stack.runtime.invocations
    order: list[str] = []
    relay = next(f for f in stack.runtime.functions.values() if f.folder == "relay")

    def slow(event: Any, context: Any) -> Any:  # noqa: ARG001
        order.append("relay")
        return {"batchItemFailures": []}

    relay.sandboxes.append(slow)
    worker = next(f for f in stack.runtime.functions.values() if f.folder == "worker")

    def writes(event: Any, context: Any) -> Any:  # noqa: ARG001
        intend(stack, "inside")
        order.append("written")

    worker.sandboxes.append(writes)
    stack.client("lambda").invoke(FunctionName=worker.name, Payload=b"{}")
    stack.settle()
    assert order == ["written", "relay"]
    assert stack.runtime.invocations == before + 2


def test_a_failed_function_is_retried_with_growing_pauses(stack: Stack) -> None:
    stack.faults.set([{"point": "function:relay", "mode": "error", "times": 2}])
    intend(stack, "a")
    stack.settle()
    assert stack.executions() == []
    stack.clock.advance(timedelta(seconds=2))
    assert stack.executions() == []
    stack.clock.advance(timedelta(seconds=1))
    assert stack.executions()[0]["start"] == START + timedelta(seconds=3)


def test_a_poisoned_record_ends_in_the_queue_and_the_others_arrive(stack: Stack) -> None:
    relay_busy = [{"point": "function:relay", "mode": "throttle", "times": 1}]
    stack.faults.set(relay_busy)
    intend(stack, "first")
    stack.settle()
    for name in ("a", "poison", "b"):
        intend(stack, name)
    stack.clock.advance(timedelta(minutes=5))
    assert [entry["name"] for entry in stack.executions()] == ["THING-first", "THING-a", "THING-b"]
    (letter,) = dead_letters(stack)
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["requestContext"]["approximateInvokeCount"] == 4
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert (
        letter["DDBStreamBatchInfo"]["startSequenceNumber"]
        == letter["DDBStreamBatchInfo"]["endSequenceNumber"]
    )


def test_a_function_that_always_fails_sends_everything_to_the_queue(stack: Stack) -> None:
    stack.faults.set([{"point": "function:relay", "mode": "error", "times": 1000}])
    for name in "abc":
        intend(stack, name)
    stack.clock.advance(timedelta(hours=1))
    assert stack.executions() == []
    assert sum(letter["DDBStreamBatchInfo"]["batchSize"] for letter in dead_letters(stack)) == 3


def test_a_crash_after_the_start_starts_nothing_twice(stack: Stack) -> None:
    stack.faults.set([{"point": "function:relay", "mode": "crash", "times": 1}])
    intend(stack, "a")
    stack.clock.advance(timedelta(minutes=1))
    assert [entry["name"] for entry in stack.executions()] == ["THING-a"]
    assert [row["sk"] for row in rows(stack, "THING#a")] == ["THING"]


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ({"a": ["x"]}, {"a": "x"}, True),
        ({"a": ["x"]}, {"a": "y"}, False),
        ({"a": ["x"]}, {}, False),
        ({"a": {"b": [1]}}, {"a": {"b": 1}}, True),
        ({"a": [True]}, {"a": 1}, False),
        ({"a": [None]}, {"a": None}, True),
        ({"a": [{"prefix": "IN"}]}, {"a": "INTENT"}, True),
        ({"a": [{"suffix": "T"}]}, {"a": "INTENT"}, True),
        ({"a": [{"exists": False}]}, {}, True),
        ({"a": [{"exists": True}]}, {}, False),
        ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}, True),
        ({"a": [{"anything-but": {"prefix": "z"}}]}, {"a": "zz"}, False),
        ({"a": [{"numeric": [">", 1, "<=", 5]}]}, {"a": 5}, True),
        ({"a": [{"numeric": ["=", 1]}]}, {"a": "one"}, False),
        ({"a": [{"equals-ignore-case": "X"}]}, {"a": "x"}, True),
        ({"a": ["x"]}, {"a": ["w", "x"]}, True),
        ({"$or": [{"a": ["1"]}, {"b": ["2"]}], "c": ["3"]}, {"b": "2", "c": "3"}, True),
        ({"$or": [{"a": ["1"]}, {"b": ["2"]}], "c": ["3"]}, {"b": "2"}, False),
        ({"a": {"$or": [{"b": ["1"]}, {"c": ["2"]}]}}, {"a": {"c": "2"}}, True),
        ({"a": {"b": {"c": ["x"]}}}, {"a": {"b": {"c": "x"}}}, True),
        ({"a": {"b": {"c": ["x"]}}}, {"a": "b"}, False),
        ({"a": {"b": {"c": [{"exists": False}]}}}, {"a": {}}, True),
        ({"a": {}}, {}, True),
    ],
)
def test_patterns(pattern: Any, value: Any, fits: bool) -> None:
    assert matches(pattern, value) is fits


@pytest.mark.parametrize(
    "pattern",
    [
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "THING"}]}}}},
        {"dynamodb": {"NewImage": {"kind": {"S": ["wanted"]}}}},
        {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"kind": {"S": ["changed"]}}}},
        {"eventSource": ["aws:dynamodb"], "eventName": ["REMOVE"]},
    ],
)
def test_a_record_that_is_refused_by_its_head_would_be_refused_whole(stack: Stack, pattern: Any) -> None:
    """Filters on keys and on images let the same records through, whether the record was made for them or not."""
    (mapping, *_) = (pump.mapping for pump in stack.pumps)
    came: list[Any] = []
    pump = Pump(replace(mapping, filters=[pattern]), stack.runtime, lambda *_: None)
    pump._records = came  # type: ignore[assignment]
    whole: list[Any] = []
    dynamodb.on_record[:] = [pump, lambda table, record: whole.append((table, record))]
    client = stack.client("dynamodb")
    for kind in ("wanted", "other"):
        item = {"pk": {"S": f"P#{kind}"}, "sk": {"S": "THING#1"}, "kind": {"S": kind}}
        client.put_item(TableName=mapping.table, Item=item)
        client.put_item(TableName=mapping.table, Item=item | {"kind": {"S": "changed"}})
        client.delete_item(TableName=mapping.table, Key={"pk": item["pk"], "sk": item["sk"]})
    fits = [record for table, record in whole if table == mapping.table and matches(pattern, record)]
    assert len(whole) == 6
    assert fits
    assert came == fits


def test_an_unknown_pattern_is_an_error() -> None:
    with pytest.raises(ValueError, match="cidr"):
        matches({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "10.0.0.1"})


def test_a_batch_carries_no_more_than_an_invocation_takes(stack: Stack) -> None:
    """As on AWS: what is too much for one invocation comes in several, in order, and none is lost."""
    relay = next(f for f in stack.runtime.functions.values() if f.folder == "relay")
    came: list[str] = []

    def taken(event: Any, context: Any) -> Any:  # noqa: ARG001
        came.extend(record["dynamodb"]["NewImage"]["pk"]["S"] for record in event["Records"])
        return {"batchItemFailures": []}

    worker = next(f for f in stack.runtime.functions.values() if f.folder == "worker")

    def writes(event: Any, context: Any) -> Any:  # noqa: ARG001
        for number in range(30):
            intend(stack, f"{number:02d}", {"id": "x" * 390_000})

    for pump in stack.pumps:
        pump.mapping.batch_size = 100
    relay.sandboxes.append(taken)
    worker.sandboxes.append(writes)
    stack.client("lambda").invoke(FunctionName=worker.name, Payload=b"{}")
    stack.settle()
    assert came == [f"THING#{number:02d}" for number in range(30)]
