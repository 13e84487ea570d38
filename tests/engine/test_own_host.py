"""The local test interface answers its own host and origin alone: no page that is open in a browser may take a token."""

from __future__ import annotations

import pytest

from local import local_api
from local.answers import Request

CALLS = [
    ("POST", "/_local/token"),
    ("POST", "/_local/clock"),
    ("GET", "/_local/outbox"),
    ("POST", "/_local/faults"),
]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8420", "origin": "http://evil.example:8420"},
        {"host": "localhost.evil.example"},
        {"host": "127.0.0.1.evil.example:8420"},
        {"host": ""},
        {},
        {"host": "localhost:8420", "origin": "https://evil.example"},
        {"host": "localhost:8420", "origin": "null"},
        {"host": "localhost:8420", "sec-fetch-site": "cross-site"},
        {"host": "localhost:8420", "sec-fetch-site": "same-site"},
        {"host": "localhost:8420", "origin": "http://localhost:3000"},
        {"host": "localhost:8420", "origin": "https://localhost:8420"},
        {"host": "localhost:8420", "origin": "http://127.0.0.1:8420"},
    ],
)
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_page_of_elsewhere_gets_nothing(method: str, path: str, headers: dict[str, str]) -> None:
    stack: object = None
    answer = local_api.handle(stack, Request(method, path, "", headers, b'{"sub": "dora", "roles": []}'))  # type: ignore[arg-type]
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8420", "127.0.0.1:8420", "[::1]:8420", "LOCALHOST:1"]
)
@pytest.mark.parametrize("origin", [True, False])
def test_its_own_page_and_tools_are_answered(host: str, origin: bool) -> None:
    headers = {"host": host} | ({"origin": f"http://{host.lower()}"} if origin else {})
    assert local_api.foreign(Request("POST", "/_local/token", "", headers)) is None
