"""Reading: cases and what belongs to them, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from sangfroid.acts import arrivals
from sangfroid.casefile import CaseFile
from sangfroid.casework import Casework
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.model import Case, Delivery, Event, Message


class Reading:
    """What people look at."""

    def __init__(self, casework: Casework, evidence: EvidenceKeeper) -> None:
        self._casework = casework
        self._evidence = evidence

    def case(self, case_id: str) -> CaseFile:
        """The case as it stands; raises NotFound."""
        return self._casework.read(case_id)

    def cases(self, status: str | None, limit: int, after: str | None) -> tuple[list[Case], str | None]:
        """A page of cases, newest first, of one status or of all, and where the next page begins."""
        return self._casework.store.listed(status, limit, after)

    def messages(self, case_id: str, limit: int, after: str | None) -> list[Message]:
        """A page of the messages of a case, earliest publication first."""
        return self._casework.store.messages(case_id, limit=limit, after=after)

    def deliveries(self, case_id: str, limit: int, after: str | None) -> tuple[list[Delivery], str | None]:
        """A page of the deliveries of a case, in the order of their keys, and after which the next page begins."""
        return self._casework.store.deliveries_page(case_id, limit, after)

    def uncounted(self, case: Case) -> int:
        """How many messages of the case its own count does not know yet."""
        return arrivals.uncounted(self._casework.store, case)

    def events(self, case_id: str) -> list[Event]:
        """The whole timeline, in order."""
        return self._casework.store.events(case_id)

    def events_from(self, case_id: str, after: int) -> Iterator[Event]:
        """The timeline later than seq `after`, read as far as it is asked for."""
        return self._casework.store.events_from(case_id, after)

    def evidence_pack(self, case_id: str) -> bytes:
        """The evidence of a case as a ZIP, with manifest, timeline and verification (A9)."""
        from sangfroid.evidence import pack  # few Lambdas zip anything

        case = self.case(case_id).case
        entries, vault = self._evidence.listed(case_id), self._evidence.vault
        return pack.build(case, entries, self.events(case_id), vault, self._casework.now())
