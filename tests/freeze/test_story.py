"""The whole story of a leak, in virtual time on the local stack: report, silence, statement, release, publication, close."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.support.crises import ANA, DIRK, DORA, EIGHT, EMMA, OUTSIDE, Crisis

DEV = ("dev", ["responder"])
LEAK = {"asserted": {"confidential_leak": True}}
HOOK = "sangfroid/channels/partner-hook"


@pytest.fixture
def stack() -> Stack:
    """Empty, at eight o'clock, standing still."""
    return Stack.borrow(now=EIGHT)


def freeze(crisis: Crisis) -> Any:
    return crisis.expect(200, ANA, "GET", "/freeze")


def policy(stack: Stack) -> str:
    return stack.client("secretsmanager").get_resource_policy(SecretId=HOOK).get("ResourcePolicy") or ""


def mail_goes(stack: Stack) -> bool:
    """Whether the stack's own configuration set sends."""
    client = stack.client("sesv2")
    (name,) = client.list_configuration_sets()["ConfigurationSets"]
    return bool(client.get_configuration_set(ConfigurationSetName=name)["SendingOptions"]["SendingEnabled"])


def states(crisis: Crisis, *channels: str) -> set[str]:
    return {
        one["state"] for one in crisis.document["deliveries"] if not channels or one["channel"] in channels
    }


def test_a_leak_from_the_report_to_the_close(stack: Stack) -> None:
    crisis = Crisis(stack, **LEAK)
    document = freeze(crisis)
    assert document["state"] == "effective"
    assert document["holding"] == [crisis.id]
    assert crisis.duty("C3.0a")["state"] == crisis.duty("C3.0b")["state"] == "done"
    assert not mail_goes(stack), "e-mail of this desk stands still"
    assert stack.client("sesv2").get_account()["SendingEnabled"], "and nobody else's in the account"
    assert '"Deny"' in policy(stack)
    assert "PublishFunctionRole" in policy(stack)

    crisis.approve()
    crisis.advance(hours=1)
    assert states(crisis) == {"held"}
    assert crisis.clock("response_ready")["state"] == "met"

    crisis.release("statement")
    crisis.advance(minutes=1)
    assert states(crisis, "newsroom") == {"published"}
    assert states(crisis, "x", "facebook", "linkedin", "community-forum", "partner-hook") == {"held"}
    assert '"Deny"' in policy(stack), "the statement does not go there"

    crisis.release("all")
    crisis.advance(minutes=1)
    assert freeze(crisis)["state"] == "open"
    assert policy(stack) == ""
    assert mail_goes(stack)
    assert len(crisis.left(*OUTSIDE)) == 2, "the statement in two languages, and nothing in a burst"
    (version,) = crisis.document["responses"]
    assert version["state"] == "in_review"

    crisis.review(version, EMMA)
    crisis.review(version, DORA)
    crisis.advance(minutes=10)
    assert {one["state"] for one in crisis.document["deliveries"] if one["channel"] != "press-list"} == {
        "published"
    }
    assert states(crisis, "press-list") == {"manual"}, "somebody's task"
    assert crisis.clock("response_published")["state"] == "met"

    refused = crisis.call(
        ANA,
        "POST",
        "/cases/{case}/close",
        {"root_cause": "a shared folder", "lessons": "look at links", "measures": []},
    )
    assert refused.status == 409
    assert "C3.0c" in refused.text, "the close needs the source of the leak"
    waived = crisis.call(
        DEV, "POST", "/cases/{case}/duties/C3.0c", {"state": "waived", "note": "there was no time"}
    )
    assert waived.status == 409
    for duty in ("C3.0c", "C3.3"):
        crisis.expect(
            200,
            DEV,
            "POST",
            f"/cases/{{case}}/duties/{duty}",
            {"state": "done", "evidence": "a shared folder"},
        )
    crisis.close()
    crisis.advance(days=2)
    assert set(crisis.running().values()) == {"SUCCEEDED"}


def test_while_frozen_only_pages_leave_and_they_carry_no_content(stack: Stack) -> None:
    other = Crisis(
        stack, message={"text": "Autre panne", "platform": "x", "published_at": "2026-11-20T07:00:00Z"}
    )
    other.triage(1)
    before = len(stack.outbox())
    crisis = Crisis(stack, **LEAK)
    effective_at = freeze(crisis)["effective_at"]
    other.approve()
    crisis.advance(hours=13)
    after = stack.outbox()[before:]
    assert {item["audience"] for item in after if item["at"] >= effective_at} == {"out_of_band"}
    for item in after:
        assert "Nuage" not in item["text"]
        assert "marche" not in item["text"]
    kinds = {item["kind"] for item in after}
    assert {"frozen", "release_awaited", "leak_source", "clock_reminder", "clock_breached"} <= kinds
    sources = [item for item in after if item["kind"] == "leak_source"]
    assert len(sources) > 3, "the search for the source escalates while nobody records findings"
    assert [entry["case_id"] for entry in freeze(crisis)["held"]].count(other.id) > 0, (
        "what was refused is visible"
    )


def test_two_leaks_share_one_freeze_and_a_second_one_silences_a_statement(stack: Stack) -> None:
    first = Crisis(stack, **LEAK)
    first.approve()
    first.release("statement")
    second = Crisis(
        stack,
        message={"text": "Les contrats aussi", "platform": "x", "published_at": "2026-11-20T07:30:00Z"},
        **LEAK,
    )
    document = freeze(first)
    assert (document["state"], document["holding"]) == ("effective", [first.id, second.id])
    machines = {
        one["name"]: one["status"] for one in stack.executions() if one["name"].startswith("freeze-e")
    }
    assert machines == {"freeze-e1": "SUCCEEDED", "freeze-e3": "RUNNING"}, (
        "the older execution ends as superseded"
    )
    body = {"scope": "all", "reason": "over", "case_id": first.id}
    for status, director in ((202, DORA), (200, DIRK)):
        first.expect(status, director, "POST", "/freeze/release", body)
    assert freeze(first)["holding"] == [second.id]
    body["case_id"] = second.id
    for status, director in ((202, DORA), (200, DIRK)):
        first.expect(status, director, "POST", "/freeze/release", body)
    assert freeze(first)["state"] == "open"


def test_a_channel_that_cannot_be_stopped_never_lifts_the_freeze_and_calls_a_person(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sangfroid.outbound.channels.webhook import Webhook
    from sangfroid.outbound.errors import AnswerLost

    def silent(_: Webhook) -> Any:
        raise AnswerLost("no answer")

    with monkeypatch.context() as broken:
        broken.setattr(Webhook, "suspend", silent)
        crisis = Crisis(stack, **LEAK)
        crisis.advance(minutes=15)
        document = freeze(crisis)
        assert document["state"] == "effective"
        assert [entry["channel"] for entry in document["checklist"]] == ["partner-hook"]
        assert crisis.duty("C3.0b")["state"] == "open"
        assert "suspension_failed" in {item["kind"] for item in stack.outbox()}
    crisis.advance(hours=5)
    assert freeze(crisis)["checklist"] == [], "tried again with the reminder"
    assert crisis.duty("C3.0b")["state"] == "done"


def test_a_suspicion_pages_directors_until_one_decides(stack: Stack) -> None:
    text = "LEAKED: confidential salary file of all employees of Nuage, internal documents, customer database dump online"
    crisis = Crisis(
        stack, message={"text": text, "platform": "forum", "published_at": "2026-11-20T07:00:00Z"}
    )
    assert freeze(crisis)["state"] == "open"
    crisis.advance(minutes=50)
    asked = crisis.left("out_of_band", kind="leak_suspected")
    assert len(asked) > 2, "silence escalates"
    body = {"freeze": True, "reason": "it is ours"}
    crisis.expect(202, DORA, "POST", f"/freeze/suspicions/{crisis.id}", body)
    assert freeze(crisis)["state"] == "effective"
    assert crisis.running()[f"{crisis.id}-suspicion"] == "SUCCEEDED"
    crisis.advance(hours=3)
    assert len(crisis.left("out_of_band", kind="leak_suspected")) == len(asked)
    assert datetime.fromisoformat(freeze(crisis)["raised_at"]) - EIGHT == timedelta(minutes=50)
