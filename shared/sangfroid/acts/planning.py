"""The plan of a case, changed by people (R1, R10)."""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import planning
from sangfroid.casework import Casework
from sangfroid.model import PlannedAction, Posture


class Planning:
    """What a case is to reach, and who does what."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def change(
        self,
        case_id: str,
        note: str,
        by: str,
        *,
        objectives: dict[str, str] | None = None,
        strategy: dict[str, str] | None = None,
        posture: Posture | None = None,
        actions: list[PlannedAction] | None = None,
    ) -> CaseFile:
        """Change the plan, with a note that says why; what is left out stays."""

        def act(file: CaseFile) -> CaseFile:
            planning.change(
                file,
                note,
                self._casework.organisation,
                objectives=objectives,
                strategy=strategy,
                posture=posture,
                actions=actions,
            )
            return file

        return self._casework.change(case_id, by, act)
