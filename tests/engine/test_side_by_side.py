"""Works side by side: the same promises with plain threads and in virtual time, where they live and die with their function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

import pytest

from local.faults import FunctionDied
from local.side_by_side import run
from local.virtual_threads import VirtualThread
from local.virtual_time import CLOCK, DeadlinePassed
from sangfroid.side_by_side import Runner, in_threads

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
WHOSE: ContextVar[str] = ContextVar("whose", default="nobody's")


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    CLOCK.kill_all()
    CLOCK.restart(START)
    yield
    CLOCK.kill_all()


def seconds() -> float:
    return (CLOCK.now() - START).total_seconds()


def in_a_function(work: Callable[[], None], *, deadline: float = 60) -> list[BaseException]:
    """Do the work on a managed thread, as a function's handler is done; what it raised."""
    raised: list[BaseException] = []

    def handler() -> None:
        try:
            work()
        except BaseException as fault:
            raised.append(fault)
            raise

    thread = VirtualThread(target=handler, family=("functions", "one"))
    thread.deadline = CLOCK.micros() + round(deadline * 1_000_000)
    thread.start()
    CLOCK.advance(timedelta(minutes=10))
    assert not thread.is_alive()
    return raised


def test_the_window_closes_over_what_is_done_and_the_end_is_that_of_the_last() -> None:
    seen: list[tuple[float, str]] = []

    def sleeper(name: str, pause: float) -> Callable[[], None]:
        def work() -> None:
            CLOCK.sleep(pause)
            seen.append((seconds(), name))

        return work

    def handler() -> None:
        run([sleeper("slow", 30), sleeper("quick", 1)], 2.0, lambda: seen.append((seconds(), "window")))
        seen.append((seconds(), "end"))

    assert in_a_function(handler) == []
    assert seen == [(1, "quick"), (2, "window"), (30, "slow"), (30, "end")]


def test_the_window_closes_at_once_where_all_are_done() -> None:
    seen: list[float] = []
    assert in_a_function(lambda: run([lambda: CLOCK.sleep(1)] * 3, 2.0, lambda: seen.append(seconds()))) == []
    assert seen == [1]


def test_what_ends_the_process_on_one_thread_ends_it_on_all() -> None:
    seen: list[str] = []

    def dies() -> None:
        CLOCK.sleep(1)
        raise FunctionDied

    def outlives() -> None:
        CLOCK.sleep(5)
        seen.append("called")

    raised = in_a_function(lambda: run([dies, outlives], 2.0, lambda: seen.append("settled")))
    assert [type(one) for one in raised] == [FunctionDied]
    assert seen == []


def test_no_work_outlives_the_time_of_its_function() -> None:
    seen: list[str] = []

    def hangs() -> None:
        CLOCK.sleep(120)
        seen.append("called")

    raised = in_a_function(lambda: run([hangs, hangs], 2.0, lambda: seen.append("settled")))
    assert [type(one) for one in raised] == [DeadlinePassed]
    assert seen == ["settled"]


@pytest.mark.parametrize("runner", [run, in_threads])
def test_each_sees_the_context_of_its_maker_and_a_fault_comes_when_all_are_done(runner: Runner) -> None:
    seen: list[str] = []
    guard = threading.Lock()

    def looks() -> None:
        with guard:
            seen.append(WHOSE.get())

    def breaks() -> None:
        raise ZeroDivisionError

    before = WHOSE.set("ours")
    try:
        with pytest.raises(ZeroDivisionError):
            runner([breaks, looks, looks], 2.0, looks)
    finally:
        WHOSE.reset(before)
    assert seen == ["ours"] * 3
