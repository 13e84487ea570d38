"""A Slack workspace for tests: what its server would send when somebody presses a button of a message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sangfroid.listening.webhooks import slack_signature
from sangfroid.organisation import document
from tests.adapters.strict import Call, Platform, Reply
from tests.support.desks import EXAMPLE

SECRET = "8f742231b10e8888abcd99e94a3f85a5"  # noqa: S105 - of the tests alone
WORKSPACE = "T0NUAGE"
USERS = {"ana": "U0ANA", "emma": "U0EMMA", "dora": "U0DORA", "dirk": "U0DIRK", "ben": "U0BEN"}


def on_slack(**settings: Any) -> str:
    """The example's organisation, as JSON: its team is reached on Slack first, and presses are listened to."""
    text = EXAMPLE.read_text("utf-8")
    content = document(text)
    content["channels"].append(
        {
            "id": "team-slack",
            "type": "slack",
            "audience": "team",
            "languages": ["fr", "en"],
            "required": False,
            "publishes": False,
            "settings": {"channel": "C0CRISIS", "threads": False} | settings,
        }
    )
    for person in content["people"]:
        if person["id"] in USERS:
            person["reach"].insert(0, {"channel": "team-slack", "address": USERS[person["id"]]})
    content["listening"].append({"id": "slack", "format": "slack", "proof": "slack", "workspace": WORKSPACE})
    return json.dumps(content, ensure_ascii=False, default=str)


def press(
    by: str,
    name: str,
    value: str,
    *,
    at: str = "1",
    team: str = WORKSPACE,
    message: Any = None,
    **more: Any,
) -> str:
    """The body that Slack sends; `at` makes it another press."""
    payload = {
        "type": "interactive_message",
        "actions": [{"name": name, "type": "button", "value": value}],
        "callback_id": "case",
        "team": {"id": team, "domain": "nuage"},
        "channel": {"id": "D0001", "name": "directmessage"},
        "user": {"id": by, "name": "somebody"},
        "action_ts": at,
        "message_ts": "1",
        "attachment_id": "1",
        "is_app_unfurl": False,
        "response_url": "https://hooks.slack.com/actions/T0NUAGE/1/abc",
        "trigger_id": "1.2.abc",
    } | ({"original_message": message} if message is not None else {})
    return "payload=" + quote(json.dumps(payload | more, ensure_ascii=False), safe="")


def signed(body: str, now: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Slack sends it."""
    at = str(int(now.timestamp()))
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": slack_signature(secret, at, body.encode()),
    }


def secrets(_: str) -> Mapping[str, Any]:
    """The secret of the one source."""
    return {"secret": SECRET}


class Workspace(Platform):
    """A strict fake of the workspace: people's conversations, and the rules of messages with buttons.

    https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/legacy/legacy-messaging.
    """

    prefix = "slack"
    token = "xoxb-T0KEN"  # noqa: S105

    def publishes(self, call: Call) -> bool:
        return call.path == "/chat.postMessage"

    def answer(self, call: Call) -> Reply:
        self.rule(call.headers.get("authorization") == f"Bearer {self.token}", "every method has the token")
        return Reply(200, {"ok": True, **getattr(self, call.path[1:].replace(".", "_"))(call)})

    def conversations_open(self, call: Call) -> dict[str, Any]:
        return {"channel": {"id": "D" + call.json["users"][1:]}}

    def chat_postMessage(self, call: Call) -> dict[str, Any]:  # noqa: N802
        message, ts = call.json, self.next_id()
        blocks, attachments = message.get("blocks", []), message.get("attachments", [])
        self.rule(len(blocks) <= 50, "at most 50 blocks")
        for block in blocks:
            if block["type"] == "section":
                self.rule(1 <= len(block["text"]["text"]) <= 3_000, "a section has at most 3,000 characters")
        self.rule(len(attachments) <= 20, "at most 20 attachments")
        for attached in attachments:
            self.rule(1 <= len(attached["actions"]) <= 5, "at most five buttons an attachment")
            self.rule(attached["callback_id"] and attached["fallback"], "an attachment with buttons has both")
            for action in attached["actions"]:
                self.rule(len(action["value"]) <= 2_000 and action["name"], "a button has a name and a value")
                self.rule(len(action["text"]) <= 30, "a label is cut off after 30 characters")
        self.published[ts] = message | {"ts": ts}
        return {"ts": ts}

    def chat_getPermalink(self, call: Call) -> dict[str, Any]:  # noqa: N802
        return {"permalink": f"https://nuage.slack.com/archives/D0/p{call.form['message_ts']}"}

    def conversations_replies(self, call: Call) -> dict[str, Any]:
        return {"messages": [self.published[call.form["latest"]]]}

    def buttons(self, person: str) -> list[tuple[str, dict[str, Any]]]:
        """Every button that stands in the conversation of a person now, the newest message last, with its message's ts."""
        return [
            (ts, action)
            for ts, message in self.published.items()
            if message["channel"] == "D" + USERS[person][1:]
            for attached in message.get("attachments", [])
            for action in attached.get("actions", [])
        ]

    def pressed(self, ts: str, answer: dict[str, Any]) -> None:
        """What Slack does with the answer to a press."""
        if answer["replace_original"]:
            kept = {name: answer[name] for name in ("text", "blocks", "attachments") if name in answer}
            self.published[ts] |= kept
