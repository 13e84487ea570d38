"""What the state machines look at and note: ids and choices only (I13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, duties, tally
from sangfroid.cases.conditions import outcome_of
from sangfroid.cases.procedure import standing
from sangfroid.casework import Casework
from sangfroid.model import Intent, Wait, rfc3339
from sangfroid.store import freeze as freezing


class Procedures:
    """The steps of the procedures that belong to no other subject."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def route(self, case_id: str) -> dict[str, Any]:
        """Where the case stands, in what a state machine may know (I13)."""
        return standing(self._casework.read(case_id), self._casework.organisation)

    def wait(self, case_id: str, until: str, round_: int, name: str, token: str) -> dict[str, Any]:
        """Register a procedure's wait; where its condition holds already, it is woken at once.

        A procedure waits under one name: a retried registration takes the place of the lost one.
        """

        def act(file: CaseFile) -> dict[str, Any]:
            wait = Wait(name=name, until=until, token=token, round=round_, since=file.now)
            outcome_of(wait, file)  # refuses an unknown condition before it is stored
            condition, _, subject = until.partition(":")
            if condition == "deliveries" and any(other.name == name for other in file.case.waits):
                # It has waited for a day: whatever became of a note, the count is right again. Not earlier, while notes of
                # what was settled just now may still be on their way and would be counted twice.
                tally.recount(file, int(subject.partition(":")[0]))
            delivery = file.deliveries.get(subject) if condition == "delivery" else None
            if delivery is not None:
                # It stands with the delivery: hundreds may be waited for, and the case is one item.
                delivery.wait = wait
                return {"waiting": name}
            file.case.waits = [other for other in file.case.waits if other.name != name] + [wait]
            return {"waiting": name}

        return self._casework.change(case_id, "sangfroid", act)

    def look_at_clock(self, case_id: str, clock_id: str, generation: int, *, act: bool) -> dict[str, Any]:
        """What the `deadline` procedure does next; with `act`, what is due now is done and noted.

        Answers `{"step": "stop"|"remind"|"breach"|"escalate", "until": RFC 3339, "rung": int, "role": …, "to": …}`; with
        `act`, `step` is what was done, or `none` where nothing was due yet, and `again` when to look again (RFC 3339).
        Without `act` it is what executions ask that began before the procedure learned both from one call.
        """
        organisation = self._casework.organisation

        def work(file: CaseFile) -> dict[str, Any]:
            passes = clocks.passes_now(file, clock_id, generation, organisation)
            silent = self._silent_since(case_id) if passes else None
            done = clocks.step(file, clock_id, generation, organisation, silent)
            ladder = organisation.escalation.ladder[done.rung]
            _, again = clocks.next_step(file, clock_id, generation, organisation)
            return {
                "step": done.step,
                "until": rfc3339(done.until),
                "rung": done.rung,
                "role": ladder.role,
                "to": ladder.audience,
                "again": rfc3339(max(again, file.now)),
            }

        if act:
            return self._casework.change(case_id, "sangfroid", work)
        step, until = clocks.next_step(self._casework.read(case_id), clock_id, generation, organisation)
        return {
            "step": step,
            "until": rfc3339(max(until, self._casework.now())),
            "rung": 0,
            "role": "owner",
            "to": "team",
        }

    def look_at_rounds(self, case_id: str, ids: list[str], untold: str = "") -> dict[str, Any]:
        """The end of a round of repeating duties."""

        def work(file: CaseFile) -> dict[str, Any]:
            silent = self._silent_since(case_id) if duties.end_now(file, ids) else None
            return duties.look_at_rounds(file, ids, untold, silent)

        return self._casework.change(case_id, "sangfroid", work)

    def _silent_since(self, case_id: str) -> datetime | None:
        """Since when the freeze forbids the case to speak; None where none stands, or where its statement may leave."""
        freeze = freezing.read(self._casework.table)
        return freeze.raised_at if freeze.active and case_id not in freeze.statements else None

    def record_failure(self, case_id: str, where: str, error: str) -> dict[str, Any]:
        """A procedure stopped: note where and with which error name (no content)."""
        self._casework.change(
            case_id, "sangfroid", lambda file: file.note("procedure_failed", where=where, error=error)
        )
        return self.route(case_id)

    def carried_out(self, intents: list[Intent]) -> None:
        """Intents were carried out by `relay`."""
        self._casework.store.done(intents)
