"""The one door (I2): every text and call that leaves for any audience passes `Door.send`.

A sending is: look at the freeze, the approval and the delivery; commit a claim in one transaction that checks all three again and
writes a permit: with this commit the call *starts*, and nothing of the store stands between it and the call; call within the
permit's time; settle. Whoever loses a transaction sends nothing.
What happened to a call whose answer was lost is found out before anything is sent again (I6).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sangfroid import lifetime
from sangfroid.casefile import CaseFile
from sangfroid.cases import facts, publication_hours, retractions
from sangfroid.cases.deliveries import OVERTAKEN
from sangfroid.cases.held import FOR_REVIEW
from sangfroid.casework import Casework
from sangfroid.errors import NotFound
from sangfroid.model import Delivery, Picture, ResponseVersion, rfc3339
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound import hooks
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.circuit import Circuit, Circuits, circuit_place
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Image, Letter, Receipt, headline, named
from sangfroid.outbound.previews import Previewer
from sangfroid.store import (
    answerable,
    content,
    delivery_place,
    note_of,
    notice_place,
    put_delivery,
    response_delivery,
    response_place,
)
from sangfroid.store import freeze as freezing
from sangfroid.store.seen import Seen
from sangfroid.table import Check, ConditionFailed, Delete, Item, Put, Write

LEASE_MARGIN = timedelta(seconds=5)
"""What a permit lasts beyond the channel's own time limit: the settlement, and the skew between two clocks."""

CALLS_OF_A_SENDING = 3
"""At most: find, publish, read back; each within the channel's time limit."""

LOOKS = 3
"""How often a sending looks again where somebody else wrote between its look and its claim; then its machine comes back."""

LONGEST_LINE = 20
"""Of how many corrections of corrections a letter names every one."""

LOOKS_OTHERWISE = (
    "the posts would not look as they were approved: the channel's settings have changed since; "
    "put them back and send it again, or write the text again"
)

BY_HAND = "a person published it, so a person must take it down, and then say so"
NO_IMAGE = "the image is not what was approved any more, or is gone from the evidence store"

Outcome = Literal["published", "retracted", "retry", "held", "failed", "superseded"]


@dataclass(frozen=True)
class Sent:
    """What came of one sending: `until` says when to come back for `retry` (None: a person or the freeze decides)."""

    outcome: Outcome
    until: datetime | None = None
    call_a_person: bool = False
    handed_over: Delivery | None = None
    """The delivery, where a person was given the task to publish it and nobody waits for that: they are asked once."""

    def document(self) -> dict[str, Any]:
        """For a state machine: no content (I13)."""
        return {
            "outcome": self.outcome,
            "until": rfc3339(self.until) if self.until else None,
            "call_a_person": self.call_a_person,
        }


class _Lost(Exception):
    """Somebody else wrote between the look and the claim, and nothing was claimed."""


@dataclass(frozen=True)
class _Claim:
    delivery: Delivery
    letter: Letter
    id: str
    look_first: bool
    circuit: Circuit | None = None
    published: Receipt | None = None
    """What is taken back, where the delivery is there for that."""


def lease(channel: ChannelSettings) -> timedelta:
    """How long one sending on this channel may be in flight."""
    return channel.time_limit * CALLS_OF_A_SENDING + LEASE_MARGIN


class Door:
    """The only way out. `channels` gives the adapter of a channel id; The time is read at each step, never kept.

    `picture` gives the bytes of a version's image, or None where they are gone.
    """

    def __init__(
        self,
        casework: Casework,
        channels: Callable[[str], Channel],
        picture: Callable[[Picture], bytes | None] = lambda _: None,
    ) -> None:
        self._picture = picture
        self._casework = casework
        self._table = casework.table
        self._organisation = casework.organisation
        self._channels = channels
        self._now = casework.now
        self._circuits = Circuits(casework.table, casework.organisation.retrying)
        self._previewer = Previewer(casework.organisation, channels)

    def send(self, place: tuple[str, str], new: Delivery | None = None, opened: Item | None = None) -> Sent:
        """Make one attempt at the delivery that stands at `place`.

        `new`: it is written with its claim, where nothing stands there yet. `opened`: the item of the freeze as it was just read,
        by whoever sends many; an active one is read again.
        """
        for look in range(LOOKS):
            seen = Seen(self._table)
            if look or new is None:
                seen.fetch(self._about(place))
            item = seen.get(place) if look or new is None else None
            delivery = Delivery.kept(content(item)) if item is not None else new
            if delivery is None:
                raise NotFound(f"There is no delivery {place}.")
            try:
                claimed = self._claim(delivery.model_copy(), seen, None if look else opened)
            except _Lost:
                continue
            return claimed if isinstance(claimed, Sent) else self._sent(claimed)
        return Sent("retry", until=self._now())

    def _sent(self, claimed: _Claim) -> Sent:
        """Call, and write what came of it."""
        channel = self._organisation.channel(claimed.delivery.channel)
        now = self._now()
        if now + CALLS_OF_A_SENDING * channel.time_limit > (claimed.delivery.claimed_until or now):
            # This sender was stopped for so long that its permit would run out during the call.
            return self._settle(
                claimed, lambda d: _not_called(d, claimed, "waiting", None), "retry", until=now
            )
        try:
            receipt = self._call(channel, claimed)
        except ChannelFault as fault:
            sent = self._failed(claimed, fault)
            # A refusal of this one letter, and a plea to slow down, say that the platform works.
            if claimed.circuit and sent.outcome == "retry" and not isinstance(fault, ChannelThrottled):
                self._circuits.failed(claimed.circuit, self._now())
            return sent
        sent = self._retracted(claimed) if receipt is None else self._published(claimed, receipt)
        if claimed.circuit:
            self._circuits.succeeded(claimed.circuit)
        return sent

    # -- claim

    def _claim(self, delivery: Delivery, seen: Seen, opened: Item | None) -> _Claim | Sent:
        """Look, and claim what may leave now. Raises NotFound and _Lost."""
        now = self._now()
        if delivery.state == "published":
            return Sent("published")
        if delivery.state == "retracted":
            return Sent("retracted" if delivery.act == "retract" else "superseded")
        if delivery.state == "cancelled":
            return Sent("superseded")
        if delivery.state == "manual" and delivery.publisher is not None:
            return _with_a_person(delivery)
        if delivery.state in ("failed", "manual"):
            return Sent("failed", call_a_person=True)
        if delivery.state == "sending":
            free_at = (delivery.claimed_until or now) + freezing.CLOCK_SKEW
            if now < free_at:
                return Sent("retry", until=free_at)
            # Whoever held the claim is gone: it may have published, so look before anything is sent.
            delivery.unknown_outcome = True
        if (
            delivery.next_attempt_at is not None
            and delivery.state == "waiting"
            and now < delivery.next_attempt_at
        ):
            return Sent("retry", until=delivery.next_attempt_at)
        if delivery.replaced_by is not None:
            if delivery.unknown_outcome and not self._would_edit(delivery, seen):
                # A post of its own may stand on the platform beside the newer one: somebody has to look.
                return self._to_a_person(delivery, f"{OVERTAKEN}, and this may have been published")
            return self._cancel(delivery, OVERTAKEN)
        if (first := self._sent_first(delivery, seen)) is not None and first > now:
            return Sent("retry", until=first)
        channel = self._organisation.channel(delivery.channel)
        retracting = delivery.act == "retract"
        # Taking something back was reviewed as such: whether its version is still approved says nothing.
        version = None if retracting else self._version(delivery, seen)
        if (
            version is not None
            and version.state == "in_review"
            and version.content_hash == delivery.content_hash
        ):
            return self._held(delivery, FOR_REVIEW)
        if version is not None and not _is_approved(version, delivery) and delivery.unknown_outcome:
            # It may stand on the platform although its text is void: somebody has to look.
            return self._to_a_person(
                delivery, f"version {version.version} is {version.state}, and this may have been published"
            )
        if version is not None and not _is_approved(version, delivery):
            return self._cancel(delivery, f"version {version.version} is {version.state}")
        if version is not None and self._looks_otherwise(version, delivery):
            return self._to_a_person(delivery, LOOKS_OTHERWISE)
        target = self._target(delivery, seen)
        letter = self._letter(delivery, version, target, seen)
        if isinstance(letter, str):
            return self._to_a_person(delivery, letter)
        current = freezing.of_item(opened)
        if opened is None or current.active:
            current = freezing.of_item(seen.get(freezing.FREEZE_PLACE))
        names_channel = channel.statement_during_freeze
        if not current.allows(
            delivery.audience, delivery.case_id, delivery.content_hash, names_channel=names_channel
        ):
            return self._held(delivery, f"communication freeze (epoch {current.epoch})")
        if (opens := self._opens(delivery, now)) is not None:
            return self._wait_for_hours(delivery, opens)
        if delivery.publisher is not None and not retracting:
            return self._hand_over(delivery, current)
        until = lifetime.ends_at() or now + lease(channel)
        if until - now < lease(channel):
            if not delivery.revision:
                self._write(delivery)  # that it is to be told stands there, whoever comes next
            return Sent(
                "retry", until=now
            )  # too little is left of this invocation: another one makes the call
        circuit = None
        if not delivery.is_notice:
            standing = seen.get(circuit_place(channel.id))
            circuit = self._circuits.ask(channel.id, now, lease(channel) + freezing.CLOCK_SKEW, standing)
            if circuit.waits_until is not None:
                return self._left_alone(delivery, circuit.waits_until, circuit.opened_at)
        look_first = delivery.unknown_outcome
        claim = uuid4().hex
        delivery.state, delivery.claim, delivery.claimed_until = "sending", claim, until
        delivery.attempts += 1
        delivery.unknown_outcome, delivery.reason, delivery.opens_at = True, None, None
        writes: list[Write] = [put_delivery(delivery)]
        if delivery.audience != "out_of_band":
            # With this commit the call starts; that of a raise and this one exclude each other.
            permit = freezing.permit(claim, delivery.case_id, delivery.channel, delivery.key, until)
            writes += [freezing.still(current), permit]
        if delivery.waiting is not None and self._organisation.answered_at(channel.id) is not None:
            writes.append(answerable.rung(named(channel.id, letter.key), delivery, now))
        if version is not None:
            approval = {"state": "approved", "content_hash": delivery.content_hash}
            writes.append(Check(*response_place(delivery.case_id, version.version), approval))
        if retracting and target is not None:
            writes.append(Check(*delivery_place(target), {"state": "published"}))
        try:
            self._table.transact(writes)
        except ConditionFailed as lost:
            # Frozen, voided or taken by another sender in between.
            raise _Lost from lost
        delivery.revision += 1
        published = _receipt_of(target) if retracting else None
        return _Claim(delivery, letter, claim, look_first, circuit, published)

    def _about(self, place: tuple[str, str]) -> list[tuple[str, str]]:
        """What an attempt at the delivery at `place` will want to read, as far as its key tells."""
        case_id, about = place[0].removeprefix("CASE#").partition("#")[0], [place]
        if (named := facts.parts_of(place[1])) is not None:
            version, channel = named
            about += [response_place(case_id, version), circuit_place(channel)]
        return [*about, freezing.FREEZE_PLACE]

    def _would_edit(self, delivery: Delivery, seen: Seen) -> bool:
        """Whether its publication would have taken the place of an older one, as the newer correction does too."""
        target = self._target(delivery, seen)
        if _receipt_of(target) is None:
            return False
        letter = self._of(delivery, self._version(delivery, seen), None, target, seen)
        return self._channels(delivery.channel).correction(letter) == "edit"

    def _sent_first(self, delivery: Delivery, seen: Seen) -> datetime | None:
        """Until when an older correction of the same place may still be under way, which this one must not cross."""
        if delivery.after is None:
            return None
        item = seen.get(response_delivery(delivery.case_id, delivery.after))
        if item is None or item["state"] != "sending":
            return None
        older = Delivery.kept(content(item))
        return (older.claimed_until or self._now()) + freezing.CLOCK_SKEW

    def _target(self, delivery: Delivery, seen: Seen) -> Delivery | None:
        """The delivery that this one puts right or takes back, as it stands."""
        if delivery.target is None:
            return None
        place = notice_place if delivery.is_notice else response_delivery
        item = seen.get(place(delivery.case_id, delivery.target))
        return Delivery.kept(content(item)) if item is not None else None

    def _letter(
        self, delivery: Delivery, version: ResponseVersion | None, target: Delivery | None, seen: Seen
    ) -> Letter | str:
        """What the adapter gets; or, in words, why there can be no letter: then a person decides."""
        if delivery.act == "retract":
            if target is None or target.state != "published" or target.version is None:
                return "the publication does not stand there any more"
            if target.external_id is None:
                return BY_HAND
            # The letter as it was published: the platform's ids are made from it.
            return self._of(target, self._version(target, seen), None, self._target(target, seen), seen)
        image = None
        if version is not None and version.picture is not None and self._channels(delivery.channel).images:
            picture = version.picture
            data = self._picture(picture)
            if data is None or hashlib.sha256(data).hexdigest() != picture.sha256:
                return NO_IMAGE
            image = Image(picture.media_type, data, picture.alt.get(delivery.language, ""), picture.name)
        return self._of(delivery, version, image, target, seen)

    def _line(self, target: Delivery | None, seen: Seen) -> tuple[tuple[Receipt, ...], str]:
        """What the target put right itself, oldest first; and the headline of the first of all."""
        found: list[Receipt] = []
        first = target
        for _ in range(LONGEST_LINE):
            above = self._target(first, seen) if first is not None else None
            if above is None:
                break
            first = above
            if (receipt := _receipt_of(above)) is not None:
                found.insert(0, receipt)
        version = self._version(first, seen) if first is not None else None
        texts = version.texts if version is not None else {}
        return tuple(found), headline(texts.get(first.language, "")) if first is not None else ""

    def _of(
        self,
        delivery: Delivery,
        version: ResponseVersion | None,
        image: Image | None,
        target: Delivery | None,
        seen: Seen,
    ) -> Letter:
        before, began = self._line(target, seen)
        text = version.texts[delivery.language] if version is not None else (delivery.text or "")
        return Letter(
            key=delivery.key,
            case_id=delivery.case_id,
            kind=delivery.kind,
            channel=delivery.channel,
            audience=delivery.audience,
            language=delivery.language,
            text=text,
            subject=delivery.subject or "",
            recipient=delivery.recipient,
            corrects=_receipt_of(target),
            before=before,
            began=began,
            answers=delivery.answers,
            image=image,
            panel=delivery.panel,
            keys_to=self._keys_to(delivery),
        )

    def _keys_to(self, delivery: Delivery) -> str | None:
        """Where a key that its reader presses on the call is sent; None where nothing can be acknowledged, or by no key."""
        source = self._organisation.answered_at(delivery.channel) if delivery.waiting is not None else None
        return (
            f"{source.url}?page={named(delivery.channel, delivery.key)}"
            if source is not None and source.url
            else None
        )

    def _opens(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Until when it waits for the publication hours of its audience, as the promises of its case stand now."""
        if not publication_hours.concern(delivery, self._organisation):
            return None
        case = self._casework.store.head(delivery.case_id)
        return publication_hours.waits_until(delivery, case.duties if case else [], self._organisation, now)

    def _wait_for_hours(self, delivery: Delivery, opens: datetime) -> Sent:
        """It leaves by itself when the hours begin; the freeze and its approval are looked at again then."""
        delivery.state, delivery.next_attempt_at, delivery.opens_at = "waiting", opens, opens
        delivery.reason = f"publication hours of {delivery.audience}"
        data = {"delivery": delivery.key, "channel": delivery.channel, "until": rfc3339(opens)}
        self._write(delivery, note_of(delivery, "delivery_waits_for_hours", self._now(), data))
        return Sent("retry", until=opens)

    def _left_alone(self, delivery: Delivery, until: datetime, opened_at: str | None) -> Sent:
        """The channel's circuit is open: come back; a person is called once for each delivery that waits for it."""
        reason = f"the channel has failed again and again and is left alone for a while (since {opened_at})"
        if delivery.state != "waiting" or delivery.reason == reason:
            return Sent("retry", until)
        delivery.reason = reason
        self._write(delivery)
        # Whoever was called for its many attempts is not called for the waiting as well.
        return Sent("retry", until, delivery.attempts < self._organisation.retrying.call_a_person_after)

    def _version(self, delivery: Delivery, seen: Seen) -> ResponseVersion | None:
        if delivery.version is None:
            return None
        item = seen.get(response_place(delivery.case_id, delivery.version))
        if item is None:
            raise NotFound(f"Case {delivery.case_id} has no response version {delivery.version}.")
        return ResponseVersion.kept(content(item))

    def _looks_otherwise(self, version: ResponseVersion, delivery: Delivery) -> bool:
        """Whether the posts would not be those that were shown for approval: the channel's settings have changed since."""
        if version.shown_as is None and not version.renderings:
            return False  # written before renderings were kept
        channel = self._organisation.channel(delivery.channel)
        now = self._previewer.one(
            channel, delivery.language, version.texts[delivery.language], version.picture
        )
        return (delivery.rendering or version.renderings.get(now.place)) != now.digest

    def _hand_over(self, delivery: Delivery, current: freezing.Freeze) -> Sent:
        """What a person publishes by hand is their task from now on, unless a freeze is raised at this moment."""
        delivery.state, delivery.reason = "manual", f"to be published by {delivery.publisher}"
        try:
            self._table.transact(
                [put_delivery(delivery), freezing.still(current), note_of(delivery, None, self._now())]
            )
        except ConditionFailed as lost:
            raise _Lost from lost
        return _with_a_person(delivery)

    def _held(self, delivery: Delivery, reason: str) -> Sent:
        if delivery.state != "held":
            _hold(delivery, reason)
            self._write(delivery, freezing.held(delivery, self._now()))
        return Sent("held")

    def _to_a_person(self, delivery: Delivery, reason: str) -> Sent:
        """Nothing was sent now; whether an earlier attempt was is as unknown as before. A person decides."""
        _fail(delivery, reason, unknown=delivery.unknown_outcome)
        delivery.claim = delivery.claimed_until = None
        self._write(delivery, *([] if delivery.is_notice else [note_of(delivery, None, self._now())]))
        return Sent("failed", call_a_person=True)

    def _cancel(self, delivery: Delivery, reason: str) -> Sent:
        delivery.state, delivery.reason = "cancelled", reason
        self._write(delivery, *([] if delivery.is_notice else [note_of(delivery, None, self._now())]))
        return Sent("superseded")

    def _write(self, delivery: Delivery, *others: Write) -> None:
        moved = put_delivery(delivery)
        try:
            self._table.transact([moved, *others])
        except ConditionFailed as lost:
            raise _Lost from lost

    # -- call

    def _call(self, channel: ChannelSettings, claimed: _Claim) -> Receipt | None:
        """The receipt of the publication, or None where one was taken back."""
        adapter, letter = self._channels(channel.id), claimed.letter
        if claimed.delivery.act == "retract":
            gone = claimed.published
            if gone is None:
                raise ChannelRefused(BY_HAND, permanent=True)
            # What is gone already is as good as taken back, so after a lost answer it is simply done again.
            shown = letter.shown()
            shown["kind"], shown["text"], shown["key"] = "retraction", "", claimed.delivery.key
            hooks.run(channel.id, channel.audience, lambda: adapter.retract(letter, gone), shown)
            return None
        if claimed.look_first:
            try:
                found = adapter.find(letter)
            except CannotLook:
                if not adapter.idempotent:
                    raise
                found = None
            if found is not None:
                return _read_back(adapter, letter, found)

        def publish() -> Receipt:
            return adapter.publish(letter)

        receipt = hooks.run(channel.id, channel.audience, publish, letter.shown())
        return _read_back(adapter, letter, receipt)

    # -- settle

    def _published(self, claimed: _Claim, receipt: Receipt) -> Sent:
        now = self._now()

        def done(delivery: Delivery) -> None:
            delivery.state, delivery.published_at, delivery.read_back_at = "published", now, now
            delivery.url, delivery.external_id = receipt.url, receipt.external_id
            delivery.unknown_outcome, delivery.reason, delivery.next_attempt_at = False, None, None

        replaced = claimed.letter.corrects is not None and (
            receipt.external_id == claimed.letter.corrects.external_id
        )
        return self._settle(claimed, done, "published", replaced=replaced)

    def _retracted(self, claimed: _Claim) -> Sent:
        return self._settle(claimed, lambda _: None, "retracted")

    def _failed(self, claimed: _Claim, fault: ChannelFault) -> Sent:
        now = self._now()
        retrying = self._organisation.retrying
        attempts = claimed.delivery.attempts
        call_a_person = attempts == retrying.call_a_person_after
        if isinstance(fault, CannotLook):
            return self._settle(
                claimed, lambda d: _fail(d, "may have been published; nobody can look"), "failed"
            )
        if isinstance(fault, ChannelRefused) and fault.permanent:
            return self._settle(claimed, lambda d: _fail(d, str(fault), unknown=claimed.look_first), "failed")
        if isinstance(fault, ChannelThrottled):
            wait = timedelta(seconds=fault.retry_after)
        else:
            bound = min(retrying.at_most, retrying.first_after * retrying.factor ** min(attempts - 1, 20))
            # Full jitter over the upper half: retries of many deliveries spread, and none comes at once.
            wait = bound * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        until = now + wait
        unknown = isinstance(fault, AnswerLost) or claimed.look_first

        def again(delivery: Delivery) -> None:
            delivery.state, delivery.next_attempt_at, delivery.reason = "waiting", until, str(fault)
            delivery.unknown_outcome = unknown

        return self._settle(claimed, again, "retry", until=until, call_a_person=call_a_person)

    def _settle(
        self,
        claimed: _Claim,
        work: Callable[[Delivery], None],
        outcome: Outcome,
        *,
        until: datetime | None = None,
        call_a_person: bool = False,
        replaced: bool = False,
    ) -> Sent:
        """Write what happened and give the permit back, in one transaction. `replaced`: the target was edited into this.

        Where the claim is no longer ours (it ran out and another sender looked), only what was done is still written down.
        """
        release = Delete(freezing.PERMITS, claimed.id)

        def record(delivery: Delivery) -> bool:
            if delivery.state in facts.OUT or (delivery.claim != claimed.id and outcome not in facts.OUT):
                return False
            work(delivery)
            delivery.claim = delivery.claimed_until = None
            return True

        if claimed.delivery.is_notice or not (outcome == "retracted" or replaced):
            self._settle_alone(claimed, record, release, outcome)
        else:

            def change(file: CaseFile) -> None:
                file.extra_writes.append(release)
                delivery = file.deliveries[claimed.delivery.key]
                if record(delivery):
                    if outcome == "retracted":
                        retractions.done(file, delivery)
                    elif replaced and delivery.target is not None and delivery.target in file.deliveries:
                        file.deliveries[delivery.target].replaced_by = delivery.key
                    if delivery.state == "held":
                        file.extra_writes.append(freezing.held(delivery, file.now))
                    file.note(
                        f"delivery_{outcome}",
                        delivery=delivery.key,
                        channel=delivery.channel,
                        language=delivery.language,
                        attempt=delivery.attempts,
                        url=delivery.url,
                        reason=delivery.reason,
                    )

            self._casework.change(claimed.delivery.case_id, "sangfroid", change)
        return Sent(outcome, until, call_a_person or outcome == "failed")

    def _settle_alone(
        self, claimed: _Claim, record: Callable[[Delivery], bool], release: Delete, outcome: Outcome
    ) -> None:
        """Settle a delivery on its own item. What the case must know of it goes as a note; `relay` takes many at once."""
        delivery: Delivery | None = claimed.delivery.model_copy()
        for _ in range(5):
            if delivery is None:
                return
            writes: list[Write] = [release]
            if record(delivery):
                writes.append(put_delivery(delivery))
                if delivery.state == "held":
                    writes.append(freezing.held(delivery, self._now()))
                if not delivery.is_notice:
                    writes.append(self._note(delivery, outcome))
            try:
                self._table.transact(writes)
                return
            except ConditionFailed:
                # Somebody has moved it on since the claim: what was done is still written down.
                item = self._table.get(*delivery_place(claimed.delivery))
                delivery = Delivery.kept(content(item)) if item is not None else None

    def _note(self, delivery: Delivery, outcome: Outcome) -> Put:
        data = {
            "delivery": delivery.key,
            "channel": delivery.channel,
            "language": delivery.language,
            "attempt": delivery.attempts,
            "url": delivery.url,
            "reason": delivery.reason,
        }
        return note_of(delivery, f"delivery_{outcome}", self._now(), data)


def _with_a_person(delivery: Delivery) -> Sent:
    """A required one is waited for, and asked for again; any other is left with its publisher."""
    if delivery.required:
        return Sent("failed", call_a_person=True)
    return Sent("superseded", handed_over=delivery)


def _read_back(adapter: Channel, letter: Letter, receipt: Receipt) -> Receipt:
    """Read the publication again. Where that fails the publication itself may well stand: never is it sent again unseen."""
    try:
        return adapter.read_back(letter, receipt)
    except (ChannelRefused, ChannelThrottled) as fault:
        raise AnswerLost(f"published, but not read back: {fault}") from fault


def _receipt_of(delivery: Delivery | None) -> Receipt | None:
    """What a platform knows a publication by; None where it stands nowhere, or only a person knows where."""
    if delivery is None or delivery.state != "published" or delivery.external_id is None:
        return None
    return Receipt(delivery.external_id, delivery.url)


def _is_approved(version: ResponseVersion, delivery: Delivery) -> bool:
    """Approved, and byte for byte what was approved (I5)."""
    return (
        version.state == "approved"
        and version.content_hash == delivery.content_hash
        and facts.content_hash(version.texts, version.picture, version.answer) == delivery.content_hash
        and delivery.language in version.texts
    )


def _hold(delivery: Delivery, reason: str) -> None:
    delivery.state, delivery.reason, delivery.claim, delivery.claimed_until = "held", reason, None, None


def _not_called(
    delivery: Delivery, claimed: _Claim, state: Literal["held", "waiting"], reason: str | None
) -> None:
    """The claim was won but no call was made: what was unknown before is as unknown as it was, nothing more."""
    delivery.state, delivery.reason, delivery.unknown_outcome = state, reason, claimed.look_first


def _fail(delivery: Delivery, reason: str, *, unknown: bool = True) -> None:
    delivery.state, delivery.reason, delivery.unknown_outcome = "failed", reason, unknown
