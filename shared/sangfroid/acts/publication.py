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
from sangfroid.outbound.door import Door
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.sending import Addressed, Sent
from sangfroid.outbound.together import TOGETHER
from sangfroid.store import (
    NOTED_AT_ONCE,
    case_key,
    note_gone,
    renderings_place,
    response_delivery,
    response_place,
)
from sangfroid.store.seen import Seen

AT_ONCE = 40
"""As many as an inline Map surely runs side by side (docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html)."""

IN_A_GROUP = TOGETHER
"""Deliveries that leave together: one invocation reads, claims and settles them."""


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

        `groups`: those that it tries itself, in groups that leave together, all groups side by side; more than AT_ONCE groups
        would wait for one another, and the rest is left to executions of their own (`beyond`). Each stands there as untried.
        """
        seen: Seen | None = Seen(self._casework.table)
        shown: dict[str, str] = {}
        if seen is not None and not wave.startswith(RETRACTION):
            places = (response_place(case_id, version), renderings_place(case_id, version))
            seen.fetch([(case_key(case_id), "FILE"), *places])
            shown = self._casework.store.renderings(case_id, version, seen)
        while True:
            planned = self._casework.change(
                case_id,
                "sangfroid",
                lambda file: deliveries.plan(file, version, wave, self._casework.organisation, shown),
                seen=self._casework.read(case_id, seen) if seen is not None else None,
            )
            seen = None
            if not planned.more:
                return _divided(planned.keys)

    def take_notes(
        self, case_id: str, brought: list[Intent] | None = None, seen: CaseFile | None = None
    ) -> CaseFile:
        """What the door has settled goes into the timeline, many at once, and its consequences are drawn; the case afterwards.

        `brought`: notes that the table's stream has just brought, which need not be looked for where they are few. `seen`: the
        case as this act has read it.
        """
        if brought:
            # They may be taken already, by who took all that stood there: then nothing is to be written.
            there = Seen(self._casework.table)
            places = {note.id: (gone.pk, gone.sk) for note in brought for gone in [note_gone(note)]}
            there.fetch([(case_key(case_id), "FILE"), *places.values()])
            brought = [note for note in brought if there.get(places[note.id]) is not None]
            seen = self._casework.read(case_id, there)
            if not brought:
                return seen
        full = True
        while full:

            def take(file: CaseFile) -> tuple[CaseFile, bool]:
                nonlocal brought
                notes, brought = brought or self._casework.store.noted(case_id), None
                tally.look_ahead(file, [note.payload for note in notes])
                for note in notes:
                    file.now = max(file.case.updated_at, note.at)
                    if note.payload["kind"] is not None:
                        file.note(note.payload["kind"], **note.payload["data"])
                    tally.taken(file, note.payload)
                    file.extra_writes.append(note_gone(note))
                return file, len(notes) == NOTED_AT_ONCE

            (file, full), seen = self._casework.change(case_id, "sangfroid", take, seen=seen), None
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
        file = self._casework.read(case_id)
        if wave.startswith(RETRACTION) or not tally.is_settled(file.case, version):
            file = self.take_notes(case_id, seen=file)
        return {"outcome": deliveries.verdict(file, version, round_, wave, self._casework.organisation)}

    def send(self, case_id: str, key: str) -> Sent:
        """One attempt at a delivery of a response; where a person publishes by hand, they are asked to, once."""
        sent = self._door.send(response_delivery(case_id, key))
        self._ask_by_hand(case_id, [sent])
        return sent

    def send_together(self, case_id: str, keys: list[str]) -> list[dict[str, Any]]:
        """One attempt at each of several deliveries, side by side; what came of each, with its key."""
        # The moment tells the askings of a case apart: who is asked for several is asked for the same ones again, or not at all.
        group = rfc3339(self._casework.now())
        sents = self._door.send_together(
            [Addressed(response_delivery(case_id, key), group=group) for key in keys]
        )
        self._ask_by_hand(case_id, sents, group)
        return [{"delivery": key, **sent.document()} for key, sent in zip(keys, sents, strict=True)]

    def _ask_by_hand(self, case_id: str, sents: list[Sent], group: str | None = None) -> None:
        handed = [sent.handed_over for sent in sents if sent.handed_over is not None]
        before = {one.asked_with for one in handed} - {group, None}
        if before:
            # Handed over by an earlier attempt, which may not have come to ask: then all of it is asked for, as it would have.
            keys = {one.key for one in handed}
            others = self._casework.store.deliveries(case_id)
            handed += [one for one in others if one.asked_with in before and one.key not in keys]
        if handed:
            self._notices.ask_by_hand(case_id, handed)

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


def _divided(keys: list[str]) -> dict[str, Any]:
    """The keys as the machine `publication` wants them, now and in earlier releases."""
    now = AT_ONCE * IN_A_GROUP
    few = len(keys) <= AT_ONCE
    first = _untried(keys[:now])
    return {
        "groups": [first[start : start + IN_A_GROUP] for start in range(0, len(first), IN_A_GROUP)],
        "beyond": _untried(keys[now:]),
        # For executions that began before deliveries left together, and before the first attempt was the publication's own.
        "at_once": keys if few else [],
        "later": [] if few else _untried(keys),
        "deliveries": keys,
    }


def _untried(keys: list[str]) -> list[dict[str, str]]:
    """As the machine has them whose first attempt broke: the next is made by an execution of their own."""
    return [{"outcome": "broke", "delivery": key} for key in keys]
