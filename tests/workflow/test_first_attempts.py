"""The publication makes the first attempt of every delivery; only what did not leave at once gets an execution of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.stack import Stack
from sangfroid.acts import publication
from tests.support.crises import Crisis


def deliveries(stack: Stack) -> list[str]:
    return [one["name"] for one in stack.executions() if one["machine"] == "delivery"]


def test_what_leaves_at_once_has_no_execution_and_what_does_not_has_one_that_waits(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "channel:linkedin", "mode": "error", "times": 10**9}])
    crisis.approve()
    left = crisis.document["deliveries"]
    late = [one for one in left if one["state"] == "waiting"]
    assert {one["channel"] for one in late} == {"linkedin"}
    assert {one["state"] for one in left if one not in late} <= {"published", "manual"}
    assert len(deliveries(stack)) == len(late) < len(left)
    tries = {one["attempts"] for one in late}
    stack.clock.advance(timedelta(seconds=5))
    now = {one["attempts"] for one in crisis.document["deliveries"] if one["channel"] == "linkedin"}
    assert tries == now == {1}, "the first attempt counts: the next comes when its time has come, not at once"
    stack.faults.clear()
    crisis.advance(hours=1)
    assert crisis.document["status"] == "published"
    published = [one for one in crisis.events if one["kind"] == "delivery_published"]
    assert len(published) == len({one["data"]["delivery"] for one in published})


def test_very_many_do_not_wait_for_one_another(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "AT_ONCE", 1)
    monkeypatch.setattr(publication, "IN_A_GROUP", 3)
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.approve()
    crisis.advance(hours=1)
    assert len(deliveries(stack)) == len(crisis.document["deliveries"]) - 3 > 0
    assert crisis.document["status"] == "published"


@pytest.mark.parametrize(("group", "broken"), [(99, 99), (10, 10), (1, 1)])
def test_a_group_whose_function_breaks_gets_an_execution_each_at_once_and_holds_up_no_other(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, group: int, broken: int
) -> None:
    monkeypatch.setattr(publication, "IN_A_GROUP", group)
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "function:publish", "mode": "error", "times": 1}])
    crisis.approve()
    stack.clock.settle()
    whole = len(crisis.document["deliveries"])
    assert len(deliveries(stack)) == min(broken, whole), "each has one, before any time has passed"
    assert crisis.document["status"] == "published"
    crisis.advance(hours=1)
    assert len(deliveries(stack)) == min(broken, whole), "and no second one"
