"""Looks for what was lost between the store and the procedures, and puts it right or says that a person must (I7).

The store is the truth: what it holds and no procedure carries is meant anew. Everything here may be repeated: what was
put right is found right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sangfroid.casefile import CaseFile
from sangfroid.casework import Casework
from sangfroid.model import Case, Intent
from sangfroid.store import freeze as freezing
from sangfroid.store.freeze import CLOCK_SKEW
from sangfroid.table import ConditionFailed, Delete, Item

OPEN = ("triage", "responding", "published", "following_up")
PAGE = 50
AT_RISK = timedelta(hours=2)

Kind = Literal["intent", "crisis_never_started", "crisis_ended", "clock_without_execution", "permit_left"]


class Executions(Protocol):
    """What Step Functions knows."""

    def running(self, machine: str) -> set[str]:
        """Names of the executions of a machine that run now."""

    def existed(self, machine: str, name: str) -> bool:
        """Whether there ever was an execution of exactly this name (Step Functions forgets after 90 days)."""


@dataclass(frozen=True)
class Found:
    """Something that was lost. `repaired`: it was meant anew; otherwise a person must look. `item` is that of an intent."""

    kind: Kind
    case_id: str | None
    what: str
    repaired: bool
    item: Item | None = None


class Reconciling:
    """One look over everything that is open."""

    def __init__(self, casework: Casework, grace: timedelta = timedelta(minutes=5)) -> None:
        self._casework, self._table = casework, casework.table
        self._grace = grace
        self.at_risk = 0
        """Clocks of open cases that have passed or pass within two hours, at the last look."""

    def look(self, executions: Executions, apart_from: Collection[str] = ()) -> tuple[int, list[Found]]:
        """How many cases are open, and what was lost and found; what can be repaired is.

        An intent is not carried out here: whoever asked hands it to `relay` (`Found.item`). `apart_from`: cases whose crisis
        was meant just now.
        """
        now, running = (
            self._casework.now(),
            {name: executions.running(name) for name in ("crisis", "deadline")},
        )
        cases = list(self.open_cases())
        self.at_risk = sum(
            clock.state == "breached" or (clock.state == "running" and clock.due_at - now < AT_RISK)
            for case in cases
            for clock in case.clocks
        )
        found = [*self.intents(freezing.INTENTS, None, now), *self._permits(now)]
        for case in cases:
            lying = list(self.intents(f"CASE#{case.id}", case.id, now))
            found += lying
            if not lying and case.id not in apart_from:  # what is meant already will start by itself
                found += self._crisis(case, running["crisis"], executions, now)
                found += self._clocks(case, running["deadline"], now)
        return len(cases), found

    def open_cases(self) -> Iterator[Case]:
        """Every case that is not closed."""
        for status in OPEN:
            cursor: str | None = None
            while True:
                page, cursor = self._casework.store.listed(status, PAGE, cursor)
                yield from page
                if cursor is None:
                    break

    def intents(self, partition: str, case_id: str | None, now: datetime) -> Iterator[Found]:
        """Intents that have lain for longer than the stream may take."""
        for item in self._table.query(partition, "INTENT#").items:
            meant = Intent.kept({key: value for key, value in item.items() if key not in ("pk", "sk")})
            if now - meant.at > self._grace:
                yield Found("intent", case_id, f"{meant.action} {meant.name or meant.id}", True, item)

    def _permits(self, now: datetime) -> Iterator[Found]:
        for item in self._table.query(freezing.PERMITS).items:
            if datetime.fromisoformat(item["until"]) + CLOCK_SKEW + self._grace > now:
                continue
            try:
                self._table.transact(
                    [Delete(freezing.PERMITS, item["sk"], {"phase": item["phase"], "until": item["until"]})]
                )
            except ConditionFailed:
                continue  # settled meanwhile
            yield Found("permit_left", item["case_id"], f"{item['channel']} {item['key']}", True)

    def _crisis(
        self, case: Case, running: set[str], executions: Executions, now: datetime
    ) -> Iterator[Found]:
        if case.no_crisis or any(_carries(name, case.id) for name in running):
            return
        if now - case.opened_at <= self._grace:
            return
        if executions.existed("crisis", case.id):
            # Where it stood only a person can say: confirming the classification with `restart` takes the case over.
            yield Found("crisis_ended", case.id, case.id, False)
            return
        self._mean(case.id, "crisis", case.id, {"case_id": case.id})
        yield Found("crisis_never_started", case.id, case.id, True)

    def _clocks(self, case: Case, running: set[str], now: datetime) -> Iterator[Found]:
        for clock in case.clocks:
            name = f"{case.id}-{clock.id}-g{clock.generation}"
            if clock.state not in ("running", "breached") or now - case.opened_at <= self._grace:
                continue
            if any(other == name or other.startswith(f"{name}-") for other in running):
                continue
            given = {"case_id": case.id, "clock": clock.id, "generation": clock.generation}
            # Under its old name, meant now: `relay` tells the two apart where the name was used (decision 0017).
            self._mean(case.id, "deadline", name, given)
            yield Found("clock_without_execution", case.id, name, True)

    def _mean(self, case_id: str, machine: str, name: str, payload: dict[str, Any]) -> None:
        """Mean an execution anew: `relay` starts it."""

        def work(file: CaseFile) -> None:
            file.start(machine, name, **payload)

        self._casework.change(case_id, "sangfroid", work)


def _carries(name: str, case_id: str) -> bool:
    """Whether an execution of `crisis` is that of the case: under its id, a later round, or a name that came again."""
    return name == case_id or name.startswith((f"{case_id}-r", f"{case_id}-2"))
