"""Every adapter of a platform without a server of its own, against the platform's strict fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused, ChannelThrottled
from tests.adapters.kind import LONG, Kind, adapter, letter
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


def once(fault: str) -> object:
    left = [fault]
    return lambda *_: left.pop() if left else None


@pytest.mark.parametrize("text", [letter().text, LINKED, "x"])
def test_it_stands_there_and_is_read_back(scene: Scene, text: str) -> None:
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
        scene.channel.publish(letter("Something else"))
        assert scene.channel.find(letter()) is None


def test_a_server_error_may_have_published(scene: Scene) -> None:
    scene.platform.fault = once("error")  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        scene.channel.publish(letter())


def test_a_rate_limit_says_when_to_come_back_and_published_nothing(scene: Scene) -> None:
    scene.platform.fault = once("throttle")  # type: ignore[assignment]
    with pytest.raises(ChannelThrottled) as raised:
        scene.channel.publish(letter())
    assert raised.value.retry_after == pytest.approx(scene.kind.throttled_for)
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


def test_a_person_is_told_what_to_stop(scene: Scene) -> None:
    suspension = scene.channel.suspend()
    assert suspension.mode == scene.kind.suspends
    scene.channel.resume(suspension)
