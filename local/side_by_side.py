"""Side by side in virtual time: the works of a function as managed threads of the same process."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context

from local.virtual_threads import VirtualEvent, VirtualThread
from local.virtual_time import CLOCK
from sangfroid.side_by_side import Work, in_threads


def run(works: Sequence[Work], seconds: float, meanwhile: Work) -> None:
    """What ``sangfroid.side_by_side`` is given. An ordinary thread gets ordinary threads.

    The works live and die with the function that started them: what ends the process on one thread ends it on all.
    """
    maker = CLOCK.current()
    if maker is None:
        in_threads(works, seconds, meanwhile)
        return
    faults: list[BaseException] = []
    left, over = len(works), VirtualEvent()

    def do(work: Work) -> None:
        nonlocal left
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - raised again by the maker
            faults.append(fault)
        left -= 1
        if left == 0 or _deaths(faults):
            over.set()

    for work in works:
        thread = VirtualThread(target=copy_context().run, args=(do, work), name=maker.name)
        # One process: one end of its time, one set of faults, one death.
        thread.deadline, thread.context = maker.deadline, maker.context
        thread.start()
    try:
        over.wait(seconds)
        if not _deaths(faults):
            meanwhile()
            over.wait()
        if faults:
            raise (_deaths(faults) or faults)[0]
    except BaseException:
        CLOCK.kill_children()
        raise


def _deaths(faults: list[BaseException]) -> list[BaseException]:
    return [fault for fault in faults if not isinstance(fault, Exception)]
