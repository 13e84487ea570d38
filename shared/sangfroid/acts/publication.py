"""Publishing: planned, sent through the one door, judged, settled by people, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sangfroid.acts.notices import Notices
from sangfroid.casefile import CaseFile
from sangfroid.cases import community, deliveries, retractions, tally
from sangfroid.cases.conditions import RETRACTION
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition
from sangfroid.model import Delivery, Intent, rfc3339
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.door import Door, Sent
from sangfroid.outbound.errors import ChannelFault
from sangfroid.store import NOTED_AT_ONCE, note_gone, response_delivery

AT_ONCE = 40
"""As many as an inline Map surely runs side by side (docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html)."""


class Publication:
    """What becomes of approved versions. `channels` gives the adapter of a channel id; `notices` asks people."""

    def __init__(
        self, casework: Casework, door: Door, channels: Callable[[str], Channel], notices: Notices
    ) -> None:
        self._casework = casework
        self._door = door
        self._channels = channels
        self._notices = notices

    def plan(self, case_id: str, version: int, wave: deliveries.Wave) -> dict[str, Any]:
        """Create the deliveries of a wave; the keys that a publication has to bring out.

        `at_once`: those that it tries itself, all side by side; more than AT_ONCE would wait for one another, and are left to
        executions of their own (`later`: as untried).
        """
        shown = {} if wave.startswith(RETRACTION) else self._casework.store.renderings(case_id, version)
        while True:
            planned = self._casework.change(
                case_id,
                "sangfroid",
                lambda file: deliveries.plan(file, version, wave, self._casework.organisation, shown),
            )
            if not planned.more:
                few = len(planned.keys) <= AT_ONCE
                return {
                    "deliveries": planned.keys,  # for executions that began before the first attempt was the publication's own
                    "at_once": planned.keys if few else [],
                    "later": [] if few else [{"outcome": "broke", "delivery": key} for key in planned.keys],
                }

    def take_notes(self, case_id: str, brought: list[Intent] | None = None) -> CaseFile:
        """What the door has settled goes into the timeline, many at once, and its consequences are drawn; the case afterwards.

        `brought`: notes that the table's stream has just brought, which need not be looked for where they are few.
        """
        full = True
        while full:

            def take(file: CaseFile) -> tuple[CaseFile, bool]:
                nonlocal brought
                notes, brought = brought or self._casework.store.noted(case_id), None
                for note in notes:
                    file.now = max(file.case.updated_at, note.at)
                    if note.payload["kind"] is not None:
                        file.note(note.payload["kind"], **note.payload["data"])
                    tally.taken(file, note.payload)
                    file.extra_writes.append(note_gone(note))
                return file, len(notes) == NOTED_AT_ONCE

            file, full = self._casework.change(case_id, "sangfroid", take)
        return file

    def settle_rest(self, intent: Intent) -> None:
        """Deliveries that a change was too large for: cancelled or let go after it, in parts."""
        self._casework.store.settle(
            intent.partition.removeprefix("CASE#"), intent.payload, self._casework.now()
        )

    def community_order(self, case_id: str) -> dict[str, Any]:
        """What comes next of a publication that the community hears first: `{"next": …, "until": RFC 3339}`."""
        come = community.order(self._casework.read(case_id), self._casework.organisation)
        return {"next": come.next, "until": rfc3339(come.until)}

    def decide_order(self, case_id: str, first: bool, reason: str, by: str) -> CaseFile:
        """An approver of a listed company decides who hears first."""

        def act(file: CaseFile) -> CaseFile:
            community.decide(file, first, reason)
            return file

        return self._casework.change(case_id, by, act)

    def confirm(self, case_id: str, version: int, round_: int, wave: deliveries.Wave) -> dict[str, Any]:
        """What became of a publication, judged by the deliveries themselves."""
        file = self.take_notes(case_id)
        return {"outcome": deliveries.verdict(file, version, round_, wave, self._casework.organisation)}

    def send(self, case_id: str, key: str) -> Sent:
        """One attempt at a delivery of a response; where a person publishes by hand, they are asked to, once."""
        sent = self._door.send(response_delivery(case_id, key))
        self._notices.ask_by_hand(case_id, [sent.handed_over] if sent.handed_over is not None else [])
        return sent

    def settle(
        self, case_id: str, key: str, state: str, url: str | None, note: str | None, by: str
    ) -> Delivery:
        """A person decides over a delivery that no machine can."""
        return self._casework.change(
            case_id, by, lambda file: deliveries.settle_by_person(file, key, state, url, note)
        )

    def retract(
        self,
        case_id: str,
        key: str,
        reason: str,
        by: str,
        *,
        may_propose: bool,
        may_confirm: bool,
        decision: retractions.Decision = "confirm",
    ) -> tuple[bool, Delivery]:
        """Propose, confirm or decline to take a publication back; True once it is confirmed and under way."""
        delivery = self._casework.read(case_id).deliveries.get(key)
        if delivery is not None and delivery.retraction is None and not self._takes_back(delivery.channel):
            raise IllegalTransition(
                f"What was sent over {delivery.channel} cannot be taken back. Write a correction: PUT /cases/{{id}}/response."
            )
        return self._casework.change(
            case_id,
            by,
            lambda file: retractions.decide(
                file, key, decision, reason, may_propose=may_propose, may_confirm=may_confirm
            ),
        )

    def _takes_back(self, channel: str) -> bool:
        try:
            return self._channels(channel).takes_back
        except ChannelFault:
            return True  # a fault of its settings says nothing of the platform
