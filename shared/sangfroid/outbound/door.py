"""The one door (I2): every text and call that leaves for any audience passes `Door.send`.

A sending is: look at the freeze, the approval and the delivery; commit a claim in one transaction that checks all three again and
writes a permit: with this commit the call *starts*, and nothing of the store stands between it and the call; call within the
permit's time; settle. Whoever loses a transaction sends nothing.
What happened to a call whose answer was lost is found out before anything is sent again (I6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import uuid4

from sangfroid import lifetime
from sangfroid.cases import facts, publication_hours
from sangfroid.cases.deliveries import OVERTAKEN
from sangfroid.cases.held import FOR_REVIEW
from sangfroid.casework import Casework
from sangfroid.errors import NotFound
from sangfroid.model import Delivery, Picture, ResponseVersion, rfc3339
from sangfroid.outbound.beside import Beside
from sangfroid.outbound.calling import BY_HAND, Caller
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.circuit import Circuits, circuit_place
from sangfroid.outbound.letter import Image, Letter, Receipt, headline, named
from sangfroid.outbound.previews import Previewer
from sangfroid.outbound.sending import Addressed, Claim, Decided, Place, Ready, Sent, lease
from sangfroid.outbound.settling import Settler, fail
from sangfroid.outbound.together import Together
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
from sangfroid.table import Check, ConditionFailed, Item, Write

LOOKS = 3
"""How often a sending looks again where somebody else wrote between its look and its claim; then its machine comes back."""

LONGEST_LINE = 20
"""Of how many corrections of corrections a letter names every one."""

LOOKS_OTHERWISE = (
    "the posts would not look as they were approved: the channel's settings have changed since; "
    "put them back and send it again, or write the text again"
)

NO_IMAGE = "the image is not what was approved any more, or is gone from the evidence store"


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
        self._caller = Caller(casework.organisation, channels, casework.now)
        self._settler = Settler(casework, self._circuits)
        self._together = Together(casework.table, self, self._caller, self._settler)

    def send(self, place: Place, new: Delivery | None = None, opened: Item | None = None) -> Sent:
        """Make one attempt at the delivery that stands at `place`.

        `new`: it is written with its claim, where nothing stands there yet. `opened`: the item of the freeze as it was just read,
        by whoever sends many; an active one is read again.
        """
        return self.attempt(Addressed(place, new), opened)

    def attempt(self, letter: Addressed, opened: Item | None = None) -> Sent:
        """One attempt, as `send`; whoever loses a transaction looks again."""
        for look in range(LOOKS):
            seen, again = Seen(self._table), look > 0
            self.look([letter], seen, again=again)
            decided = self.prepare(letter, seen, None if again else opened, again=again)
            if isinstance(decided, Sent):
                return decided
            try:
                self._table.transact(decided.writes)
            except ConditionFailed:
                # Frozen, voided or taken by another sender in between: nothing was written.
                continue
            if isinstance(decided, Decided):
                return decided.sent
            return self._settler.settle(self._caller.call(decided.committed()))
        return Sent("retry", until=self._now())

    def send_together(
        self, letters: Sequence[Addressed], opened: Item | None = None, beside: Beside | None = None
    ) -> list[Sent]:
        """One attempt at each, as `send`: read, claimed and settled together, called side by side. In their order."""
        return self._together.send(letters, opened, beside)

    def look(self, letters: Iterable[Addressed], seen: Seen, *, again: bool) -> None:
        """Read in one call what attempts at these deliveries will want; of a new one nothing stands there at the first look."""
        places = [self._about(letter.place) for letter in letters if again or letter.new is None]
        seen.fetch(place for about in places for place in about)

    def prepare(
        self, letter: Addressed, seen: Seen, opened: Item | None = None, *, again: bool
    ) -> Ready | Decided | Sent:
        """Look at a delivery: ready to be claimed where it may leave now; else it is decided what becomes of it.

        Nothing is written yet; a Sent alone has nothing to be written. Raises NotFound.
        """
        item = seen.get(letter.place) if again or letter.new is None else None
        delivery = Delivery.kept(content(item)) if item is not None else letter.new
        if delivery is None:
            raise NotFound(f"There is no delivery {letter.place}.")
        return self._prepared(delivery.model_copy(), seen, opened, letter.group)

    def _prepared(
        self, delivery: Delivery, seen: Seen, opened: Item | None, group: str | None
    ) -> Ready | Decided | Sent:
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
        if (opens := self._opens(delivery, seen, now)) is not None:
            return self._wait_for_hours(delivery, opens)
        if delivery.publisher is not None and not retracting:
            return self._hand_over(delivery, current, group)
        until = lifetime.ends_at() or now + lease(channel)
        if until - now < lease(channel):
            # Too little is left of this invocation: another one makes the call, and that it is to be told stands there.
            later = Sent("retry", until=now)
            return later if delivery.revision else Decided(later, [put_delivery(delivery)])
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
        published = _receipt_of(target) if retracting else None
        return Ready(Claim(delivery, letter, claim, look_first, circuit, published), writes)

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
            data = seen.once(picture.sha256, lambda: self._picture(picture))
            if data is None or hashlib.sha256(data).hexdigest() != picture.sha256:
                return NO_IMAGE
            image = Image(picture.media_type, data, picture.alt.get(delivery.language, ""), picture.name)
        return self._of(delivery, version, image, target, seen)

    def _line(self, target: Delivery | None, seen: Seen) -> tuple[tuple[Receipt, ...], str]:
        """What the target put right itself, oldest first; and the headline of the first of all. Nobody needs it of a notice."""
        found: list[Receipt] = []
        first = target if target is not None and not target.is_notice else None
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

    def _opens(self, delivery: Delivery, seen: Seen, now: datetime) -> datetime | None:
        """Until when it waits for the publication hours of its audience, as the promises of its case stand now."""
        if not publication_hours.concern(delivery, self._organisation):
            return None
        case = self._casework.store.head(delivery.case_id, seen)
        return publication_hours.waits_until(delivery, case.duties if case else [], self._organisation, now)

    def _wait_for_hours(self, delivery: Delivery, opens: datetime) -> Decided:
        """It leaves by itself when the hours begin; the freeze and its approval are looked at again then."""
        delivery.state, delivery.next_attempt_at, delivery.opens_at = "waiting", opens, opens
        delivery.reason = f"publication hours of {delivery.audience}"
        data = {"delivery": delivery.key, "channel": delivery.channel, "until": rfc3339(opens)}
        note = note_of(delivery, "delivery_waits_for_hours", self._now(), data)
        return Decided(Sent("retry", until=opens), [put_delivery(delivery), note])

    def _left_alone(self, delivery: Delivery, until: datetime, opened_at: str | None) -> Decided | Sent:
        """The channel's circuit is open: come back; a person is called once for each delivery that waits for it."""
        reason = f"the channel has failed again and again and is left alone for a while (since {opened_at})"
        if delivery.state != "waiting" or delivery.reason == reason:
            return Sent("retry", until)
        delivery.reason = reason
        # Whoever was called for its many attempts is not called for the waiting as well.
        few = delivery.attempts < self._organisation.retrying.call_a_person_after
        return Decided(Sent("retry", until, few), [put_delivery(delivery)])

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

    def _hand_over(self, delivery: Delivery, current: freezing.Freeze, group: str | None) -> Decided:
        """What a person publishes by hand is their task from now on, unless a freeze is raised at this moment."""
        delivery.state, delivery.asked_with = "manual", group
        delivery.reason = f"to be published by {delivery.publisher}"
        note = note_of(delivery, None, self._now())
        return Decided(_with_a_person(delivery), [put_delivery(delivery), freezing.still(current), note])

    def _held(self, delivery: Delivery, reason: str) -> Decided | Sent:
        if delivery.state == "held":
            return Sent("held")
        _hold(delivery, reason)
        return Decided(Sent("held"), [put_delivery(delivery), freezing.held(delivery, self._now())])

    def _to_a_person(self, delivery: Delivery, reason: str) -> Decided:
        """Nothing was sent now; whether an earlier attempt was is as unknown as before. A person decides."""
        fail(delivery, reason, unknown=delivery.unknown_outcome)
        delivery.claim = delivery.claimed_until = None
        return Decided(Sent("failed", call_a_person=True), self._over(delivery))

    def _cancel(self, delivery: Delivery, reason: str) -> Decided:
        delivery.state, delivery.reason = "cancelled", reason
        return Decided(Sent("superseded"), self._over(delivery))

    def _over(self, delivery: Delivery) -> list[Write]:
        moved = put_delivery(delivery)
        return [moved] if delivery.is_notice else [moved, note_of(delivery, None, self._now())]


def _with_a_person(delivery: Delivery) -> Sent:
    """A required one is waited for, and asked for again; any other is left with its publisher."""
    if delivery.required:
        return Sent("failed", call_a_person=True)
    return Sent("superseded", handed_over=delivery)


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
