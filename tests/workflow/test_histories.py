"""No procedure can fill its history (C12): AWS holds 25,000 events an execution; the worst is derived from what ran."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from sangfroid.organisation import load
from tests.support.crises import Crisis
from tests.support.desks import EXAMPLE

ENOUGH = 5_000
"""Events that no execution here may have, of the 25,000 that AWS takes: what lasts goes on as a new execution long before."""

AT_ITS_PACE = 300
"""Silences after which the machine `ask` tells of one a day."""

LONGEST = timedelta(days=365)
"""How long a Standard execution may last at all."""


def events(stack: Stack) -> dict[str, int]:  # noqa: ARG001 - it must run
    """Events of every execution by its name."""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    return {
        execution.name: len(execution.exec_worker.env.event_manager.get_event_history())
        for regions in stepfunctions_parser_backends.values()
        for backend in regions.values()
        for machine in backend.state_machines
        for execution in machine.executions
    }


def machines(stack: Stack, name: str) -> list[dict[str, Any]]:
    return [one for one in stack.executions() if one["machine"] == name]


def entered(stack: Stack, execution: str, state: str) -> int:
    """How often an execution has come to a state."""
    arn = next(one["arn"] for one in stack.executions() if one["name"] == execution)
    pages = stack.client("stepfunctions").get_paginator("get_execution_history")
    found = pages.paginate(executionArn=arn, maxResults=1000).search("events[].stateEnteredEventDetails.name")
    return Counter(found)[state]


def test_channels_that_are_down_for_days_fill_no_history(stack: Stack) -> None:
    """Two days and more, until they go on as new ones; `make bench-many` does a week of twenty."""
    crisis = Crisis(stack)
    crisis.triage(1)
    channels = [one.id for one in load(EXAMPLE).channels_for("public") if one.publishes][:2]
    stack.faults.set([{"point": f"channel:{one}", "mode": "error", "times": 10**9} for one in channels])
    crisis.approve()
    stack.clock.advance(timedelta(hours=51), patience=900)
    counted = events(stack)
    assert max(counted.values()) <= ENOUGH, counted
    deliveries = machines(stack, "delivery")
    assert any(one["name"].endswith("-n1") for one in deliveries), "they went on as new executions"
    running = Counter(one["status"] for one in deliveries)["RUNNING"]
    assert running == len([one for one in crisis.document["deliveries"] if one["state"] == "waiting"])
    stack.faults.clear()
    stack.clock.advance(timedelta(hours=2), patience=900)
    published = {one["state"] for one in crisis.document["deliveries"] if one["required"]}
    assert published == {"published"}


@pytest.mark.parametrize("function", ["clock", "playbook"])
def test_a_function_that_is_down_for_a_day_fills_no_history(stack: Stack, function: str) -> None:
    crisis = Crisis(stack)
    crisis.triage(3)
    stack.faults.set([{"point": f"function:{function}", "mode": "error", "times": 10**9}])
    stack.clock.advance(timedelta(days=1), patience=900)
    counted = events(stack)
    assert max(counted.values()) <= ENOUGH / 2, counted
    if function == "clock":
        told = [one for one in crisis.events if one["data"].get("notice") == "procedure_failed"]
        clocks = len(crisis.document["clocks"])
        assert 8 * clocks <= len(told) <= 30 * clocks, (
            "at once, then about once an hour and clock, not every five minutes"
        )
    stack.faults.clear()
    stack.clock.advance(timedelta(hours=1), patience=900)
    running = [one["name"] for one in machines(stack, "deadline") if one["status"] == "RUNNING"]
    owed = [one["id"] for one in crisis.document["clocks"] if one["state"] in ("running", "breached")]
    assert len(running) == len(owed), "each clock has one execution that speaks for it"
    assert crisis.clock("response_ready")["state"] == "breached"


@pytest.mark.parametrize("function", ["nothing", "notify"])
def test_a_question_that_nobody_answers_for_a_year_fits_into_one_history(stack: Stack, function: str) -> None:
    """Derived: the events of one silence (of one that nobody can be told of, too), times as many as there are in a year."""
    crisis = Crisis(stack)
    crisis.triage(1)
    if function != "nothing":
        stack.faults.set([{"point": f"function:{function}", "mode": "error", "times": 10**9}])
    stack.clock.advance(timedelta(days=1), patience=900)
    asked = max(machines(stack, "ask"), key=lambda one: events(stack)[one["name"]])["name"]
    silences = entered(stack, asked, "RemindPeople")
    assert 12 <= silences <= 80, "at the pace of the ladder, or slower each time that nobody can be told"
    # AT_ITS_PACE of them come as they come, the rest of the year one a day.
    a_year = (AT_ITS_PACE + LONGEST / timedelta(days=1)) * events(stack)[asked] / silences
    assert a_year < 25_000 * 0.9
