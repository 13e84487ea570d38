"""What leads to the end of a case: duties closed by people, and the close itself (R7)."""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import closing, duties, measures
from sangfroid.casework import Casework
from sangfroid.model import Duty, DutyFinding, Measure


class Ending:
    """Closing what is owed, then the case."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def close_duty(
        self,
        case_id: str,
        duty: str,
        state: str,
        evidence: str | None,
        note: str | None,
        by: str,
        finding: DutyFinding | None = None,
    ) -> Duty:
        """A person closes or waives a duty."""
        organisation = self._casework.organisation
        return self._casework.change(
            case_id,
            by,
            lambda file: duties.close_by_person(file, duty, state, evidence, note, organisation, finding),
        )

    def record_measure(self, case_id: str, measure: Measure, by: str) -> CaseFile:
        """A measure against a repeat, before the announcement that names it (C2.6)."""

        def act(file: CaseFile) -> CaseFile:
            measures.record(file, [measure], self._casework.organisation, "")
            return file

        return self._casework.change(case_id, by, act)

    def close(self, case_id: str, root_cause: str, lessons: str, planned: list[Measure], by: str) -> CaseFile:
        """Close a case that owes nothing more."""

        def act(file: CaseFile) -> CaseFile:
            closing.close(file, root_cause, lessons, planned, self._casework.organisation)
            return file

        return self._casework.change(case_id, by, act)
