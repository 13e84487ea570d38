"""Every adapter of a platform without a server of its own, against the platform's strict fake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from tests.adapters.kind import IMAGE, LONG, Kind, adapter, letter
from tests.adapters.platforms import KINDS
from tests.adapters.strict import Platform, serving

LINKED = "Toutes les mesures : https://status.nuage.example/paiements?jour=1&langue=fr. Merci 🙏"


class Scene:
    """One platform with its adapter."""

    def __init__(self, kind: Kind, platform: Platform, base: str) -> None:
        self.kind, self.platform, self.base = kind, platform, base
        self.channel: Channel = adapter(kind, base)


@pytest.fixture(params=KINDS)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    kind = KINDS[request.param]
    platform = kind.fake()
    with serving(platform) as base:
        yield Scene(kind, platform, base)
    assert platform.violations == []


def unescaped(text: str) -> str:
    """Without what LinkedIn wants before its reserved characters."""
    return re.sub(r"\\(.)", r"\1", text)


def once(fault: str) -> object:
    left = [fault]
    return lambda *_: left.pop() if left else None


@pytest.mark.parametrize("text", [letter().text, LINKED, None], ids=["letter", "linked", "shortest"])
def test_it_stands_there_and_is_read_back(scene: Scene, text: str | None) -> None:
    text = text or "x" * scene.kind.shortest
    receipt = scene.channel.publish(letter(text))
    assert scene.channel.read_back(letter(text), receipt).external_id == receipt.external_id
    assert len(scene.platform.published) == 1


def test_a_long_text_is_a_thread_or_is_refused_before_any_call(scene: Scene) -> None:
    text = LONG * (4 + 3 * scene.kind.longest // len(LONG))
    if not scene.kind.threads:
        with pytest.raises(ChannelRefused, match="at most") as raised:
            scene.channel.publish(letter(text))
        assert raised.value.permanent
        assert scene.platform.calls == []
        return
    text = text[: scene.kind.longest * 3]
    receipt = scene.channel.publish(letter(text))
    assert len(scene.platform.published) == len(receipt.external_id.split(",")) > 2
    assert scene.channel.read_back(letter(text), receipt) == receipt
    scene.channel.retract(letter(text), receipt)
    assert scene.platform.published == {}


def test_a_lost_answer_is_found_or_is_said_to_be_unknown(scene: Scene) -> None:
    scene.platform.fault = once("lost")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(letter(LINKED))
    assert len(scene.platform.published) == 1
    if scene.kind.looks:
        found = scene.channel.find(letter(LINKED))
        assert found is not None
        assert scene.channel.read_back(letter(LINKED), found).external_id == found.external_id
    else:
        with pytest.raises(CannotLook):
            scene.channel.find(letter(LINKED))
        if scene.channel.idempotent:
            scene.channel.publish(letter(LINKED))
    assert len(scene.platform.published) == 1


def test_nothing_is_found_where_nothing_was_published(scene: Scene) -> None:
    if scene.kind.looks:
        assert scene.channel.find(letter()) is None
        scene.channel.publish(letter("Something else, of which nobody has heard yet", "case-2:v1:c:fr"))
        assert scene.channel.find(letter()) is None


def test_a_server_error_may_have_published(scene: Scene) -> None:
    scene.platform.fault = once("error")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(letter())


def test_a_rate_limit_says_when_to_come_back_and_published_nothing(scene: Scene) -> None:
    scene.platform.fault = once("throttle")  # type: ignore[assignment]
    with pytest.raises(ChannelThrottled) as raised:
        scene.channel.publish(letter())
    assert raised.value.retry_after == pytest.approx(scene.kind.throttled_for, abs=1)
    assert scene.platform.published == {}


def test_wrong_credentials_are_no_reason_to_give_up(scene: Scene) -> None:
    wrong = {name: value[:-3] + "000" for name, value in scene.kind.secret.items()}
    with pytest.raises(ChannelRefused) as raised:
        adapter(scene.kind, scene.base, **wrong).publish(letter())
    assert raised.value.permanent is scene.kind.wrong_secret_is_final
    assert scene.platform.published == {}


def test_credentials_that_were_rotated_serve_from_the_next_call_on(scene: Scene) -> None:
    secret = {name: value[:-3] + "000" for name, value in scene.kind.secret.items()}
    channel = adapter(scene.kind, scene.base)
    channel.parts.__dict__["credentials"] = lambda: secret  # type: ignore[attr-defined]
    with pytest.raises(ChannelRefused):
        channel.publish(letter())
    secret.update(scene.kind.secret)
    channel.publish(letter())
    assert len(scene.platform.published) == 1


def test_what_somebody_changed_or_deleted_is_not_read_back(scene: Scene) -> None:
    if not scene.kind.shows:
        return
    receipt = scene.channel.publish(letter())
    for item in scene.platform.published.values():
        item[scene.kind.words] = "Somebody wrote something else"
    with pytest.raises(ChannelRefused) as raised:
        scene.channel.read_back(letter(), receipt)
    assert raised.value.permanent
    scene.platform.published.clear()
    with pytest.raises(AnswerLost):
        scene.channel.read_back(letter(), receipt)


def test_a_retraction_takes_it_away_or_says_that_a_person_must(scene: Scene) -> None:
    receipt = scene.channel.publish(letter())
    if not scene.kind.retracts:
        with pytest.raises(ChannelRefused) as raised:
            scene.channel.retract(letter(), receipt)
        assert raised.value.permanent
        return
    scene.channel.retract(letter(), receipt)
    assert scene.platform.published == {}
    scene.channel.retract(letter(), receipt)


def corrected(first: Receipt, **more: Any) -> Letter:
    return letter("Nous nous étions trompés. (Voir #42 & <ici>)", "case-1:v2:c:fr", corrects=first, **more)


def test_a_correction_stands_where_it_says(scene: Scene) -> None:
    first = scene.channel.publish(letter())
    correction = corrected(first)
    assert scene.channel.correction(correction) == scene.kind.corrects
    if scene.kind.corrects == "edit":
        # Asked before anything stands there, as for the summary of a thread, the answer is the same.
        assert scene.channel.correction(replace(correction, corrects=None)) == "edit"
    assert not scene.kind.looks or scene.channel.find(correction) is None, (
        "the old words are not taken for it"
    )
    receipt = scene.channel.publish(correction)
    assert scene.channel.read_back(correction, receipt).external_id == receipt.external_id
    standing = {id_: item[scene.kind.words] for id_, item in scene.platform.published.items()}
    if scene.kind.corrects == "edit":
        assert receipt.external_id == first.external_id
        assert list(standing) == [first.external_id]
    else:
        assert set(standing) == {first.external_id, receipt.external_id}
        parent = scene.platform.published[receipt.external_id].get("parent")
        assert parent == (first.external_id if scene.kind.corrects == "reply" else None)
    assert unescaped(standing[receipt.external_id]) == correction.text


def test_a_correction_whose_answer_was_lost_stands_once(scene: Scene) -> None:
    first = scene.channel.publish(letter())
    correction = corrected(first)
    scene.platform.fault = once("lost")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(correction)
    try:
        found = scene.channel.find(correction)
    except CannotLook:
        assert not scene.kind.looks
        found = scene.channel.publish(correction) if scene.channel.idempotent else None
    else:
        # An edit that nobody can look for is asked for again.
        assert found is not None or (scene.kind.corrects == "edit" and not scene.kind.looks)
        found = found or scene.channel.publish(correction)
    if found is not None:
        assert scene.channel.read_back(correction, found).external_id == found.external_id
    texts = [unescaped(item[scene.kind.words]) for item in scene.platform.published.values()]
    assert texts.count(correction.text) == 1
    assert len(texts) == (1 if scene.kind.corrects == "edit" else 2)


def test_an_edit_may_be_repeated(scene: Scene) -> None:
    first = scene.channel.publish(letter())
    if scene.channel.correction(corrected(first)) == "edit":
        again = [scene.channel.publish(corrected(first)).external_id for _ in range(2)]
        assert again == [first.external_id] * 2
        assert len(scene.platform.published) == 1


def test_what_no_longer_stands_is_not_corrected(scene: Scene) -> None:
    first = scene.channel.publish(letter())
    scene.platform.published.clear()
    if scene.channel.correction(corrected(first)) == "anew":
        scene.channel.publish(corrected(first))
        return
    assert not scene.kind.looks or scene.channel.find(corrected(first)) is None
    with pytest.raises(ChannelRefused, match="no longer stands") as raised:
        scene.channel.publish(corrected(first))
    assert raised.value.permanent
    assert scene.platform.published == {}


def test_an_image_carries_its_alternative_text(scene: Scene) -> None:
    assert scene.channel.images is scene.kind.images
    pictured = letter(LINKED, image=IMAGE)
    scene.platform.fault = once("lost")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(pictured)
    if scene.kind.looks:
        found = scene.channel.find(pictured)
        assert found is not None
        assert scene.channel.read_back(pictured, found).external_id == found.external_id
    (item,) = scene.platform.published.values()
    assert item.get("alt") == (IMAGE.alt if scene.kind.images else None)
    assert unescaped(item[scene.kind.words]) == LINKED


def test_an_answer_hangs_beneath_the_message_and_stands_once(scene: Scene) -> None:
    if scene.kind.answered is None:
        return
    url, parent = scene.kind.answered
    assert scene.channel.answers(url)
    answer = letter(answers=url)
    assert not scene.kind.looks or scene.channel.find(answer) is None
    scene.platform.fault = once("lost")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(answer)
    if scene.kind.looks:
        found = scene.channel.find(answer)
        assert found is not None
        assert scene.channel.read_back(answer, found).external_id == found.external_id
    else:
        with pytest.raises(CannotLook):
            scene.channel.find(answer)
    (item,) = scene.platform.published.values()
    assert item["parent"] == parent
    assert item[scene.kind.words] == answer.text


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com.example/nuage/status/1",
        "https://example.com/?https://x.com/nuage/status/1",
        "http://x.com/nuage/status/1",
        "https://x.com@example.com/nuage/status/1",
        "https://x.com/nuage/status/1\nhost: example.com",
        "https://x.com/nuage/status/1/../../2",
        "https://t.me/somebody_else/57",
        "https://t.me/nuage_news/57?single",
        "https://www.facebook.com/4/posts/1?comment_id=2",
        "javascript:alert(1)",
        "",
    ],
)
def test_other_addresses_are_not_answered(scene: Scene, url: str) -> None:
    assert not scene.channel.answers(url)
    if scene.kind.answered is not None:
        with pytest.raises(ChannelRefused, match="cannot be answered") as raised:
            scene.channel.publish(letter(answers=url))
        assert raised.value.permanent
        assert scene.platform.calls == []


def test_a_person_is_told_what_to_stop(scene: Scene) -> None:
    suspension = scene.channel.suspend()
    assert suspension.mode == scene.kind.suspends
    scene.channel.resume(suspension)
