"""What leads to the end of a case: duties closed by people, and the close itself (R7)."""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import closing, duties
from sangfroid.casework import Casework
from sangfroid.model import Duty, Measure


class Ending:
    """Closing what is owed, then the case."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def close_duty(
        self, case_id: str, duty: str, state: str, evidence: str | None, note: str | None, by: str
    ) -> Duty:
        """A person closes or waives a duty."""
        return self._casework.change(
            case_id, by, lambda file: duties.close_by_person(file, duty, state, evidence, note)
        )

    def close(
        self, case_id: str, root_cause: str, lessons: str, measures: list[Measure], by: str
    ) -> CaseFile:
        """Close a case that owes nothing more."""

        def act(file: CaseFile) -> CaseFile:
            closing.close(file, root_cause, lessons, measures)
            return file

        return self._casework.change(case_id, by, act)
