"""A channel where a named person publishes: a task until somebody says where the text stands, and no publication before."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml

from sangfroid.errors import Invalid
from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.outbound import notices
from tests.support.crashes import Crash, Dying
from tests.support.desks import EXAMPLE, TestDesk

TEXTS = {"fr": "Nous sommes désolés.", "en": "We are sorry."}


def organisation(*, required: bool) -> Organisation:
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    (channel,) = [one for one in document["channels"] if one["id"] == "press-list"]
    channel["required"] = required
    return Organisation.model_validate(document)


def approved(world: TestDesk) -> str:
    case = world.report()
    world.triage(case, 1)
    world.review(case, world.write(case, TEXTS))
    world.publish(case, 1)
    return case


def tasks(world: TestDesk, case: str) -> list[Delivery]:
    return [one for one in world.desk.casework.read(case).deliveries.values() if one.channel == "press-list"]


def clock(world: TestDesk, case: str) -> str:
    return next(
        one.state for one in world.desk.casework.read(case).case.clocks if one.id == "response_published"
    )


@pytest.mark.parametrize("required", [True, False])
def test_it_is_a_task_and_no_publication(required: bool) -> None:
    world = TestDesk(organisation(required=required))
    case = approved(world)
    assert [(one.state, one.published_at, one.url, one.publisher) for one in tasks(world, case)] == [
        ("manual", None, None, "agency")
    ] * 2
    assert world.platforms["press-list"].ever == [], "the desk itself sends nothing there"
    assert clock(world, case) == ("running" if required else "met")


def test_where_it_is_required_the_clock_runs_until_somebody_says_where_every_text_stands() -> None:
    world = TestDesk(organisation(required=True))
    case = approved(world)
    first, second = tasks(world, case)
    assert world.desk.casework.read(case).case.status == "responding"
    with pytest.raises(Invalid, match="where it stands"):
        world.desk.publication.settle(case, first.key, "published", None, None, "ben")
    world.desk.publication.settle(case, first.key, "published", "https://agence.example/1", None, "ben")
    assert clock(world, case) == "running"
    world.desk.publication.settle(
        case, second.key, "published", "https://agence.example/2", "sent at noon", "chloe"
    )
    assert clock(world, case) == "met"
    assert world.desk.casework.read(case).case.status == "published"
    assert [one.url for one in tasks(world, case)] == ["https://agence.example/1", "https://agence.example/2"]


def test_the_named_person_is_asked_with_the_words_and_nobody_else() -> None:
    world = TestDesk(organisation(required=False))
    case = approved(world)
    asked = [
        one
        for platform in world.platforms.values()
        for one in platform.published
        if one.kind == "publish_by_hand"
    ]
    assert (
        sorted((one.channel, one.recipient) for one in asked) == [("agency-desk", "desk@agence.example")] * 2
    )
    for text in TEXTS.values():
        assert any(text in one.text for one in asked)
    for one in tasks(world, case):
        assert world.desk.publication.send(case, one.key).handed_over
    again = [
        one
        for platform in world.platforms.values()
        for one in platform.published
        if one.kind == "publish_by_hand"
    ]
    assert len(again) == len(asked), "once, however often the step is tried"


def several() -> tuple[TestDesk, str, list[str]]:
    """An approved text whose wave has four places that one person publishes by hand, beside two that the desk sends."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    (channel,) = [one for one in document["channels"] if one["id"] == "press-list"]
    document["channels"].append(channel | {"id": "intranet"})
    world = TestDesk(Organisation.model_validate(document))
    case = world.report()
    world.triage(case, 1)
    world.review(case, world.write(case, TEXTS))
    keys = world.desk.publication.plan(case, 1, "all")["deliveries"]
    return world, case, [key for key in keys if key.split(":")[2] in ("press-list", "intranet", "newsroom")]


def asked(world: TestDesk) -> list[str]:
    return [one.text for one in world.reached("team") if one.kind == "publish_by_hand"]


def named(world: TestDesk) -> Counter[tuple[str, str]]:
    """How often somebody was asked to publish the text of a language in a place, with its words."""
    found: Counter[tuple[str, str]] = Counter()
    for text in asked(world):
        for heading, words in pairwise(text.splitlines()):
            language, _, places = heading.partition(" · ")
            if words and words == TEXTS.get(language.lower()):
                found.update((place, language.lower()) for place in places.split(", "))
    return found


def test_what_is_handed_over_together_is_asked_in_one_message_with_each_text_once() -> None:
    world, case, keys = several()
    for _ in range(2):
        tried = world.desk.publication.send_together(case, keys)
        assert sorted(one["outcome"] for one in tried) == ["published"] * 2 + ["superseded"] * 4
    (text,) = asked(world)
    for language, words in TEXTS.items():
        assert text.count(f"{language.upper()} · intranet, press-list\n{words}\n") == 1, text
    for key in keys:
        world.desk.publication.send(case, key)
    assert len(asked(world)) == 1, "nor when each is tried by itself afterwards"


def test_wherever_the_function_is_ended_the_person_is_asked_once_for_each_text() -> None:
    world, case, keys = several()
    dying = Dying(world, None)
    world.desk.publication.send_together(case, keys)
    points = dying.writes
    for after in range(1, points + 1):
        world, case, keys = several()
        dying = Dying(world, after)
        with pytest.raises(Crash):
            world.desk.publication.send_together(case, keys)
        dying.end()
        world.advance(timedelta(minutes=10))
        for key in keys:  # as the machine does: each by itself from then on
            world.desk.publication.send(case, key)
        assert named(world) == Counter(
            (place, language) for place in ("intranet", "press-list") for language in TEXTS
        ), (after, points, asked(world))


def test_what_is_handed_over_later_is_asked_for_by_itself() -> None:
    world, case, keys = several()
    world.desk.publication.send_together(case, [key for key in keys if "intranet" not in key])
    assert named(world) == Counter({("press-list", "fr"): 1, ("press-list", "en"): 1})
    world.advance(timedelta(minutes=1))
    for _ in range(2):
        world.desk.publication.send_together(case, keys)
    assert len(asked(world)) == 2
    assert set(named(world).values()) == {1}
    assert len(named(world)) == 4


def test_where_it_is_required_the_procedure_asks_that_person_instead_of_paging_for_a_failure() -> None:
    world = TestDesk(organisation(required=True))
    case = approved(world)
    (key, *_) = [one.key for one in tasks(world, case)]
    sent = world.desk.publication.send(case, key)
    assert (sent.outcome, sent.call_a_person) == ("failed", True)
    world.desk.notices.tell(
        case, "delivery_failing", "p/1", ["on_call", "writer"], "out_of_band", {"channel": key}, room=False
    )
    asked = [
        one
        for platform in world.platforms.values()
        for one in platform.published
        if one.kind == "publish_by_hand"
    ]
    assert [one.channel for one in asked] == ["agency-desk"]
    assert not any(one.kind == "delivery_failing" for one in world.reached("out_of_band"))


def test_a_freeze_holds_the_task_back() -> None:
    world = TestDesk(organisation(required=True))
    other = world.report(text="Une fuite")
    case = world.report(text="C'est en panne depuis hier")
    world.triage(case, 1)
    world.review(case, world.write(case, TEXTS))
    world.desk.freezer.raise_freeze(other, "leak", "dora")
    world.publish(case, 1)
    assert {one.state for one in tasks(world, case)} == {"held"}


def test_sent_again_it_is_a_task_again() -> None:
    world = TestDesk(organisation(required=False))
    case = approved(world)
    (key, *_) = [one.key for one in tasks(world, case)]
    assert world.desk.publication.settle(case, key, "retry", None, None, "ben").state == "manual"


def _of(document: dict[str, Any], channel: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["channels"] if one["id"] == channel)
    return found


@pytest.mark.parametrize("settings", [{}, {"person": "nobody"}])
def test_a_task_needs_somebody(settings: dict[str, str]) -> None:
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    _of(document, "press-list")["settings"] = settings
    (fault,) = Organisation.model_validate(document).disagreements()
    assert (fault.code, fault.place[-2:]) == ("nobody_to_publish", ("settings", "person"))


def test_the_request_is_worded_in_both_languages() -> None:
    assert set(notices.wordings()["publish_by_hand"]) == {"fr", "en"}
