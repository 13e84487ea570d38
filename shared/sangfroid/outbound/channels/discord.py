"""`discord`: messages through a channel's webhook (https://discord.com/developers/docs/resources/webhook#execute-webhook).

A webhook can read a message by its id only, and has no idempotency key, so a lost answer ends with a person.
"""

from __future__ import annotations

import re
from typing import Any

from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, reading_back
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer, retry_after
from sangfroid.outbound.errors import CannotLook, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt

NUMBER = re.compile(r"^[0-9]{1,20}$")


class DiscordSettings(Settings):
    """`guild_id`: number of the server, for the address of a message."""

    guild_id: str | None = None
    api: BaseUrl = "https://discord.com/api/v10"


class DiscordSecret(Secret):
    """Number and token of the webhook, the last two parts of its address."""

    webhook_id: Token
    webhook_token: Token


class Discord(HttpChannel[DiscordSettings, DiscordSecret]):
    """One message a letter."""

    platform = "Discord"
    settings_model = DiscordSettings
    secret_model = DiscordSecret
    by_hand = "stop other webhooks and bots of the server"

    def limits(self) -> Limits:
        """2,000 characters."""
        return Limits(2_000)

    def publish(self, letter: Letter) -> Receipt:
        """Execute the webhook and wait for the message; nobody is mentioned by it."""
        (text,) = self.posts(letter)
        body = {"content": text, "allowed_mentions": {"parse": []}}
        message = self._ask(self.line(), "POST", "", body=body, query={"wait": "true"}).document()
        return self._receipt(message)

    def find(self, letter: Letter) -> Receipt | None:
        """A webhook cannot list messages."""
        raise CannotLook("a Discord webhook cannot list what was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The message as Discord has it."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            answer = self._ask(self.line(), "GET", f"/messages/{receipt.external_id}", ok=(404,))
            if answer.status == 404:
                raise missing(self.platform)
        if answer.document().get("content") != text.strip():
            raise altered(self.platform)
        return self._receipt(answer.document())

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
        query: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        url = f"{self.settings.api}/webhooks/{line.secret.webhook_id}/{line.secret.webhook_token}{route}"
        answer = line.wire.call(method, url, json=body, params=query, ok=(*ok, 429))
        if answer.status == 429:
            wait = answer.document().get("retry_after")
            raise ChannelThrottled(
                max(1.0, float(wait)) if isinstance(wait, int | float) else retry_after(answer.headers)
            )
        return answer

    def _receipt(self, message: dict[str, Any]) -> Receipt:
        link = None
        if self.settings.guild_id is not None:
            link = f"https://discord.com/channels/{self.settings.guild_id}/{message['channel_id']}/{message['id']}"
        return Receipt(str(message["id"]), link)
