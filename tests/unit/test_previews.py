"""What is seen before an approval is what goes out: renderings per channel, findings while writing, and the door's check (I5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sangfroid.errors import IllegalTransition
from sangfroid.model import Submission
from sangfroid.organisation import Organisation, load
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel, Limits, Parts
from sangfroid.outbound.previews import Previewer
from sangfroid.store import renderings_place, response_place
from sangfroid.table import Delete, Put
from tests.support.desks import EXAMPLE, Platform, TestDesk

LONG = "Nous sommes désolés. " * 30


class Narrow(Platform):
    """A platform with limits."""

    most = Limits(300, max_parts=1)

    def limits(self) -> Limits:
        return self.most


def narrow(world: TestDesk, channel: str, most: Limits) -> Narrow:
    """Give a channel of the desk limits."""
    platform = world.platforms[channel] = Narrow(channel)
    platform.most = most
    return platform


def opened(world: TestDesk) -> str:
    case = world.report()
    world.triage(case, 1)
    return case


@pytest.mark.parametrize(
    ("parts", "severity", "state"), [(1, "blocking", "draft"), (5, "warning", "in_review")]
)
def test_what_does_not_fit_is_found_while_writing(parts: int, severity: str, state: str) -> None:
    world = TestDesk()
    narrow(world, "x", Limits(300, max_parts=parts))
    version = world.write(opened(world), {"fr": LONG})
    (finding,) = [found for found in version.findings if found.code == "does_not_fit"]
    assert (finding.severity, finding.language, version.state) == (severity, "fr", state)
    assert finding.message.startswith("x (fr): ")


def test_a_channel_that_is_not_required_never_keeps_a_text_from_review() -> None:
    example = load(EXAMPLE)
    channels = [channel.model_copy(update={"required": channel.id != "x"}) for channel in example.channels]
    world = TestDesk(example.model_copy(update={"channels": channels}))
    narrow(world, "x", Limits(300))
    version = world.write(opened(world), {"fr": LONG})
    assert version.state == "in_review"
    assert [found.severity for found in version.findings if found.code == "does_not_fit"] == ["warning"]


def test_the_preview_shows_the_posts_of_the_thread() -> None:
    world = TestDesk()
    narrow(world, "x", Limits(300, unit="graphemes", max_parts=5))
    case = opened(world)
    world.write(case, {"fr": LONG, "en": "Sorry."})
    _, previews = world.desk.responses.preview(case, 1)
    shown = {preview.place: preview for preview in previews}
    posts = shown["x/fr"].rendering
    assert len(posts.parts) == 3
    assert max(posts.lengths) <= 300
    assert shown["x/en"].rendering.parts == ("Sorry.",)
    assert shown["newsroom/fr"].rendering.parts == (LONG,)


def test_the_door_sends_only_the_posts_that_were_approved() -> None:
    world = TestDesk()
    platform = narrow(world, "x", Limits(300, max_parts=5))
    case = opened(world)
    version = world.write(case, {"fr": LONG})
    world.review(case, version)
    key = next(key for key in world.desk.publication.plan(case, 1, "all")["deliveries"] if ":x:" in key)
    platform.most = Limits(200, max_parts=5)
    sent = world.desk.publication.send(case, key)
    assert (sent.outcome, sent.call_a_person) == ("failed", True)
    delivery = world.desk.casework.read(case).deliveries[key]
    assert "not look as they were approved" in str(delivery.reason)
    assert (platform.published, delivery.attempts, delivery.unknown_outcome) == ([], 0, False)
    # Put back, and decided by a person, it leaves.
    platform.most = Limits(300, max_parts=5)
    world.desk.publication.settle(case, key, "retry", None, None, "ana")
    assert world.desk.publication.send(case, key).outcome == "published"


def test_a_sending_reads_how_it_was_shown_itself_and_no_other_place() -> None:
    """Two hundred sendings that each read two hundred renderings would grow with the square of the channels (I15)."""
    world = TestDesk()
    case = opened(world)
    version = world.write(case, {"fr": LONG})
    world.review(case, version)
    places = world.desk.casework.store.renderings(case, 1)
    assert len(places) > 3
    assert "renderings" not in (world.table.get(*response_place(case, 1)) or {})
    for key in world.desk.publication.plan(case, 1, "all")["deliveries"]:
        delivery = world.desk.casework.read(case).deliveries[key]
        assert delivery.rendering == places[f"{delivery.channel}/{delivery.language}"]


def test_a_version_that_keeps_its_renderings_in_itself_is_judged_by_them() -> None:
    """Written by an earlier release: approved, planned and sent as it was, and not where it would look otherwise."""
    world = TestDesk()
    platform = narrow(world, "x", Limits(300, max_parts=5))
    case = opened(world)
    version = world.write(case, {"fr": LONG})
    places = world.desk.casework.store.renderings(case, 1)
    item = world.table.get(*response_place(case, 1)) or {}
    del item["shown_as"]
    world.table.transact([Put(item | {"renderings": places}), Delete(*renderings_place(case, 1))])
    platform.most = Limits(200, max_parts=5)
    with pytest.raises(IllegalTransition, match="look otherwise"):
        world.review(case, version)
    platform.most = Limits(300, max_parts=5)
    world.review(case, version)
    key = next(key for key in world.desk.publication.plan(case, 1, "all")["deliveries"] if ":x:" in key)
    platform.most = Limits(200, max_parts=5)
    assert world.desk.publication.send(case, key).outcome == "failed"
    platform.most = Limits(300, max_parts=5)
    world.desk.publication.settle(case, key, "retry", None, None, "ana")
    assert world.desk.publication.send(case, key).outcome == "published"


def adapter_of(kind: str, settings: dict[str, Any]) -> tuple[Organisation, Callable[[str], Channel]]:
    """An organisation with one channel of this type, whose credentials and clients must not be asked for."""
    example = load(EXAMPLE)
    channel = ChannelSettings(id="x", type=kind, audience="public", settings=settings)

    def forbidden(*_: Any) -> Any:
        raise AssertionError("a preview needs no credentials and no client")

    parts = Parts("x", settings, channel.time_limit, forbidden, None, forbidden)
    return example.model_copy(update={"channels": [channel]}), lambda _: ADAPTERS[kind](parts)


@pytest.mark.parametrize(
    ("kind", "settings", "posts", "known"),
    [
        ("mastodon", {"instance": "https://unreachable.invalid"}, 1, False),
        ("mastodon", {"instance": "https://unreachable.invalid", "max_characters": 500}, 2, True),
        ("bluesky", {}, 3, True),
        ("x", {"user_id": "7"}, 3, True),
        ("x", {"misspelt": "7"}, 1, False),
    ],
)
def test_real_adapters_are_previewed_without_credentials_or_network(
    kind: str, settings: dict[str, Any], posts: int, known: bool
) -> None:
    (preview,) = Previewer(*adapter_of(kind, settings)).every(Submission({"fr": LONG}))
    assert len(preview.rendering.parts) == posts
    assert (preview.limits is not None) is known
    codes = [finding.code for finding in preview.findings()]
    assert codes == ([] if posts == 1 and known else ["does_not_fit"] if known else ["limit_unknown"])
