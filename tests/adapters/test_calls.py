"""Taking a voice call back: cancelled before anybody took it, cut short while it is heard, never called undone when it was."""

from __future__ import annotations

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
