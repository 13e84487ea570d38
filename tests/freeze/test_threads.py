"""Real threads (S13): a freeze that is raised while hundreds of calls that have started have not sent their first byte yet.

The channel keeps every call back until the raise stands, so each delivery is met between raise and call; others come late and
must be refused. A drain looks at the permits all the while.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sangfroid.freeze.drain import drain
from sangfroid.outbound import together
from sangfroid.outbound.letter import Letter
from sangfroid.store import freeze as freezing
from tests.support.desks import Platform, TestDesk
from tests.support.many import TEXTS, of_many

ROUNDS, EARLY, LATE = 8, 45, 15


class Now(TestDesk):
    """A desk on the machine's own clock."""

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        """Real time cannot be set."""


def storm(seed: int, group: int) -> Counter[str]:
    """One freeze over 60 sendings on as many threads, each by itself or in groups that leave together. What was met, counted."""
    world = Now(of_many(EARLY + LATE))
    case = world.report()
    world.triage(case, 3)
    version = world.write(case, TEXTS)
    world.review(case, version, "emma", "dora")
    keys = world.desk.publication.plan(case, version.version, "all")["deliveries"]
    raised, arrived = threading.Event(), threading.Semaphore(0)
    calls: dict[str, list[datetime]] = {}
    dice, guard = random.Random(seed), threading.Lock()  # noqa: S311 - pauses
    pauses = {key: dice.uniform(0, 0.05) for key in keys}

    def keep_back(_: Platform, letter: Letter) -> None:
        arrived.release()
        assert raised.wait(30)
        time.sleep(pauses[letter.key])
        with guard:
            calls.setdefault(letter.key, []).append(datetime.now(UTC))

    for platform in world.platforms.values():
        platform.fault = keep_back
    outcomes: dict[str, str] = {}

    def send(keys: list[str], late: bool) -> None:
        if late:
            raised.wait(30)
        if group == 1:
            outcomes[keys[0]] = world.desk.publication.send(case, keys[0]).outcome
        else:
            for one in world.desk.publication.send_together(case, keys):
                outcomes[one["delivery"]] = one["outcome"]

    dice.shuffle(keys)
    threads = [
        threading.Thread(target=send, args=(keys[place : place + group], place >= EARLY))
        for place in range(0, len(keys), group)
    ]
    for thread in threads:
        thread.start()
    for _ in range(EARLY):
        assert arrived.acquire(timeout=60)
    world.desk.freezer.raise_freeze(None, "a leak", "dirk")
    raised_at = datetime.now(UTC)
    raised.set()
    epoch = freezing.read(world.table).raised_epoch
    while drain(world.table, world.desk.freezer, lambda: datetime.now(UTC), epoch)["outcome"] == "wait":
        time.sleep(0.002)
    effective_at = freezing.read(world.table).effective_at
    for thread in threads:
        thread.join(60)
    assert effective_at is not None
    deliveries = world.desk.casework.read(case).deliveries
    met = Counter[str]()
    for key in keys:
        began = calls.get(key, [])
        met["between raise and call"] += any(at >= raised_at for at in began)
        met["after effective_at"] += any(at >= effective_at for at in began)
        met["twice"] += len(began) > 1
        met["lost"] += (deliveries[key].state == "published") != (len(began) == 1)
        met[deliveries[key].state] += 1
    return met


def test_hundreds_are_met_between_raise_and_call(record_property: Callable[[str, object], None]) -> None:
    prove(1, record_property)


@pytest.mark.parametrize("group", [5, 15])
def test_hundreds_that_leave_together_are_met_between_raise_and_call(
    group: int, record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups of 15 go in two parts; the window closes while some calls are under way, so that all ways of settling are met."""
    monkeypatch.setattr(together, "WINDOW", 0.02)
    prove(group, record_property)


def prove(group: int, record_property: Callable[[str, object], None]) -> None:
    met = sum((storm(seed, group) for seed in range(ROUNDS)), Counter[str]())
    met.update(dict.fromkeys(("after effective_at", "twice", "lost"), 0))
    how = "" if group == 1 else f", {group} together"
    record_property("explored", f"freeze, {ROUNDS} storms of real threads{how}: {dict(met)}")
    assert met["between raise and call"] >= 300
    assert (met["after effective_at"], met["twice"], met["lost"]) == (0, 0, 0)
    assert met["held"] == ROUNDS * LATE, "who comes after the raise is held"
