"""What a first view and an unchanged tick cost, counted as they come over the wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.crisis_through_the_page import responding
from tests.support.people_in_browsers import Desk, Person

FIRST_VIEW = 100_000
"""Bytes as sent."""
REQUESTS = 6
TICK = 1_000
"""Bytes as sent: an unchanged desk, headers included."""


def served(desk: Desk, path: str) -> bool:
    token = httpx.post(f"{desk.address}/_local/token", json={"sub": "ana", "roles": ["responder"]}).json()[
        "token"
    ]
    return httpx.get(f"{desk.address}{path}", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def watched(person: Person) -> list[tuple[str, int, int]]:
    """Fills up with (path, status, bytes over the wire) of every answer."""
    seen: list[tuple[str, int, int]] = []
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    begun: dict[str, tuple[str, int]] = {}

    def answered(event: dict[str, Any]) -> None:
        address = event["response"]["url"]
        if address.startswith("http") and event["response"]["status"] == 304:
            # Without a body there is nothing to finish loading.
            size = int(event["response"]["encodedDataLength"])
            seen.append((address.split("/", 3)[3], 304, size))
        elif address.startswith("http"):
            begun[event["requestId"]] = (address.split("/", 3)[3], event["response"]["status"])

    def ended(event: dict[str, Any]) -> None:
        if event["requestId"] in begun:
            path, status = begun[event["requestId"]]
            seen.append((path, status, int(event["encodedDataLength"])))

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", ended)
    return seen


def test_a_first_view_is_small(
    desk: Desk, language: str, record_property: Callable[[str, object], None]
) -> None:
    assert served(desk, "/desk")
    ana, _ = responding(desk, language)
    ana.place("todo")
    seen = watched(ana)
    ana.page.reload()
    ana.page.locator("li.case-card").first.wait_for()
    begin = [path for path, *_ in seen].index("")  # what was under way before is not of this view
    first = seen[begin:]
    counted = (
        f"first view ({language}): {len(first)} requests, {sum(size for *_, size in first)} bytes as sent"
    )
    record_property("explored", counted)
    assert len(first) <= REQUESTS, first
    assert sum(size for *_, size in first) <= FIRST_VIEW, first
    # From then on an unchanged desk is told in a few words.
    ticks: list[tuple[str, int, int]] = []
    for _ in range(60):
        ana.page.wait_for_timeout(500)
        ticks = [entry for entry in seen[begin + len(first) :] if entry[0] == "desk"]
        if any(status == 304 for _, status, _ in ticks):
            break
    # The desk may still have been settling at the first of them.
    ticks = [entry for entry in ticks if entry[1] == 304]
    assert ticks
    assert all(0 < size <= TICK for *_, size in ticks), ticks
    record_property("explored", f"an unchanged tick ({language}): {ticks[0][2]} bytes")


def test_everything_comes_from_one_place_and_is_kept(server: str) -> None:
    page = httpx.get(f"{server}/")
    tag = page.headers["etag"]
    assert httpx.get(f"{server}/", headers={"If-None-Match": tag}).status_code == 304
    for kind, name in (("script", "src="), ("style", "href=")):
        path = re.findall(rf'{name}"(/console/console[^"]+)"', page.text)[0]
        for coding in ("br", "gzip", "identity"):
            answer = httpx.get(f"{server}{path}", headers={"Accept-Encoding": coding})
            assert answer.headers.get("content-encoding", "identity") == coding
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-security-policy"], kind
    assert httpx.get(f"{server}/console/../app.py").status_code == 404
    assert httpx.get(f"{server}/console/files.json").status_code == 404
