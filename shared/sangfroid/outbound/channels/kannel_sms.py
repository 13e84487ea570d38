"""`kannel_sms`: text messages through an own Kannel gateway (https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html).

Credentials go in `X-Kannel-…` headers, not in the address. Kannel cannot be asked for a message, so a lost answer ends with a
person. Its administration interface stops it for real: suspended, it queues and sends nothing.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from sangfroid.outbound.channels.base import Limits, Suspension
from sangfroid.outbound.channels.http import HttpChannel, Line, name_of
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

STATUS = re.compile(r"<status>\s*([a-z]+)")


class KannelSmsSettings(Settings):
    """`sendsms`: address of smsbox. `admin`: of bearerbox, only for the real stop. `to` for letters without a recipient.

    `max_parts` must not be above the `max-messages` of the gateway's user: Kannel cuts a longer text off without a word.
    """

    sendsms: BaseUrl
    admin: BaseUrl | None = None
    sender: str = Field(alias="from", min_length=1, max_length=16)
    to: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{5,14}$")
    max_parts: int = Field(default=6, ge=1, le=20)


class KannelSmsSecret(Secret):
    """A `sendsms-user`; `admin_password` only for the real stop."""

    username: Token
    password: Token
    admin_password: Token | None = None


class KannelSms(HttpChannel[KannelSmsSettings, KannelSmsSecret]):
    """One message a letter, in as many concatenated parts as it takes."""

    platform = "Kannel"
    settings_model = KannelSmsSettings
    secret_model = KannelSmsSecret
    by_hand = "stop the SMS gateway"

    def limits(self) -> Limits:
        """`max_parts` concatenated messages of 67 UTF-16 characters (3GPP TS 23.040)."""
        return Limits(67 * self.settings.max_parts, lambda text: len(text.encode("utf-16-be")) // 2)

    def publish(self, letter: Letter) -> Receipt:
        """Hand the message to Kannel."""
        (text,) = self.posts(letter)
        to = letter.recipient or self.settings.to
        if to is None:
            raise ChannelRefused("Kannel: nobody to send to", permanent=True)
        line = self.line()
        headers = {
            "x-kannel-username": line.secret.username,
            "x-kannel-password": line.secret.password,
            "x-kannel-from": self.settings.sender,
            "x-kannel-to": to,
            "x-kannel-coding": "2",
            "x-kannel-charset": "UTF-8",
            "content-type": "text/plain; charset=utf-8",
        }
        url = f"{self.settings.sendsms}/cgi-bin/sendsms"
        answer = line.wire.call("POST", url, headers=headers, content=text.encode())
        # "0: Accepted for delivery", or "3: Queued for later delivery" while the gateway is suspended or cut off.
        if answer.status != 202 or answer.body[:2] not in (b"0:", b"3:"):
            raise AnswerLost("Kannel did not say that it took the message")
        return Receipt(name_of(letter)[:32])

    def find(self, letter: Letter) -> Receipt | None:
        """Kannel keeps no list of what it sent."""
        raise CannotLook("Kannel cannot be asked whether a message was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """Kannel's acceptance is all that it can confirm at once."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """A sent text message cannot be taken back."""
        raise ChannelRefused("a text message cannot be taken back", permanent=True)

    def suspend(self) -> Suspension:
        """Suspend the gateway: it takes messages and sends none."""
        line = self.line()
        if not self._can_suspend(line):
            return super().suspend()
        before = self.survey()
        self._order(line, "suspend")
        if self._status(line) != "suspended":
            raise ChannelRefused("Kannel is not suspended after it was told to")
        return Suspension("stopped", "the gateway is suspended", before)

    def survey(self) -> dict[str, Any]:
        """Whether the gateway ran before anything was stopped; empty where the desk cannot stop it."""
        line = self.line()
        if not self._can_suspend(line):
            return {}
        return {"target": self.settings.admin, "was_enabled": self._status(line) == "running"}

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether the gateway says that it is suspended."""
        return self._status(self.line()) == "suspended"

    def resume(self, suspension: Suspension) -> None:
        """Let the gateway send again, where it did before."""
        if suspension.state.get("was_enabled"):
            line = self.line()
            self._order(line, "resume")
            if self._status(line) != "running":
                raise ChannelRefused("Kannel is not running after it was told to resume")

    def _can_suspend(self, line: Line[KannelSmsSecret]) -> bool:
        return self.settings.admin is not None and line.secret.admin_password is not None

    def _order(self, line: Line[KannelSmsSecret], command: str) -> None:
        query = {"password": line.secret.admin_password or ""}
        line.wire.call("GET", f"{self.settings.admin}/{command}", params=query)

    def _status(self, line: Line[KannelSmsSecret]) -> str:
        query = {"password": line.secret.admin_password or ""}
        answer = line.wire.call("GET", f"{self.settings.admin}/status.xml", params=query)
        found = STATUS.search(answer.body.decode("utf-8", "replace"))
        return found[1] if found else "unknown"
