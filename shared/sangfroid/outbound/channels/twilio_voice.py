"""`twilio_voice`: a call that reads the text aloud, through Twilio (https://www.twilio.com/docs/voice/api/call-resource).

Twilio has no idempotency key and calls carry none of ours. After a lost answer the calls to the number are listed: where
there is none, none was made; where there is one, nobody can tell which it was, and a person decides.
Where somebody may answer it, a key says that they have it (https://www.twilio.com/docs/voice/twiml/gather): http/answering.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pydantic import Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, Line, missing, reading_back
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer
from sangfroid.outbound.errors import CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.outbound.wording import words

SPOKEN = {"fr": "fr-FR", "en": "en-GB"}
NOT_TAKEN = ("queued", "initiated", "ringing")
NEVER_HEARD = ("canceled", "failed", "busy", "no-answer")
UNDER_WAY = (*NOT_TAKEN, "in-progress", "completed")


PAUSE = '<Pause length="1"/>'
KEY = "1"
"""The key that says "I have it"."""

LONGEST_URL = "https://" + "x" * 120
"""Stands for the address that a key is sent to, where what fits on a call is counted."""


def say(text: str, language: str) -> str:
    """TwiML that reads a text aloud."""
    return f'<Say language="{SPOKEN.get(language, "en-GB")}">{escape(text)}</Say>'


def gather(spoken: str, keys_to: str) -> str:
    """TwiML that is heard until a key is pressed; the key is sent to `keys_to`. Where none comes, the call ends."""
    return f'<Gather input="dtmf" numDigits="1" timeout="10" action={quoteattr(keys_to)} method="POST">{spoken}</Gather>'


class TwilioVoiceSettings(Settings):
    """`from` is a number of the account (E.164); `to` for letters without a recipient; `times`: how often it is read."""

    sender: str = Field(alias="from", pattern=r"^\+[1-9][0-9]{5,14}$")
    to: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{5,14}$")
    times: int = Field(default=2, ge=1, le=5)
    api: BaseUrl = "https://api.twilio.com"


class TwilioVoiceSecret(Secret):
    """The account and its token."""

    account_sid: Token = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: Token


class TwilioVoice(HttpChannel[TwilioVoiceSettings, TwilioVoiceSecret]):
    """One call a letter."""

    platform = "Twilio"
    settings_model = TwilioVoiceSettings
    secret_model = TwilioVoiceSecret

    def limits(self) -> Limits:
        """4,000 characters of TwiML, with everything around the text and each of its readings."""
        return Limits(4_000, lambda text: len(self._twiml(text, "fr", LONGEST_URL)))

    def publish(self, letter: Letter) -> Receipt:
        """Place the call."""
        (text,) = self.posts(letter)
        form = {
            "To": self._to(letter),
            "From": self.settings.sender,
            "Twiml": self._twiml(text, letter.language, letter.keys_to),
        }
        call = self._ask(self.line(), "POST", "Calls.json", form=form).document()
        return Receipt(str(call["sid"]))

    def find(self, letter: Letter) -> Receipt | None:
        """None where no call went to the number since yesterday; else nobody can tell."""
        since = (wall_clock.now() - timedelta(days=1)).date().isoformat()
        query = {"To": self._to(letter), "From": self.settings.sender, "StartTime>": since, "PageSize": "1"}
        if self._ask(self.line(), "GET", "Calls.json", query=query).document().get("calls"):
            raise CannotLook("a call went to this number, and Twilio cannot say whether it was this one")
        return None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The call as Twilio has it: on its way, or made."""
        with reading_back(self.platform):
            answer = self._ask(self.line(), "GET", f"Calls/{receipt.external_id}.json", ok=(404,))
            if answer.status == 404:
                raise missing(self.platform)
        status = answer.document().get("status")
        if status not in UNDER_WAY:
            raise ChannelRefused(f"Twilio: nobody took the call ({status})", permanent=True)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Cancel a call that nobody has taken yet; what was heard cannot be taken back, only cut short."""
        line = self.line()
        route = f"Calls/{receipt.external_id}.json"
        status = self._ask(line, "GET", route).document().get("status")
        if status in NOT_TAKEN:
            self._ask(line, "POST", route, form={"Status": "canceled"})
            return
        if status in NEVER_HEARD:
            return
        if status == "in-progress":
            self._ask(line, "POST", route, form={"Status": "completed"})
        raise ChannelRefused("a call that was taken cannot be taken back", permanent=True)

    def _to(self, letter: Letter) -> str:
        to = letter.recipient or self.settings.to
        if to is None:
            raise ChannelRefused("Twilio: nobody to call", permanent=True)
        return to

    def _twiml(self, text: str, language: str, keys_to: str | None) -> str:
        if keys_to is None:
            return f"<Response>{(say(text, language) + PAUSE) * self.settings.times}</Response>"
        asked = say(text, language) + PAUSE + say(str(words("call", language)["press"]), language) + PAUSE
        return f"<Response>{gather(asked * self.settings.times, keys_to)}</Response>"

    def _ask(
        self,
        line: Line[TwilioVoiceSecret],
        method: str,
        route: str,
        *,
        form: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        url = f"{self.settings.api}/2010-04-01/Accounts/{line.secret.account_sid}/{route}"
        auth: Any = (line.secret.account_sid, line.secret.auth_token)
        return line.wire.call(method, url, form=form, params=query, auth=auth, ok=ok)
