"""`telegram`: messages of a bot in a channel (https://core.telegram.org/bots/api#sendmessage, Bot API 10.1).

A bot cannot read what it has sent, so a lost answer ends with a person. Reading back goes through an edit that changes
nothing: Telegram refuses it with "message is not modified", which says that exactly this text stands there. Its pictures have
no alternative text, so a letter's image stays away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    reading_back,
    unanswerable,
)
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelFault, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.outbound.rendering import render

NOT_MODIFIED = "message is not modified"
NOT_FOUND = "message to edit not found"
NOT_THERE = "message to be replied not found"
MESSAGE = re.compile(r"https://t\.me/(?:c/([0-9]{1,15})|([A-Za-z][A-Za-z0-9_]{3,31}))/([0-9]{1,15})")
"""https://core.telegram.org/api/links#message-links: of a private chat by its number, of a public one by its name."""


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

    def correction(self, letter: Letter) -> Correction:
        """The messages are edited where the letter makes as many (where none stands yet, it can be); else it answers the last."""
        posts = render(letter.text, letter.language, self.parts.settings, self.limits()).parts
        same_number = letter.corrects is None or len(posts) == len(_ids(letter.corrects))
        return "edit" if same_number else "reply"

    def answers(self, url: str) -> bool:
        """Messages of the chat that the channel posts in."""
        return self._message(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Send the message or messages, or edit those that the letter corrects."""
        posts = self.posts(letter)
        answered: int | None = None
        if letter.corrects is not None:
            if self.correction(letter) == "edit":
                return self._edit(letter.corrects, posts)
            answered = _ids(letter.corrects)[-1]
        elif letter.answers is not None:
            answered = self._message(letter.answers)
            if answered is None:
                raise unanswerable(self.platform)
        line = self.line()
        sent: list[dict[str, Any]] = []
        for text in posts:
            body: dict[str, Any] = {"chat_id": self.settings.chat_id, "text": text}
            if sent or answered is not None:
                body["reply_parameters"] = {"message_id": sent[-1]["message_id"] if sent else answered}
            sent.append(self._send(line, body, begun=bool(sent)))
        return self._receipt(sent)

    def find(self, letter: Letter) -> Receipt | None:
        """A bot cannot read the channel; an edit is simply asked for again, which makes no second message."""
        if letter.corrects is not None and self.correction(letter) == "edit":
            return None
        raise CannotLook("a Telegram bot cannot read what was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """Ask for an edit to the very same text; should another text stand there, it is this one afterwards."""
        ids, posts = _ids(receipt), self.posts(letter)
        if len(ids) != len(posts):
            raise altered(self.platform)
        with reading_back(self.platform):
            line = self.line()
            for message_id, text in zip(ids, posts, strict=True):
                if not self._stands(line, message_id, text, looking=True):
                    raise missing(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the messages, the last first; Telegram allows it for 48 hours."""
        line = self.line()
        for message_id in reversed(_ids(receipt)):
            body = {"chat_id": self.settings.chat_id, "message_id": message_id}
            answer = self._ask(line, "deleteMessage", body)
            if answer.status != 200 and "message to delete not found" not in answer.document().get(
                "description", ""
            ):
                raise self._fault(line, answer)

    def _edit(self, corrected: Receipt, posts: Sequence[str]) -> Receipt:
        line = self.line()
        for message_id, text in zip(_ids(corrected), posts, strict=True):
            if not self._stands(line, message_id, text):
                raise gone(self.platform)
        return corrected

    def _stands(
        self, line: Line[TelegramSecret], message_id: int, text: str, *, looking: bool = False
    ) -> bool:
        """Have a message say `text`; False where there is no such message."""
        body = {"chat_id": self.settings.chat_id, "message_id": message_id, "text": text}
        answer = self._ask(line, "editMessageText", body, looking=looking)
        said = answer.document().get("description", "")
        if NOT_FOUND in said:
            return False
        if answer.status != 200 and NOT_MODIFIED not in said:
            raise self._fault(line, answer, looking=looking)
        return True

    def _message(self, url: str) -> int | None:
        """Number of the message at an address, where it stands in the channel's own chat."""
        found = MESSAGE.fullmatch(url)
        if found is None:
            return None
        chat = f"-100{found[1]}" if found[1] else f"@{found[2]}"
        return int(found[3]) if chat.lower() == self.settings.chat_id.lower() else None

    def _send(self, line: Line[TelegramSecret], body: dict[str, Any], *, begun: bool) -> dict[str, Any]:
        fault: ChannelFault
        try:
            answer = self._ask(line, "sendMessage", body)
            if answer.status == 200:
                result: dict[str, Any] = answer.document()["result"]
                return result
            if NOT_THERE in answer.document().get("description", ""):
                fault = gone(self.platform, "the message that the text corrects or answers")
            else:
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


def _ids(receipt: Receipt) -> list[int]:
    return [int(one) for one in receipt.external_id.split(",")]
