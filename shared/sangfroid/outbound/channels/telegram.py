"""`telegram`: messages of a bot in a channel (https://core.telegram.org/bots/api#sendmessage).

A bot cannot read what it has sent, so a lost answer ends with a person. Reading back goes through an edit that changes
nothing: Telegram refuses it with "message is not modified", which says that exactly this text stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, missing, reading_back
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt

NOT_MODIFIED = "message is not modified"
NOT_FOUND = "message to edit not found"


class TelegramSettings(Settings):
    """`chat_id`: `@name` of a public channel, or the number of a chat."""

    chat_id: str = Field(pattern=r"^(@[A-Za-z][A-Za-z0-9_]{3,31}|-?[0-9]+)$")
    api: BaseUrl = "https://api.telegram.org"
    max_posts: int = Field(default=10, ge=1, le=20)


class TelegramSecret(Secret):
    """The bot's token. It stands in the address of every call, and nowhere else."""

    bot_token: Token = Field(pattern=r"^[0-9]+:[A-Za-z0-9_-]+$")


class Telegram(HttpChannel[TelegramSettings, TelegramSecret]):
    """A message, or several that answer one another, a letter. The receipt's id names every message, with commas."""

    platform = "Telegram"
    settings_model = TelegramSettings
    secret_model = TelegramSecret
    by_hand = "stop scheduled messages and other administrators and bots of the channel"

    def limits(self) -> Limits:
        """4,096 characters a message, counted in UTF-16 as Telegram counts."""
        return Limits(
            4_096, lambda text: len(text.encode("utf-16-le")) // 2, "characters", self.settings.max_posts
        )

    def publish(self, letter: Letter) -> Receipt:
        """Send the message or messages."""
        line = self.line()
        posts = self.posts(letter)
        sent: list[dict[str, Any]] = []
        for text in posts:
            body: dict[str, Any] = {"chat_id": self.settings.chat_id, "text": text}
            if sent:
                body["reply_parameters"] = {"message_id": sent[-1]["message_id"]}
            sent.append(self._send(line, body, begun=bool(sent)))
        return self._receipt(sent)

    def find(self, letter: Letter) -> Receipt | None:
        """A bot cannot read the channel."""
        raise CannotLook("a Telegram bot cannot read what was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """Ask for an edit to the very same text; should another text stand there, it is this one afterwards."""
        with reading_back(self.platform):
            line = self.line()
            for message_id, text in zip(receipt.external_id.split(","), self.posts(letter), strict=True):
                body = {"chat_id": self.settings.chat_id, "message_id": int(message_id), "text": text}
                answer = self._ask(line, "editMessageText", body, looking=True)
                said = answer.document().get("description", "")
                if NOT_FOUND in said:
                    raise missing(self.platform)
                if answer.status != 200 and NOT_MODIFIED not in said:
                    raise self._fault(line, answer, looking=True)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the messages, the last first; Telegram allows it for 48 hours."""
        line = self.line()
        for message_id in reversed(receipt.external_id.split(",")):
            body = {"chat_id": self.settings.chat_id, "message_id": int(message_id)}
            answer = self._ask(line, "deleteMessage", body)
            if answer.status != 200 and "message to delete not found" not in answer.document().get(
                "description", ""
            ):
                raise self._fault(line, answer)

    def _send(self, line: Line[TelegramSecret], body: dict[str, Any], *, begun: bool) -> dict[str, Any]:
        fault: ChannelFault
        try:
            answer = self._ask(line, "sendMessage", body)
            if answer.status == 200:
                result: dict[str, Any] = answer.document()["result"]
                return result
            fault = self._fault(line, answer)
        except ChannelFault as raised:
            fault = raised
        if begun:
            # Some of the messages are out, and nobody can look how many: never from the start again.
            raise AnswerLost(
                f"Telegram: the first messages were sent, then it broke off ({type(fault).__name__})"
            )
        raise fault

    def _ask(
        self, line: Line[TelegramSecret], method: str, body: dict[str, Any], *, looking: bool = False
    ) -> Answer:
        url = f"{self.settings.api}/bot{line.secret.bot_token}/{method}"
        return line.wire.call("POST", url, json=body, ok=(400, 403, 429), looking=looking)

    def _fault(self, line: Line[TelegramSecret], answer: Answer, *, looking: bool = False) -> ChannelFault:
        wait = answer.document().get("parameters", {}).get("retry_after")
        if answer.status == 429 and isinstance(wait, int | float):
            return ChannelThrottled(float(wait))
        if answer.status == 403:
            return ChannelRefused("Telegram: the bot may not post in the channel")
        return line.wire.fault(answer, looking)

    def _receipt(self, sent: Sequence[dict[str, Any]]) -> Receipt:
        name = sent[0].get("chat", {}).get("username")
        link = f"https://t.me/{name}/{sent[0]['message_id']}" if name else None
        return Receipt(",".join(str(one["message_id"]) for one in sent), link)
