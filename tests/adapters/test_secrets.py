"""No credential in anything that a faulty call produces: errors, their causes, tracebacks, representations and logs."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import IMAGE, letter, parts
from tests.adapters.platforms import KINDS
from tests.adapters.strict import Call, Platform, Reply, serving

SECRET = "s3cr3t-that-must-not-be-seen"  # noqa: S105
ELSEWHERE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "bluesky": ({"service": "{base}"}, {"identifier": "nuage.example", "app_password": SECRET}),
    "kannel_sms": (
        {"sendsms": "{base}", "from": "nuage", "to": "+33612345678"},
        {"username": "desk", "password": SECRET},
    ),
    "mastodon": ({"instance": "{base}", "max_characters": 500}, {"access_token": SECRET}),
    "matrix": ({"homeserver": "{base}", "room_id": "!room:example"}, {"access_token": SECRET}),
    "slack": ({"api": "{base}", "channel": "C024BE91L"}, {"bot_token": SECRET}),
    "twilio_voice": (
        {"api": "{base}", "from": "+15551234567", "to": "+33612345678"},
        {"account_sid": "AC" + "0" * 32, "auth_token": SECRET},
    ),
    "wordpress": ({"site": "{base}"}, {"username": "desk", "application_password": SECRET}),
}
"""Channels that are tried on servers of their own, and so have no fake."""

CHANNELS = ELSEWHERE | {
    kind.type: ({**kind.settings, kind.address: "{base}"}, dict(kind.secret)) for kind in KINDS.values()
}
ANSWERED = {kind.type: kind.answered[0] for kind in KINDS.values() if kind.answered is not None}
RECEIPTS = {
    "bluesky": "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3jui7kd54zh2y",
    "slack": "1:1",
}
PUBLIC = {"username", "identifier", "account_sid", *(name for kind in KINDS.values() for name in kind.public)}
"""Names of values in a secret that may be seen."""


class Echo(Platform):
    """A platform that says everything it was told back to the caller, as careless ones do in their error messages."""

    prefix = "echo"
    status = 500

    def publishes(self, call: Call) -> bool:
        return True

    def answer(self, call: Call) -> Reply:
        told = f"{call.url} {json.dumps(call.headers)} {call.body.decode('utf-8', 'replace')}"
        given = call.headers.get("authorization", "")
        if given.startswith("Basic "):
            told += base64.b64decode(given[6:]).decode()
        document = {
            "error": {"message": told},
            "message": told,
            "description": told,
            "detail": told,
            "ok": False,
        }
        return Reply(self.status, document, {"location": call.url})


@pytest.fixture(
    params=[200, 302, 400, 401, 403, 404, 422, 429, 500, "lost", "unreachable", "malformed", "missing"]
)
def fault(request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    platform = Echo()
    if isinstance(request.param, int):
        platform.status = request.param
    elif request.param == "lost":
        platform.fault = lambda *_: "lost"
    with serving(platform) as base:
        yield request.param, "http://127.0.0.1:9" if request.param == "unreachable" else f"{base}/echo"


@pytest.mark.parametrize("kind", CHANNELS)
def test_no_credential_shows(kind: str, fault: tuple[Any, str], caplog: pytest.LogCaptureFixture) -> None:
    what, base = fault
    settings, secret = CHANNELS[kind]
    settings = {name: base if value == "{base}" else value for name, value in settings.items()}
    if what == "malformed":
        # A line end at the end of a secret is the usual mistake, and breaks the header that it goes into.
        secret = {name: value + "\n" for name, value in secret.items()}
    if what == "missing":
        secret = {"something_else": SECRET}
    produced: list[str] = []
    faults: list[ChannelFault] = []
    with caplog.at_level(logging.DEBUG):
        channel = ADAPTERS[kind](parts(kind, settings, secret))
        # `audience` as for a notice: what a channel says about a recipient must not hold credentials either.
        one = letter()
        receipt = Receipt(RECEIPTS.get(kind, "1"))
        for call in (
            lambda: channel.publish(one),
            lambda: channel.find(one),
            lambda: channel.read_back(one, receipt),
            lambda: channel.retract(one, receipt),
            lambda: channel.publish(letter(image=IMAGE)),
            lambda: channel.publish(letter(corrects=receipt)),
            lambda: channel.find(letter(corrects=receipt)),
            lambda: channel.publish(letter(answers=ANSWERED.get(kind, "https://news.example/1"))),
        ):
            try:
                call()
            except ChannelFault as error:
                produced += [
                    str(error),
                    repr(error),
                    *map(repr, error.args),
                    "".join(traceback.format_exception(error)),
                ]
                faults.append(error)
                logging.getLogger("test").exception("a call failed")
    produced += [repr(channel), caplog.text]
    for error in faults:
        # What a library raised hangs on nothing: it holds the request, and with it the credentials.
        assert error.__cause__ is None
        assert error.__context__ is None or isinstance(error.__context__, ChannelFault)
    if what not in (200, 302):
        assert len(produced) > 2, "something failed"
    everything = "\n".join(produced)
    for name, value in secret.items():
        if name not in PUBLIC:
            assert value.strip() not in everything
            assert base64.b64encode(value.strip().encode()).decode() not in everything
    assert SECRET not in everything


def test_a_fault_in_the_settings_names_the_channel_and_the_setting() -> None:
    with pytest.raises(ChannelFault, match=r"channel x: settings: `user_id`: .*") as raised:
        ADAPTERS["x"](parts("x", {"user_id": "@nuage"}, {}))
    assert raised.value.permanent  # type: ignore[attr-defined]
    with pytest.raises(ChannelFault, match="channel slack: settings: `chanel`: Extra inputs"):
        ADAPTERS["slack"](parts("slack", {"chanel": "C024BE91L", "channel": "C024BE91L"}, {}))
    with pytest.raises(ChannelFault, match="must be an https:// address"):
        ADAPTERS["wordpress"](parts("wordpress", {"site": "http://news.nuage.example"}, {}))


def test_every_adapter_over_http_is_looked_at() -> None:
    others = {"apprise", "by_hand", "outbox", "ses", "smtp", "sns_sms", "webhook"}
    assert set(CHANNELS) == set(ADAPTERS) - others
