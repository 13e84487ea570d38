"""The unit of work: one act on one case, with every consequence, in one write.

Whoever changes a case gets a `Casework` and nothing else: it knows the store, the organisation, the time and who watches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sangfroid.casefile import CaseFile
from sangfroid.cases import cell, shown
from sangfroid.cases.procedure import advance
from sangfroid.model import DeliveryTally
from sangfroid.organisation import Organisation
from sangfroid.store import CHANGE_ATTEMPTS, CaseStore
from sangfroid.store.seen import Seen
from sangfroid.table import Table

T = TypeVar("T")
Watcher = Callable[[CaseFile], None]


def _nobody(_: CaseFile) -> None:
    """Nobody watches."""


class Casework:
    """Store, organisation and time of one desk. `now` is read once per act; `watch` sees every change that was written."""

    def __init__(
        self,
        store: CaseStore,
        organisation: Organisation,
        now: Callable[[], datetime],
        watch: Watcher | None = None,
    ) -> None:
        self.store = store
        self.organisation = organisation
        self.now = now
        self._watch = watch or _nobody

    @property
    def table(self) -> Table:
        """The table beneath the store: for what stands beside the cases (the freeze, permits, notices)."""
        return self.store.table

    def read(self, case_id: str, seen: Seen | None = None) -> CaseFile:
        """The case as it stands, or as `seen` has read it; raises NotFound."""
        return self.store.load(case_id, self.now(), "", seen)

    def change(
        self,
        case_id: str,
        by: str,
        work: Callable[[CaseFile], T],
        attempts: int = CHANGE_ATTEMPTS,
        seen: CaseFile | None = None,
    ) -> T:
        """One act on one case: `work`, then every consequence, then one write. Returns what `work` returned.

        `seen`: the case as this act has read it, so that nothing is read twice. `work` may run more than once.
        Raises what `work` raises, and Unavailable where the case stays contended.
        """
        written: list[CaseFile] = []

        def act(file: CaseFile) -> T:
            answer = work(file)
            advance(file, self.organisation)
            file.show = shown.document
            written[:] = [file]
            return answer

        answer = self.store.change(case_id, self.now(), by, act, attempts, seen)
        self._watch(written[0])
        return answer

    def change_together(
        self, case_ids: list[str], by: str, work: Callable[[list[CaseFile]], list[CaseFile]]
    ) -> list[CaseFile]:
        """One act on several cases, as `change`. `work` gets their files and returns the cases that it opens besides."""
        written: list[CaseFile] = []

        def act(files: list[CaseFile]) -> list[CaseFile]:
            opened = work(files)
            for file in opened:
                file.case.delivery_tally = DeliveryTally()
            for file in files:
                advance(file, self.organisation)
            written[:] = [*files, *opened]
            for file in written:
                file.show = shown.document
            return opened

        self.store.change_together(case_ids, self.now(), by, act)
        for file in written:
            self._watch(file)
        return written[len(case_ids) :]

    def open(self, file: CaseFile) -> None:
        """Write a new case; raises ConditionFailed where something of it exists already."""
        cell.form(file, self.organisation)
        file.case.delivery_tally, file.show = DeliveryTally(), shown.document
        self.store.create(file)
        self._watch(file)
