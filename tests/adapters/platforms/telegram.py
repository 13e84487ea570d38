"""Telegram: its strict fake, and what is true of it alone."""

from __future__ import annotations

from typing import Any

import pytest

from sangfroid.outbound.errors import AnswerLost, CannotLook
from tests.adapters.kind import LONG, Kind, adapter, letter
from tests.adapters.strict import Call, Platform, Reply, serving

JSON = "application/json"


class FakeTelegram(Platform):
    """sendMessage, editMessageText, deleteMessage (https://core.telegram.org/bots/api#available-methods)."""

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

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("/sendMessage")

    def answer(self, call: Call) -> Reply:
        bot, _, method = call.path.removeprefix("/").partition("/")
        if bot != f"bot{self.token}":
            return Reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        self.rule((call.method, call.headers["content-type"]) == ("POST", JSON), "JSON by POST")
        body = call.json
        if body["chat_id"] != self.chat:
            return self._bad("chat not found")
        if method == "sendMessage":
            self.rule(set(body) <= {"chat_id", "text", "reply_parameters"}, "parameters of sendMessage")
            if not 0 < len(body["text"].encode("utf-16-le")) // 2 <= 4096:
                return self._bad("message is too long")
            if "reply_parameters" in body:
                self.rule(
                    str(body["reply_parameters"]["message_id"]) in self.published,
                    "answers a message that is there",
                )
            number = self.next_id()
            self.published[number] = {"text": body["text"].strip()}
            return Reply(200, {"ok": True, "result": self._shown(number)})
        number = str(body["message_id"])
        self.rule(isinstance(body["message_id"], int), "message_id is a number")
        if method == "editMessageText":
            if number not in self.published:
                return self._bad("message to edit not found")
            if self.published[number]["text"] == body["text"].strip():
                said = "specified new message content and reply markup are exactly the same as a current content and reply markup"
                return self._bad(f"message is not modified: {said} of the message")
            self.published[number]["text"] = body["text"].strip()
            return Reply(200, {"ok": True, "result": self._shown(number)})
        if method == "deleteMessage":
            if self.published.pop(number, None) is None:
                return self._bad("message to delete not found")
            return Reply(200, {"ok": True, "result": True})
        raise AssertionError(f"no method {method}")

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
