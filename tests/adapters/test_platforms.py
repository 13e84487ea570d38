"""Every adapter of a platform without a server of its own, against the platform's strict fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Receipt
from tests.adapters.channels import KINDS, Kind, adapter, letter
from tests.adapters.strict import Platform, serving

LONG = "\n\n".join(
    f"Point {number} : nous réparons ce qui est cassé, et nous disons quand. " * 3 for number in range(1, 5)
)
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
    expected = {
        "x": 1,
        "facebook_page": 120,
        "instagram": 120,
        "linkedin": 30,
        "telegram": 9,
        "discord": 6.457,
        "pagerduty": 7,
    }
    assert raised.value.retry_after == pytest.approx(expected[scene.kind.type])
    assert scene.platform.published == {}


def test_wrong_credentials_are_no_reason_to_give_up(scene: Scene) -> None:
    wrong = {name: value[:-3] + "000" for name, value in scene.kind.secret.items()}
    with pytest.raises(ChannelRefused) as raised:
        adapter(scene.kind, scene.base, **wrong).publish(letter())
    if scene.kind.type != "pagerduty":  # says "invalid event" to a wrong key, as to any other mistake
        assert not raised.value.permanent
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
    if scene.kind.type in ("pagerduty", "telegram"):
        return  # the one shows nothing; the other puts the text back
    receipt = scene.channel.publish(letter())
    for item in scene.platform.published.values():
        for name, value in item.items():
            if value and name in ("text", "message", "caption", "commentary", "content"):
                item[name] = "Somebody wrote something else"
    with pytest.raises(ChannelRefused) as raised:
        scene.channel.read_back(letter(), receipt)
    assert raised.value.permanent
    scene.platform.published.clear()
    with pytest.raises(AnswerLost):
        scene.channel.read_back(letter(), receipt)


def test_a_retraction_takes_it_away_or_says_that_a_person_must(scene: Scene) -> None:
    receipt = scene.channel.publish(letter())
    if scene.kind.type == "instagram":
        with pytest.raises(ChannelRefused) as raised:
            scene.channel.retract(letter(), receipt)
        assert raised.value.permanent
        return
    scene.channel.retract(letter(), receipt)
    assert scene.platform.published == {}
    scene.channel.retract(letter(), receipt)


def test_a_person_is_told_what_to_stop(scene: Scene) -> None:
    suspension = scene.channel.suspend()
    assert suspension.mode == ("nothing" if scene.kind.type == "pagerduty" else "by_person")
    scene.channel.resume(suspension)


def test_x_without_the_right_to_read_leaves_it_to_a_person() -> None:
    kind, platform = KINDS["x"], KINDS["x"].fake()
    platform.may_read = False  # type: ignore[attr-defined]
    with serving(platform) as base, pytest.raises(CannotLook):
        adapter(kind, base).find(letter())


def test_a_telegram_thread_that_breaks_off_is_never_begun_again() -> None:
    kind, platform = KINDS["telegram"], KINDS["telegram"].fake()
    calls = iter([None, "throttle"])
    platform.fault = lambda *_: next(calls)
    with serving(platform) as base:
        channel = adapter(kind, base)
        with pytest.raises(AnswerLost):
            channel.publish(letter(LONG * 10))
        with pytest.raises(CannotLook):
            channel.find(letter(LONG * 10))
    assert len(platform.published) == 1


def test_an_x_thread_that_broke_off_goes_on_where_it_stopped() -> None:
    kind, platform = KINDS["x"], KINDS["x"].fake()
    calls = iter([None, "lost"])
    platform.fault = lambda *_: next(calls, None)
    with serving(platform) as base:
        channel = adapter(kind, base)
        with pytest.raises(AnswerLost):
            channel.publish(letter(LONG))
        assert channel.find(letter(LONG)) is None
        receipt = channel.publish(letter(LONG))
        assert channel.read_back(letter(LONG), receipt) == receipt
    assert len(platform.published) == len(receipt.external_id.split(","))
    assert platform.violations == []


def test_a_receipt_of_another_length_is_not_taken_for_the_thread() -> None:
    kind, platform = KINDS["x"], KINDS["x"].fake()
    with serving(platform) as base:
        channel = adapter(kind, base)
        receipt = channel.publish(letter(LONG))
        with pytest.raises(ChannelRefused):
            channel.read_back(letter(LONG), Receipt(receipt.external_id.split(",")[0]))
