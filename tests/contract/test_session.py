"""Signing in: the API exchanges the code of the login, at the console's own address alone."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from sangfroid.errors import Invalid, Unavailable
from sangfroid.http.sign_in import SignIn, SignInRefused, SignInSettings
from tests.contract.desk import Desk

SETTINGS = SignInSettings("https://login.example", "client-1", "https://desk.example")
BODY = {"code": "the-code", "code_verifier": "v" * 43, "redirect_uri": "https://desk.example/"}


GIVEN = {"access_token": "a.b.c"}


def token(**claims: Any) -> str:
    return (
        ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)
        )
        + ".s"
    )


class Login:
    """A token endpoint: what it was asked, and what it answers."""

    def __init__(self, status: int = 200, answer: dict[str, Any] | None = None) -> None:
        self.status, self.answer = status, answer or {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append((url, dict(form)))
        return self.status, json.dumps(self.answer).encode()


@pytest.fixture
def signed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the API exchange codes with this login."""

    def put(login: Login) -> Login:
        monkeypatch.setitem(desk.module.app._given, "sign_in", SignIn(SETTINGS, login))
        return login

    return put


def test_a_code_becomes_a_session_without_a_refresh_token(desk: Desk, signed: Any) -> None:
    login = signed(
        Login(200, GIVEN | {"refresh_token": "r", "expires_in": 3600, "id_token": token(nonce="n")})
    )
    answer = desk.call("POST", "/session", BODY | {"nonce": "n"}, roles=[])
    assert answer.status == 200
    assert answer.json == {"access_token": "a.b.c", "id_token": token(nonce="n"), "expires_in": 3600}
    assert answer.headers["cache-control"] == "no-store"
    ((url, form),) = login.asked
    assert url == "https://login.example/oauth2/token"
    assert form == {
        "grant_type": "authorization_code", "client_id": "client-1", "code": "the-code", "code_verifier": "v" * 43,
        "redirect_uri": "https://desk.example/",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "https://desk.example", "https://desk.example/x", "https://desk.example/ "],
)
def test_no_other_address_than_the_consoles_is_taken(desk: Desk, signed: Any, address: str) -> None:
    login = signed(Login(200, GIVEN))
    answer = desk.call("POST", "/session", BODY | {"redirect_uri": address}, roles=[])
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/redirect_uri"
    assert login.asked == []


@pytest.mark.parametrize(
    ("login", "status"),
    [
        (Login(400, {"error": "invalid_grant"}), 401),
        (Login(200), 401),
        (Login(200, {"access_token": 7}), 401),
        (Login(500), 503),
        (Login(429), 503),
        (Login(302, GIVEN), 401),
        (Login(200, GIVEN | {"id_token": token(nonce="another")}), 401),
        (Login(200, GIVEN | {"id_token": "not a token"}), 401),
        (Login(200, GIVEN), 401),
    ],
)
def test_what_the_login_refuses_is_a_refusal_that_a_person_can_act_on(
    desk: Desk, signed: Any, login: Login, status: int
) -> None:
    signed(login)
    answer = desk.call("POST", "/session", BODY | {"nonce": "n"}, roles=[])
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "the-code" not in answer.text


@pytest.mark.parametrize(
    "change",
    [{"code": ""}, {"code": "a b"}, {"code_verifier": "short"}, {"code_verifier": "é" * 50}, {"more": 1}],
)
def test_a_body_that_cannot_be_is_refused(desk: Desk, signed: Any, change: dict[str, Any]) -> None:
    login = signed(Login(200, GIVEN))
    assert desk.call("POST", "/session", BODY | change, roles=[]).status == 422
    assert login.asked == []


def test_without_a_sign_in_page_it_says_so(desk: Desk) -> None:
    answer = desk.call("POST", "/session", BODY, roles=[])
    assert answer.status == 422
    assert "ConsoleAddress" in answer.json["detail"]


def test_the_environment_names_the_login() -> None:
    assert SignInSettings.from_env({"SIGN_IN_DOMAIN": "https://l"}) is None
    given = {"SIGN_IN_DOMAIN": "https://l/", "SIGN_IN_CLIENT": "c", "CONSOLE_ADDRESS": "https://d/"}
    settings = SignInSettings.from_env(given)
    assert settings is not None
    assert settings.redirect_uri == "https://d/"


def test_the_real_client_posts_a_form_and_follows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[tuple[str, dict[str, list[str]]]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            asked.append((self.path, parse_qs(body)))
            if len(asked) == 1:
                self.send_response(307)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                return
            said = json.dumps({"access_token": "a.b.c", "expires_in": 60}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        there = SignInSettings(f"http://127.0.0.1:{server.server_port}", "c", "https://d")
        exchange = SignIn(there).exchange
        with pytest.raises(SignInRefused):
            exchange("code-1", "v" * 43, "https://d/", None)
        with caplog.at_level("DEBUG"):
            session = exchange("code-1", "v" * 43, "https://d/", None)
    finally:
        server.shutdown()
        server.server_close()
    assert session.access_token == GIVEN["access_token"]
    assert asked[1][0] == "/oauth2/token"
    assert asked[1][1]["code"] == ["code-1"]
    assert "code-1" not in caplog.text
    assert "a.b.c" not in caplog.text
    with pytest.raises(Unavailable) as failed:
        exchange("code-1", "v" * 43, "https://d/", None)
    assert failed.value.__suppress_context__
    with pytest.raises(Invalid):
        exchange("code-1", "v" * 43, "https://d", None)
