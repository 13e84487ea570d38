"""Several works at once, each in a thread of its own, where one that hangs must hold up no other.

The local stack installs its virtual threads; elsewhere plain threads do it. Each work sees the context variables of whoever
started it (the end of the invocation, the ids of its log lines).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context

Work = Callable[[], None]
Runner = Callable[[Sequence[Work], float, Work], None]


def run(works: Sequence[Work], seconds: float, meanwhile: Work) -> None:
    """Do all works side by side; returns when all are over.

    `meanwhile` is done once by the caller itself: as soon as all are over, or after `seconds` where some are not. What a work
    raises is raised here when all are over (the first of them), and nothing of the others is cut off by it.
    """
    _installed(works, seconds, meanwhile)


def install(runner: Runner | None = None) -> None:
    """Put another runner in the place of plain threads; without an argument they are back."""
    global _installed  # noqa: PLW0603 - one kind of threads for the process is the purpose
    _installed = runner or in_threads


def in_threads(works: Sequence[Work], seconds: float, meanwhile: Work) -> None:
    """`run` with plain threads."""
    faults: list[BaseException] = []
    all_over, guard, left = threading.Event(), threading.Lock(), len(works)

    def over() -> None:
        nonlocal left
        with guard:
            left -= 1
            if left == 0:
                all_over.set()

    def do(work: Work) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits
            faults.append(fault)
        finally:
            over()

    # No thread keeps a process alive that has nothing else to do.
    threads = [threading.Thread(target=copy_context().run, args=(do, work), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        all_over.wait(seconds)
        meanwhile()
    finally:
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]


_installed: Runner = in_threads
