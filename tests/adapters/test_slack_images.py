"""What the Slack emulator cannot show of images: an upload that takes a moment, and an address that is not Slack's.

After https://docs.slack.dev/reference/methods/files.getUploadURLExternal and what users report of files in blocks: a file
that is not processed yet has no media type, and a block that names it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image
from tests.adapters.kind import letter, parts
from tests.adapters.strict import Call, Platform, Reply, serving

TOKEN = "xoxb-T0KEN"  # noqa: S105
PICTURE = Image("image/png", b"\x89PNG\r\n\x1a\nbytes", "Une courbe & <deux> axes", "a.png")


class FakeSlack(Platform):
    """One channel; `published` holds its messages by moment."""

    prefix = "slack"

    def __init__(self) -> None:
        super().__init__()
        self.upload_to = ""
        self.slow = 0
        self.files: dict[str, bytes] = {}

    def publishes(self, call: Call) -> bool:
        return call.path in ("/chat.postMessage", "/chat.update")

    def answer(self, call: Call) -> Reply:
        if call.path.startswith("/upload/"):
            self.rule(
                "authorization" not in call.headers, "the token does not go to the address of an upload"
            )
            self.files[call.path.rpartition("/")[2]] = call.body
            return Reply(200)
        self.rule(call.headers.get("authorization") == f"Bearer {TOKEN}", "every method has the token")
        method = getattr(self, call.path[1:].replace(".", "_"))
        return Reply(200, {"ok": True, **method(call)})

    def files_getUploadURLExternal(self, call: Call) -> dict[str, Any]:  # noqa: N802 - Slack's names
        self.rule(call.form["alt_txt"] == PICTURE.alt, "the file itself has the description too")
        self.rule(call.form["length"] == str(len(PICTURE.data)), "the length is that of the bytes")
        base = call.url.removesuffix(call.path)
        return {"file_id": "F0001", "upload_url": self.upload_to or f"{base}/upload/F0001"}

    def files_completeUploadExternal(self, call: Call) -> dict[str, Any]:  # noqa: N802
        self.rule("channel_id" not in call.json, "the file alone is shared with nobody")
        return {"files": call.json["files"]}

    def files_info(self, call: Call) -> dict[str, Any]:
        self.slow -= 1
        return {"file": {"id": call.form["file"], "mimetype": "" if self.slow > 0 else "image/png"}}

    def chat_postMessage(self, call: Call) -> dict[str, Any]:  # noqa: N802
        return self._keep(self.next_id(), call.json)

    def chat_update(self, call: Call) -> dict[str, Any]:
        return self._keep(call.json["ts"], call.json)

    def chat_getPermalink(self, call: Call) -> dict[str, Any]:  # noqa: N802
        return {"permalink": f"https://nuage.slack.com/archives/C0001/p{call.form['message_ts']}"}

    def conversations_replies(self, call: Call) -> dict[str, Any]:
        return {"messages": [self.published[call.form["ts"]]]}

    def _keep(self, moment: str, message: dict[str, Any]) -> dict[str, Any]:
        for attached in message.get("attachments", []):
            for block in attached["blocks"]:
                self.rule(self.slow <= 0 and block["slack_file"]["id"] in self.files, "the file is processed")
        # Slack keeps only what an edit names, or all: the adapter may count on neither.
        self.published[moment] = {
            "ts": moment,
            "text": message["text"],
            "attachments": message.get("attachments", []),
        }
        return {"ts": moment}


@pytest.fixture
def fake() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def slack(fake: FakeSlack) -> Iterator[Channel]:
    with serving(fake) as base:
        settings = {"channel": "C0001", "api": f"{base}/slack", "threads": False}
        yield ADAPTERS["slack"](parts("slack", settings, {"bot_token": TOKEN}))
    assert not fake.violations


def test_a_message_shows_the_image_when_it_is_processed(fake: FakeSlack, slack: Channel) -> None:
    fake.slow = 2
    one = letter("Voici.", image=PICTURE)
    slack.read_back(one, slack.publish(one))
    (message,) = fake.published.values()
    (block,) = message["attachments"][0]["blocks"]
    assert (block["type"], block["alt_text"], fake.files) == ("image", PICTURE.alt, {"F0001": PICTURE.data})


def test_an_image_that_is_never_processed_publishes_nothing(fake: FakeSlack, slack: Channel) -> None:
    fake.slow = 1000
    slack.parts.__dict__["time_limit"] = timedelta(seconds=1.3)  # type: ignore[attr-defined]
    with pytest.raises(ChannelRefused) as raised:
        slack.publish(letter("Voici.", image=PICTURE))
    assert not raised.value.permanent
    assert not fake.published


def test_an_edit_names_the_image_that_it_keeps(fake: FakeSlack, slack: Channel) -> None:
    receipt = slack.publish(letter("Avant.", image=PICTURE))
    before = json.dumps(next(iter(fake.published.values()))["attachments"])
    slack.publish(letter("Après.", key="2", corrects=receipt))
    (message,) = fake.published.values()
    assert (message["text"], json.dumps(message["attachments"])) == ("Après.", before)


@pytest.mark.parametrize(
    "address", ["https://evil.example/upload/F0001", "http://169.254.169.254/upload/F0001"]
)
def test_bytes_go_to_slack_alone(fake: FakeSlack, slack: Channel, address: str) -> None:
    fake.upload_to = address
    with pytest.raises(ChannelRefused):
        slack.publish(letter("Voici.", image=PICTURE))
    assert not fake.published
