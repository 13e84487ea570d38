"""Discord: its strict fake, and what is true of it alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sangfroid.outbound.channels.discord import as_markdown
from sangfroid.outbound.errors import ChannelRefused
from tests.adapters.kind import IMAGE, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

ACTIVE = re.compile(
    r"(?<!\\)(?:\\\\)*(?:[*_~|`]|\[[^\]]*\]\(|<[@#:t/]|@(?:everyone|here)|:\w+:|"
    r"^[ ]*(?:#{1,3}|-#|[-*+]|\d+\.|>{1,3})[ ])",
    re.MULTILINE,
)
"""What Discord's clients take for markup (https://support.discord.com/hc/en-us/articles/210298617)."""
ADDRESS = re.compile(r"(?<!\\)<(https?://[^\s<>]+)>")


def seen(content: str) -> str:
    """What readers see of a message: addresses without their angle brackets, escaped signs as they are, marks of markup gone."""
    pieces, end = [], 0
    for found in ADDRESS.finditer(content):
        pieces += [_plain(content[end : found.start()]), found[1]]
        end = found.end()
    return "".join([*pieces, _plain(content[end:])])


def _plain(text: str) -> str:
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", ACTIVE.sub("\N{BALLOT BOX}", text))


class FakeDiscord(Platform):
    """Execute, get, edit and delete of a webhook's messages.

    https://docs.discord.com/developers/resources/webhook and …/reference#uploading-files (discord/discord-api-docs of August
    2026); fields and limits also from specs/openapi.json of discord/discord-api-spec (July 2026, API v10): schemas
    IncomingWebhookRequestPartial, IncomingWebhookUpdateRequestPartial, MessageAttachmentRequest; codes of errors from
    …/topics/opcodes-and-status-codes.
    """

    prefix = "discord"
    hook, token = "223704706495545344", "3d89bb7572e0fb30d8128367b3b1b44f"
    throttled = Reply(
        429,
        {"message": "You are being rate limited.", "retry_after": 6.457, "global": False},
        {"retry-after": "7", "x-ratelimit-scope": "user"},
    )
    deleted = False
    """Somebody deleted the webhook."""

    def publishes(self, call: Call) -> bool:
        return call.method in ("POST", "PATCH")

    def answer(self, call: Call) -> Reply:
        found = re.fullmatch(r"/webhooks/(\d+)/([\w-]+)(?:/messages/(\d+))?", call.path)
        if found is None or found.group(1, 2) != (self.hook, self.token):
            return Reply(401, {"message": "Invalid Webhook Token", "code": 50027})
        if self.deleted:
            return Reply(404, {"message": "Unknown Webhook", "code": 10015})
        number = found[3]
        if call.method == "POST":
            self.rule(number is None and call.query == {"wait": "true"}, "the answer is waited for")
            number = self.next_id()
            self.published[number] = {}
            return self._write(call, number)
        if number not in self.published:
            return Reply(404, {"message": "Unknown Message", "code": 10008})
        self.rule(not call.query, "no parameters")
        if call.method == "PATCH":
            return self._write(call, number)
        if call.method == "DELETE":
            del self.published[number]
            return Reply(204)
        self.rule(call.method == "GET", "a message is read, edited or deleted")
        return Reply(200, self._shown(number))

    def _write(self, call: Call, number: str) -> Reply:
        if call.is_multipart:
            parts = call.parts
            body = json.loads(parts.pop("payload_json").text)
        else:
            self.rule(call.headers["content-type"] == "application/json", "the body is JSON")
            parts, body = {}, call.json
        self.rule(set(body) <= {"content", "allowed_mentions", "attachments"}, "fields of a message")
        # Without it an edit mentions whoever the new words name.
        self.rule(body["allowed_mentions"] == {"parse": []}, "nobody is mentioned")
        if not 0 < len(body["content"]) <= 2000:
            return Reply(400, {"code": 50035, "message": "Invalid Form Body", "errors": {"content": {}}})
        item = self.published[number]
        item["content"] = body["content"].strip()
        item["text"] = item["seen"] = seen(item["content"])
        if "attachments" in body:
            item.pop("alt", None)
        for one in body.get("attachments", []):
            file = parts.pop(f"files[{one['id']}]")
            self.picture(file)
            self.rule(set(one) == {"id", "filename", "description"}, "fields of an attachment")
            self.rule(re.fullmatch(r"0|[1-9][0-9]*", one["id"]), "an id is a snowflake")
            self.rule(len(one["description"]) <= 1024, "length of a description")
            item["alt"] = one["description"]
        self.rule(not parts, "every file is an attachment")
        return Reply(200, self._shown(number))

    def _shown(self, number: str) -> dict[str, Any]:
        item = self.published[number]
        attachments = [{"id": "1", "filename": "a.png", "description": item["alt"]}] if "alt" in item else []
        return {
            "id": number,
            "channel_id": "41771983423143937",
            "webhook_id": self.hook,
            # Where a test has changed what readers see, somebody has edited the message.
            "content": item["content"] if item["text"] == item["seen"] else item["text"],
            "attachments": attachments,
        }


KIND = Kind(
    "discord",
    FakeDiscord,
    settings={"guild_id": "197038439483310086"},
    secret={"webhook_id": FakeDiscord.hook, "webhook_token": FakeDiscord.token},
    public=("webhook_id",),
    words="text",
    longest=2_000,
    looks=False,
    throttled_for=6.457,
    corrects="edit",
    images=True,
)


def test_a_deleted_webhook_is_not_taken_for_a_deleted_message() -> None:
    platform = FakeDiscord()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter())
        platform.deleted = True
        for call in (
            lambda: channel.retract(letter(), receipt),
            lambda: channel.publish(letter(key="other")),
            lambda: channel.publish(letter("Corrigé", corrects=receipt)),
        ):
            with pytest.raises(ChannelRefused, match="webhook") as raised:
                call()
            assert not raised.value.permanent, "a person can make a new one"
    assert len(platform.published) == 1
    assert platform.violations == []


def test_an_edit_takes_the_image_of_what_it_corrects_away() -> None:
    platform = FakeDiscord()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(image=IMAGE))
        channel.publish(letter("Corrigé", corrects=receipt))
        assert [(one["text"], "alt" in one) for one in platform.published.values()] == [("Corrigé", False)]
        assert channel.find(letter("Corrigé", corrects=receipt, image=IMAGE)) is None
        channel.publish(letter("Corrigé", corrects=receipt, image=IMAGE))
        assert channel.find(letter("Corrigé", corrects=receipt, image=IMAGE)) is not None
    assert platform.violations == []


@pytest.mark.parametrize(
    "text",
    [
        "5*3*2 ~~x~~ ||x||",
        "# Titre\n## Deux\n-# petit\n- un\n* deux\n1. trois\n10. dix\n> cité\n>>> tout",
        "  - un\n   1. deux",
        "[Cliquez](https://ailleurs.example/x) `code` ```bloc``` __souligné__ _oui_",
        "@everyone @here <@80351110224678912> <@&16551159> <#1037358> <:sang:81623> <t:1618953630:R> </ping:1>",
        "https://a.example/x_y_z (https://a.example/b). <https://a.example/c>",
        "https://a.example\n- un\nà 7:40 :smile: ¯\\_(ツ)_/¯ a\\b",
        "12.5 € - 3 + 4 = 1 #42",
    ],
)  # fmt: skip
def test_readers_see_the_words_and_no_markup(text: str) -> None:
    assert seen(as_markdown(text)) == text
    with serving(FakeDiscord()) as base:
        assert adapter(KIND, base).limits().count(text) == len(as_markdown(text))


@pytest.mark.parametrize("text", ["5*3*2", "||x||", "# Titre", "- un", "[a](b)", "@everyone", ":smile:"])
def test_what_discord_would_make_of_it_by_itself_is_something_else(text: str) -> None:
    """Else the test above would prove nothing."""
    assert seen(text) != text
