"""`matrix`: messages in a Matrix room, through the client-server API (https://spec.matrix.org/latest/client-server-api/).

The transaction id is made from the delivery's key: the homeserver answers a repetition with the first event's id. Homeservers
forget transactions after a while (Synapse after a day), so a look at the room comes before a retry: each event carries its
key in a field of its own.

A correction is an edit (`m.replace`): the event stays, and clients show the new words in its place. An image is an event of
its own before the text: its body is the alternative text, which every client shows or reads out, and the words of the text do
not depend on a client that knows captions.

Every event says that it mentions nobody (`m.mentions`, specification 1.7): without that, clients of the room look for names
and `@room` in the words, and call everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import Field

from sangfroid.outbound.channels.base import Correction, Limits, Suspension
from sangfroid.outbound.channels.http import (
    HttpChannel,
    Line,
    altered,
    gone,
    missing,
    name_of,
    reading_back,
    same,
    unanswerable,
)
from sangfroid.outbound.channels.hypertext import read
from sangfroid.outbound.channels.pictures import file_name, pixels
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image, Letter, Receipt

KEY = "org.sangfroid.key"
PICTURE = "org.sangfroid.image"
"""Id of the event that holds the text's image."""

NOBODY: dict[str, Any] = {"m.mentions": {}}
"""Who is called by an event: without names, nobody is (https://spec.matrix.org/v1.7/client-server-api/#user-and-room-mentions)."""

REDACTION, IMAGE = 1, 2
"""Places of `name_of` beside that of the text: Synapse takes a redaction under a message's transaction id for the message."""

LINK = re.compile(r"https://matrix\.to/#/([^/?#]{1,255})/([^/?#]{1,255})(?:\?[\w=&.:%-]*)?", re.ASCII)
EVENT_ID = re.compile(r"\$[\w-]{43}", re.ASCII)
LOOK_BACK_PAGES = 5


class MatrixSettings(Settings):
    """`room_id` on `homeserver`; `suspend_user`: the account whose posting is stopped in a freeze (Synapse, by an admin)."""

    homeserver: BaseUrl
    room_id: str = Field(pattern=r"^!\S+$")
    msgtype: Literal["m.text", "m.notice"] = "m.text"
    suspend_user: str | None = Field(default=None, pattern=r"^@\S+:\S+$")


class MatrixSecret(Secret):
    """`access_token` of the account that posts; `admin_token` of a server admin, only for `suspend_user`."""

    access_token: Token
    admin_token: Token | None = None


class Matrix(HttpChannel[MatrixSettings, MatrixSecret]):
    """One event a letter, and one for its image. The receipt's id is the text's, before and after a correction."""

    platform = "Matrix"
    settings_model = MatrixSettings
    secret_model = MatrixSecret
    idempotent = True
    images = True
    by_hand = "stop the other clients and bots of the account that posts in the room"

    def limits(self) -> Limits:
        """An event may have 65,536 bytes with everything around the text, so the text may have 40,000."""
        return Limits(40_000, lambda text: len(text.encode()), "bytes")

    def correction(self, letter: Letter) -> Correction:
        """In the place of what it corrects."""
        return "edit"

    def answers(self, url: str) -> bool:
        """Messages of the room, by their matrix.to link."""
        return self._event_at(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Send the message under its transaction id, or the edit; the image goes first."""
        line = self.line()
        (text,) = self.posts(letter)
        message = {"msgtype": self.settings.msgtype, "body": text, **NOBODY}
        if letter.corrects is not None:
            return self._edit(line, letter, letter.corrects, message)
        relation = self._relation(line, letter)
        if letter.image is not None:
            message[PICTURE] = self._shown(line, letter, letter.image, relation)
        return self._receipt(self._send(line, name_of(letter), {**message, **relation}))

    def find(self, letter: Letter) -> Receipt | None:
        """Look through the latest messages of the room for the letter's key, in events of our own account."""
        name = name_of(letter)
        found = self._own(self.line(), {name}).get(name)
        if found is None:
            return None
        return self._receipt(letter.corrects.external_id if letter.corrects is not None else found)

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The event as the homeserver has it, with the latest edit; and the image."""
        (text,) = self.posts(letter)
        picture: dict[str, Any] = {}
        with reading_back(self.platform):
            line = self.line()
            event = self._event(line, receipt.external_id)
            if event is None:
                raise missing(self.platform)
            content = _newest(event)
            if letter.image is not None and isinstance(content.get(PICTURE), str):
                shown = self._event(line, content[PICTURE])
                if shown is None:
                    raise missing(self.platform)
                picture = _newest(shown)
        if content.get("body") != text or content.get("m.mentions") != {} or not _shows_words(content, text):
            raise altered(self.platform)
        if letter.image is not None and not _shows(picture, letter.image):
            raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Redact the images, the event, and then its edits: in no moment may the words before a correction come back."""
        line = self.line()
        event = self._event(line, receipt.external_id)
        edits = self._edits(line, receipt.external_id)
        contents = [one.get("content", {}) for one in (event or {}, *edits)]
        contents += [content.get("m.new_content", {}) for content in contents]
        pictures = dict.fromkeys(
            found for content in contents if isinstance(found := content.get(PICTURE), str)
        )
        for picture in pictures:
            edits_of_picture = self._edits(line, picture)
            self._redact(line, letter, picture)
            for edit in edits_of_picture:
                self._redact(line, letter, edit["event_id"])
        self._redact(line, letter, receipt.external_id)
        for edit in edits:
            self._redact(line, letter, edit["event_id"])

    def suspend(self) -> Suspension:
        """Suspend the account on Synapse: whoever holds a token of it can read, and can no longer send.

        https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#suspendunsuspend-account
        """
        line = self.line()
        if not self._can_suspend(line):
            return super().suspend()
        before = self.survey()
        self._switch(line, on=True)
        if not self._suspended(line):
            raise ChannelRefused("Matrix: the account can still send after it was suspended")
        return Suspension("stopped", f"{self.settings.suspend_user} is suspended", before)

    def survey(self) -> dict[str, Any]:
        """Whether the account was enabled before anything was stopped; empty where the desk cannot suspend it."""
        line = self.line()
        if not self._can_suspend(line):
            return {}
        return {"target": self.settings.suspend_user, "was_enabled": not self._suspended(line)}

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether the homeserver says that the account is suspended."""
        return self._suspended(self.line())

    def resume(self, suspension: Suspension) -> None:
        """Lift the suspension, where the account was not suspended before."""
        if suspension.state.get("was_enabled"):
            line = self.line()
            self._switch(line, on=False)
            if self._suspended(line):
                raise ChannelRefused("Matrix: the account is still suspended")

    def _edit(
        self, line: Line[MatrixSecret], letter: Letter, corrects: Receipt, message: dict[str, Any]
    ) -> Receipt:
        event = self._event(line, corrects.external_id)
        if event is None:
            raise gone(self.platform)
        before = _newest(event).get(PICTURE)
        if letter.image is not None:
            standing = self._event(line, before) if isinstance(before, str) else None
            # Where there was none, the image hangs beneath what is corrected, wherever the room stands by now.
            beneath = {"m.relates_to": {"m.in_reply_to": {"event_id": corrects.external_id}}}
            relation = {} if standing else beneath
            message[PICTURE] = self._shown(line, letter, letter.image, relation, before if standing else None)
        elif before is not None:
            message[PICTURE] = before
        self._send(line, name_of(letter), _replacing(corrects.external_id, message))
        return self._receipt(corrects.external_id)

    def _shown(
        self,
        line: Line[MatrixSecret],
        letter: Letter,
        image: Image,
        relation: dict[str, Any],
        instead_of: str | None = None,
    ) -> str:
        """Id of the event that shows the image: sent by an earlier attempt, or now."""
        name = name_of(letter, IMAGE)
        found = self._own(line, {name}).get(name)
        if found is None:
            content = {**self._uploaded(line, letter, image), **relation}
            found = self._send(line, name, _replacing(instead_of, content) if instead_of else content)
        return instead_of or found

    def _uploaded(self, line: Line[MatrixSecret], letter: Letter, image: Image) -> dict[str, Any]:
        """Content of the image's event; what is uploaded stands nowhere until an event names it."""
        name = file_name(image, name_of(letter)[:20])
        answer = self._ask(
            line,
            "POST",
            "/_matrix/media/v3/upload",
            params={"filename": name},
            content=image.data,
            kind=image.media_type,
        )
        info: dict[str, Any] = {"mimetype": image.media_type, "size": len(image.data)}
        if size := pixels(image):
            info |= {"w": size[0], "h": size[1]}
        url = answer.document()["content_uri"]
        # `filename` beside another `body` makes the body a caption (specification 1.10); earlier clients take it for the name.
        return {"msgtype": "m.image", "body": image.alt, "filename": name, "url": url, "info": info, **NOBODY}

    def _send(self, line: Line[MatrixSecret], name: str, content: dict[str, Any]) -> str:
        route = f"{self._room}/send/m.room.message/{name}"
        return str(self._ask(line, "PUT", route, json={**content, KEY: name}).document()["event_id"])

    def _redact(self, line: Line[MatrixSecret], letter: Letter, event_id: str) -> None:
        name = sha256(f"{name_of(letter, REDACTION)}\n{event_id}".encode()).hexdigest()
        route = f"{self._room}/redact/{quote(event_id, safe='')}/{name}"
        self._ask(line, "PUT", route, json={"reason": "retracted"})

    def _own(self, line: Line[MatrixSecret], names: Collection[str]) -> dict[str, str]:
        """Key -> event id of the events of our own account, among the latest messages, that carry one of these keys."""
        found: dict[str, str] = {}
        me = self._ask(line, "GET", "/_matrix/client/v3/account/whoami").document()["user_id"]
        query = {"dir": "b", "limit": "100", "filter": '{"types":["m.room.message"]}'}
        for _ in range(LOOK_BACK_PAGES):
            page = self._ask(line, "GET", f"{self._room}/messages", params=query).document()
            for event in page.get("chunk", []):
                key = event.get("content", {}).get(KEY)
                if event.get("sender") == me and key in names:
                    found[key] = event["event_id"]
            if "end" not in page or len(found) == len(names):
                break
            query["from"] = page["end"]
        return found

    def _event(self, line: Line[MatrixSecret], event_id: str) -> dict[str, Any] | None:
        """The event, where it stands in the room and was not redacted."""
        answer = self._ask(line, "GET", f"{self._room}/event/{quote(event_id, safe='')}", ok=(404,))
        event = answer.document()
        return event if answer.status != 404 and "body" in event.get("content", {}) else None

    def _edits(self, line: Line[MatrixSecret], event_id: str) -> list[dict[str, Any]]:
        """The edits of an event that were not redacted; homeservers also give them where the event itself was."""
        room, event = quote(self.settings.room_id, safe=""), quote(event_id, safe="")
        route = f"/_matrix/client/v1/rooms/{room}/relations/{event}/m.replace"
        answer = self._ask(line, "GET", route, params={"limit": "100"}, ok=(404,))
        return [edit for edit in answer.document().get("chunk", []) if edit.get("content")]

    def _relation(self, line: Line[MatrixSecret], letter: Letter) -> dict[str, Any]:
        """What makes the message an answer; in a thread it stays in the thread."""
        if letter.answers is None:
            return {}
        event_id = self._event_at(letter.answers)
        if event_id is None:
            raise unanswerable(self.platform)
        event = self._event(line, event_id)
        if event is None:
            raise gone(self.platform, "the message that the text answers")
        relation: dict[str, Any] = {"m.in_reply_to": {"event_id": event_id}}
        theirs = event["content"].get("m.relates_to")
        thread = theirs.get("event_id") if isinstance(theirs, dict) else None
        if isinstance(thread, str) and theirs.get("rel_type") == "m.thread" and EVENT_ID.fullmatch(thread):
            relation |= {"rel_type": "m.thread", "event_id": thread, "is_falling_back": False}
        return {"m.relates_to": relation}

    def _event_at(self, url: str) -> str | None:
        found = LINK.fullmatch(url)
        if found is None or unquote(found[1]) != self.settings.room_id:
            return None
        event_id = unquote(found[2])
        return event_id if EVENT_ID.fullmatch(event_id) else None

    def _can_suspend(self, line: Line[MatrixSecret]) -> bool:
        return self.settings.suspend_user is not None and line.secret.admin_token is not None

    def _switch(self, line: Line[MatrixSecret], *, on: bool) -> None:
        route = f"/_synapse/admin/v1/suspend/{quote(self.settings.suspend_user or '', safe='')}"
        self._ask(line, "PUT", route, json={"suspend": on}, admin=True)

    def _suspended(self, line: Line[MatrixSecret]) -> bool:
        route = f"/_synapse/admin/v2/users/{quote(self.settings.suspend_user or '', safe='')}"
        return bool(self._ask(line, "GET", route, admin=True).document().get("suspended"))

    @property
    def _room(self) -> str:
        return f"/_matrix/client/v3/rooms/{quote(self.settings.room_id, safe='')}"

    def _ask(
        self,
        line: Line[MatrixSecret],
        method: str,
        route: str,
        *,
        json: Any = None,
        params: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
        admin: bool = False,
        content: bytes | None = None,
        kind: str = "application/json",
    ) -> Answer:
        token = line.secret.admin_token if admin else line.secret.access_token
        headers = {"authorization": f"Bearer {token}", "content-type": kind}
        return line.wire.call(
            method,
            f"{self.settings.homeserver}{route}",
            json=json,
            params=params,
            content=content,
            ok=ok,
            headers=headers,
            looking=True if content is not None else None,
        )

    def _receipt(self, event_id: str) -> Receipt:
        return Receipt(event_id, f"https://matrix.to/#/{quote(self.settings.room_id, safe='!:')}/{event_id}")


def _replacing(event_id: str, content: dict[str, Any]) -> dict[str, Any]:
    """An edit; clients that know none show its own body (https://spec.matrix.org/latest/client-server-api/#event-replacements)."""
    relation = {"rel_type": "m.replace", "event_id": event_id}
    return {**content, "body": f"* {content['body']}", "m.new_content": content, "m.relates_to": relation}


def _newest(event: dict[str, Any]) -> dict[str, Any]:
    """The content of an event as its latest edit has it, which homeservers give with the event."""
    replaced = event.get("unsigned", {}).get("m.relations", {}).get("m.replace")
    newest = replaced.get("content", {}).get("m.new_content") if isinstance(replaced, dict) else None
    return newest if isinstance(newest, dict) else event["content"]


def _shows_words(content: dict[str, Any], text: str) -> bool:
    """Clients show the formatted body in the place of the plain one, where something has added one."""
    formatted = content.get("formatted_body")
    return formatted is None or (isinstance(formatted, str) and same(read(formatted), text))


def _shows(content: dict[str, Any], image: Image) -> bool:
    return (
        content.get("msgtype") == "m.image"
        and same(str(content.get("body", "")), image.alt)
        and content.get("info", {}).get("size") == len(image.data)
    )
