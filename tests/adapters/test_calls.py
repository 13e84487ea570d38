"""Taking a voice call back: cancelled before anybody took it, cut short while it is heard, never called undone when it was."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import letter, parts
from tests.adapters.strict import Call, Platform, Reply, serving

SECRET = {"account_sid": "AC" + "0" * 32, "auth_token": "a-token-of-twilio"}
CALL = "CA" + "1" * 32


class FakeTwilio(Platform):
    """One call of an account (https://www.twilio.com/docs/voice/api/call-resource#call-status-values)."""

    prefix = "twilio"

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status = status

    def publishes(self, call: Call) -> bool:
        return False

    def answer(self, call: Call) -> Reply:
        self.rule(call.path.endswith(f"/Accounts/{SECRET['account_sid']}/Calls/{CALL}.json"), "path")
        if call.method == "POST":
            wanted = call.form["Status"]
            self.rule(
                wanted != "canceled" or self.status in ("queued", "ringing"),
                "only a waiting call is cancelled",
            )
            self.status = wanted
        return Reply(200, {"sid": CALL, "status": self.status})


@pytest.mark.parametrize(
    ("status", "after", "taken"),
    [
        ("queued", "canceled", False),
        ("ringing", "canceled", False),
        ("no-answer", "no-answer", False),
        ("canceled", "canceled", False),
        ("in-progress", "completed", True),
        ("completed", "completed", True),
    ],
)
def test_a_call_is_taken_back_only_where_nobody_heard_it(status: str, after: str, taken: bool) -> None:
    fake = FakeTwilio(status)
    with serving(fake) as base:
        settings = {"api": f"{base}/twilio", "from": "+15551234567", "to": "+33612345678"}
        channel = ADAPTERS["twilio_voice"](parts("twilio_voice", settings, SECRET))
        if taken:
            with pytest.raises(ChannelRefused) as raised:
                channel.retract(letter(), Receipt(CALL))
            assert raised.value.permanent
        else:
            channel.retract(letter(), Receipt(CALL))
    assert (fake.status, fake.violations) == (after, [])


class Ringing(FakeTwilio):
    """Takes a call as Twilio does (https://www.twilio.com/docs/voice/api/call-resource): TwiML of at most 4,000 characters."""

    def answer(self, call: Call) -> Reply:
        if call.method == "POST":
            self.twiml = call.form["Twiml"]
            self.rule(len(self.twiml) <= 4_000, "at most 4,000 characters of TwiML")
        return Reply(200, {"sid": CALL, "status": "queued"})


@pytest.mark.parametrize(("language", "asked"), [("fr", "appuyez sur 1"), ("en", "press 1")])
def test_a_call_that_can_be_answered_asks_for_a_key(language: str, asked: str) -> None:
    fake, url = Ringing("queued"), "https://desk.example/webhooks/phone?page=" + "a" * 64 + "&x=<"
    text = "Crise <b>: ouvrez le poste & appelez"
    with serving(fake) as base:
        settings = {"api": f"{base}/twilio", "from": "+15551234567", "to": "+33612345678"}
        channel = ADAPTERS["twilio_voice"](parts("twilio_voice", settings, SECRET))
        said = []
        for keys_to in (url, None):
            channel.publish(replace(letter(), text=text, language=language, keys_to=keys_to))
            said.append(ElementTree.fromstring(fake.twiml))  # noqa: S314 - the adapter wrote it
    assert not fake.violations
    (gather,), told = list(said[0]), list(said[1])
    assert (gather.tag, gather.attrib["action"], gather.attrib["numDigits"]) == ("Gather", url, "1")
    assert gather.attrib["method"] == "POST"
    spoken = [one.text or "" for one in gather if one.tag == "Say"]
    assert spoken[::2] == [text, text], "read twice, each time before the key is asked for"
    assert all(asked in one for one in spoken[1::2])
    assert [one.text for one in told if one.tag == "Say"] == [text, text], (
        "nobody is asked for a key that does nothing"
    )


def test_what_fits_on_a_call_leaves_room_for_the_key() -> None:
    settings = {"from": "+15551234567", "to": "+33612345678"}
    limits = ADAPTERS["twilio_voice"](parts("twilio_voice", settings, SECRET)).limits()
    longest = next(n for n in range(4_000, 0, -1) if limits.count("x" * n) <= (limits.max_characters or 0))
    fake = Ringing("queued")
    with serving(fake) as base:
        channel = ADAPTERS["twilio_voice"](
            parts("twilio_voice", settings | {"api": f"{base}/twilio"}, SECRET)
        )
        url = "https://desk.example/webhooks/phone?page=" + "a" * 64
        channel.publish(replace(letter(), text="x" * longest, language="fr", keys_to=url))
    assert not fake.violations
