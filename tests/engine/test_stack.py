"""The stack as a whole: one at a time, reset, stop, tokens, organisation, executions."""

from __future__ import annotations

import gc
import threading
import weakref
from datetime import timedelta

import pytest
from botocore.client import BaseClient

from local.stack import Stack
from sangfroid import wall_clock
from sangfroid.outbound import hooks
from tests.engine.conftest import START, TEMPLATE, rows


def test_reset_leaves_nothing_and_time_goes_on(stack: Stack) -> None:
    token = stack.token("ana", [])
    stack.request("POST", "/things", {"id": "a"}, token=token)
    stack.faults.set([{"point": "dynamodb", "mode": "error", "times": 9}])
    stack.clock.advance(timedelta(minutes=30))
    stack.reset()
    assert (stack.executions(), stack.outbox(), stack.faults.pending()) == ([], [], [])
    assert rows(stack, "THING#a") == []
    assert stack.clock.now() == START + timedelta(minutes=30)
    stack.clock.advance(timedelta(days=10))
    assert (stack.executions(), rows(stack, "TOKEN")) == ([], [])
    assert stack.request("POST", "/things", {"id": "a"}, token=token).status == 202
    stack.reset(START)
    assert stack.clock.now() == START


def test_reset_in_the_middle_of_work(stack: Stack) -> None:
    token = stack.token("ana", [])
    for name in "abcdefgh":
        stack.request("POST", "/things", {"id": name}, token=token)
    stack.clock.advance(timedelta(hours=2))
    assert len(stack.executions()) == 16
    stack.reset()
    assert stack.executions() == []
    leftovers = [
        t.name for t in threading.enumerate() if t.name.startswith(("execution", "Waiting", "sangfroid-"))
    ]
    assert leftovers == []


@pytest.mark.usefixtures("stack")
def test_one_stack_at_a_time() -> None:
    with pytest.raises(RuntimeError, match="one stack at a time"):
        Stack.start(TEMPLATE)


def test_borrowing_again_gives_the_same_stack_empty(stack: Stack) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=stack.token("ana", []))
    stack.clock.set_speed(10)
    again = Stack.borrow(TEMPLATE, now=START)
    assert again is stack
    assert (again.executions(), again.clock.speed, again.clock.now()) == ([], 0, START)


def test_a_stopped_stack_leaves_the_real_clock_and_no_threads(stack: Stack) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=stack.token("ana", []))
    stack.stop()
    stack.stop()
    assert hooks.around_channel is None
    assert abs((wall_clock.now() - START).days) > 0 or wall_clock.now().year >= 2026
    kept = {"MainThread", "clock-watch", "clock-pace"}
    left = {
        t.name
        for t in threading.enumerate()
        if t.name not in kept and not t.name.startswith(("ThreadPool", "execnet"))
    }
    assert not {name for name in left if name.startswith(("stream", "execution", "schedule", "http"))}
    second = Stack.start(TEMPLATE, now=START)
    try:
        assert second.executions() == []
        assert second.request("GET", "/health").json == {"at": "2026-11-20T08:00:00+00:00"}
    finally:
        second.stop()


def test_stacks_that_have_stopped_leave_nothing_behind() -> None:
    """Each had clients in its sandboxes, 30 MB of descriptions with them; what is left of the last one alone is no growth."""

    def clients_alive_after_one() -> int:
        one = Stack.borrow(TEMPLATE, now=START)
        assert one.request("POST", "/things", {"id": "a"}, token=one.token("ana", [])).status == 202
        one.stop()
        del one
        return sum(isinstance(thing, BaseClient) for thing in gc.get_objects())

    clients_alive_after_one()
    first = clients_alive_after_one()
    assert [clients_alive_after_one() for _ in range(3)] == [first] * 3


def test_what_was_played_before_a_reset_is_gone_for_good(stack: Stack) -> None:
    from moto.stepfunctions.parser.backend.execution import Execution

    before = {id(thing) for thing in gc.get_objects() if isinstance(thing, Execution)}
    for name in "abcd":
        stack.request("POST", "/things", {"id": name}, token=stack.token("ana", []))
    played = [
        weakref.ref(thing)
        for thing in gc.get_objects()
        if isinstance(thing, Execution) and id(thing) not in before
    ]
    assert len(played) >= 4
    assert stack.request("POST", "/_local/reset").status < 300
    assert [one for one in played if one() is not None] == []


def test_the_collector_comes_by_before_much_has_gathered(stack: Stack) -> None:
    """All is looked at when the last number of the youngest looks has come together; an object of a crisis is 500 bytes."""
    assert stack.executions() == []
    young, middle, old = gc.get_threshold()
    assert young >= 10_000  # and not so often that most work is looking
    assert young * (middle + 1) * (old + 1) <= 1_000_000


def test_domain_code_reads_and_waits_on_the_virtual_clock(stack: Stack) -> None:
    assert wall_clock.now() == START
    wall_clock.sleep(90)
    assert wall_clock.now() == stack.clock.now() == START + timedelta(seconds=90)


def test_outputs_and_conditions_of_the_template(stack: Stack) -> None:
    assert stack.outputs == {"TableName": "sangfroid-Table"}
    assert len(stack.client("sqs").list_queues()["QueueUrls"]) == 1


def test_executions_come_in_the_order_of_their_start(stack: Stack) -> None:
    token = stack.token("ana", [])
    for name in ("b", "a"):
        stack.request("POST", "/things", {"id": name}, token=token)
        stack.clock.advance(timedelta(minutes=5))
    found = stack.executions()
    assert [entry["name"] for entry in found] == ["THING-b", "THING-a"]
    assert [entry["start"] for entry in found] == [START, START + timedelta(minutes=5)]
    assert all(entry["stop"] is None and entry["machine"] == "main" for entry in found)


@pytest.mark.parametrize("seed", range(4))
def test_under_any_interleaving_a_thing_is_made_once(stack: Stack, seed: int) -> None:
    """Eight people post the same thing at the same instant, and threads give way at every AWS call."""
    token = stack.token("ana", [])
    stack.clock.interleave(seed)
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(stack.request("POST", "/things", {"id": "a"}, token=token).status)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [500] * 7
    assert [entry["name"] for entry in stack.executions()] == ["THING-a"]
