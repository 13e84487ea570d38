"""One crisis whose triage, acknowledgement and approval are presses on Slack: real machines, real function, real adapter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.seed import LISTENING_SECRET
from local.stack import Stack
from tests.adapters.strict import serving
from tests.support.crises import ANA, EIGHT, Crisis
from tests.support.slack import USERS, Workspace, on_slack, press, signed

TEXTS = {
    "fr": "Vous n'avez plus de service depuis ce matin et nous vous présentons nos excuses. Une fibre a été coupée à Vitry ; "
    "nos équipes la remplacent. Prochaine nouvelle le vendredi 20 novembre à 18 h.",
    "en": "You have had no service since this morning and we apologise. A fibre was cut in Vitry; our teams are replacing it. "
    "Next news on Friday 20 November at 18:00.",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[tuple[Stack, Workspace]]:
    """A stack whose team is reached on a workspace."""
    fake = Workspace()
    with serving(fake) as base:
        file = tmp_path / "organisation.yaml"
        file.write_text(on_slack(api=f"{base}/slack"), "utf-8")
        stack = Stack.borrow(now=EIGHT, organisation=file)
        secret = json.dumps({"bot_token": fake.token})
        stack.client("secretsmanager").create_secret(
            Name="sangfroid/channels/team-slack", SecretString=secret
        )
        try:
            yield stack, fake
        finally:
            stack.stop()
    assert not fake.violations


def presses(crisis: Crisis, fake: Workspace, who: str, act: str, choice: int = 0) -> dict[str, Any]:
    """Somebody presses the newest button of that name in their conversation; what Slack shows then."""
    ts, action = [one for one in fake.buttons(who) if one[1]["name"] == act][choice]
    body = press(USERS[who], act, action["value"], message=fake.published[ts])
    headers = signed(body, crisis.stack.clock.now(), LISTENING_SECRET)
    answer = crisis.stack.request("POST", "/webhooks/slack", body, headers=headers)
    crisis.stack.settle()
    assert answer.status == 200, answer.text
    fake.pressed(ts, answer.json)
    return dict(answer.json)


def test_a_crisis_is_judged_taken_in_hand_and_approved_on_slack(workspace: tuple[Stack, Workspace]) -> None:
    stack, fake = workspace
    crisis = Crisis(stack, message={"text": "Hm.", "platform": "x", "published_at": "2026-11-20T07:00:00Z"})
    assert crisis.document["status"] == "triage"
    assert [one["name"] for _, one in fake.buttons("ana")] == ["triage"] * 5 + ["acknowledge"]
    presses(crisis, fake, "ana", "acknowledge")
    assert crisis.happened("acknowledged", what="triage")
    assert [one["name"] for _, one in fake.buttons("ana")] == ["triage"] * 5, "what was pressed is gone"
    presses(crisis, fake, "ana", "triage")
    assert (crisis.document["case"], crisis.document["triaged_by"]) == (1, "ana")
    asked = [one for one in fake.buttons("ana") if one[1]["name"] == "triage"]
    assert not asked
    crisis.write(TEXTS)
    ((_, button), *_) = [one for one in fake.buttons("emma") if one[1]["name"] == "approve"]
    assert button["confirm"]["text"].startswith("Vous approuvez la version 1 telle qu'elle partira")
    shown = presses(crisis, fake, "emma", "approve")
    assert shown["attachments"][-1]["text"] == "✓ Emma Laurent a approuvé la version 1."
    version = crisis.document["responses"][0]
    assert version["state"] == "approved"
    assert version["approvals"][0]["by"] == "emma"
    crisis.advance(minutes=5)
    assert [one for one in stack.outbox() if one["audience"] == "public"], "what was approved leaves"
    assert crisis.happened("response_approved")


def test_slack_that_is_not_slack_changes_nothing(workspace: tuple[Stack, Workspace]) -> None:
    stack, _ = workspace
    crisis = Crisis(stack, message={"text": "Hm.", "platform": "x", "published_at": "2026-11-20T07:00:00Z"})
    body = press(USERS["ana"], "triage", f"{crisis.id} 1")
    headers = signed(body, stack.clock.now(), "guessed")
    assert stack.request("POST", "/webhooks/slack", body, headers=headers).status == 401
    assert crisis.expect(200, ANA, "GET", "/cases/{case}")["status"] == "triage"
    # In a freeze: answered, without content and without effect.
    crisis.expect(202, ("dora", ["director"]), "POST", "/freeze", {"reason": "drill", "case_id": None})
    headers = signed(body, stack.clock.now(), LISTENING_SECRET)
    answer = stack.request("POST", "/webhooks/slack", body, headers=headers)
    assert answer.status == 200
    assert answer.json["text"].startswith("Rien ne se décide ici")
    assert crisis.expect(200, ANA, "GET", "/cases/{case}")["status"] == "triage"
