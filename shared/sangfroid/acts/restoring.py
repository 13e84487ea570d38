"""After the table was taken back to an earlier moment: what the world has seen since, and the table has forgotten (C13).

The executions, the evidence and the platforms are not restored with it. Where they can be asked, the store follows them; where
only a person can decide, that is said. It may be repeated: a case is taken up once a restore.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from sangfroid.acts.reconciling import Executions, Found, Reconciling
from sangfroid.casefile import CaseFile
from sangfroid.casework import Casework
from sangfroid.evidence.keeping import Evidence
from sangfroid.model import SETTLED, rfc3339
from sangfroid.store import evidence_key
from sangfroid.store import freeze as freezing
from sangfroid.table import ABSENT, Put

_CASE = re.compile(r"(case-\d{8}-[0-9a-f]{10})")
_EPOCH = re.compile(r"freeze-e(\d+)")

Kind = Literal[
    "case_lost",
    "freeze_lost",
    "version_lost",
    "evidence_found",
    "deliveries_to_look_at",
    "procedure_restarted",
]


class Running(Executions, Protocol):
    """Step Functions, for whoever may stop there."""

    def stop(self, case_id: str) -> int:
        """Stop what runs for a case, its clocks excepted; how many that were."""


class Kept(Protocol):
    """The evidence bucket, as far as the look asks."""

    def of(self, case_id: str) -> Iterable[Evidence]:
        """What lies there of a case, as entries; times and files as the bucket knows them."""


@dataclass(frozen=True)
class Difference:
    """What the world knows and the table did not. `repaired`: the table follows; else a person must do what `what` says."""

    kind: Kind
    case_id: str | None
    what: str
    repaired: bool


class Restoring:
    """One reconciliation after a restore."""

    def __init__(self, casework: Casework, executions: Running, kept: Kept) -> None:
        self._casework, self._executions, self._kept = casework, executions, kept

    def take_up(self, to: datetime, by: str) -> tuple[list[Difference], list[Found]]:
        """`to` is the moment of the restore. What differs, and what the reconciler found after it."""
        found: list[Difference] = [*self._freezes()]
        reconciling = Reconciling(self._casework, grace=timedelta(0))
        here = set()
        for case in list(reconciling.open_cases()):
            here.add(case.id)
            if case.restored_at is None or case.restored_at < to:
                found += self._case(case.id, to, by)
        found += self._unknown(here)
        begun = {one.case_id for one in found if one.kind == "procedure_restarted" and one.case_id}
        _, lost = reconciling.look(self._executions, apart_from=begun)
        return found, lost

    def _case(self, case_id: str, to: datetime, by: str) -> list[Difference]:
        """Have everything that may have left looked for before it is sent, and evidence entered that the table forgot."""
        entered = {item["id"] for item in self._casework.table.query(evidence_key(case_id)).items}
        forgotten = [one for one in self._kept.of(case_id) if one.id not in entered]
        found: list[Difference] = []

        def work(file: CaseFile) -> None:
            found.clear()
            looked = 0
            file.case.version_lines = None
            file.case.room_asked = False  # what told the team is stopped, as the rest is
            for delivery in file.deliveries.values():
                if delivery.state not in SETTLED:
                    delivery.unknown_outcome = True
                    looked += 1
            for one in forgotten:
                place = {"pk": evidence_key(case_id), "sk": f"{rfc3339(one.at)}#{one.id}"}
                file.extra_writes.append(Put(one.model_dump(mode="json") | place, ABSENT))
                hashes = [{"name": kept.name, "sha256": kept.sha256} for kept in one.files]
                file.note(
                    "evidence_kept",
                    evidence=one.id,
                    what=one.kind,
                    files=hashes,
                    retained_until=rfc3339(one.retained_until),
                )
                found.append(Difference("evidence_found", case_id, one.id, True))
            if not file.case.no_crisis:
                # What runs waits with tokens that the table does not know, for things that have not happened any more.
                file.case.round = fresh or file.case.round
                file.start("crisis", f"{case_id}-r{fresh}" if fresh else case_id, case_id=case_id)
                found.append(Difference("procedure_restarted", case_id, f"round {file.case.round}", True))
            file.case.restored_at = file.now
            file.note("restored", to=rfc3339(to), looked_at=looked, evidence=[one.id for one in forgotten])
            if looked:
                found.append(Difference("deliveries_to_look_at", case_id, f"{looked} deliveries", True))

        file_now = self._casework.read(case_id)
        known = max((one.version for one in file_now.responses), default=0)
        fresh = self._round_after(case_id, file_now.case.round)
        lost_versions = self._versions(case_id)
        self._executions.stop(case_id)
        self._casework.change(case_id, by, work)
        lost = {version for version in lost_versions if version > known}
        for version in sorted(lost):
            what = f"version {version} ran after that moment and is not there: look on the channels what it said, write it anew"
            found.append(Difference("version_lost", case_id, what, False))
        return found

    def _round_after(self, case_id: str, stands: int) -> int:
        """A round that no procedure of the case has had: some may have begun after the moment. 0 while it is not classified."""
        if stands == 0:
            return 0
        fresh = stands + 1
        while any(
            self._executions.existed(f"case_{number}", f"{case_id}-case_{number}-r{fresh}")
            for number in (1, 2, 3, 4)
        ):
            fresh += 1
        return fresh

    def _versions(self, case_id: str) -> set[int]:
        names = (name for name in self._executions.running("publication") if name.startswith(case_id))
        return {int(match[1]) for name in names if (match := re.search(r"-v(\d+)", name))}

    def _freezes(self) -> list[Difference]:
        """A freeze that was raised after the moment: its executions run, the table is open."""
        stands = freezing.read(self._casework.table)
        epochs = {
            int(match[1]) for name in self._executions.running("freeze") if (match := _EPOCH.match(name))
        }
        return [
            Difference(
                "freeze_lost",
                None,
                f"freeze {epoch} runs, the table knows {stands.epoch}: raise it again, POST /freeze",
                False,
            )
            for epoch in sorted(epochs)
            if epoch > stands.epoch
        ]

    def _unknown(self, here: set[str]) -> list[Difference]:
        """Cases that were opened after the moment: their reports are gone, their crises run into nothing."""
        running = {match[1] for name in self._executions.running("crisis") if (match := _CASE.match(name))}
        return [
            Difference(
                "case_lost",
                case_id,
                "its report came after the restored moment: stop the execution, report it anew",
                False,
            )
            for case_id in sorted(running - here)
            if self._casework.store.head(case_id) is None
        ]
