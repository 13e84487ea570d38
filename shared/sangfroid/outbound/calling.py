"""The call to a channel, between claim and settlement: nothing of the store is read or written here."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound import hooks
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.outbound.sending import CALLS_OF_A_SENDING, Claim
from sangfroid.outbound.settling import Settlement, fail

BY_HAND = "a person published it, so a person must take it down, and then say so"


class Caller:
    """Makes the call that was claimed; every failure of a channel becomes what is to be written about it."""

    def __init__(
        self, organisation: Organisation, channels: Callable[[str], Channel], now: Callable[[], datetime]
    ) -> None:
        self._organisation = organisation
        self._channels = channels
        self._now = now

    def call(self, claim: Claim) -> Settlement:
        """Call within the permit's time; what came of it is still to be settled."""
        # Asked first: whatever it takes, the look at the clock comes after it, and nothing between that and the call.
        channel = self._organisation.channel(claim.delivery.channel)
        now = self._now()
        if now + CALLS_OF_A_SENDING * channel.time_limit > (claim.delivery.claimed_until or now):
            # This sender was stopped for so long that its permit would run out during the call.
            return Settlement(claim, "retry", lambda d: _not_called(d, claim), now, until=now)
        try:
            receipt = self._reach(claim, channel)
        except ChannelFault as fault:
            return self._failed(claim, fault)
        now = self._now()
        if receipt is None:
            return Settlement(claim, "retracted", lambda _: None, now, healthy=True)
        return self._published(claim, receipt, now)

    def _reach(self, claim: Claim, channel: ChannelSettings) -> Receipt | None:
        """The receipt of the publication, or None where one was taken back."""
        delivery, letter = claim.delivery, claim.letter
        adapter = self._channels(channel.id)
        if delivery.act == "retract":
            gone = claim.published
            if gone is None:
                raise ChannelRefused(BY_HAND, permanent=True)
            # What is gone already is as good as taken back, so after a lost answer it is simply done again.
            shown = letter.shown()
            shown["kind"], shown["text"], shown["key"] = "retraction", "", delivery.key
            hooks.run(channel.id, channel.audience, lambda: adapter.retract(letter, gone), shown)
            return None
        if claim.look_first:
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

    def _published(self, claim: Claim, receipt: Receipt, now: datetime) -> Settlement:
        def done(delivery: Delivery) -> None:
            delivery.state, delivery.published_at, delivery.read_back_at = "published", now, now
            delivery.url, delivery.external_id = receipt.url, receipt.external_id
            delivery.unknown_outcome, delivery.reason, delivery.next_attempt_at = False, None, None

        corrected = claim.letter.corrects
        replaced = corrected is not None and receipt.external_id == corrected.external_id
        return Settlement(claim, "published", done, now, replaced=replaced, healthy=True)

    def _failed(self, claim: Claim, fault: ChannelFault) -> Settlement:
        now = self._now()
        if isinstance(fault, CannotLook):
            return Settlement(
                claim, "failed", lambda d: fail(d, "may have been published; nobody can look"), now
            )
        if isinstance(fault, ChannelRefused) and fault.permanent:
            return Settlement(claim, "failed", lambda d: fail(d, str(fault), unknown=claim.look_first), now)
        retrying, attempts = self._organisation.retrying, claim.delivery.attempts
        if isinstance(fault, ChannelThrottled):
            wait = timedelta(seconds=fault.retry_after)
        else:
            bound = min(retrying.at_most, retrying.first_after * retrying.factor ** min(attempts - 1, 20))
            # Full jitter over the upper half: retries of many deliveries spread, and none comes at once.
            wait = bound * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        until = now + wait
        unknown = isinstance(fault, AnswerLost) or claim.look_first

        def again(delivery: Delivery) -> None:
            delivery.state, delivery.next_attempt_at, delivery.reason = "waiting", until, str(fault)
            delivery.unknown_outcome = unknown

        call_a_person = attempts == retrying.call_a_person_after
        # A refusal of this one letter, and a plea to slow down, say that the platform works.
        healthy = None if isinstance(fault, ChannelThrottled) else False
        return Settlement(
            claim, "retry", again, now, until=until, call_a_person=call_a_person, healthy=healthy
        )


def _read_back(adapter: Channel, letter: Letter, receipt: Receipt) -> Receipt:
    """Read the publication again. Where that fails the publication itself may well stand: never is it sent again unseen."""
    try:
        return adapter.read_back(letter, receipt)
    except (ChannelRefused, ChannelThrottled) as fault:
        raise AnswerLost(f"published, but not read back: {fault}") from fault


def _not_called(delivery: Delivery, claim: Claim) -> None:
    """The claim was won but no call was made: what was unknown before is as unknown as it was, nothing more."""
    delivery.state, delivery.reason, delivery.unknown_outcome = "waiting", None, claim.look_first
