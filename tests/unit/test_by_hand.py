"""A channel where a named person publishes: a task until somebody says where the text stands, and no publication before."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from sangfroid.errors import Invalid
from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.outbound import notices
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
