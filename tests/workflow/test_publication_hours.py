"""News that are approved in the night leave by themselves when the hours of their audience begin, on the real machines (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.stack import Stack
from tests.support.crises import ANA, Crisis
from tests.support.desks import EXAMPLE

EVENING = datetime(2026, 10, 24, 19, 0, tzinfo=UTC)
"""21:00 in Paris; in the night the clocks go back, so 07:00 is 06:00Z in the morning."""

HOURS = "publication_hours:\n  public: {from: 07:00, to: 21:00}\n"
NEWS = {"fr": "Tout est réparé sur les serveurs de Lyon.", "en": "All is repaired on the servers in Lyon."}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    file = tmp_path / "organisation.yaml"
    file.write_text(EXAMPLE.read_text("utf-8") + HOURS, "utf-8")
    running = Stack.borrow(now=EVENING, organisation=file)
    try:
        yield running
    finally:
        running.stop()


def test_an_update_waits_for_the_morning_and_leaves_by_itself(stack: Stack) -> None:
    message = {
        "text": "Plus rien ne marche chez Nuage",
        "platform": "x",
        "published_at": "2026-10-24T18:30:00Z",
    }
    crisis = Crisis(stack, message=message)
    crisis.triage(1)
    crisis.approve()
    crisis.advance(minutes=10)
    assert crisis.left("public", kind="response"), "the response stops a clock: it leaves at any hour"
    body = {"texts": NEWS, "kind": "update"}
    crisis.review(crisis.expect(201, ANA, "PUT", "/cases/{case}/response", body))
    crisis.advance(hours=1)
    shown = [
        one for one in crisis.document["deliveries"] if one["version"] == 2 and one["audience"] == "public"
    ]
    assert {(one["state"], one["opens_at"]) for one in shown} == {("waiting", "2026-10-25T06:00:00Z")}
    assert crisis.left("community", kind="update"), "an audience without hours hears it at once"
    assert not crisis.left("public", kind="update")
    assert crisis.happened("delivery_waits_for_hours")
    crisis.advance(hours=10)
    left = crisis.left("public", kind="update")
    assert left
    assert {one["at"][:16] for one in left} == {"2026-10-25T06:00"}, "at seven by the clocks that went back"
    assert not crisis.left("team", kind="delivery_failing"), "nobody is called for what only waits"
