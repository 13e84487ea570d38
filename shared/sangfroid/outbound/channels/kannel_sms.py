"""`kannel_sms`: text messages through an own Kannel gateway (https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html).

Credentials go in `X-Kannel-…` headers, not in the address. Kannel cannot be asked for a message, so a lost answer ends with a
person. Its administration interface stops it for real.
"""

from __future__ import annotations

import re

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits, Suspension
from sangfroid.outbound.channels.http import HttpChannel, Line, name_of
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.stopped import StoppedRecord
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

CENTRE = re.compile(r"<admin-id>([^<]*)</admin-id>\s*<id>[^<]*</id>\s*<status>([a-z-]+)")


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

    takes_back = False
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
        """Stop every connection to a network centre: what programs hand over from then on is refused.

        Kannel's own `suspend` is no stop: one more message leaves after it, and the next caller hangs (tried with 1.4.5).
        """
        line = self.line()
        if not self._can_suspend(line):
            return super().suspend()
        running = self._running(line)
        kept = StoppedRecord(self.parts).keep(dict.fromkeys(running, True))
        for centre in running:
            self._order(line, "stop-smsc", centre)
        # A connection takes a moment to come down.
        while (left := self._running(line)) and line.wire.deadline.left > 1:
            wall_clock.sleep(0.2)
        if left:
            raise ChannelRefused(f"Kannel still has {len(left)} connections after they were stopped")
        return Suspension("stopped", f"{len(kept)} connections of the gateway are stopped", {"centres": kept})

    def is_suspended(self, suspension: Suspension) -> bool:
        """Whether no connection stands."""
        return not self._running(self.line())

    def resume(self, suspension: Suspension) -> None:
        """Start again exactly the connections that were stopped."""
        line = self.line()
        record = StoppedRecord(self.parts)
        for centre in record.entries(suspension.state.get("centres", {})):
            self._order(line, "start-smsc", centre)
        record.drop()

    def _can_suspend(self, line: Line[KannelSmsSecret]) -> bool:
        return self.settings.admin is not None and line.secret.admin_password is not None

    def _order(self, line: Line[KannelSmsSecret], command: str, centre: str) -> None:
        query = {"password": line.secret.admin_password or "", "smsc": centre}
        line.wire.call("GET", f"{self.settings.admin}/{command}", params=query)

    def _running(self, line: Line[KannelSmsSecret]) -> list[str]:
        """Ids of the connections that stand or are being made."""
        query = {"password": line.secret.admin_password or ""}
        answer = line.wire.call("GET", f"{self.settings.admin}/status.xml", params=query)
        page = answer.body.decode("utf-8", "replace")
        if "<gateway>" not in page:
            raise ChannelRefused("Kannel does not accept the admin password")
        return [centre for centre, status in CENTRE.findall(page) if status != "dead"]
