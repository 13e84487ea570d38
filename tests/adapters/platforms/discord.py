"""Discord: its strict fake."""

from __future__ import annotations

import re
from typing import Any

from tests.adapters.kind import Kind
from tests.adapters.strict import Call, Platform, Reply


class FakeDiscord(Platform):
    """Execute, get and delete of a webhook's messages (https://discord.com/developers/docs/resources/webhook)."""

    prefix = "discord"
    hook, token = "223704706495545344", "3d89bb7572e0fb30d8128367b3b1b44f"
    throttled = Reply(429, {"message": "You are being rate limited.", "retry_after": 6.457, "global": False})

    def publishes(self, call: Call) -> bool:
        return call.method == "POST"

    def answer(self, call: Call) -> Reply:
        found = re.fullmatch(r"/webhooks/(\d+)/([\w-]+)(?:/messages/(\d+))?", call.path)
        if found is None or found.group(1, 2) != (self.hook, self.token):
            return Reply(401, {"message": "Invalid Webhook Token", "code": 50027})
        if call.method == "POST":
            self.rule(call.query == {"wait": "true"}, "the answer is waited for")
            body = call.json
            self.rule(set(body) == {"content", "allowed_mentions"}, "fields of a message")
            self.rule(body["allowed_mentions"] == {"parse": []}, "nobody is mentioned")
            if not 0 < len(body["content"]) <= 2000:
                return Reply(400, {"code": 50035, "message": "Invalid Form Body", "errors": {"content": {}}})
            number = self.next_id()
            self.published[number] = {"content": body["content"].strip()}
            return Reply(200, self._shown(number))
        number = found[3]
        if number not in self.published:
            return Reply(404, {"message": "Unknown Message", "code": 10008})
        if call.method == "DELETE":
            del self.published[number]
            return Reply(204)
        self.rule(call.method == "GET", "a message is read or deleted")
        return Reply(200, self._shown(number))

    def _shown(self, number: str) -> dict[str, Any]:
        return {
            "id": number,
            "channel_id": "41771983423143937",
            "webhook_id": self.hook,
            **self.published[number],
        }


KIND = Kind(
    "discord",
    FakeDiscord,
    settings={"guild_id": "197038439483310086"},
    secret={"webhook_id": FakeDiscord.hook, "webhook_token": FakeDiscord.token},
    public=("webhook_id",),
    words="content",
    longest=2_000,
    looks=False,
    throttled_for=6.457,
)
