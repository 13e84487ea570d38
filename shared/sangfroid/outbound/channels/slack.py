"""`slack`: messages to a channel or a person of a workspace, each case in a thread (https://api.slack.com/methods/chat.postMessage).

Slack has no idempotency key. Each message carries its key as message metadata, which `conversations.history` and
`conversations.replies` give back, so a look comes before a retry; an edit keeps it. An image is uploaded unshared, and the
message shows it in a block, which is where Slack has a place for the alternative text. Scopes: chat:write, channels:history,
im:write, im:history and metadata.message:read; files:write and files:read for images. Buttons beneath a notice: docs/slack.md.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from sangfroid.model import Button, Panel
from sangfroid.outbound.channels.base import Correction, Limits
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    name_of,
    reading_back,
    same,
)
from sangfroid.outbound.channels.pictures import file_name, wait_until
from sangfroid.outbound.channels.settings import LOOPBACK, BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Image, Letter, Receipt
from sangfroid.table import ABSENT, ConditionFailed, Put

EVENT = "sangfroid_delivery"
ERROR = re.compile(r"[a-z0-9_]{2,60}")
SHOWN_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
LOOK_BACK_PAGES = 3
MENDABLE = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "no_permission",
        "missing_scope",
    }
    | {
        "not_in_channel",
        "access_denied",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
    }
)
"""Refusals that a person can lift in Slack; the delivery is tried again."""

SECTION = 1_400
"""Characters of a piece of the notice in one section: half of what Slack takes, whatever their count in UTF-16."""

MOST_BUTTONS = 5
"""Buttons of one attachment."""

UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class SlackSettings(Settings):
    """`channel`: id of the conversation for letters without a recipient; `threads`: whether a case has its own thread."""

    channel: str = Field(pattern=r"^[CGD][A-Z0-9]{2,}$")
    api: BaseUrl = "https://slack.com/api"
    threads: bool = True


class SlackSecret(Secret):
    """Token of a bot user, as in `xoxb-…`."""

    bot_token: Token


class Slack(HttpChannel[SlackSettings, SlackSecret]):
    """One message a letter."""

    platform = "Slack"
    settings_model = SlackSettings
    secret_model = SlackSecret
    images = True

    def limits(self) -> Limits:
        """Slack cuts a text off silently after 40,000 characters, so a longer one is refused here."""
        return Limits(40_000, lambda text: len(escaped(text)))

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects."""
        return "edit"

    def publish(self, letter: Letter) -> Receipt:
        """Post into the case's thread, or begin it; or edit."""
        line = self.line()
        (text,) = self.posts(letter)
        if letter.corrects is not None:
            return self._edit(line, letter, letter.corrects, text)
        conversation = self._conversation(line, letter)
        thread = self._thread(conversation, letter)
        message: dict[str, Any] = {
            "channel": conversation,
            "text": escaped(text),
            "mrkdwn": False,
            "unfurl_links": False,
            "metadata": {
                "event_type": EVENT,
                "event_payload": {"key": name_of(letter), "case_id": letter.case_id},
            },
        }
        if thread is not None:
            message["thread_ts"] = thread
        if letter.image is not None:
            message["attachments"] = [_attached(self._uploaded(line, letter, letter.image), letter.image.alt)]
        if letter.panel is not None:
            message |= with_buttons(text, letter.case_id, letter.panel)
        posted = self._ask(line, "chat.postMessage", body=message)
        return self._receipt(line, letter, conversation, posted["ts"], thread)

    def find(self, letter: Letter) -> Receipt | None:
        """Look for the letter's key among the latest messages of the conversation and in the case's thread."""
        if letter.corrects is not None:
            return self.edited(letter)
        line = self.line()
        conversation = self._conversation(line, letter)
        thread = self._thread(conversation, letter)
        for message in self._messages(line, conversation, thread):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("key") == name_of(letter):
                begun = message.get("thread_ts")
                inside = begun if begun != message["ts"] else None
                return self._receipt(line, letter, conversation, message["ts"], inside)
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The message as the conversation has it, with the image."""
        with reading_back(self.platform):
            found = self._message(self.line(), receipt)
            if found is None:
                raise missing(self.platform)
        (text,) = self.posts(letter)
        if not same(_plain(found.get("text", "")), text):
            raise altered(self.platform)
        if letter.image is not None and not _shows(found, letter.image):
            raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Delete the message."""
        conversation, moment, _ = _parts(receipt)
        self._ask(self.line(), "chat.delete", body={"channel": conversation, "ts": moment})

    def _edit(self, line: Line[SlackSecret], letter: Letter, corrects: Receipt, text: str) -> Receipt:
        conversation, moment, _ = _parts(corrects)
        before = self._message(line, corrects)
        if before is None:
            raise gone(self.platform)
        # An edit reads a text as people type it, where a message is told not to.
        message: dict[str, Any] = {
            "channel": conversation, "ts": moment, "text": escaped(text), "parse": "none", "link_names": False,
        }  # fmt: skip
        if letter.image is not None:
            shown = [_attached(self._uploaded(line, letter, letter.image), letter.image.alt)]
        else:
            shown = [
                _attached(block["slack_file"]["id"], html.unescape(block["alt_text"]))
                for block in _images(before)
            ]
        # Whether an edit keeps an image that it does not name is documented both ways.
        message["attachments"] = shown
        self._ask(line, "chat.update", body=message)
        return corrects

    def _uploaded(self, line: Line[SlackSecret], letter: Letter, image: Image) -> str:
        """Id of the picture, which nobody else sees until a message shows it."""
        name = file_name(image, name_of(letter)[:20])
        asked = {"filename": name, "length": str(len(image.data)), "alt_txt": image.alt}
        place = self._ask(line, "files.getUploadURLExternal", query=asked)
        file_id, url = str(place["file_id"]), str(place["upload_url"])
        if not self._is_slack(url):
            raise ChannelRefused("Slack names an address for the image that is not Slack's")
        # The address is the permission; the token goes to the interface alone.
        line.wire.call(
            "POST", url, content=image.data, headers={"content-type": image.media_type}, looking=True
        )
        done = {"files": [{"id": file_id, "title": name}]}
        self._ask(line, "files.completeUploadExternal", body=done, looking=True)

        def processed() -> bool:
            file = self._ask(line, "files.info", query={"file": file_id})["file"]
            return bool(file.get("mimetype"))

        wait_until(processed, line.wire.deadline, self.platform)
        return file_id

    def _is_slack(self, url: str) -> bool:
        there, api = urlsplit(url), urlsplit(self.settings.api)
        if api.hostname in LOOPBACK:
            return there.hostname in LOOPBACK
        host = there.hostname or ""
        return there.scheme == "https" and (host == api.hostname or host.endswith(".slack.com"))

    def _message(self, line: Line[SlackSecret], receipt: Receipt) -> dict[str, Any] | None:
        conversation, moment, thread = _parts(receipt)
        query = {
            "channel": conversation, "ts": thread or moment, "oldest": moment, "latest": moment, "inclusive": "true",
        }  # fmt: skip
        try:
            messages = self._ask(line, "conversations.replies", query=query).get("messages", [])
        except ChannelRefused as refused:
            if "thread_not_found" in str(refused):
                return None
            raise
        return next((message for message in messages if message["ts"] == moment), None)

    def _conversation(self, line: Line[SlackSecret], letter: Letter) -> str:
        if letter.recipient is None:
            return self.settings.channel
        if letter.recipient[:1] not in ("U", "W"):
            return letter.recipient
        opened = self._ask(line, "conversations.open", body={"users": letter.recipient}, looking=True)
        return str(opened["channel"]["id"])

    def _thread(self, conversation: str, letter: Letter) -> str | None:
        if not self.settings.threads:
            return None
        item = self.parts.table.get(*self._place(conversation, letter))
        return item["ts"] if item else None

    def _place(self, conversation: str, letter: Letter) -> tuple[str, str]:
        return f"CHANNEL#{self.parts.channel_id}", f"THREAD#{conversation}#{letter.case_id}"

    def _messages(
        self, line: Line[SlackSecret], conversation: str, thread: str | None
    ) -> Iterator[dict[str, Any]]:
        looks: list[tuple[str, dict[str, str]]] = [("conversations.history", {})]
        if thread is not None:
            looks.append(("conversations.replies", {"ts": thread}))
        for method, where in looks:
            query = {"channel": conversation, "limit": "200", "include_all_metadata": "true", **where}
            for _ in range(LOOK_BACK_PAGES):
                page = self._ask(line, method, query=query)
                yield from page.get("messages", [])
                cursor = page.get("response_metadata", {}).get("next_cursor")
                if not cursor:
                    break
                query["cursor"] = cursor

    def _receipt(
        self, line: Line[SlackSecret], letter: Letter, conversation: str, moment: str, thread: str | None
    ) -> Receipt:
        if thread is None and self.settings.threads:
            pk, sk = self._place(conversation, letter)
            with suppress(ConditionFailed):  # another message of the case began the thread first
                self.parts.table.transact([Put({"pk": pk, "sk": sk, "ts": moment}, ABSENT)])
        link: str | None = None
        try:
            query = {"channel": conversation, "message_ts": moment}
            link = self._ask(line, "chat.getPermalink", query=query)["permalink"]
        except (ChannelRefused, ChannelThrottled):
            pass  # the message is there; its id is proof enough
        return Receipt(":".join([conversation, moment, *([thread] if thread else [])]), link)

    def _ask(
        self,
        line: Line[SlackSecret],
        method: str,
        *,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        looking: bool | None = None,
    ) -> dict[str, Any]:
        looking = body is None if looking is None else looking
        headers = {"authorization": f"Bearer {line.secret.bot_token}"}
        if body is not None:
            headers["content-type"] = "application/json; charset=utf-8"
        url = f"{self.settings.api}/{method}"
        # Every method takes POST; those that read take their arguments as a form, not as JSON.
        answer = line.wire.call("POST", url, form=query, json=body, headers=headers, looking=looking)
        document = answer.document()
        if document.get("ok") is True:
            return document
        raise self._refusal(method, answer, document, looking)

    def _refusal(self, method: str, answer: Answer, document: dict[str, Any], looking: bool) -> Exception:
        said = document.get("error")
        # Slack's errors are single words; anything else comes from somebody else and is not repeated.
        known = isinstance(said, str) and ERROR.fullmatch(said) is not None
        error = str(said) if known else f"an answer {answer.status} that is not Slack's"
        if error in ("ratelimited", "rate_limited"):
            return ChannelThrottled(30.0)
        if (method, error) == ("chat.update", "message_not_found"):
            return gone(self.platform)
        if not looking and (error in UNCERTAIN or not known):
            return AnswerLost(f"Slack: {method}: {error}")
        permanent = error not in MENDABLE and error not in UNCERTAIN and known
        return ChannelRefused(f"Slack: {method}: {error}", permanent=permanent)


def escaped(text: str) -> str:
    """The three characters that Slack reads as markup (https://api.slack.com/reference/surfaces/formatting#escaping)."""
    return html.escape(text, quote=False)


def with_buttons(text: str, case_id: str, panel: Panel) -> dict[str, Any]:
    """The notice with what can be pressed beneath it.

    The texts stand in blocks that show them whole and literally. The buttons are those of an attachment: to their press the app
    answers in the answer to the request itself, so that a press never makes the desk call out (docs/decisions/0120).
    """
    blocks = [_section(piece) for piece in _pieces(text)]
    for heading, whole in panel.texts:
        blocks.append(
            {"type": "context", "elements": [{"type": "plain_text", "text": heading, "emoji": False}]}
        )
        blocks.append(_section(whole))
    rows = [
        panel.buttons[start : start + MOST_BUTTONS] for start in range(0, len(panel.buttons), MOST_BUTTONS)
    ]
    return {"blocks": blocks, "attachments": [_row(row, case_id, panel) for row in rows]}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "expand": True, "text": {"type": "plain_text", "text": text, "emoji": False}}


def _pieces(text: str) -> Iterator[str]:
    """The notice in sections that Slack takes, cut between lines where one does not do."""
    piece = ""
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), SECTION):
            part = line[start : start + SECTION]
            if len(piece) + len(part) > SECTION:
                yield piece
                piece = ""
            piece += part
    if piece.strip():
        yield piece


def _row(buttons: list[Button], case_id: str, panel: Panel) -> dict[str, Any]:
    actions = []
    for one in buttons:
        action: dict[str, Any] = {"name": one.act, "type": "button", "text": one.label, "value": one.value}
        if one.confirm is not None:
            action["confirm"] = {
                "title": one.label, "text": one.confirm, "ok_text": panel.yes, "dismiss_text": panel.no,
            }  # fmt: skip
        actions.append(action)
    labels = ", ".join(one.label for one in buttons)
    return {"fallback": labels, "callback_id": case_id, "actions": actions}


def _plain(text: str) -> str:
    return html.unescape(SHOWN_LINK.sub(r"\1", text))


def _attached(file_id: str, alt: str) -> dict[str, Any]:
    """The picture beneath the words: with blocks of its own, a message would no longer show its text."""
    block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt}
    return {"fallback": alt, "blocks": [block]}


def _images(message: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = [block for attached in message.get("attachments", []) for block in attached.get("blocks", [])]
    return [block for block in blocks if block.get("type") == "image"]


def _shows(message: dict[str, Any], image: Image) -> bool:
    shown = _images(message)
    return len(shown) == 1 and same(html.unescape(shown[0].get("alt_text", "")), image.alt)


def _parts(receipt: Receipt) -> tuple[str, str, str | None]:
    conversation, moment, *thread = receipt.external_id.split(":")
    return conversation, moment, thread[0] if thread else None
