"""`discord`: messages through a channel's webhook (https://docs.discord.com/developers/resources/webhook).

A webhook can read a message by its id only, and has no idempotency key, so a lost answer ends with a person. It can edit its
messages, and cannot answer those of others: `message_reference` is none of its parameters.

A message is Markdown (https://support.discord.com/hc/en-us/articles/210298617). The words are escaped, so that readers see them
as they were approved; addresses stand in angle brackets, which nobody sees and which end them where they end.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, gone, missing, reading_back, same
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer, File, retry_after
from sangfroid.outbound.errors import CannotLook, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.text.links import find_links

UNKNOWN_WEBHOOK = 10015
SPECIAL = re.compile(r"[\\*_~|`<>\[\]()@#:]")
"""Emphasis, spoilers, code, quotes, masked links, mentions, dates, headings, names of emoji."""
AT_LINE_START = re.compile(r"^[ \t]*(?:[-+](?=#|\s|$)|[0-9]+(?=\.(?:\s|$)))", re.MULTILINE)
"""Lists and small print; what also has a meaning within a line is escaped everywhere."""


class DiscordSettings(Settings):
    """`guild_id`: number of the server, for the address of a message."""

    guild_id: str | None = None
    api: BaseUrl = "https://discord.com/api/v10"


class DiscordSecret(Secret):
    """Number and token of the webhook, the last two parts of its address."""

    webhook_id: Token
    webhook_token: Token


class Discord(HttpChannel[DiscordSettings, DiscordSecret]):
    """One message a letter, with its image as an attachment."""

    platform = "Discord"
    settings_model = DiscordSettings
    secret_model = DiscordSecret
    by_hand = "stop other webhooks and bots of the server"
    images = True

    def limits(self) -> Limits:
        """2,000 characters of Markdown."""
        return Limits(2_000, lambda text: len(as_markdown(text)))

    def correction(self, letter: Letter) -> Correction:
        """The message is edited; its image becomes that of the letter, or goes."""
        return "edit"

    def publish(self, letter: Letter) -> Receipt:
        """Execute the webhook and wait for the message, or edit the one that is corrected; nobody is mentioned by it."""
        (text,) = self.posts(letter)
        body: dict[str, Any] = {"content": as_markdown(text), "allowed_mentions": {"parse": []}}
        files: dict[str, File] | None = None
        if letter.image is not None:
            image = letter.image
            body["attachments"] = [{"id": "0", "filename": image.name, "description": image.alt}]
            files = {"files[0]": (image.name, image.data, image.media_type)}
        line = self.line()
        if letter.corrects is None:
            return self._receipt(
                self._ask(line, "POST", "", body=body, files=files, query={"wait": "true"}).document()
            )
        # What is not named here is taken off the message, so that it is the letter and nothing else.
        body.setdefault("attachments", [])
        route = f"/messages/{letter.corrects.external_id}"
        answer = self._ask(line, "PATCH", route, body=body, files=files, ok=(404,))
        if answer.status == 404:
            raise gone(self.platform)
        return self._receipt(answer.document())

    def find(self, letter: Letter) -> Receipt | None:
        """A webhook cannot list messages; an edited one it can read."""
        if letter.corrects is not None:
            return self.edited(letter)
        raise CannotLook("a Discord webhook cannot list what was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The message as Discord has it, with the description of its image."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            answer = self._ask(self.line(), "GET", f"/messages/{receipt.external_id}", ok=(404,))
            if answer.status == 404:
                raise missing(self.platform)
        message = answer.document()
        described = [one.get("description") or "" for one in message.get("attachments", [])]
        wanted = [letter.image.alt] if letter.image is not None else []
        if message.get("content") != as_markdown(text).strip() or len(described) != len(wanted):
            raise altered(self.platform)
        if not all(same(one, other) for one, other in zip(described, wanted, strict=True)):
            raise altered(self.platform)
        return self._receipt(message)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the message."""
        self._ask(self.line(), "DELETE", f"/messages/{receipt.external_id}", ok=(404,))

    def _ask(
        self,
        line: Line[DiscordSecret],
        method: str,
        route: str,
        *,
        body: dict[str, Any] | None = None,
        files: dict[str, File] | None = None,
        query: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        url = f"{self.settings.api}/webhooks/{line.secret.webhook_id}/{line.secret.webhook_token}{route}"
        form = None
        if files is not None:
            form, body = {"payload_json": json.dumps(body, ensure_ascii=False)}, None
        answer = line.wire.call(
            method, url, json=body, form=form, files=files, params=query, ok=(*ok, 404, 429)
        )
        if answer.status == 429:
            wait = answer.document().get("retry_after")
            raise ChannelThrottled(
                max(1.0, float(wait)) if isinstance(wait, int | float) else retry_after(answer.headers)
            )
        if answer.status == 404 and answer.document().get("code") == UNKNOWN_WEBHOOK:
            # A person can make a new webhook; and no message may be taken for deleted because of it.
            raise ChannelRefused("Discord does not know the webhook any more")
        if answer.status == 404 and 404 not in ok:
            raise line.wire.fault(answer)
        return answer

    def _receipt(self, message: dict[str, Any]) -> Receipt:
        link = None
        if self.settings.guild_id is not None:
            link = f"https://discord.com/channels/{self.settings.guild_id}/{message['channel_id']}/{message['id']}"
        return Receipt(str(message["id"]), link)


def as_markdown(text: str) -> str:
    """Discord's Markdown that shows the text as it is; a backslash before a sign takes its meaning away."""
    pieces, end = [], 0
    for link in find_links(text):
        pieces += [_escaped(text[end : link.start], text, end), f"<{link.address}>"]
        end = link.end
    return "".join([*pieces, _escaped(text[end:], text, end)])


def _escaped(piece: str, text: str, start: int) -> str:
    escaped = SPECIAL.sub(r"\\\g<0>", piece)
    if start and text[start - 1] != "\n":
        # The piece goes on after a link: its first line is not the beginning of one.
        first, newline, rest = escaped.partition("\n")
        return first + newline + _lines(rest)
    return _lines(escaped)


def _lines(escaped: str) -> str:
    return AT_LINE_START.sub(lambda found: _plain_start(found[0]), escaped)


def _plain_start(start: str) -> str:
    return f"{start}\\" if start[-1].isdigit() else f"{start[:-1]}\\{start[-1]}"
