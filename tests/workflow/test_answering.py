"""A night on the real machines in which two people answer where it rings, each once, and nobody else is woken (I14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.seed import LISTENING_SECRET
from local.stack import Stack
from sangfroid.outbound.letter import named
from tests.support.crises import Crisis
from tests.support.pagers import (
    URL,
    USERS,
    acknowledged,
    by_pagerduty,
    by_twilio,
    pressed,
    with_both,
)

ELEVEN = datetime(2026, 11, 20, 22, tzinfo=UTC)
"""23:00 in Paris."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    file = tmp_path / "organisation.yaml"
    file.write_text(with_both(), "utf-8")
    running = Stack.borrow(now=ELEVEN, organisation=file)
    try:
        yield running
    finally:
        running.stop()


def calls(stack: Stack) -> list[dict[str, Any]]:
    return [one for one in stack.outbox() if one["audience"] == "out_of_band"]


def test_whoever_is_woken_answers_where_it_rings_and_the_next_one_sleeps(stack: Stack) -> None:
    message = {"text": "C'est toujours pareil", "platform": "x", "published_at": "2026-11-20T18:00:00Z"}
    crisis = Crisis(stack, message=message)
    crisis.advance(minutes=21)
    (first,) = calls(stack)
    body = acknowledged(USERS["ana"], named("pager", first["key"]))
    forged = stack.request("POST", "/webhooks/pages", body, headers=by_pagerduty(body, "guessed"))
    assert forged.status == 401
    assert not crisis.happened("acknowledged")
    answer = stack.request("POST", "/webhooks/pages", body, headers=by_pagerduty(body, LISTENING_SECRET))
    assert (answer.status, answer.json) == (202, {"reports": [], "acknowledged": True})
    crisis.advance(minutes=59)
    assert len(calls(stack)) == 1, "nobody else in the organisation's hour"
    crisis.advance(minutes=5)
    _, second = calls(stack)
    assert second["channel"] == "voice"
    query = f"page={named('voice', second['key'])}"
    body = pressed("1", "+33100000002")
    headers = by_twilio(body, query, LISTENING_SECRET, URL)
    said = [stack.request("POST", f"/webhooks/phone?{query}", body, headers=headers) for _ in range(2)]
    assert {(one.status, one.headers["content-type"]) for one in said} == {(200, "text/xml")}
    assert said[0].text == said[1].text
    assert "Noted, thank you" in said[0].text, "in Ben's language"
    crisis.advance(minutes=59)
    assert len(calls(stack)) == 2
    taken = [one["by"] for one in crisis.events if one["kind"] == "acknowledged"]
    assert taken == ["ana", "ben"]
    assert crisis.document["status"] == "triage"
    assert stack.clock.now() - ELEVEN == timedelta(minutes=144)
