"""Telling people what is asked of them (R2, R3)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sangfroid.acts.agency import Agency
from sangfroid.casefile import CaseFile
from sangfroid.cases import retractions
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition
from sangfroid.outbound import notices
from sangfroid.outbound.telling import Teller
from sangfroid.store import evidence_key
from sangfroid.store import freeze as freezing

CLOCK_NOTICES = (
    "clock_reminder", "clock_breached", "silence", "procedure_failed", "delivery_failing", "retraction_failing", "round_missed",
)  # fmt: skip
"""What is told out of band while the freeze holds: the clocks go on."""

WORK_NOTICES = (
    "triage_requested", "crisis_opened", "draft_requested", "review_requested", "retraction_requested",
)  # fmt: skip
"""What is told out of band as well where the case holds the freeze: its statement is due within the same clocks."""


class Notices:
    """What the desk tells people about a case."""

    def __init__(self, casework: Casework, teller: Teller) -> None:
        self._casework = casework
        self._teller = teller

    def _file_for_agency(self, file: CaseFile) -> str:
        """The whole file, with a link to reply by; none is made while the freeze holds."""
        store, case_id = self._casework.store, file.case.id
        evidence = self._casework.table.query(evidence_key(case_id)).items
        reply = None
        with suppress(IllegalTransition):
            reply = Agency(self._casework).link(case_id)
        return notices.file_for_agency(
            file.case, store.messages(case_id), evidence, store.events(case_id), reply
        )

    def tell(
        self,
        case_id: str,
        kind: str,
        occasion: str,
        roles: list[str],
        to: notices.To,
        details: dict[str, Any],
        *,
        room: bool,
    ) -> dict[str, Any]:
        """Tell people: create the notices (once per occasion and reader) and send each through the door.

        While the freeze holds, what concerns a clock or a person's silence goes out of band, and so does the work on a case
        that holds the freeze; everything else is held (I3).
        """
        organisation, file = self._casework.organisation, self._casework.read(case_id)
        if kind == "delivery_failing" and str(details.get("channel", "")).endswith(retractions.key_of("")):
            kind = "retraction_failing"
        by_hand = file.deliveries.get(str(details.get("channel"))) if kind == "delivery_failing" else None
        if by_hand is not None and by_hand.state == "manual" and by_hand.publisher is not None:
            # Nothing has failed: it is somebody's task, by the quiet way, with the words that they publish.
            kind, roles, to = "publish_by_hand", [f"person:{by_hand.publisher}"], "team"
            details = {"channel": by_hand.channel, "delivery": by_hand, "version": by_hand.version}
        if kind == "silence" and "rung" in details:
            # Nobody acts: the ladder of the organisation is climbed, one rung a time.
            ladder = organisation.escalation.ladder
            rung = ladder[min(int(details["rung"]), len(ladder) - 1)]
            roles = [*roles, rung.role]
            to = "out_of_band" if rung.audience == "out_of_band" else to
        if kind == "agency_file":
            details = details | {"file": self._file_for_agency(file)}
        sent: list[str] = []
        waiting = 0
        if to == "team" and self._goes_out_of_band(kind, case_id):
            to, room = "out_of_band", False
        for recipient in notices.recipients(organisation, file, roles, to, room=room):
            result = self._teller.tell(notices.notice(kind, occasion, file, recipient, details))
            sent.append(f"{recipient.name}@{recipient.channel.id}: {result.outcome}")
            waiting += result.outcome == "retry"
            if result.outcome == "held" and self._goes_out_of_band(kind, case_id):
                # The freeze was raised since this step began: the same readers are called out of band instead.
                return self.tell(case_id, kind, occasion, roles, to, details, room=room)
        if sent:
            self._casework.change(
                case_id,
                "sangfroid",
                lambda changing: changing.note("notified", notice=kind, occasion=occasion, recipients=sent),
            )
        return {"told": len(sent) - waiting, "waiting": waiting}

    def _goes_out_of_band(self, kind: str, case_id: str) -> bool:
        """Whether a notice to the team is a call out of band now, because the freeze holds."""
        freeze = freezing.read(self._casework.table)
        return freeze.active and (
            kind in CLOCK_NOTICES or (kind in WORK_NOTICES and case_id in freeze.holding)
        )
