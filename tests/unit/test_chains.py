"""Corrections of corrections, late and in other orders: the newest words stand in the end, and nothing is left over (I6, I7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.cases import closing
from sangfroid.model import OneToOne, Submission
from sangfroid.outbound.channels.base import Correction
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt
from tests.support.desks import Platform, TestDesk
from tests.support.editing import DATA, FIRST, SECOND, THIRD, Editing, drawn, key, out, world_with

UPDATE = {"fr": "Point d'étape.", "en": "Update."}


def written(world: TestDesk, case: str, submission: Submission) -> int:
    version = world.desk.responses.submit(case, submission, "ana")
    world.review(case, version)
    return version.version


def attempted(world: TestDesk, case: str, version: int) -> None:
    for one in world.desk.publication.plan(case, version, "all")["deliveries"]:
        world.desk.publication.send(case, one)


def late(platform: Platform, texts: dict[str, str]) -> None:
    """The platform takes everything but these texts."""

    def down(_: Platform, letter: Letter) -> None:
        if letter.text in texts.values():
            raise ChannelRefused("down")

    platform.fault = down


def opened(world: TestDesk, platform: Platform, *, required: bool = True) -> str:
    world.platforms[platform.channel] = platform
    channels = [
        one.model_copy(update={"required": required}) if one.id == platform.channel else one
        for one in world.organisation.channels
    ]
    world.organisation.__dict__["channels"] = channels
    case = world.report()
    world.triage(case, 1)
    return case


def test_an_original_that_is_late_never_follows_its_correction() -> None:
    """The place is not required, so the response counts as published without it, and is corrected."""
    world, platform = TestDesk(), Editing("newsroom")
    case = opened(world, platform, required=False)
    late(platform, FIRST)
    attempted(world, case, written(world, case, Submission(FIRST)))
    assert world.desk.casework.read(case).case.status == "published"
    out(world, case, SECOND)
    platform.fault = None
    world.advance(timedelta(hours=1))
    assert world.desk.publication.send(case, key(case, 1)).outcome == "superseded"
    assert sorted(platform.standing.values()) == sorted(SECOND.values())


def test_a_correction_of_one_text_leaves_the_correction_of_another_alone() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    world.publish(case, written(world, case, Submission(UPDATE, "update")))
    late(platform, SECOND)
    attempted(world, case, written(world, case, Submission(SECOND, "correction", 1)))
    first = world.desk.responses.submit(case, Submission(THIRD, "correction", 2), "ana")
    world.desk.responses.submit(case, Submission({"fr": "Correction !"}, "correction", 1), "ana")
    assert world.desk.casework.read(case).responses[3].state == "in_review", (
        "neither does a draft void the other's"
    )
    world.review(case, first)
    world.publish(case, 4)
    platform.fault = None
    world.advance(timedelta(hours=1))
    world.publish(case, 3)
    assert sorted(platform.standing.values()) == sorted([*SECOND.values(), *THIRD.values()])


def test_an_older_correction_that_is_planned_late_stays_away() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    second, third = (written(world, case, Submission(texts)) for texts in (SECOND, THIRD))
    world.publish(case, third)
    world.publish(case, second)
    assert sorted(platform.standing.values()) == sorted(THIRD.values())
    assert world.desk.publication.confirm(case, second, 1, "all") == {"outcome": "published"}


def test_a_correction_in_one_language_does_not_break_the_chain_of_the_other() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    out(world, case, {"fr": SECOND["fr"]})
    out(world, case, THIRD)
    assert sorted(platform.standing.values()) == sorted(THIRD.values())


def test_a_correction_that_may_stand_there_ends_with_a_person_though_a_newer_one_came() -> None:
    class Forgetful(Platform):
        def correction(self, letter: Letter) -> Correction:
            return "reply"

        def find(self, letter: Letter) -> Receipt | None:
            raise CannotLook("nobody can look")

    platform = Forgetful("newsroom")
    world, case = world_with(platform)

    def lose(self: Platform, letter: Letter) -> None:
        if letter.text in SECOND.values():
            self.publish_for_real(letter)
            raise AnswerLost("no answer")

    platform.fault = lose
    attempted(world, case, written(world, case, Submission(SECOND)))
    out(world, case, THIRD)
    world.advance(timedelta(hours=1))
    sent = world.desk.publication.send(case, key(case, 2))
    assert (sent.outcome, sent.call_a_person) == ("failed", True)
    settled = world.desk.publication.settle(
        case, key(case, 2), "published", "https://n.example/2", None, "ana"
    )
    assert settled.state == "published"


def test_an_overtaken_publication_ends() -> None:
    platform = Editing("newsroom")
    world, case = world_with(platform)
    late(platform, SECOND)
    second = written(world, case, Submission(SECOND))
    attempted(world, case, second)
    assert world.desk.publication.confirm(case, second, 1, "all") == {"outcome": "incomplete"}
    third = written(world, case, Submission(THIRD))
    attempted(world, case, third)
    assert world.desk.publication.confirm(case, second, 1, "all") == {"outcome": "published"}


def test_an_image_that_stays_is_named_through_a_chain() -> None:
    world, platform = TestDesk(), Editing("newsroom")
    platform.images = True
    case = opened(world, platform)
    world.publish(case, written(world, case, Submission(FIRST, picture=drawn(world, DATA))))
    out(world, case, SECOND)
    version = world.desk.responses.submit(case, Submission(THIRD), "ana")
    assert [one.message for one in version.findings if one.code == "image_stays"] == [
        "Where the platform edits, the image of version 1 stays. To be rid of it, take the post back."
    ]


def test_what_somebody_decided_is_owed_before_a_case_closes() -> None:
    class Down(Editing):
        def retract(self, letter: Letter, receipt: Receipt) -> None:
            raise ChannelRefused("down")

    world, case = world_with(Down("newsroom"))

    def owed() -> set[str]:
        return {one["id"] for one in closing.owed(world.desk.casework.read(case))} - {
            "C1.1",
            "C1.5",
        }

    assert owed() == set()
    world.propose_to_retract(case, key(case, 1))
    assert owed() == {key(case, 1)}
    world.desk.publication.retract(case, key(case, 1), "yes", "emma", may_propose=False, may_confirm=True)
    back = key(case, 1) + ":retraction"
    assert world.desk.publication.send(case, back).outcome == "retry"
    assert owed() == {back}
    written(world, case, Submission({"fr": "Correction : lire ceci."}))
    assert owed() == {back, "version 2"}


def test_two_questions_at_once_are_asked_under_two_names() -> None:
    world, case = world_with(Editing("newsroom"))
    world.propose_to_retract(case, key(case, 1))
    world.write(case, UPDATE, "update")
    intents = world.table.query(f"CASE#{case}", "INTENT#").items
    asked = [one["name"] for one in intents if one["machine"] == "review"]
    assert len(asked) == len(set(asked)) == 2


def test_an_answer_whose_channel_is_gone_from_the_file_ends() -> None:
    world = TestDesk()
    case = opened(world, Platform("x"))
    way = OneToOne(message="m000001", channel="x", url="https://x.com/a/status/1")
    version = written(world, case, Submission({"fr": "Bonjour"}, "answer", answer=way))
    world.organisation.__dict__["channels"] = [one for one in world.organisation.channels if one.id != "x"]
    assert world.desk.responses.preview(case, version)[1] == []
    assert world.desk.publication.plan(case, version, "all")["deliveries"] == []
    assert world.desk.publication.confirm(case, version, 1, "all") == {"outcome": "superseded"}


def test_the_hash_of_an_answer_says_to_whom_it_goes() -> None:
    world = TestDesk()
    case = opened(world, Platform("x"))
    ways = [OneToOne(message="m000001", channel="x", url=f"https://x.com/a/status/{one}") for one in (1, 2)]
    first, second = (
        world.desk.responses.submit(case, Submission({"fr": "Bonjour"}, "answer", answer=way), "ana")
        for way in ways
    )
    assert first.content_hash != second.content_hash


@pytest.mark.parametrize(
    "address", ["a@b", "lea@localhost", "lea@example..com", "léa@example.com", ".lea@example.com"]
)
def test_only_a_mailbox_that_can_be_one_is_taken(address: str) -> None:
    from sangfroid.acts.responses import MAILBOX

    assert MAILBOX.fullmatch("lea.d'arc+nuage@mail.example.co.uk")
    assert not MAILBOX.fullmatch(address)
