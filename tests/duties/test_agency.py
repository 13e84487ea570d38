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


REPLY = {"text": "Ne nourrissez pas la rumeur : signalez les comptes, parlez quand la presse demande."}


def reminders(crisis: Crisis) -> list[dict[str, str]]:
    return [one for one in crisis.left("team") if one["kind"] in ("agency_chased", "agency_silent")]


def attacked(stack: Stack) -> Crisis:
    crisis = Crisis(stack)
    crisis.triage(4)
    return crisis


def test_a_silent_agency_is_reminded_then_the_directors_hear_of_it_until_it_replies(stack: Stack) -> None:
    crisis = attacked(stack)
    crisis.advance(minutes=119)
    assert reminders(crisis) == []
    crisis.advance(minutes=2)
    (reminder,) = reminders(crisis)
    assert (reminder["kind"], reminder["channel"], reminder["at"][11:16]) == (
        "agency_chased",
        "agency-desk",
        "10:00",
    )
    assert "/reply#" in reminder["text"], "with a link of its own"
    crisis.advance(hours=2)
    escalated = reminders(crisis)[1:]
    assert escalated
    assert {(one["kind"], one["at"][11:16]) for one in escalated} == {("agency_silent", "12:00")}
    assert "agency-desk" not in {one["channel"] for one in escalated}
    assert len(escalated) >= 2, "the directors, and whoever steers the case"
    crisis.advance(hours=24)
    daily = reminders(crisis)[1 + len(escalated) :]
    assert len(daily) == len(escalated), "and again the next day"
    crisis.do(
        "C4.1", evidence="Agency by phone at 12:40 on Saturday: report the accounts, say nothing for now"
    )
    told = len(reminders(crisis))
    crisis.advance(hours=50)
    assert len(reminders(crisis)) == told
    name = next(name for name in crisis.running() if "-agency-r" in name)
    assert crisis.running()[name] == "SUCCEEDED"


@pytest.mark.parametrize("end", ["reply", "closed", "reclassified", "frozen"])
def test_nobody_is_chased_after_a_reply_a_close_another_classification_or_in_a_freeze(
    stack: Stack, end: str
) -> None:
    crisis = attacked(stack)
    crisis.advance(minutes=10)
    if end == "reply":
        (sent,) = [one for one in crisis.left("team", kind="agency_file") if one["channel"] == "agency-desk"]
        token = sent["text"].partition("/reply#")[2].split()[0]
        answer = crisis.call(ANA, "POST", "/replies", REPLY | {"token": token})
        assert answer.status in (200, 201, 202), answer.json
        assert crisis.duty("C4.1")["state"] == "done"
    elif end == "frozen":
        crisis.freeze()
    else:
        crisis.triage(None if end == "closed" else 1)
    crisis.advance(hours=12)
    assert reminders(crisis) == []
