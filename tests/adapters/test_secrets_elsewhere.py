"""No credential in anything that a faulty call produced, where the call is not one over HTTP alone; and none further on.

Mail servers, AWS, webhooks and Apprise, each against a server of the test that says everything it was told back to the caller.
The second half follows the reason of a failure through the real desk: deliveries, timeline, notices, the Lambda's logs.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import logging
import re
import socketserver
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import boto3
import botocore.loaders
import botocore.session
import pytest

from sangfroid import bootstrap, wall_clock
from sangfroid.desk import Desk
from sangfroid.model import Delivery
from sangfroid.observability import count_events, logger
from sangfroid.organisation import Organisation
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Suspension
from sangfroid.outbound.errors import ChannelFault
from sangfroid.outbound.letter import Receipt
from tests.adapters.kind import letter
from tests.support.desks import OneVerdict, TestDesk
from tests.support.memory_table import MemoryTable

# What stands in place of each credential: characters that change in an address, in JSON and in Base64.
USERNAME = "desk-user@nuage.example"
PASSWORD = "s3cr3t/that+must=not?be&seen"  # noqa: S105
IMAP_USERNAME = "archive-user@nuage.example"
IMAP_PASSWORD = "0ther+s3cr3t/of=the?archive"  # noqa: S105
HOOK_PATH = "hook-T0KEN-in-the-path"
HOOK_WORDS = "quiet-river-of-words"
"""A token that looks like no token: nobody can tell it from words, so nothing that a receiver says may be repeated."""

HOOK_QUERY = "hook+T0KEN/in=the?query"
HOOK_KEY = base64.b64encode(b"the key that both sides know").decode()
SERVICE_PASSWORD = "appr1se-s3cr3t-of-the-service"  # noqa: S105
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIAQ7LAMBDAROLEKEY1",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYLAMBDAKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE/T0KEN+of=the/role//////////wE",
}
SECRETS = (
    USERNAME, PASSWORD, IMAP_USERNAME, IMAP_PASSWORD, HOOK_PATH, HOOK_WORDS, HOOK_QUERY, HOOK_KEY, SERVICE_PASSWORD,
    *AWS.values(),
)  # fmt: skip
LIMIT = timedelta(seconds=5)
PUBLISH = Path(__file__).parents[2] / "functions" / "publish" / "app.py"
NOWHERE = 9
"""A port where nobody listens."""


def forms(secret: str) -> Iterator[str]:
    """How a credential can stand in a text: plain, in an address, in JSON, or within something that is Base64."""
    yield secret
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    for before in range(3):
        bits = 8 * (before + len(secret))
        yield base64.b64encode(b"\0" * before + secret.encode()).decode()[(0, 2, 3)[before] : bits // 6]


def seen_in(everything: str) -> list[str]:
    """The credentials that stand in a text in any form."""
    return [one for one in SECRETS if any(form in everything for form in forms(one))]


def test_what_is_looked_for_is_found() -> None:
    basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    plain = base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()).decode()
    for text in (f"Authorization: Basic {basic}", f"AUTH PLAIN {plain}"):
        assert set(seen_in(text)) == {USERNAME, PASSWORD}
    assert seen_in(f"/?token={quote(HOOK_QUERY)}") == [HOOK_QUERY]
    assert seen_in("the mail server is busy (450)") == []


# -- a mail server that repeats everything it was told


class Mail(socketserver.ThreadingTCPServer):
    """SMTP or IMAP to one command a line. At `stage` it answers by `how`; everywhere else as a sound server does."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, stage: str = "", how: str = "", offers: str = "AUTH PLAIN LOGIN") -> None:
        self.stage, self.how, self.offers = stage, how, offers
        self.told: list[str] = []
        self.reached: list[str] = []
        self.letters: list[str] = []
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def everything(self) -> str:
        return " ".join(self.told)

    def hear(self, line: str) -> None:
        self.told.append(line)
        for word in re.findall(r"[A-Za-z0-9+/=]{8,}", line):
            try:
                self.told.append(base64.b64decode(word, validate=True).decode().replace("\0", " "))
            except (binascii.Error, UnicodeDecodeError):
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""


class _Conversation(socketserver.StreamRequestHandler):
    server: Mail

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def line(self) -> str:
        heard = self.rfile.readline()
        if not heard:
            raise ConnectionError
        text = heard.decode("utf-8", "replace").rstrip("\r\n")
        self.server.hear(text)
        return text

    def meets(self, stage: str, tag: str = "") -> bool:
        """Whether the fault came here; then it was answered."""
        self.server.reached.append(stage)
        if stage != self.server.stage:
            return False
        how, told = self.server.how, self.server.everything()
        if how == "drop":
            raise ConnectionError
        if how == "garbage":
            self.say(f"{told} is what you said")
        elif how == "endless":
            self.say("2" + told + "x" * 10_000)
        else:
            self.say(f"{tag or how} {how + ' ' if tag else ''}{told}")
        return True

    def handle(self) -> None:
        (self.imap if isinstance(self.server, Imap) else self.smtp)()

    def smtp(self) -> None:
        if not self.meets("greeting"):
            self.say("220 mail.test ESMTP")
        while True:
            line = self.line()
            verb = line.split(" ")[0].upper()
            if self.meets(verb):
                continue
            if verb == "EHLO":
                self.say("250-mail.test")
                self.say(f"250 {self.server.offers}")
            elif verb == "AUTH":
                self.auth(line)
            elif verb == "DATA":
                self.say("354 go on")
                lines: list[str] = []
                while (text := self.line()) != ".":
                    lines.append(text)
                self.server.letters.append("\n".join(lines))
                if not self.meets("message"):
                    self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def auth(self, line: str) -> None:
        words = line.split(" ")
        if words[1] == "LOGIN":
            if len(words) < 3:
                self.say("334 VXNlcm5hbWU6")
                self.line()
            self.say("334 UGFzc3dvcmQ6")
            self.line()
        if not self.meets("password"):
            self.say("235 welcome")

    def imap(self) -> None:
        if not self.meets("greeting", "*"):
            self.say("* OK IMAP4rev1")
        while True:
            tag, _, rest = self.line().partition(" ")
            verb = rest.split(" ")[0].upper()
            if self.meets(verb, tag):
                continue
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            elif verb == "EXAMINE":
                self.say("* 1 EXISTS")
            elif verb == "SEARCH":
                self.say("* SEARCH 1")
            elif verb == "FETCH":
                copy = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{self.server.everything()}"
                self.say(f"* 1 FETCH (BODY[] {{{len(copy.encode())}}}")
                self.wfile.write(copy.encode() + b")\r\n")
            self.say(f"{tag} OK done")
            if verb == "LOGOUT":
                return


class Imap(Mail):
    """The archive mailbox."""


@contextmanager
def listening(*servers: socketserver.BaseServer) -> Iterator[None]:
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


# -- an HTTP server that repeats everything it was told: AWS, a receiver of webhooks, a service of Apprise


class Http(ThreadingHTTPServer):
    """`status` and the form of the body: `json`, `xml` (as SNS answers), `text`, `code` (the error is called so), or `lost`."""

    daemon_threads = True

    def __init__(self, status: int, form: str) -> None:
        self.status, self.form = status, form
        self.told: list[str] = []
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Http

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        told = f"{self.path} {dict(self.headers.items())} {body.decode('utf-8', 'replace')}"
        given = self.headers.get("authorization", "")
        if given.startswith("Basic "):
            told += " " + base64.b64decode(given[6:]).decode()
        self.server.told.append(told)
        if self.server.form == "lost":
            self.close_connection = True
            return
        said = self._said(told)
        self.send_response(self.server.status)
        if self.server.form == "code":
            self.send_header("x-amzn-errortype", quote(told, safe=" /:+=?&")[:4000])
        if 300 <= self.server.status < 400:
            self.send_header("location", self.path)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _said(self, told: str) -> bytes:
        form = self.server.form
        code = told if form == "code" else "Refused"
        if form in ("json", "code"):
            named = {"message": told, "Message": told, "error": {"message": told}, "description": told}
            return json.dumps({"id": told, "url": told, "__type": code, "code": code, **named}).encode()
        if form == "xml":
            inner = f"<Error><Type>Sender</Type><Code>{escape(told)}</Code><Message>{escape(told)}</Message></Error>"
            return f"<ErrorResponse>{inner}<RequestId>1</RequestId></ErrorResponse>".encode()
        return told.encode()

    do_GET = do_POST = do_PUT = _serve  # noqa: N815


# -- one faulty call after another


def adapter_of(type_: str, settings: Mapping[str, Any], secret: Mapping[str, Any]) -> Any:
    """The adapter as the composition root builds it; `secret` is what the store of secrets answers."""
    channels = bootstrap.Channels(organisation(type_, settings), MemoryTable(), "stack")
    channels._credentials = lambda _: lambda: secret  # type: ignore[method-assign]
    return channels("c")


def organisation(type_: str, settings: Mapping[str, Any]) -> Organisation:
    return Organisation.model_validate(
        {
            "name": "Nuage SA",
            "brands": [{"name": "Nuage SA", "languages": ["fr"]}],
            "people": [{"id": "emma", "name": "Emma", "duties": ["on_call"]}],
            "channels": [
                {
                    "id": "c",
                    "type": type_,
                    "audience": "public",
                    "settings": dict(settings),
                    "time_limit": LIMIT,
                }
            ],
            "escalation": {"ladder": [{"role": "on_call"}]},
        }
    )


def calls(channel: Any) -> Iterator[Callable[[], Any]]:
    """Everything that the desk asks of an adapter."""
    one = letter("Nous sommes désolés.", audience="team", subject="Nous sommes désolés")
    receipt, stopped = Receipt("1"), Suspension("stopped", "", {"was_enabled": True})
    yield lambda: channel.publish(one)
    yield lambda: channel.find(one)
    yield lambda: channel.read_back(one, receipt)
    yield lambda: channel.retract(one, receipt)
    yield channel.suspend
    yield lambda: channel.resume(stopped)
    for name, given in (("survey", ()), ("is_suspended", (stopped,))):
        if hasattr(channel, name):
            yield lambda name=name, given=given: getattr(channel, name)(*given)


def produced_by(build: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> tuple[str, int]:
    """Everything that the calls produced, as one text, and how many failed."""
    produced: list[str] = []
    hanging: list[BaseException | None] = []
    failed = 0
    with caplog.at_level(logging.DEBUG):
        channel = build()
        for call in calls(channel):
            try:
                produced.append(repr(call()))
            except ChannelFault as error:
                failed += 1
                produced += [str(error), repr(error), *map(repr, error.args), repr(vars(error))]
                produced.append("".join(traceback.format_exception(error)))
                hanging += [error.__cause__, error.__context__]
                logging.getLogger("test").exception("a call failed")
    # What a library raised hangs on nothing: it holds the request, and with it the credentials.
    assert [one for one in hanging if one is not None and not isinstance(one, ChannelFault)] == []
    return "\n".join([*produced, repr(channel), caplog.text]), failed


MAIL_SECRET = {
    "username": USERNAME, "password": PASSWORD, "imap_username": IMAP_USERNAME, "imap_password": IMAP_PASSWORD,
}  # fmt: skip


def mail_settings(smtp_port: int, imap_port: int | None = None, security: str = "none") -> dict[str, Any]:
    settings: dict[str, Any] = {
        "host": "127.0.0.1", "port": smtp_port, "security": security,
        "from": "desk@nuage.example", "to": ["clients@nuage.example"],
    }  # fmt: skip
    if imap_port is not None:
        settings["archive"] = {
            "address": "copies@nuage.example", "host": "127.0.0.1", "port": imap_port, "security": "none",
        }  # fmt: skip
    return settings


@pytest.mark.parametrize("offers", ["AUTH PLAIN", "AUTH LOGIN"])
@pytest.mark.parametrize(
    ("stage", "how"),
    [(stage, how) for stage in ("greeting", "EHLO", "AUTH", "password", "MAIL", "RCPT", "DATA", "message", "QUIT")
     for how in ("421", "451", "535", "554", "drop", "garbage", "endless")],
)  # fmt: skip
def test_a_mail_server_that_repeats_what_it_was_told(
    stage: str, how: str, offers: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = Mail(stage, how, offers)
    with listening(server):
        everything, failed = produced_by(
            lambda: adapter_of("smtp", mail_settings(server.port), MAIL_SECRET), caplog
        )
    assert stage in server.reached
    assert failed > 2 or stage == "QUIT", (
        "nothing can be looked up or taken back, and the sending itself failed"
    )
    if stage in ("MAIL", "RCPT", "DATA", "message"):
        assert {USERNAME, PASSWORD} <= set(seen_in(server.everything())), "the server knew what it could say"
    assert seen_in(everything) == []


@pytest.mark.parametrize(
    "what", ["unreachable", "no starttls", "line end", "not ASCII", "no AUTH", "not a text"]
)
def test_a_mail_server_that_cannot_be_used(what: str, caplog: pytest.LogCaptureFixture) -> None:
    ends = {"line end": "\n", "not ASCII": "é"}.get(what, "")
    secret: dict[str, Any] = {name: value + ends for name, value in MAIL_SECRET.items()}
    if what == "not a text":
        secret["password"] = [PASSWORD]
    # The server refuses in the end, so that what it says passes through a reason.
    server, archive = (
        Mail("MAIL", "554", "8BITMIME" if what == "no AUTH" else "AUTH PLAIN"),
        Imap("EXAMINE", "NO"),
    )
    ports = (NOWHERE, NOWHERE) if what == "unreachable" else (server.port, archive.port)
    security = "starttls" if what == "no starttls" else "none"
    with listening(server, archive):
        everything, failed = produced_by(
            lambda: adapter_of("smtp", mail_settings(*ports, security), secret), caplog
        )
    assert failed > 2
    assert seen_in(everything) == []


@pytest.mark.parametrize(
    ("stage", "how"),
    [(stage, how) for stage in ("greeting", "CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "FETCH", "LOGOUT")
     for how in ("NO", "BAD", "BYE", "OK", "drop", "garbage", "endless")],
)  # fmt: skip
def test_an_archive_mailbox_that_repeats_what_it_was_told(
    stage: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    server, archive = Mail(), Imap(stage, how)
    with listening(server, archive):
        everything, failed = produced_by(
            lambda: adapter_of("smtp", mail_settings(server.port, archive.port), MAIL_SECRET), caplog
        )
    assert stage in archive.reached
    assert failed
    if stage in ("EXAMINE", "SEARCH", "FETCH"):
        assert {IMAP_USERNAME, IMAP_PASSWORD} <= set(seen_in(archive.everything()))
    assert seen_in(everything) == []


HTTP_FAULTS = [
    (200, "json"), (200, "text"), (200, "xml"), (302, "text"), (400, "json"), (400, "xml"), (400, "text"), (400, "code"),
    (403, "json"), (403, "xml"), (410, "json"), (429, "json"), (429, "xml"), (500, "json"), (500, "text"), (503, "xml"),
    (0, "lost"), (0, "unreachable"),
]  # fmt: skip


KNOWN = botocore.loaders.create_loader()
"""Reads botocore's descriptions of the services once."""


@pytest.fixture(params=HTTP_FAULTS, ids=lambda fault: f"{fault[0]}-{fault[1]}")
def http(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Http, str]]:
    """The server, and the address that it or nobody listens at; AWS's services stand there too."""
    server = Http(*request.param)
    base = f"http://127.0.0.1:{NOWHERE}" if request.param[1] == "unreachable" else server.base
    environment = {**AWS, "AWS_ENDPOINT_URL": base, "AWS_DEFAULT_REGION": "eu-west-3"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    # A session that an earlier test began remembers the credentials of its day; what AWS's services are it may know.
    session = botocore.session.Session()
    session.register_component("data_loader", KNOWN)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=session))
    with listening(server):
        yield server, base


AWS_CHANNELS: dict[str, dict[str, Any]] = {
    "ses": {"from": "desk@nuage.example", "to": ["clients@nuage.example"]},
    "sns_sms": {"to": "+33612345678"},
}


@pytest.mark.parametrize("type_", AWS_CHANNELS)
def test_an_aws_service_that_repeats_what_it_was_told(
    type_: str, http: tuple[Http, str], caplog: pytest.LogCaptureFixture
) -> None:
    server, base = http
    everything, failed = produced_by(lambda: adapter_of(type_, AWS_CHANNELS[type_], {}), caplog)
    if base == server.base:
        assert AWS["AWS_SESSION_TOKEN"] in seen_in("".join(server.told)), "the service knew what it could say"
    assert failed
    assert seen_in(everything) == []


def hook_secret(base: str) -> dict[str, Any]:
    return {
        "url": f"{base}/{HOOK_PATH}/{HOOK_WORDS}?token={quote_plus(HOOK_QUERY)}",
        "secret": f"whsec_{HOOK_KEY}",
    }


def test_a_receiver_that_repeats_what_it_was_told(
    http: tuple[Http, str], caplog: pytest.LogCaptureFixture
) -> None:
    server, base = http
    everything, failed = produced_by(lambda: adapter_of("webhook", {}, hook_secret(base)), caplog)
    assert failed
    if base == server.base:
        assert {HOOK_PATH, HOOK_WORDS, HOOK_QUERY} <= set(seen_in("".join(server.told)))
    assert seen_in(everything) == []


@pytest.mark.parametrize(
    "secret",
    [
        {"url": f"http://{HOOK_PATH}:{HOOK_QUERY}@127.0.0.1:9/", "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"http://127.0.0.1:{HOOK_PATH}/", "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"http://127.0.0.1:9/{HOOK_PATH}\n", "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"127.0.0.1:9/{HOOK_PATH}", "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"http://[{HOOK_PATH}]:9/", "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"http://{HOOK_PATH}\u2100.example/", "secret": f"whsec_{HOOK_KEY}"},
        {"url": [f"http://127.0.0.1:9/{HOOK_PATH}"], "secret": f"whsec_{HOOK_KEY}"},
        {"url": f"http://127.0.0.1:9/{HOOK_PATH}", "secret": f"{HOOK_KEY[:-3]}"},
        {"url": f"http://127.0.0.1:9/{HOOK_PATH}", "secret": f"{HOOK_KEY}é"},
        {"url": f"http://127.0.0.1:9/{HOOK_PATH}"},
        {},
    ],
)
def test_a_malformed_secret_of_a_webhook(secret: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    everything, failed = produced_by(lambda: adapter_of("webhook", {}, secret), caplog)
    assert failed > 2
    assert seen_in(everything) == []


@pytest.mark.parametrize(
    "shape", ["user:{password}@{place}/", "{place}/{password}/", "{place}/?+x-token={password}"]
)
def test_a_service_of_apprise_that_repeats_what_it_was_told(
    shape: str, http: tuple[Http, str], caplog: pytest.LogCaptureFixture
) -> None:
    server, base = http
    place = base.removeprefix("http://")
    secret = {"url": "json://" + shape.format(password=SERVICE_PASSWORD, place=place)}
    everything, failed = produced_by(lambda: adapter_of("apprise", {}, secret), caplog)
    if base == server.base:
        assert SERVICE_PASSWORD in seen_in("".join(server.told))
    assert failed
    assert seen_in(everything) == []


@pytest.mark.parametrize(
    "url",
    [
        f"json://user:{SERVICE_PASSWORD}@[::/",
        f"nonsense://{SERVICE_PASSWORD}",
        f"discord://{SERVICE_PASSWORD}",
        f"json://{'a' * 70}.{SERVICE_PASSWORD}\u2100.example/",
        f"mailto://user:{SERVICE_PASSWORD}@nuage.invalid?smtp=127.0.0.1:9",
        SERVICE_PASSWORD,
    ],
)
def test_an_address_that_apprise_cannot_use(url: str, caplog: pytest.LogCaptureFixture) -> None:
    everything, failed = produced_by(lambda: adapter_of("apprise", {}, {"url": url}), caplog)
    assert failed
    assert seen_in(everything) == []


def test_every_adapter_is_looked_at_somewhere() -> None:
    from tests.adapters import test_secrets

    here = {"smtp", "webhook", "apprise", *AWS_CHANNELS}
    assert here | {"by_hand", "outbox"} | set(test_secrets.CHANNELS) >= set(ADAPTERS)


def test_a_sound_mail_server_gets_a_short_letter_with_accents() -> None:
    server = Mail()
    with listening(server):
        channel = adapter_of("smtp", mail_settings(server.port), MAIL_SECRET)
        channel.publish(letter("Nous sommes désolés.", subject="Nous sommes désolés"))
    assert "message" in server.reached
    (taken,) = server.letters
    taken.encode("ascii")
    body = message_from_string(taken, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Nous sommes désolés."


# -- further than the adapter: what the desk makes of a reason


CHANNELS: list[dict[str, Any]] = [
    {"id": "newsletter", "type": "smtp", "audience": "public", "settings": {}},
    {"id": "customers", "type": "ses", "audience": "customer", "settings": AWS_CHANNELS["ses"]},
    {"id": "text", "type": "sns_sms", "audience": "customer", "settings": AWS_CHANNELS["sns_sms"]},
    {"id": "partner", "type": "webhook", "audience": "partner", "settings": {}},
    {"id": "room", "type": "apprise", "audience": "team", "settings": {}},
    {"id": "pager", "type": "sns_sms", "audience": "out_of_band", "settings": {}},
]


class Shop:
    """The desk with real adapters, the Lambda `publish` in front of it, and the records and logs that both leave."""

    def __init__(self, base: str, mail: Mail, archive: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
        channels: list[dict[str, Any]] = [one | {"time_limit": LIMIT} for one in CHANNELS]
        channels[0]["settings"] = mail_settings(mail.port, archive.port)
        place = base.removeprefix("http://")
        secrets = {
            "newsletter": MAIL_SECRET,
            "partner": hook_secret(base),
            "room": {"url": f"json://user:{SERVICE_PASSWORD}@{place}/{SERVICE_PASSWORD}"},
        }
        reach = [{"channel": "pager", "address": "+33100000001"}]
        self.desk = TestDesk(
            Organisation.model_validate(
                {
                    "name": "Nuage SA",
                    "brands": [{"name": "Nuage SA", "languages": ["fr", "en"]}],
                    "people": [{"id": "emma", "name": "Emma", "duties": ["on_call"], "reach": reach}],
                    "channels": channels,
                    "escalation": {"ladder": [{"role": "on_call"}]},
                }
            )
        )
        adapters = bootstrap.Channels(self.desk.organisation, self.desk.table, "stack")
        monkeypatch.setattr(adapters, "_credentials", lambda channel: lambda: secrets.get(channel, {}))
        self.desk.desk = Desk(
            self.desk.table, self.desk.organisation, lambda: OneVerdict(case=1), adapters, lambda: self.desk.now, count_events
        )  # fmt: skip
        monkeypatch.setattr(bootstrap, "desk", lambda: self.desk.desk)
        spec = spec_from_file_location("publish_app", PUBLISH)
        assert spec is not None
        assert spec.loader is not None
        self.publish = module_from_spec(spec)
        spec.loader.exec_module(self.publish)

    def send(self, case_id: str, key: str) -> None:
        """Invoke the Lambda until the delivery needs no other attempt, or has had enough of them."""
        context = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 120_000)
        for _ in range(7):
            sent = self.publish.handler({"case_id": case_id, "delivery": key}, context)
            if sent["outcome"] != "retry":
                return
            self.desk.now = max(self.desk.now, datetime.fromisoformat(sent["until"]))


@pytest.mark.parametrize(
    ("http", "stage", "how"),
    [
        ((400, "json"), "password", "535"),
        ((400, "xml"), "message", "554"),
        ((400, "code"), "MAIL", "451"),
        ((200, "json"), "RCPT", "garbage"),
        ((200, "xml"), "message", "drop"),
        ((503, "xml"), "", "archive"),
        ((410, "json"), "DATA", "554"),
        ((0, "lost"), "EHLO", "554"),
    ],
    indirect=["http"],
)
def test_the_reason_of_a_failure_goes_through_the_desk_without_credentials(
    http: tuple[Http, str],
    stage: str,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mail, archive = Mail(stage, how), Imap("FETCH", "NO" if how == "archive" else "")
    printed = io.StringIO()
    printer = logging.StreamHandler(printed)
    printer.setFormatter(logger.registered_formatter)
    logger.addHandler(printer)
    try:
        with listening(mail, archive), caplog.at_level(logging.DEBUG):
            shop = Shop(http[1], mail, archive, monkeypatch)
            wall_clock.install(lambda: shop.desk.now, lambda _: None)
            deliveries, answered = in_trouble(shop)
    finally:
        wall_clock.install()
        logger.removeHandler(printer)
    assert {one.channel for one in deliveries if one.reason} == {
        "newsletter",
        "customers",
        "text",
        "partner",
    } - (
        # A receiver that answers 200 has taken the message.
        {"partner"} if http[0].status == 200 else set()
    )
    kept = json.dumps([item for _, item in sorted(shop.desk.table.items.items())], default=str)
    for one in deliveries:
        assert one.reason is None or json.dumps(one.reason)[1:-1] in kept, "the reason is on record"
    assert "response_approved" in printed.getvalue(), "the log is looked at"
    assert seen_in("\n".join([kept, answered, printed.getvalue(), caplog.text])) == []


def in_trouble(shop: Shop) -> tuple[list[Delivery], str]:
    """A case whose response nobody gets: the deliveries, and everything that the desk says to a caller about them."""
    desk = shop.desk
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    texts = {"fr": "Nous sommes désolés.", "en": "We are sorry."}
    version = desk.write(case_id, texts)
    pilot = desk.desk.casework.read(case_id).case.cell.get("pilot")
    others = [one for one in ("emma", "dora", "dirk") if one != pilot]  # who steers does not approve
    for person in others[: version.approvals_needed]:
        desk.desk.responses.review(
            case_id, version.version, True, version.content_hash, "", person, director=False
        )
    for key in desk.desk.publication.plan(case_id, version.version, "all")["deliveries"]:
        shop.send(case_id, key)
    deliveries = list(desk.desk.casework.read(case_id).deliveries.values())
    told = [
        desk.desk.notices.tell(
            case_id,
            "delivery_failing",
            one.key,
            ["on_call"],
            to,
            {"channel": one.key, "reason": one.reason},
            room=True,
        )
        for one in deliveries
        for to in ("team", "out_of_band")
    ]
    file = desk.desk.casework.read(case_id)
    shown = [str(told), *(repr(one) for one in file.deliveries.values()), repr(file.case)]
    return deliveries, "\n".join(shown)
