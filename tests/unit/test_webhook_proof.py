"""Who signs webhooks is believed, whoever sends anything else is refused: checked against the standard's own library."""

# ruff: noqa: E501 - tables

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from standardwebhooks.webhooks import Webhook

from sangfroid.listening import answers, webhooks
from sangfroid.organisation_parts import Source
from sangfroid.outbound.channels.webhook import genuine, sign

SECRET = "whsec_" + base64.b64encode(b"a key of the test, 32 bytes long").decode()
SOURCE = Source(id="own-tool", format="standard_webhooks", brand="Nuage SA")
BODY = json.dumps({"data": {"é": "№"}}, ensure_ascii=False).encode()


def signed(now: datetime, body: bytes = BODY, message_id: str = "msg_1") -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(message_id, now, body.decode()),
    }


def test_what_the_library_signs_is_genuine_and_what_we_sign_the_library_takes() -> None:
    now = datetime.now(UTC)
    assert genuine(SECRET, signed(now), BODY, now.timestamp())
    mine = sign(SECRET, "msg_1", int(now.timestamp()), BODY)
    assert mine == signed(now)["webhook-signature"]
    Webhook(SECRET).verify(BODY, {**signed(now), "webhook-signature": f"v1a,AAAA {mine}"})
    assert genuine(SECRET, {**signed(now), "webhook-signature": f"v1a,AAAA {mine}"}, BODY, now.timestamp())


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365])
def test_what_is_old_or_to_come_is_refused(minutes: int) -> None:
    now = datetime.now(UTC)
    assert not genuine(SECRET, signed(now + timedelta(minutes=minutes)), BODY, now.timestamp())


HOSTILE = [
    "9" * 309, "9" * 5000, "-" + "9" * 309, "1e400", "1e9", "nan", "inf", "-inf", "", " ", "0x10", "1_000", "１７００００００００",
    "²", "\x00", "\ud800", "١٧٠٠٠٠٠٠٠٠", "1700000000.5", "+1700000000", "é", "v1,", "v1," * 1000, ",,,,", "v1,\ud800", "v1,=", "v2,x",
]  # fmt: skip


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_no_header_of_a_stranger_raises_anything_but_a_refusal(name: str, hostile: str) -> None:
    now = datetime.now(UTC)
    with pytest.raises(webhooks.NotGenuine) as refused:
        webhooks.check(SOURCE, {"secret": SECRET}, {**signed(now), name: hostile}, BODY, now)
    assert refused.value.status == 401


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_nor_does_a_token(hostile: str) -> None:
    source = SOURCE.model_copy(update={"proof": "token"})
    with pytest.raises(webhooks.NotGenuine):
        webhooks.check(source, {"token": "secret"}, {"x-webhook-token": hostile}, BODY, datetime.now(UTC))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!!"])
def test_an_empty_secret_lets_nobody_in(secret: str) -> None:
    """With an empty key, everybody could sign."""
    import hashlib
    import hmac

    now = datetime.now(UTC)
    content = f"msg_1.{int(now.timestamp())}.".encode() + BODY
    forged = "v1," + base64.b64encode(hmac.new(b"", content, hashlib.sha256).digest()).decode()
    with pytest.raises(webhooks.NotGenuine):
        webhooks.check(SOURCE, {"secret": secret}, {**signed(now), "webhook-signature": forged}, BODY, now)


def test_slack_is_proven_as_its_documentation_shows() -> None:
    """The example of https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
        b"803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    secret = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - published by Slack
    assert webhooks.signed_by_slack(secret, headers, body, 1531420618)
    assert webhooks.signed_by_slack(secret, headers, body, 1531420618 + 300)
    assert not webhooks.signed_by_slack(secret, headers, body, 1531420618 + 301)
    assert not webhooks.signed_by_slack(secret, headers, body + b"&", 1531420618)


def test_the_pager_is_proven_by_one_of_its_signatures() -> None:
    """HMAC-SHA256 as `openssl dgst -sha256 -hmac` computes it over the same bytes; while a secret is changed there are two."""
    body = '{"event":{"summary":"Élise"}}'.encode()
    known = "v1=52e2fb2cb3160029bf9566a8f16b6afc3ea4745d3936efc097d8e3483ba465e7"
    for given in (known, f"v1={'0' * 64},{known}", f"{known}, v1={'0' * 64}", f"v2=abc,{known}"):
        assert answers.signed_by_pagerduty("s3cret of pages", {"x-pagerduty-signature": given}, body), given
    for given in (known.upper(), known[3:], known[:-1], f"v1={'0' * 64}", ",".join([known] * 20)):
        assert not answers.signed_by_pagerduty("s3cret of pages", {"x-pagerduty-signature": given}, body), (
            given
        )
    assert not answers.signed_by_pagerduty("", {"x-pagerduty-signature": known}, body)


@pytest.mark.parametrize(
    ("caller", "signature"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_twilio_is_proven_as_its_documentation_shows(caller: str, signature: str) -> None:
    """The example of https://www.twilio.com/docs/usage/security#validating-requests, and that of its libraries' tests."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": caller,
        "Digits": "1234",
        "From": caller,
        "To": "+18005551212",
    }
    headers = {"x-twilio-signature": signature}
    body = urlencode(fields).encode()
    assert answers.signed_by_twilio("12345", headers, url, body)
    assert not answers.signed_by_twilio("12346", headers, url, body)
    assert not answers.signed_by_twilio("12345", headers, url + "&", body)
    assert not answers.signed_by_twilio("12345", headers, url, body + b"&x=1")
    assert not answers.signed_by_twilio("12345", headers, url, b"&".join([b"a=1"] * 200))
    assert not answers.signed_by_twilio("", headers, url, body)
