"""Corrections in the place of what they put right, what is taken back afterwards, and images, at the door (I5, I6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.errors import IllegalTransition
from sangfroid.model import Delivery, Submission
from sangfroid.outbound.errors import AnswerLost, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from tests.support.desks import Platform, TestDesk
from tests.support.editing import DATA, FIRST, SECOND, THIRD, Editing, drawn, key, out, world_with


def retract(world: TestDesk, case: str, key: str) -> Delivery:
    world.retract(case, key)
    world.take_back(case)
    return world.desk.casework.read(case).deliveries[key]


def test_a_correction_takes_the_place_and_a_further_one_its_place() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    for number, texts in ((2, SECOND), (3, THIRD)):
        assert out(world, case, texts) == number
        assert sorted(platform.standing.values()) == sorted(texts.values()), "edited, not posted anew"
    deliveries = world.desk.casework.read(case).deliveries
    assert [deliveries[key(case, one)].replaced_by for one in (1, 2, 3)] == [
        key(case, 2), key(case, 3), None,
    ]  # fmt: skip
    assert len({deliveries[key(case, one)].external_id for one in (1, 2, 3)}) == 1
    # Where the platform has no edit, the correction is a publication of its own.
    assert [letter.text for letter in world.platforms["x"].published if letter.language == "fr"] == [
        FIRST["fr"], SECOND["fr"], THIRD["fr"],
    ]  # fmt: skip
    assert [letter.corrects is not None for letter in world.platforms["x"].published].count(True) == 4


@pytest.mark.parametrize("did", [True, False])
def test_an_edit_whose_answer_was_lost_is_looked_at_and_done_once(did: bool) -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    left = [True, True]

    def lose(self: Platform, letter: Letter) -> None:
        if left:
            left.pop()
            if did:
                self.publish_for_real(letter)
            raise AnswerLost("no answer")

    platform.fault = lose
    out(world, case, SECOND)
    assert sorted(platform.standing.values()) == sorted(SECOND.values())
    assert platform.edits == 2, "one for each language"


def test_what_a_correction_replaced_is_taken_back_with_it_and_not_alone() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    out(world, case, SECOND)
    with pytest.raises(IllegalTransition, match="A correction stands in its place"):
        world.desk.publication.retract(
            case, key(case, 1), "wrong", "ana", may_propose=True, may_confirm=False
        )
    gone = retract(world, case, key(case, 2))
    assert gone.state == "retracted"
    assert world.desk.casework.read(case).deliveries[key(case, 1)].state == "retracted"
    assert list(platform.standing.values()) == [SECOND["en"]]
    # A correction of what is gone is a publication of its own.
    out(world, case, THIRD)
    assert sorted(platform.standing.values()) == sorted(THIRD.values())
    assert world.desk.casework.read(case).deliveries[key(case, 3)].target is None


@pytest.mark.parametrize("did", [True, False])
def test_a_correction_that_is_late_never_undoes_a_newer_one(did: bool) -> None:
    """The platform was down (or its answer lost) for the second version; the third stands in the end, and alone."""
    platform = Editing("newsroom")
    world, case = world_with(platform)

    def down(self: Platform, letter: Letter) -> None:
        if letter.text in SECOND.values():
            if did:
                self.publish_for_real(letter)
            raise AnswerLost("no answer")

    platform.fault = down
    version = world.write(case, SECOND)
    world.review(case, version)
    for one in world.desk.publication.plan(case, 2, "all")["deliveries"]:
        world.desk.publication.send(case, one)
    assert world.desk.casework.read(case).deliveries[key(case, 2)].state == "waiting"
    out(world, case, THIRD)
    platform.fault = None
    world.advance(timedelta(hours=1))
    assert world.desk.publication.send(case, key(case, 2)).outcome == "superseded"
    assert sorted(platform.standing.values()) == sorted(THIRD.values()), "and nothing beside it"
    deliveries = world.desk.casework.read(case).deliveries
    assert (deliveries[key(case, 2)].state, deliveries[key(case, 2)].replaced_by) == (
        "cancelled",
        key(case, 3),
    )
    assert deliveries[key(case, 3)].external_id == deliveries[key(case, 1)].external_id


def test_a_correction_waits_for_an_older_one_that_is_being_sent() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)

    class Dies(BaseException):
        """The sender is gone in the middle of its call."""

    def die(*_: object) -> None:
        raise Dies

    platform.fault = die
    version = world.write(case, SECOND)
    world.review(case, version)
    assert key(case, 2) in world.desk.publication.plan(case, 2, "all")["deliveries"]
    with pytest.raises(Dies):
        world.desk.publication.send(case, key(case, 2))
    platform.fault = None
    version = world.write(case, THIRD)
    world.review(case, version)
    assert key(case, 3) in world.desk.publication.plan(case, 3, "all")["deliveries"]
    waits = world.desk.publication.send(case, key(case, 3))
    assert waits.outcome == "retry"
    assert waits.until is not None
    assert FIRST["fr"] in platform.standing.values(), "nothing crosses the call that may be under way"
    world.now = waits.until
    assert world.desk.publication.send(case, key(case, 3)).outcome == "published"
    assert world.desk.publication.send(case, key(case, 2)).outcome == "superseded"
    assert THIRD["fr"] in platform.standing.values()


def test_a_correction_and_a_retraction_of_one_text_do_not_cross() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    version = world.write(case, SECOND)
    world.review(case, version)
    planned = world.desk.publication.plan(case, 2, "all")["deliveries"]
    with pytest.raises(IllegalTransition, match="under way"):
        world.desk.publication.retract(
            case, key(case, 1), "wrong", "ana", may_propose=True, may_confirm=False
        )
    assert key(case, 2) in planned
    world.publish(case, 2)

    # Confirmed first, and the correction planned before it was carried out: it does not edit what is about to go.
    world.retract(case, key(case, 2))
    out(world, case, THIRD)
    world.take_back(case)
    assert sorted(platform.standing.values()) == sorted(THIRD.values())


@pytest.mark.parametrize(
    "fault", [AnswerLost("no answer"), ChannelRefused("down"), ChannelThrottled(30, "slowly")]
)
def test_a_retraction_is_tried_again_and_its_platform_is_never_asked_to_publish(fault: ChannelFault) -> None:
    class Failing(Editing):
        fails = 2
        asked = 0

        def retract(self, letter: Letter, receipt: Receipt) -> None:
            self.asked += 1
            if self.fails:
                self.fails -= 1
                raise fault
            super().retract(letter, receipt)

    platform = Failing("newsroom")
    world, case = world_with(platform)
    published = len(platform.published)
    assert retract(world, case, key(case, 1)).state == "retracted"
    assert (platform.asked, len(platform.published)) == (3, published)
    assert list(platform.standing.values()) == [FIRST["en"]]


def test_a_platform_that_does_not_allow_it_ends_with_a_person() -> None:
    class Refusing(Editing):
        def retract(self, letter: Letter, receipt: Receipt) -> None:
            raise ChannelRefused("cannot be deleted here", permanent=True)

    world, case = world_with(Refusing("newsroom"))
    assert retract(world, case, key(case, 1)).state == "published", "it still stands there"
    back = world.desk.casework.read(case).deliveries[key(case, 1) + ":retraction"]
    assert (back.state, back.reason) == ("failed", "cannot be deleted here")
    world.desk.publication.settle(case, back.key, "retracted", None, "the platform's support did it", "ana")
    assert world.desk.casework.read(case).deliveries[key(case, 1)].state == "retracted"


def test_a_void_approval_does_not_stop_a_retraction() -> None:
    """Another classification voids what was not published; what is out is taken back all the same."""
    platform = Editing("newsroom")
    world, case = world_with(platform)
    world.retract(case, key(case, 1))
    world.triage(case, 2)
    world.take_back(case)
    assert world.desk.casework.read(case).deliveries[key(case, 1)].state == "retracted"


# -- images


@pytest.mark.parametrize(("data", "state"), [(DATA, "published"), (b"other", "failed"), (None, "failed")])
def test_an_image_goes_along_as_it_was_approved_or_not_at_all(data: bytes | None, state: str) -> None:
    world = TestDesk()
    carries = world.platforms["newsroom"]
    carries.images = True
    case = world.report()
    world.triage(case, 1)
    version = world.desk.responses.submit(case, Submission(FIRST, picture=drawn(world, data)), "ana")
    left_out = {found.message.split()[0] for found in version.findings if found.code == "image_left_out"}
    assert "newsroom" not in left_out
    assert "x" in left_out
    world.review(case, version)
    world.publish(case, 1)
    assert world.desk.casework.read(case).deliveries[key(case, 1)].state == state
    if state == "published":
        assert [(one.language, one.image and one.image.alt) for one in carries.published] == [
            ("fr", "Une courbe"), ("en", "A curve"),
        ]  # fmt: skip
        assert carries.published[0].image is not None
        assert carries.published[0].image.data == DATA
    else:
        assert carries.published == []
    assert {one.image for one in world.platforms["x"].published} == {None}


def test_a_channel_that_no_longer_carries_the_image_is_not_sent_what_nobody_saw() -> None:
    world = TestDesk()
    world.platforms["newsroom"].images = True
    case = world.report()
    world.triage(case, 1)
    version = world.desk.responses.submit(case, Submission(FIRST, picture=drawn(world, DATA)), "ana")
    world.review(case, version)
    world.platforms["newsroom"].images = False
    world.publish(case, 1)
    delivery = world.desk.casework.read(case).deliveries[key(case, 1)]
    assert delivery.state == "failed"
    assert delivery.reason is not None
    assert delivery.reason.startswith("the posts would not look as they were approved")


@pytest.mark.parametrize(
    ("text", "codes"), [("Rectificatif : 40 clients.", []), ("40 clients.", ["unmarked_correction"])]
)
def test_a_correction_says_that_it_is_one(text: str, codes: list[str]) -> None:
    world, case = world_with(Editing("newsroom"))
    version = world.write(case, {"fr": text})
    assert [found.code for found in version.findings if found.code == "unmarked_correction"] == codes
    assert version.state == "in_review", "the approver decides"
