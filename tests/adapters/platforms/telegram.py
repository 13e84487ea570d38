"""Telegram: its strict fake, and what is true of it alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from tests.adapters.kind import LONG, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

JSON = "application/json"


class FakeTelegram(Platform):
    """sendMessage, editMessageText, deleteMessage.

    https://core.telegram.org/bots/api (Bot API 10.1 of 11 June 2026, as transcribed in PaulSonOfLars/telegram-bot-api-spec);
    the words of errors from telegram-bot-api/Client.cpp of tdlib/telegram-bot-api (May 2026).
    """

    prefix = "telegram"
    token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105
    chat = "@nuage_news"
    throttled = Reply(
        429,
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 9",
            "parameters": {"retry_after": 9},
        },
    )
    others = ("57",)
    """Messages of somebody else in the chat."""

    def publishes(self, call: Call) -> bool:
        return call.path.endswith(("/sendMessage", "/editMessageText"))

    def answer(self, call: Call) -> Reply:
        bot, _, method = call.path.removeprefix("/").partition("/")
        if bot != f"bot{self.token}":
            return Reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        self.rule((call.method, call.headers["content-type"]) == ("POST", JSON), "JSON by POST")
        body = call.json
        if body["chat_id"] != self.chat:
            return self._bad("chat not found")
        if method == "sendMessage":
            return self._send(body)
        number = str(body["message_id"])
        self.rule(isinstance(body["message_id"], int), "message_id is a number")
        if method == "editMessageText":
            self.rule(set(body) == {"chat_id", "message_id", "text"}, "parameters of editMessageText")
            if number not in self.published:
                return self._bad("message to edit not found")
            if not self._fits(body["text"]):
                return self._bad("message is too long")
            if self.published[number]["text"] == body["text"].strip():
                said = "specified new message content and reply markup are exactly the same as a current content and reply markup"
                return self._bad(f"message is not modified: {said} of the message")
            self.published[number]["text"] = body["text"].strip()
            return Reply(200, {"ok": True, "result": self._shown(number)})
        if method == "deleteMessage":
            self.rule(set(body) == {"chat_id", "message_id"}, "parameters of deleteMessage")
            if self.published.pop(number, None) is None:
                return self._bad("message to delete not found")
            return Reply(200, {"ok": True, "result": True})
        raise AssertionError(f"no method {method}")

    def _send(self, body: dict[str, Any]) -> Reply:
        self.rule(set(body) <= {"chat_id", "text", "reply_parameters"}, "parameters of sendMessage")
        if not self._fits(body["text"]):
            return self._bad("message is too long")
        message: dict[str, Any] = {"text": body["text"].strip()}
        if "reply_parameters" in body:
            self.rule(set(body["reply_parameters"]) == {"message_id"}, "fields of reply_parameters")
            self.rule(isinstance(body["reply_parameters"]["message_id"], int), "message_id is a number")
            message["parent"] = str(body["reply_parameters"]["message_id"])
            if message["parent"] not in (*self.published, *self.others):
                return self._bad("message to be replied not found")
        number = self.next_id()
        self.published[number] = message
        return Reply(200, {"ok": True, "result": self._shown(number)})

    @staticmethod
    def _fits(text: str) -> bool:
        return 0 < len(text.encode("utf-16-le")) // 2 <= 4096

    def _shown(self, number: str) -> dict[str, Any]:
        chat = {"id": -1001, "type": "channel", "title": "Nuage", "username": self.chat[1:]}
        return {"message_id": int(number), "date": 1, "chat": chat, "text": self.published[number]["text"]}

    @staticmethod
    def _bad(said: str) -> Reply:
        return Reply(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {said}"})


KIND = Kind(
    "telegram",
    FakeTelegram,
    settings={"chat_id": FakeTelegram.chat},
    secret={"bot_token": FakeTelegram.token},
    words="text",
    longest=4_096,
    looks=False,
    threads=True,
    throttled_for=9,
    shows=False,  # reading back puts the approved text there again
    corrects="edit",
    answered=("https://t.me/nuage_news/57", "57"),
)


def test_a_thread_that_breaks_off_is_never_begun_again() -> None:
    platform = FakeTelegram()
    calls = iter([None, "throttle"])
    platform.fault = lambda *_: next(calls)
    with serving(platform) as base:
        channel = adapter(KIND, base)
        with pytest.raises(AnswerLost):
            channel.publish(letter(LONG * 10))
        with pytest.raises(CannotLook):
            channel.find(letter(LONG * 10))
    assert len(platform.published) == 1


def test_looking_for_an_edit_changes_nothing() -> None:
    platform = FakeTelegram()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter())
        before = len(platform.calls)
        assert channel.find(letter("Corrigé", corrects=receipt)) is None
        assert len(platform.calls) == before


def test_a_correction_of_another_length_answers_the_last_message() -> None:
    platform = FakeTelegram()
    with serving(platform) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(LONG * 10))
        short = letter("Corrigé", "case-1:v2:c:fr", corrects=receipt)
        assert channel.correction(short) == "reply"
        beneath = channel.publish(short).external_id
        assert platform.published[beneath]["parent"] == receipt.external_id.split(",")[-1]
        with pytest.raises(CannotLook):
            channel.find(short)
        as_long = letter(LONG.replace("nous disons", "nous dirons") * 10, corrects=receipt)
        assert channel.correction(as_long) == "edit"
        assert channel.publish(as_long).external_id == receipt.external_id
    assert platform.violations == []


def test_a_receipt_of_another_length_is_not_taken_for_the_thread() -> None:
    with serving(FakeTelegram()) as base:
        channel = adapter(KIND, base)
        receipt = channel.publish(letter(LONG * 10))
        with pytest.raises(ChannelRefused):
            channel.read_back(letter(), receipt)


def test_messages_of_other_chats_are_not_answered() -> None:
    channel = adapter(replace(KIND, settings={"chat_id": "-1001234567"}), "http://127.0.0.1:9")
    assert channel.answers("https://t.me/c/1234567/57")
    for url in ("https://t.me/c/1234568/57", "https://t.me/nuage_news/57", "https://t.me/c/1234567/57/1"):
        assert not channel.answers(url)
