"""Handing on, within one case: a role of the cell, a duty, a review."""

from __future__ import annotations

from sangfroid.cases import cell
from sangfroid.casework import Casework
from sangfroid.model import Duty, ResponseVersion


class Cell:
    """Who does what in a case, changed by people."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def hand_over(self, case_id: str, role: str, to: str, note: str, by: str) -> dict[str, str]:
        """Somebody else takes a role of the cell; answers who holds what now."""
        organisation = self._casework.organisation
        return self._casework.change(
            case_id, by, lambda file: cell.hand_over(file, role, to, note, organisation)
        )

    def hand_on(self, case_id: str, duty: str, to: str, note: str, by: str) -> Duty:
        """Somebody else takes a duty."""
        organisation = self._casework.organisation
        return self._casework.change(
            case_id, by, lambda file: cell.hand_on(file, duty, to, note, organisation)
        )

    def substitute(
        self, case_id: str, version: int, absent: str, to: str, reason: str, by: str
    ) -> ResponseVersion:
        """Somebody else is asked for a yes."""
        organisation = self._casework.organisation
        return self._casework.change(
            case_id, by, lambda file: cell.substitute(file, version, absent, to, reason, organisation)
        )
