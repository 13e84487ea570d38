"""The team's channel on the real machines: the thread of a case from report to close; everybody gets the report (R2, R13)."""

from __future__ import annotations

from datetime import timedelta

from local.stack import Stack
from sangfroid.model import rfc3339
from tests.support.crises import ANA, TEXTS, Crisis

FOUND = "the reports and our status page say the same: nothing answers since 08:40"


def test_the_team_follows_a_crisis_in_its_channel_and_gets_the_report(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.advance(minutes=2)
    began = crisis.left("team", kind="case_summary")
    assert [one["channel"] for one in began] == ["team-chat"]
    assert began[0]["at"] <= rfc3339(stack.clock.now() - timedelta(seconds=55))
    crisis.approve(TEXTS)
    crisis.advance(hours=2)
    crisis.send_by_hand()
    crisis.advance(minutes=5)
    for duty in crisis.document["duties"]:
        if duty["state"] == "open" and not duty["automatic"]:
            crisis.call(
                ANA, "POST", f"/cases/{{case}}/duties/{duty['id']}", {"state": "done", "evidence": FOUND}
            )
    crisis.advance(minutes=5)
    crisis.close()
    crisis.advance(minutes=5)
    edits = crisis.left("team", kind="case_summary")
    assert len({one["key"] for one in edits}) == len(edits) > 2
    lines = "\n".join(one["text"] for one in crisis.left("team", kind="case_news"))
    for what in ("Réponse approuvée", "Publié · community-forum/en", "Échéance atteinte", "Dossier clos"):
        assert what in lines, lines
    report = crisis.left("team", kind="case_closed")
    readers = {one["key"].rsplit(":", 2)[1] for one in report}
    owners = {duty["owner"] for duty in crisis.document["duties"] if duty["owner"]}
    assert owners <= readers
    assert all(f"/#/cases/{crisis.id}/report" in one["text"] for one in report)
    crisis.advance(days=1)
    assert len(crisis.left("team", kind="case_closed")) == len(report), "once"
    assert not [one for one in crisis.running().values() if one == "team_room"]


def test_nothing_of_a_leak_stands_in_the_channel(stack: Stack) -> None:
    crisis = Crisis(stack, asserted={"confidential_leak": True})
    crisis.advance(hours=1)
    assert not crisis.left("team", kind="case_summary")
    assert not crisis.left("team", kind="case_news")
