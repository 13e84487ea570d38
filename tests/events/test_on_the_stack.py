"""One crisis on the stack: its events on the emulated bus, and one correlation id in the log of every function on its way."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from local.stack import Stack
from local.virtual_time import CLOCK
from sangfroid import case_events
from sangfroid.observability import logger
from tests.support.crises import Crisis

ON_THE_WAY = {"api", "relay", "index", "classify", "trace", "playbook", "wait", "clock", "notify", "publish"}
"""Functions that a report passes until its response is delivered."""


class Lines(logging.Handler):
    """What each function logs, as CloudWatch would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logger.registered_formatter)
        self.of: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def emit(self, record: logging.LogRecord) -> None:
        thread = CLOCK.current()
        if thread is not None and "function" in thread.context:
            name = thread.context["function"].removeprefix("sangfroid-")
            self.of[name].append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, level = Lines(), logger.log_level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(level)
    logging.getLogger(logger.service).removeHandler(handler)


def on_the_bus(stack: Stack) -> str:
    """A queue that hears what a rule lets through; its address."""
    queue = stack.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    events = stack.client("events")
    events.put_rule(Name="heard", EventPattern=json.dumps({"source": [case_events.SOURCE]}))
    events.put_targets(
        Rule="heard", Targets=[{"Id": "queue", "Arn": "arn:aws:sqs:eu-central-1:123456789012:heard"}]
    )
    return str(queue)


def heard(stack: Stack, queue: str) -> list[dict[str, Any]]:
    found = []
    while True:
        answer = stack.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        if not messages:
            return found
        for message in messages:
            found.append(json.loads(message["Body"]))
            stack.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def test_a_report_is_followed_to_its_delivery_in_logs_and_on_the_bus(stack: Stack, lines: Lines) -> None:
    queue = on_the_bus(stack)
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.approve()
    assert crisis.document["status"] == "published"
    silent = ON_THE_WAY - {
        name for name, said in lines.of.items() if any(one.get("correlation_id") == crisis.id for one in said)
    }
    assert not silent, f"no line with the id of the case: {silent}"
    of_the_case = [one for said in lines.of.values() for one in said if one.get("case_id") == crisis.id]
    assert {one.get("correlation_id") for one in of_the_case} == {crisis.id}

    told = heard(stack, queue)
    for one in told:
        jsonschema.validate(one["detail"], case_events.schema(one["detail-type"]))
    announced = case_events.catalogue()["announced"]
    expected = [(one["seq"], one["kind"]) for one in crisis.events if one["kind"] in announced]
    assert sorted((one["detail"]["seq"], one["detail-type"]) for one in told) == expected
    assert {"case_opened", "classified", "delivery_published", "clock_met"} <= {
        one["detail-type"] for one in told
    }
    assert {one["detail"]["case_id"] for one in told} == {crisis.id}


def test_of_a_leak_the_bus_hears_nothing(stack: Stack) -> None:
    queue = on_the_bus(stack)
    crisis = Crisis(stack, asserted={"confidential_leak": True, "at_fault": "company"})
    crisis.advance(hours=1)
    assert any(one["kind"] == "freeze_raised" for one in crisis.events)
    assert heard(stack, queue) == []
