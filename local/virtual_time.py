"""A clock that moves only when every managed thread has nothing left to do.

Managed threads run one at a time, in the order in which they became ready: a run is repeatable, and work at one
instant is finished before time moves on. A thread gives way only when it parks (an event, a join, a sleep) or ends.
A thread that stays busy in real waiting (network, a real lock) for longer than ``PATIENCE`` real seconds no longer
holds the others up; time still stands while it works.

Times are kept in whole microseconds since the epoch, UTC, so that differences are exact.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
import sys
import threading
import time as real_time
import traceback
from collections import deque
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.virtual_threads import VirtualThread

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
PATIENCE = 2.0  # real seconds; loading a function for the first time takes a good part of one
BEAT = 0.05  # real seconds between two looks at a clock that runs
NEVER_SECONDS = 99_999_999  # what the States language writes for "no timeout"


class Stopped(BaseException):
    """Unwinds a managed thread whose work was called off; not an Exception, so that no Catch sees it.

    ``reason``: why, in one word; "timeout" where only the waiting was given up.
    """

    def __init__(self, reason: str = "stopped") -> None:
        super().__init__(reason)
        self.reason = reason


class DeadlinePassed(BaseException):
    """Unwinds a managed thread that slept past its own deadline (a Lambda function past its Timeout)."""


class NotSettled(RuntimeError):
    """Work did not come to rest within the real time that was allowed; the message says where each thread stands."""


class Waiter:
    """One thread at one parking place; woken exactly once."""

    __slots__ = ("begins", "due", "gate", "outcome", "thread")

    def __init__(self, thread: VirtualThread | None, due: int | None, *, begins: bool = False) -> None:
        self.thread = thread
        self.due = due
        self.outcome: str | None = None
        self.begins = begins  # its thread has not had its first turn: there is nothing underneath it yet
        if not begins:
            self.gate = threading.Lock()
            self.gate.acquire()


class Clock:
    """Virtual time and the scheduler of the managed threads. One a process: ``CLOCK``."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._rest = threading.Condition(self._mutex)
        self._driving = threading.RLock()
        self._local = threading.local()
        self._heap: list[tuple[int, int, Waiter]] = []
        self._stale = 0
        self._order = itertools.count()
        self._ready: deque[Waiter] = deque()
        self._aside: deque[Waiter] = deque()
        self._running = 0
        self._dispatched_at = 0.0
        self._threads: set[VirtualThread] = set()
        self._now = (datetime.now(UTC) - EPOCH) // MICRO
        self._limit = self._now
        self._speed = 0.0
        self._anchor = (0.0, 0)
        self._tick = threading.Condition()
        self._shuffle: random.Random | None = None
        self._helpers_started = False

    # Reading ---------------------------------------------------------------------------------------------------
    def now(self) -> datetime:
        """The virtual time, aware, UTC."""
        return EPOCH + timedelta(microseconds=self._now)

    def micros(self) -> int:
        """The virtual time in microseconds since the epoch."""
        return self._now

    @property
    def speed(self) -> float:
        """Virtual seconds a real second; 0 = stands still unless advanced."""
        return self._speed

    def current(self) -> VirtualThread | None:
        """The managed thread that calls, or None when an ordinary thread calls."""
        thread: VirtualThread | None = getattr(self._local, "thread", None)
        return thread

    def next_due(self) -> datetime | None:
        """When the next timer fires, or None when no timer is set."""
        with self._mutex:
            self._drop_stale()
            return EPOCH + timedelta(microseconds=self._heap[0][0]) if self._heap else None

    def at_rest(self) -> bool:
        """True when no managed thread has anything to do at this instant."""
        with self._mutex:
            return self._resting()

    # Moving ----------------------------------------------------------------------------------------------------
    def restart(self, now: datetime) -> None:
        """Sets the time of an empty clock (after ``kill_all``)."""
        with self._driving, self._mutex:
            self._now = self._limit = (now.astimezone(UTC) - EPOCH) // MICRO
            self._heap.clear()
            self._stale = 0
            self._anchor = (real_time.monotonic(), self._now)

    def catch_up(self) -> None:
        """On a running clock: moves the virtual time to what the real time says, if nothing holds it up."""
        if self._speed and self._driving.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._driving.release()

    def advance(self, by: timedelta, patience: float = 120.0) -> None:
        """Fires every timer due on the way, in order; returns when all that they caused has settled.

        Raises ValueError for a negative step, NotSettled when the work takes more than ``patience`` real seconds.
        """
        if by < timedelta(0):
            raise ValueError("time does not go back")
        if self.current() is not None:
            raise RuntimeError("work on the clock cannot move the clock; it can sleep")
        with self._driving:
            self._run_to(self._now + by // MICRO, patience)
            self._anchor = (real_time.monotonic(), self._now)

    def advance_until(self, predicate: Callable[[], bool], limit: timedelta) -> bool:
        """Advances from timer to timer until the predicate holds; False when ``limit`` passed without it."""
        end = self._now + limit // MICRO
        self.settle()
        while not predicate():
            with self._mutex:
                self._drop_stale()
                due = self._heap[0][0] if self._heap else end
            if self._now >= end:
                return False
            with self._driving:
                self._run_to(min(max(due, self._now), end), 120.0)
                self._anchor = (real_time.monotonic(), self._now)
        return True

    def settle(self, patience: float = 120.0) -> None:
        """Returns when every managed thread is parked for a later time or for something from outside.

        Raises NotSettled after ``patience`` real seconds.
        """
        if not self._settled_within(patience):
            raise NotSettled(self._describe())

    def settled(self, patience: float) -> bool:
        """Like ``settle``, but says False instead of raising."""
        return self._settled_within(patience)

    def wait_outside(self, done: Callable[[], bool], limit: timedelta) -> bool:
        """Lets an ordinary thread wait for managed work; False when ``limit`` of virtual time passed without it.

        A clock that stands still is moved from timer to timer while nothing else can happen: the work sleeps.
        """
        end = self._now + limit // MICRO
        while not done():
            with self._mutex:
                self._dispatch()
                resting = self._rest.wait_for(lambda: self._resting() or done(), 0.05)
            if done() or not resting:
                continue
            if self._now >= end:
                return False
            if self._speed:
                real_time.sleep(0.01)
                continue
            due = self.next_due()
            if due is None:
                return False
            with self._driving:
                self._run_to(max(self._now, min((due - EPOCH) // MICRO, end)), 120.0)
        return True

    def set_speed(self, speed: float) -> None:
        """0 = stands still unless advanced; 1 = real time; 3600 = an hour a second. ValueError when negative."""
        if not 0 <= speed < float("inf"):
            raise ValueError("speed is a number from 0 upwards")
        with self._driving:
            self._anchor = (real_time.monotonic(), self._now)
            self._speed = speed
        self._start_helpers()
        with self._tick:
            self._tick.notify_all()

    def interleave(self, seed: int | None) -> None:
        """From now on managed threads also give way at every AWS call and are chosen at random from this seed.

        None goes back to the plain order. A race that a seed shows is shown again by the same seed.
        """
        with self._mutex:
            self._shuffle = None if seed is None else random.Random(seed)

    # For managed threads ---------------------------------------------------------------------------------------
    def sleep(self, seconds: float) -> None:
        """Sleeps in virtual time. An ordinary thread on a clock that stands still moves the clock itself."""
        if seconds <= 0:
            return
        if self.current() is None and self._speed == 0:
            self.advance(timedelta(seconds=seconds))
            return
        self.park(seconds)

    def give_way(self) -> None:
        """Lets another ready thread go first, if ``interleave`` is on."""
        thread = self.current()
        if thread is None or self._shuffle is None:
            return
        waiter = Waiter(thread, None)
        with self._mutex:
            waiter.outcome = "turn"
            self._ready.append(waiter)
            self._running -= 1
            self._dispatch()
        waiter.gate.acquire()

    def aside(self, work: Callable[[], Any]) -> Any:
        """Does what computes for long outside of the interpreter (C code) while other threads have their turns.

        Time stands meanwhile. The thread has its next turn when nobody else is ready, however long the work took, and those
        that went aside come back in the order in which they went: a run stays repeatable. ``work`` must not park.
        """
        thread = self.current()
        if thread is None:
            return work()
        waiter = Waiter(thread, None)
        with self._mutex:
            self._aside.append(waiter)
            self._running -= 1
            self._dispatch()
        try:
            return work()
        finally:
            with self._mutex:
                waiter.outcome = "done"
                if waiter in self._aside:
                    self._dispatch()
                else:
                    waiter.gate.release()  # everything was called off meanwhile
            waiter.gate.acquire()
            if thread.killed:
                raise Stopped(thread.killed)

    def park(self, seconds: float | None, enlist: Callable[[Waiter], bool] | None = None) -> bool:
        """Parks the calling thread until it is woken (True) or the time has passed (False).

        ``enlist`` is called under the clock's lock; it hands the waiter to whoever will wake it, or answers True
        when there is nothing to wait for.
        """
        thread = self.current()
        due = None
        if seconds is not None and seconds < NEVER_SECONDS:
            due = self._now + max(0, round(seconds * 1_000_000))
        by_deadline = False
        if thread is not None and thread.deadline is not None and (due is None or due > thread.deadline):
            due, by_deadline = max(thread.deadline, self._now), True
        waiter = Waiter(thread, due)
        with self._mutex:
            if thread is not None and thread.killed:
                raise Stopped(thread.killed)
            if enlist is not None and enlist(waiter):
                return True
            if due is not None:
                heapq.heappush(self._heap, (due, next(self._order), waiter))
            if thread is not None:
                thread.waiter = waiter
                self._running -= 1
            self._dispatch()
        waiter.gate.acquire()
        if thread is not None:
            thread.waiter = None
            if thread.killed:
                raise Stopped(thread.killed)
        if waiter.outcome == "due" and by_deadline:
            raise DeadlinePassed
        return waiter.outcome != "due"

    def wake(self, waiters: list[Waiter], change: Callable[[], None] | None = None) -> None:
        """Makes a change and wakes the waiters, as one step; those woken before are left alone.

        Whoever is woken counts as having work at once, so that time cannot slip past.
        """
        with self._mutex:
            if change is not None:
                change()
            for waiter in waiters:
                self._wake(waiter, "woken")
            waiters.clear()
            self._dispatch()

    def admit(self, thread: VirtualThread, due: int | None = None) -> None:
        """Takes a thread into the clock's care; its first turn comes when it is its turn, or not before ``due``."""
        waiter = Waiter(thread, due, begins=True)
        with self._mutex:
            self._threads.add(thread)
            thread.waiter = waiter
            if due is None:
                self._wake(waiter, "woken")
            else:
                heapq.heappush(self._heap, (due, next(self._order), waiter))
            self._dispatch()

    def enter(self, thread: VirtualThread) -> None:
        """First thing on the thread itself, when its first turn has come."""
        self._local.thread = thread

    def leave(self, thread: VirtualThread, joining: list[Waiter]) -> None:
        """Last thing on the thread itself."""
        self._local.thread = None
        with self._mutex:
            thread.alive = False
            if thread in self._threads:
                self._threads.discard(thread)
                self._running -= 1
            for waiter in joining:
                self._wake(waiter, "woken")
            self._dispatch()

    def kill(self, family: tuple[Hashable, ...], reason: str = "stopped") -> None:
        """Ends every managed thread of the family, except the caller, at its present or next parking place."""
        size, caller = len(family), self.current()
        with self._mutex:
            threads = [t for t in self._threads if t.family[:size] == family and t is not caller]
        self._kill(threads, reason)

    def kill_children(self, reason: str = "stopped") -> None:
        """Ends what the calling managed thread has started and what those have started in turn."""
        caller = self.current()
        if caller is not None and caller.has_children:
            self.kill(caller.family, reason)

    def kill_all(self, patience: float = 3.0) -> None:
        """Ends every managed thread and forgets all timers; waits at most ``patience`` real seconds."""
        with self._mutex:
            threads = list(self._threads)
        self._kill(threads, "stopped")
        until = real_time.monotonic() + patience
        with self._mutex:
            while self._threads and real_time.monotonic() < until:
                self._rest.wait(0.05)
            # Whoever is still in real work finds itself killed at its next parking place.
            self._threads.clear()
            self._heap.clear()
            self._ready.clear()
            self._aside.clear()
            self._stale = self._running = 0

    # Inside ----------------------------------------------------------------------------------------------------
    def _kill(self, threads: list[VirtualThread], reason: str) -> None:
        with self._mutex:
            for thread in threads:
                thread.killed = thread.killed or reason
                if thread.waiter is not None:
                    self._wake(thread.waiter, "killed")
            self._dispatch()

    def _wake(self, waiter: Waiter, outcome: str) -> None:
        if waiter.outcome is not None:
            return
        waiter.outcome = outcome
        if waiter.due is not None and outcome != "due":
            self._stale += 1
        if waiter.thread is None:
            waiter.gate.release()
        else:
            self._ready.append(waiter)

    def _drop_stale(self) -> None:
        while self._heap and self._heap[0][2].outcome is not None:
            heapq.heappop(self._heap)
            self._stale -= 1
        if self._stale > 500 and self._stale * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].outcome is None]
            heapq.heapify(self._heap)
            self._stale = 0

    def _resting(self) -> bool:
        self._drop_stale()
        return (
            not self._running
            and not self._ready
            and not self._aside
            and not (self._heap and self._heap[0][0] <= self._limit)
        )

    def _dispatch(self, beside: bool = False) -> None:
        """Lets the next thread run if none runs; moves time to the next timer when none is ready."""
        while beside or not self._running:
            if self._ready:
                if self._shuffle is not None and len(self._ready) > 1:
                    self._ready.rotate(-self._shuffle.randrange(len(self._ready)))
                waiter = self._ready.popleft()
                thread = waiter.thread
                if waiter.begins and thread is not None and thread.killed:
                    # It was called off before it began.
                    thread.waiter, thread.alive = None, False
                    self._threads.discard(thread)
                    for joining in thread.abandon():
                        self._wake(joining, "woken")
                    continue
                self._running += 1
                self._dispatched_at = real_time.monotonic()
                if waiter.begins and thread is not None:
                    thread.waiter = None
                    thread.begin()
                else:
                    waiter.gate.release()
                return
            if beside:
                return
            self._drop_stale()
            due = self._heap[0][0] if self._heap else None
            if self._aside and (due is None or due > self._now):
                # Nobody else has anything to do at this instant: the first that went aside goes on, or is waited for.
                if self._aside[0].outcome is None:
                    return
                self._ready.append(self._aside.popleft())
                continue
            if due is None or due > self._limit:
                self._rest.notify_all()
                return
            _, _, waiter = heapq.heappop(self._heap)
            self._now = max(self._now, due)
            self._wake(waiter, "due")

    def _settled_within(self, patience: float) -> bool:
        self._start_helpers()
        with self._mutex:
            self._dispatch()
            return self._rest.wait_for(self._resting, patience)

    def _run_to(self, target: int, patience: float) -> None:
        """Only under ``_driving``."""
        self._start_helpers()
        with self._mutex:
            self._limit = max(target, self._now)
            self._dispatch()
            rested = self._rest.wait_for(self._resting, patience)
            self._now = self._limit = self._limit if rested else self._now
        if not rested:
            raise NotSettled(self._describe())

    def _describe(self) -> str:
        frames = sys._current_frames()
        counts = f"{self._running} running, {len(self._ready)} ready, {len(self._aside)} aside"
        lines = [f"not settled at {self.now().isoformat()}: {counts}"]
        busy = [thread for thread in list(self._threads) if thread.waiter is None and thread.ident in frames]
        lines.extend(f"{t.name}: " + "".join(traceback.format_stack(frames[t.ident or 0])[-4:]) for t in busy)
        return "\n".join(lines)

    def _start_helpers(self) -> None:
        if self._helpers_started:
            return
        self._helpers_started = True
        threading.Thread(target=self._watch, name="clock-watch", daemon=True).start()
        threading.Thread(target=self._keep_pace, name="clock-pace", daemon=True).start()

    def _watch(self) -> None:
        never = threading.Event()
        while True:
            # No `time.sleep`: whoever takes that away for a while, as tests do, would make this loop spin.
            never.wait(min(PATIENCE / 2, 0.5))
            with self._mutex:
                waited = real_time.monotonic() - self._dispatched_at
                if self._ready and self._running and waited > PATIENCE:
                    self._dispatch(beside=True)

    def _keep_pace(self) -> None:
        while True:
            with self._tick:
                # A clock that stands still is woken by set_speed; one that runs looks twenty times a second.
                self._tick.wait(BEAT if self._speed else 3600)
            with self._driving:
                if self._speed:
                    self._follow()

    def _follow(self) -> None:
        """Only under ``_driving``. Where real work takes its time, virtual time stands until it is done."""
        started, virtual = self._anchor
        target = virtual + round((real_time.monotonic() - started) * self._speed * 1_000_000)
        with contextlib.suppress(NotSettled):
            self._run_to(max(target, self._now), 10 * BEAT)


CLOCK = Clock()
