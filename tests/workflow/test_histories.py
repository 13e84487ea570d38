"""No procedure can fill its history (C12): AWS holds 25,000 events an execution; the worst is derived from what ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from sangfroid.organisation import load
from tests.support.crises import Crisis
from tests.support.desks import EXAMPLE

ENOUGH = 5_000
"""Events that no execution here may have, of the 25,000 that AWS takes: what lasts goes on as a new execution long before."""

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


def test_channels_that_are_down_for_a_week_fill_no_history(
    stack: Stack, record_property: Callable[[str, object], None]
) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    channels = [one.id for one in load(EXAMPLE).channels_for("public") if one.publishes][:2]
    stack.faults.set([{"point": f"channel:{one}", "mode": "error", "times": 10**9} for one in channels])
    crisis.approve()
    stack.clock.advance(timedelta(days=7), patience=900)
    counted = events(stack)
    by_machine: dict[str, int] = {}
    for one in stack.executions():
        by_machine[one["machine"]] = max(by_machine.get(one["machine"], 0), counted[one["name"]])
    record_property("explored", f"channels down for a week, longest history of each machine: {by_machine}")
    assert max(by_machine.values()) <= ENOUGH, by_machine
    deliveries = machines(stack, "delivery")
    assert any(one["name"].endswith("-n1") for one in deliveries), "they went on as new executions"
    running = Counter(one["status"] for one in deliveries)["RUNNING"]
    assert running == len([one for one in crisis.document["deliveries"] if one["state"] == "waiting"])
    stack.faults.clear()
    stack.clock.advance(timedelta(hours=2), patience=900)
    assert {one["state"] for one in crisis.document["deliveries"]} == {"published"}
    assert {one["status"] for one in machines(stack, "publication")} == {"SUCCEEDED"}


@pytest.mark.parametrize("function", ["clock", "playbook"])
def test_a_function_that_is_down_for_days_fills_no_history(stack: Stack, function: str) -> None:
    crisis = Crisis(stack)
    crisis.triage(3)
    stack.faults.set([{"point": f"function:{function}", "mode": "error", "times": 10**9}])
    stack.clock.advance(timedelta(days=4), patience=900)
    counted = events(stack)
    assert max(counted.values()) <= ENOUGH, counted
    stack.faults.clear()
    stack.clock.advance(timedelta(hours=1), patience=900)
    clocks = [one for one in machines(stack, "deadline") if one["status"] == "RUNNING"]
    assert len(clocks) == 2, "each clock has one execution that speaks for it"
    assert crisis.clock("response_ready")["state"] == "breached"


def test_a_question_that_nobody_answers_for_a_year_fits_into_one_history(stack: Stack) -> None:
    """Derived: the events of one silence, times as many as there are in a year."""
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.clock.advance(timedelta(days=2))
    asked = max(machines(stack, "ask"), key=lambda one: events(stack)[one["name"]])
    first = events(stack)[asked["name"]]
    stack.clock.advance(timedelta(days=1))
    a_day = events(stack)[asked["name"]] - first
    per_silence = a_day / (timedelta(days=1) / timedelta(hours=2))
    a_year = 300 * per_silence + LONGEST / timedelta(days=1) * per_silence
    assert 0 < a_year < 25_000 * 0.6
