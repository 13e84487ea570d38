"""C4.1 on the real machines: the agency has the file at once, and what it answers closes the duty."""

import pytest

from local.stack import Stack
from tests.support.crises import ANA, EIGHT, Crisis


@pytest.fixture
def stack() -> Stack:
    """Empty, at eight o'clock, standing still."""
    return Stack.borrow(now=EIGHT)


def test_the_agency_has_the_file_at_once_and_its_strategy_closes_the_duty(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(4)
    (sent,) = [item for item in crisis.left("team", kind="agency_file") if item["channel"] == "agency-desk"]
    assert sent["at"].startswith("2026-11-20T08:00")
    assert "Plus rien ne marche chez Nuage" in sent["text"]
    path = "/cases/{case}/duties/C4.1"
    assert crisis.call(ANA, "POST", path, {"state": "done", "evidence": "ok"}).status == 422
    assert crisis.duty("C4.1")["state"] == "open"
    crisis.do(
        "C4.1", evidence="Agency at 08:25: do not feed it, report the accounts, speak once the press asks"
    )
    assert crisis.duty("C4.1")["state"] == "done"
    assert crisis.happened("duty_done", duty="C4.1")
