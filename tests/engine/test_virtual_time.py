"""The clock itself: order, exactness, settling, killing, speed."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from local import virtual_time
from local.virtual_threads import VirtualEvent, VirtualLatch, VirtualThread
from local.virtual_time import CLOCK, NotSettled

START = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean() -> None:
    """An empty clock; the stack is only there to leave none of its threads behind."""
    CLOCK.kill_all()
    CLOCK.restart(START)


def seconds() -> float:
    return (CLOCK.now() - START).total_seconds()


def start(target: object, *args: object) -> VirtualThread:
    thread = VirtualThread(target=target, args=args, family=("test",))  # type: ignore[arg-type]
    thread.start()
    return thread


def test_timers_fire_in_order_and_to_the_microsecond() -> None:
    seen: list[tuple[float, str]] = []

    def sleeper(name: str, *pauses: float) -> None:
        for pause in pauses:
            CLOCK.sleep(pause)
            seen.append((seconds(), name))

    start(sleeper, "slow", 3600, 0.000001)
    start(sleeper, "quick", 10, 20, 3570)
    CLOCK.advance(timedelta(hours=2))
    assert seen == [
        (10, "quick"), (30, "quick"), (3600, "slow"), (3600, "quick"), (3600.000001, "slow"),
    ]  # fmt: skip
    assert seconds() == 7200


def test_no_timer_fires_before_its_time() -> None:
    fired: list[float] = []

    def sleeper() -> None:
        CLOCK.sleep(60)
        fired.append(seconds())

    start(sleeper)
    CLOCK.advance(timedelta(seconds=59.999999))
    assert fired == []
    CLOCK.advance(timedelta(microseconds=1))
    assert fired == [60]


def test_work_of_an_instant_ends_before_time_goes_on() -> None:
    seen: list[tuple[float, str]] = []
    bell = VirtualEvent()

    def ringer() -> None:
        CLOCK.sleep(5)
        bell.set()
        seen.append((seconds(), "rung"))

    def listener() -> None:
        bell.wait()
        for _ in range(50):
            VirtualThread(target=lambda: seen.append((seconds(), "child"))).start()

    start(listener)
    start(ringer)
    start(CLOCK.sleep, 5.000001)
    CLOCK.advance(timedelta(seconds=6))
    assert len(seen) == 51
    assert {at for at, _ in seen} == {5}


def test_event_wait_says_whether_it_was_set_in_time() -> None:
    answers: list[tuple[float, bool]] = []
    bell = VirtualEvent()

    def listener(limit: float) -> None:
        answers.append((limit, bell.wait(limit)))

    start(listener, 10)
    start(listener, 30)
    CLOCK.advance(timedelta(seconds=20))
    bell.set()
    CLOCK.settle()
    start(listener, 1)
    CLOCK.settle()
    assert answers == [(10, False), (30, True), (1, True)]


def test_join_and_latch_wait_in_virtual_time() -> None:
    seen: list[tuple[str, float]] = []
    latch = VirtualLatch(2)

    def worker(pause: float) -> None:
        CLOCK.sleep(pause)
        latch.count_down()

    def joiner() -> None:
        thread = VirtualThread(target=worker, args=(40,))
        thread.start()
        VirtualThread(target=worker, args=(90,)).start()
        thread.join(timeout=10)
        seen.append(("still alive" if thread.is_alive() else "over", seconds()))
        thread.join()
        seen.append(("joined", seconds()))
        latch.wait()
        seen.append(("all", seconds()))

    start(joiner)
    CLOCK.advance(timedelta(minutes=2))
    assert seen == [("still alive", 10), ("joined", 40), ("all", 90)]


def test_killed_threads_unwind_and_their_families_with_them() -> None:
    unwound: list[str] = []

    def leaf(name: str) -> None:
        try:
            CLOCK.sleep(1000)
        except BaseException:
            unwound.append(name)
            raise

    def parent() -> None:
        VirtualThread(target=leaf, args=("child",)).start()
        leaf("parent")

    VirtualThread(target=parent, family=("doomed",)).start()
    VirtualThread(target=leaf, args=("other",), family=("safe",)).start()
    CLOCK.settle()
    CLOCK.kill(("doomed",))
    CLOCK.settle()
    assert sorted(unwound) == ["child", "parent"]
    CLOCK.kill_all()
    assert sorted(unwound) == ["child", "other", "parent"]


def test_a_thread_killed_before_its_first_turn_never_runs() -> None:
    ran: list[str] = []

    def first() -> None:
        VirtualThread(target=lambda: ran.append("second"), family=("doomed",)).start()
        CLOCK.kill(("doomed",))

    start(first)
    CLOCK.settle()
    assert ran == []


def test_advance_until_stops_at_the_timer_that_made_it_true() -> None:
    seen: list[float] = []

    def ticker() -> None:
        while True:
            CLOCK.sleep(3600)
            seen.append(seconds())

    start(ticker)
    assert CLOCK.advance_until(lambda: len(seen) == 5, timedelta(days=1))
    assert seconds() == 5 * 3600
    assert not CLOCK.advance_until(lambda: len(seen) == 100, timedelta(hours=1.5))
    assert seconds() == 6.5 * 3600


def test_time_does_not_go_back_and_work_cannot_move_it() -> None:
    with pytest.raises(ValueError, match="back"):
        CLOCK.advance(timedelta(seconds=-1))
    errors: list[Exception] = []

    def meddler() -> None:
        try:
            CLOCK.advance(timedelta(seconds=1))
        except RuntimeError as error:
            errors.append(error)

    start(meddler)
    CLOCK.settle()
    assert len(errors) == 1


def test_work_that_never_rests_is_reported_with_where_it_stands() -> None:
    go_on = threading.Event()
    start(go_on.wait)
    with pytest.raises(NotSettled, match=r"(?s)1 running.*wait"):
        CLOCK.settle(patience=0.05)
    go_on.set()
    CLOCK.settle()


def test_a_thread_in_real_waiting_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "PATIENCE", 0.2)
    go_on = threading.Event()
    start(go_on.wait)
    start(go_on.set)
    CLOCK.settle(patience=10)
    assert go_on.is_set()


def test_others_have_their_turns_while_one_computes_and_it_comes_back_when_they_are_done() -> None:
    seen: list[tuple[float, str]] = []
    begun, others_done = threading.Event(), threading.Event()

    def slow() -> None:
        CLOCK.aside(lambda: begun.set() or others_done.wait(5))
        seen.append((seconds(), "slow"))

    def quick() -> None:
        CLOCK.aside(lambda: None)
        seen.append((seconds(), "quick"))

    def other(name: str) -> None:
        for _ in range(3):
            CLOCK.park(0)
            seen.append((seconds(), name))
        if name == "b":
            # The quick one is done long since, and yet the one that went before it comes first.
            time.sleep(0.02)
            others_done.set()

    VirtualThread(
        target=lambda: (CLOCK.sleep(1), seen.append((seconds(), "later"))), family=("test",)
    ).start()

    def all_at_once() -> None:
        for work in ((slow,), (quick,), (other, "a"), (other, "b")):
            start(*work)

    start(all_at_once)
    assert begun.wait(5)
    CLOCK.advance(timedelta(seconds=1))
    assert seen[-3:] == [(0, "slow"), (0, "quick"), (1, "later")]
    assert [name for _, name in seen[:-3]] == ["a", "b"] * 3


def test_whoever_is_killed_while_it_computes_does_not_go_on() -> None:
    seen, begun, go_on = [], threading.Event(), threading.Event()

    def work() -> None:
        CLOCK.aside(lambda: begun.set() or go_on.wait(5))
        seen.append("went on")

    thread = start(work)
    assert begun.wait(5)
    assert not CLOCK.at_rest()
    CLOCK.kill(("test",))
    go_on.set()
    CLOCK.settle()
    assert not seen
    assert not thread.is_alive()
    start(work)
    go_on.clear()
    begun.clear()
    assert begun.wait(5)
    threading.Timer(0.1, go_on.set).start()
    CLOCK.kill_all(patience=0.01)
    assert CLOCK.at_rest()
    time.sleep(0.3)
    assert not seen


def test_the_clock_s_own_threads_do_not_live_on_a_sleep_that_somebody_may_take_away() -> None:
    """A watch that sleeps by `time.sleep` spins while that is a mock, which keeps every call."""
    CLOCK.settle()  # its threads run from here on
    callers: list[str] = []
    slept = time.sleep

    def seen(seconds: float) -> None:
        callers.append(threading.current_thread().name)
        slept(seconds)

    time.sleep = seen
    try:
        threading.Event().wait(1.2)  # the watch looks every half second
    finally:
        time.sleep = slept
    assert not [name for name in callers if name.startswith("clock-")]


def test_speed_maps_real_time_to_virtual_time() -> None:
    fired: list[float] = []

    def sleeper() -> None:
        CLOCK.sleep(600)
        fired.append(seconds())

    start(sleeper)
    CLOCK.set_speed(36000)
    until = time.monotonic() + 5
    while not fired and time.monotonic() < until:
        time.sleep(0.01)
    CLOCK.set_speed(0)
    assert fired == [600]
    stood = CLOCK.now()
    time.sleep(0.12)
    assert CLOCK.now() == stood
    with pytest.raises(ValueError, match="speed"):
        CLOCK.set_speed(-1)


def test_the_same_seed_shows_the_same_interleaving() -> None:
    def trace(seed: int) -> str:
        letters: list[str] = []

        def writer(letter: str) -> None:
            for _ in range(6):
                CLOCK.give_way()
                letters.append(letter)

        def all_three() -> None:
            for letter in "abc":
                start(writer, letter)

        CLOCK.interleave(seed)
        start(all_three)
        CLOCK.settle()
        CLOCK.interleave(None)
        return "".join(letters)

    first = {seed: trace(seed) for seed in range(5)}
    assert {seed: trace(seed) for seed in range(5)} == first
    assert len(set(first.values())) > 1


def test_a_thousand_parked_threads_cost_little() -> None:
    done: list[int] = []

    def sleeper(number: int) -> None:
        CLOCK.sleep(number)
        done.append(number)

    for number in range(1, 1001):
        start(sleeper, number)
    began = time.monotonic()
    CLOCK.advance(timedelta(days=30))
    assert done == list(range(1, 1001))
    assert time.monotonic() - began < 5
