"""``threading`` on the virtual clock: what the state machine engine and the Lambda runtime use in its place."""

from __future__ import annotations

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
        self.name = name or getattr(target, "__qualname__", "thread")
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

    def start(self) -> None:
        """Makes the thread ready; it runs when its turn comes."""
        self.alive = True
        waiter = CLOCK.admit(self)
        self._thread = threading.Thread(target=self._run, args=(waiter,), name=self.name, daemon=True)
        self._thread.start()
        CLOCK.wake([waiter])

    def is_alive(self) -> bool:
        """True from ``start`` until the target has returned."""
        return self.alive

    def join(self, timeout: float | None = None) -> None:
        """Waits in virtual time."""

        def enlist(waiter: Waiter) -> bool:
            self._joining.append(waiter)
            return not self.alive

        CLOCK.park(timeout, enlist)

    def _run(self, waiter: Waiter) -> None:
        CLOCK.enter(self, waiter)
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
