"""What the Mastodon emulator does not do: images of an edit, statuses of other instances, pictures that take a moment.

After https://docs.joinmastodon.org/methods/statuses/#edit, /methods/search/#v2 and /methods/media/#v2: an edit takes away every
picture that it does not name; a search also gives statuses that speak of the address; 202 and 206 mean "not yet".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import AnswerLost, ChannelRefused
from sangfroid.outbound.letter import Image
from tests.adapters.kind import letter, parts
from tests.adapters.strict import Call, Platform, Reply, serving

TOKEN = "mastodon-T0KEN"  # noqa: S105
THEIRS = "https://elsewhere.example/@eve/4711"
PICTURE = Image("image/png", b"\x89PNG\r\n\x1a\nfirst", "Une courbe & <deux> axes", "a.png")
ANOTHER = Image("image/jpeg", b"\xff\xd8\xff\xe0other", "Une autre courbe", "b.jpg")


class FakeMastodon(Platform):
    """One account; `published` holds its statuses by id, `media` what was uploaded."""

    prefix = "mastodon"

    def __init__(self) -> None:
        super().__init__()
        self.media: dict[str, dict[str, Any]] = {}
        self.slow = 0
        self.edits: list[str] = []
        self.found: list[dict[str, str]] = []

    def publishes(self, call: Call) -> bool:
        return call.path.startswith("/api/v1/statuses") and call.method in ("POST", "PUT")

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v2/instance":
            return Reply(200, {"configuration": {"statuses": {"max_characters": 500}}})
        self.rule(call.headers.get("authorization") == f"Bearer {TOKEN}", "every call has the token")
        if call.path == "/api/v2/media":
            return self._upload(call)
        if found := re.fullmatch(r"/api/v1/media/(\d+)", call.path):
            self.slow -= 1
            return Reply(206 if self.slow > 0 else 200, {"id": found[1]})
        if call.path == "/api/v2/search":
            self.rule(call.query["type"] == "statuses" and call.query["resolve"] == "true", "it is resolved")
            return Reply(200, {"accounts": [], "statuses": self.found, "hashtags": []})
        if (call.method, call.path) == ("POST", "/api/v1/statuses"):
            self.rule("idempotency-key" in call.headers, "a status has a key")
            return self._keep(self.next_id(), call.json)
        found = re.fullmatch(r"/api/v1/statuses/(\d+)", call.path)
        if found is None or found[1] not in self.published:
            return Reply(404, {"error": "Record not found"})
        if call.method == "PUT":
            self.edits.append(found[1])
            return self._keep(
                found[1], {**call.json, "in_reply_to_id": self.published[found[1]]["in_reply_to_id"]}
            )
        return Reply(200, self.published[found[1]])

    def _upload(self, call: Call) -> Reply:
        head = f"content-type: {call.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + call.body, policy=policy.HTTP)
        fields = {one.get_param("name", header="content-disposition"): one for one in form.iter_parts()}
        self.rule(set(fields) == {"file", "description"}, "an upload is a file and its description")
        file, number = fields["file"], self.next_id()
        self.rule(
            re.fullmatch(r"[0-9a-f]{20}\.(png|jpg)", file.get_filename() or ""), "the name is a plain one"
        )
        description = fields["description"].get_payload(decode=True).decode()
        self.media[number] = {"id": number, "type": "image", "description": description}
        self.media[number]["data"] = file.get_payload(decode=True)
        return Reply(202 if self.slow else 200, {"id": number, "url": None})

    def _keep(self, number: str, wanted: dict[str, Any]) -> Reply:
        self.rule(self.slow <= 0, "a picture that is not processed cannot be shown")
        self.published[number] = {
            "id": number,
            "url": f"https://home.example/@desk/{number}",
            "content": f"<p>{html.escape(wanted['status'], quote=False)}</p>",
            "in_reply_to_id": wanted.get("in_reply_to_id"),
            "media_attachments": [
                {name: value for name, value in self.media[one].items() if name != "data"}
                for one in wanted.get("media_ids", [])
            ],
        }
        return Reply(200, self.published[number])


@pytest.fixture
def fake() -> FakeMastodon:
    return FakeMastodon()


@pytest.fixture
def mastodon(fake: FakeMastodon) -> Iterator[Channel]:
    with serving(fake) as base:
        settings = {"instance": f"{base}/mastodon"}
        yield ADAPTERS["mastodon"](parts("mastodon", settings, {"access_token": TOKEN}))
    assert not fake.violations


def shown(fake: FakeMastodon, number: str) -> list[bytes]:
    return [fake.media[one["id"]]["data"] for one in fake.published[number]["media_attachments"]]


def test_an_edit_without_an_image_keeps_the_one_that_stands_there(
    fake: FakeMastodon, mastodon: Channel
) -> None:
    receipt = mastodon.publish(letter("Avant.", image=PICTURE))
    right = letter("Après.", key="2", corrects=receipt)
    mastodon.read_back(right, mastodon.publish(right))
    assert shown(fake, receipt.external_id) == [PICTURE.data]
    assert len(fake.media) == 1


def test_an_edit_with_an_image_puts_it_in_the_place_of_the_other_and_once(
    fake: FakeMastodon, mastodon: Channel
) -> None:
    receipt = mastodon.publish(letter("Avant.", image=PICTURE))
    right = letter("Après.", key="2", corrects=receipt, image=ANOTHER)
    fake.fault = lambda *_: "lost" if not fake.edits else None
    with pytest.raises(AnswerLost):
        mastodon.publish(right)
    assert mastodon.find(right) is not None
    mastodon.read_back(right, mastodon.publish(right))
    assert shown(fake, receipt.external_id) == [ANOTHER.data]
    assert fake.edits == [receipt.external_id], "an edit that was done is not done again"
    with pytest.raises(ChannelRefused) as raised:
        mastodon.read_back(letter("Après.", key="2", corrects=receipt, image=PICTURE), receipt)
    assert raised.value.permanent


def test_a_picture_is_shown_when_it_is_processed(fake: FakeMastodon, mastodon: Channel) -> None:
    fake.slow = 2
    receipt = mastodon.publish(letter("Voici.", image=PICTURE))
    assert shown(fake, receipt.external_id) == [PICTURE.data]


def test_a_picture_that_is_never_processed_publishes_nothing(fake: FakeMastodon, mastodon: Channel) -> None:
    fake.slow = 1000
    mastodon.parts.__dict__["time_limit"] = timedelta(seconds=1.3)  # type: ignore[attr-defined]
    with pytest.raises(ChannelRefused) as raised:
        mastodon.publish(letter("Voici.", image=PICTURE))
    assert not raised.value.permanent
    assert not fake.published


def test_a_status_of_another_instance_is_answered_by_its_own_number_here(
    fake: FakeMastodon, mastodon: Channel
) -> None:
    speaks_of_it = {"id": "1", "url": "https://home.example/@spam/1", "uri": "https://home.example/1"}
    fake.found = [
        speaks_of_it,
        {"id": "99", "url": THEIRS, "uri": "https://elsewhere.example/users/eve/statuses/4711"},
    ]
    for key, url in enumerate((THEIRS, "https://elsewhere.example/users/eve/statuses/4711")):
        assert mastodon.answers(url)
        receipt = mastodon.publish(letter("Nous sommes là.", key=str(key), answers=url))
        assert fake.published[receipt.external_id]["in_reply_to_id"] == "99"
    fake.found = [speaks_of_it]
    with pytest.raises(ChannelRefused) as raised:
        mastodon.publish(letter("Nous sommes là.", key="3", answers=THEIRS))
    assert not raised.value.permanent, "the other instance may be down"
    assert len(fake.published) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/@eve/4711", "https://elsewhere.example/@eve/4711?x=1", "https://elsewhere.example/@a/../4711",
        "https://user:pass@elsewhere.example/@eve/4711",
        "https://elsewhere.example/@eve/video/4711", "javascript:alert(1)//@eve/1",
        "https://elsewhere.example/@eve/4711\n", "https://elsewhere.example/@eve/４７１１", "https://[::1]/@eve/4711",
    ],
)  # fmt: skip
def test_other_addresses_are_not_asked_for(fake: FakeMastodon, mastodon: Channel, url: str) -> None:
    assert not mastodon.answers(url)
    with pytest.raises(ChannelRefused) as raised:
        mastodon.publish(letter("Nous sommes là.", answers=url))
    assert raised.value.permanent
    assert not [call for call in fake.calls if call.path == "/api/v2/search"]
