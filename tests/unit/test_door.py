"""The door after the call: what was published is never sent again because it could not be read back (I6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.outbound.errors import AnswerLost, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from tests.support.desks import Platform, TestDesk


class Unreadable(Platform):
    """Publishes, and then cannot be read for a while."""

    fails: list[ChannelFault]

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        if self.fails:
            raise self.fails.pop()
        return super().read_back(letter, receipt)


@pytest.mark.parametrize(
    "fault", [ChannelRefused("not found yet"), ChannelThrottled(30), ChannelRefused("gone", permanent=True)]
)
def test_a_publication_that_cannot_be_read_back_is_looked_for_not_repeated(fault: ChannelFault) -> None:
    world = TestDesk()
    platform = world.platforms["newsroom"] = Unreadable("newsroom")
    platform.fails = [fault, fault]
    case = world.report()
    world.triage(case, 1)
    version = world.write(case, {"fr": "Bonjour.", "en": "Hello."})
    world.review(case, version)
    world.publish(case, 1)
    assert sorted(letter.language for letter in platform.published) == ["en", "fr"]
    assert world.desk.casework.read(case).case.status == "published"


def test_a_sending_that_was_stopped_too_long_gives_back_its_claim() -> None:
    """Its permit would run out during the call, so it does not call; the next attempt does."""
    world = TestDesk()
    case = world.report()
    world.triage(case, 1)
    version = world.write(case, {"fr": "Bonjour.", "en": "Hello."})
    world.review(case, version)
    key = world.desk.publication.plan(case, 1, "all")["deliveries"][0]
    real, jumped = world.table.transact, []

    def slow(writes: object) -> None:
        real(writes)  # type: ignore[arg-type]
        if not jumped:
            jumped.append(True)
            world.advance(timedelta(minutes=2))

    world.table.transact = slow  # type: ignore[assignment,method-assign]
    assert world.desk.publication.send(case, key).outcome == "retry"
    assert world.reached("public", "community", "customer", "partner") == []
    world.advance(timedelta(minutes=2))
    assert world.desk.publication.send(case, key).outcome == "published"


def test_what_may_be_out_under_a_void_text_is_shown_to_a_person() -> None:
    world = TestDesk()

    def lose(platform: Platform, letter: Letter) -> None:
        platform.publish_for_real(letter)
        raise AnswerLost("nothing came")

    world.platforms["newsroom"].fault = lose
    case = world.report()
    world.triage(case, 1)
    version = world.write(case, {"fr": "Bonjour."})
    world.review(case, version)
    key = next(
        key for key in world.desk.publication.plan(case, 1, "all")["deliveries"] if ":newsroom:" in key
    )
    assert world.desk.publication.send(case, key).outcome == "retry"
    world.write(case, {"fr": "Bonsoir."})
    world.advance(timedelta(hours=1))
    assert world.desk.publication.send(case, key).outcome == "failed"
    delivery = world.desk.casework.read(case).deliveries[key]
    assert delivery.state == "failed"
    assert "may have been published" in str(delivery.reason)
    assert len(world.platforms["newsroom"].published) == 1
