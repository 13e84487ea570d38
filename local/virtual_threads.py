"""``threading`` on the virtual clock: what the state machine engine and the Lambda runtime use in its place."""

from __future__ import annotations

import contextvars
import itertools
import threading
import traceback
from collections.abc import Callable, Hashable
from typing import Any

from local.virtual_time import CLOCK, DeadlinePassed, Stopped, Waiter

_numbers = itertools.count()


class VirtualThread:
    """``threading.Thread``, managed by the clock.

    Threads form families: a thread's family is its maker's with one more name at the end, unless ``family`` is given.
    Ending a family ends every thread whose family begins with it.
    """

    family: tuple[Hashable, ...]
    has_children: bool

    def __init__(
        self,
        group: None = None,
        target: Callable[..., Any] | None = None,
        name: str | None = None,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        *,
        daemon: bool | None = True,
        family: tuple[Hashable, ...] | None = None,
    ) -> None:
        if family is None:
            maker = CLOCK.current()
            if maker is not None:
                maker.has_children = True
            family = (*(maker.family if maker is not None else ()), next(_numbers))
        self.family = family
        self.has_children = False
        self.name = name or str(getattr(target, "__qualname__", "thread"))
        self.alive = False
        self.killed = ""
        self.deadline: int | None = None
        self.waiter: Waiter | None = None
        self.context: dict[str, Any] = {}
        self._target, self._args, self._kwargs = target, args, kwargs or {}
        self._joining: list[Waiter] = []
        self._thread: threading.Thread | None = None

    @property
    def ident(self) -> int | None:
        """The identity of the thread underneath."""
        return self._thread.ident if self._thread is not None else None

    @property
    def native_id(self) -> int | None:
        """The number that the system gave the thread underneath."""
        return self._thread.native_id if self._thread is not None else None

    def start(self, at: int | None = None) -> None:
        """Makes the thread ready; it runs when its turn comes, and not before ``at`` (in the clock's microseconds).

        Until then it is an entry of the clock and costs no thread of the system.
        """
        self.alive = True
        CLOCK.admit(self, at)

    def begin(self) -> None:
        """Called by the clock when the first turn has come."""
        if self.family[0] == "functions":
            _workers.take(self)
        else:
            # It may stand still for days: a thread that nobody used before holds the least.
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def abandon(self) -> list[Waiter]:
        """Called by the clock for a thread that will never run; gives those who wait for its end."""
        self._target, self._args, self._kwargs = None, (), {}
        return self._joining

    def is_alive(self) -> bool:
        """True from ``start`` until the target has returned."""
        return self.alive

    def join(self, timeout: float | None = None) -> None:
        """Waits in virtual time."""

        def enlist(waiter: Waiter) -> bool:
            self._joining.append(waiter)
            return not self.alive

        CLOCK.park(timeout, enlist)

    def _run(self) -> None:
        CLOCK.enter(self)
        try:
            if not self.killed and self._target is not None:
                self._target(*self._args, **self._kwargs)
        except (Stopped, DeadlinePassed):
            pass
        except BaseException:  # noqa: BLE001 - it must not end in silence, whatever it is
            traceback.print_exc()
        finally:
            # Whoever still holds the thread holds nothing of its work.
            self._target, self._args, self._kwargs = None, (), {}
            CLOCK.leave(self, self._joining)


class _Workers:
    """Threads of the system that carry one function after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._most = MOST_IDLE

    def take(self, thread: VirtualThread) -> None:
        """Lets one of them, or a new one, carry the thread."""
        with self._lock:
            worker = self._idle.pop() if self._idle else None
            self._most = MOST_IDLE
        if worker is None:
            _Worker(thread)
        else:
            worker.carry(thread)

    def keep(self, worker: _Worker) -> bool:
        """Takes one back that has nothing to do; False when it had better end."""
        with self._lock:
            if len(self._idle) >= self._most:
                return False
            self._idle.append(worker)
            return True

    def dismiss(self) -> None:
        """Ends those that have nothing to do now, and the others when they are done."""
        with self._lock:
            idle, self._idle, self._most = self._idle, [], 0
        for worker in idle:
            worker.carry(None)


class _Worker:
    def __init__(self, thread: VirtualThread) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._next: VirtualThread | None = thread
        self._under = threading.Thread(target=self._work, name=thread.name, daemon=True)
        thread._thread = self._under
        self._under.start()

    def carry(self, thread: VirtualThread | None) -> None:
        if thread is not None:
            thread._thread = self._under
        self._next = thread
        self._gate.release()

    def _work(self) -> None:
        while (thread := self._next) is not None:
            self._under.name = thread.name
            # As in a thread of its own: nothing that another function left in its context.
            contextvars.Context().run(thread._run)
            thread = self._next = None
            self._under.name = "idle"
            if not _workers.keep(self):
                return
            self._gate.acquire()


MOST_IDLE = 16
_workers = _Workers()
dismiss = _workers.dismiss


class VirtualEvent:
    """``threading.Event`` on the virtual clock."""

    def __init__(self) -> None:
        self._flag = False
        self._waiting: list[Waiter] = []

    def is_set(self) -> bool:
        """Whether the flag is up."""
        return self._flag

    def set(self) -> None:
        """Raises the flag and wakes every thread that waits, even if the flag is lowered at once."""
        CLOCK.wake(self._waiting, self._raise)

    def clear(self) -> None:
        """Lowers the flag."""
        self._flag = False

    def wait(self, timeout: float | None = None) -> bool:
        """Waits in virtual time; False when the time passed first."""

        def enlist(waiter: Waiter) -> bool:
            if not self._flag:
                self._waiting.append(waiter)
            return self._flag

        return CLOCK.park(timeout, enlist)

    def _raise(self) -> None:
        self._flag = True


class VirtualLatch:
    """The engine's ``CountDownLatch``: opens when it has been counted down ``num`` times."""

    def __init__(self, num: int) -> None:
        self._left = num
        self._open = VirtualEvent()
        if num <= 0:
            self._open.set()

    def count_down(self) -> None:
        """One less to wait for."""
        self._left -= 1
        if self._left <= 0:
            self._open.set()

    def wait(self) -> None:
        """Waits until nothing is left."""
        self._open.wait()
