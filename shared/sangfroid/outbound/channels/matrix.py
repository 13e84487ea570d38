"""`matrix`: messages in a Matrix room, through the client-server API (https://spec.matrix.org/latest/client-server-api/).

The transaction id is made from the delivery's key: the homeserver answers a repetition with the first event's id. Homeservers
forget transactions after a while (Synapse after a day), so a look at the room comes before a retry: each event carries its
key in a field of its own.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from sangfroid.outbound.channels.base import Limits, Suspension
from sangfroid.outbound.channels.http import HttpChannel, Line, altered, missing, name_of, reading_back
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

KEY = "org.sangfroid.key"
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
    """One event a letter."""

    platform = "Matrix"
    settings_model = MatrixSettings
    secret_model = MatrixSecret
    idempotent = True
    by_hand = "stop the other clients and bots of the account that posts in the room"

    def limits(self) -> Limits:
        """An event may have 65,536 bytes with everything around the text, so the text may have 40,000."""
        return Limits(40_000, lambda text: len(text.encode()), "bytes")

    def publish(self, letter: Letter) -> Receipt:
        """Send the message under its transaction id."""
        line = self.line()
        (text,) = self.posts(letter)
        name = name_of(letter)
        message = {"msgtype": self.settings.msgtype, "body": text, KEY: name}
        answer = self._ask(line, "PUT", f"{self._room}/send/m.room.message/{name}", json=message)
        return self._receipt(answer.document()["event_id"])

    def find(self, letter: Letter) -> Receipt | None:
        """Look through the latest messages of the room for the letter's key, in events of our own account."""
        line = self.line()
        name = name_of(letter)
        me = self._ask(line, "GET", "/_matrix/client/v3/account/whoami").document()["user_id"]
        query = {"dir": "b", "limit": "100", "filter": '{"types":["m.room.message"]}'}
        for _ in range(LOOK_BACK_PAGES):
            page = self._ask(line, "GET", f"{self._room}/messages", params=query).document()
            for event in page.get("chunk", []):
                if event.get("sender") == me and event.get("content", {}).get(KEY) == name:
                    return self._receipt(event["event_id"])
            if "end" not in page:
                break
            query["from"] = page["end"]
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The event as the homeserver has it."""
        (text,) = self.posts(letter)
        with reading_back(self.platform):
            route = f"{self._room}/event/{quote(receipt.external_id, safe='')}"
            answer = self._ask(self.line(), "GET", route, ok=(404,))
            content = answer.document().get("content", {})
            if answer.status == 404 or "body" not in content:
                raise missing(self.platform)
        if content["body"] != text:
            raise altered(self.platform)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Redact the event."""
        # A transaction id of its own: Synapse takes a redaction under the message's for the message sent again.
        route = f"{self._room}/redact/{quote(receipt.external_id, safe='')}/{name_of(letter, 1)}"
        self._ask(self.line(), "PUT", route, json={"reason": "retracted"})

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
    ) -> Answer:
        token = line.secret.admin_token if admin else line.secret.access_token
        headers = {"authorization": f"Bearer {token}"}
        return line.wire.call(
            method, f"{self.settings.homeserver}{route}", json=json, params=params, ok=ok, headers=headers
        )

    def _receipt(self, event_id: str) -> Receipt:
        return Receipt(event_id, f"https://matrix.to/#/{quote(self.settings.room_id, safe='!:')}/{event_id}")
