"""After a point-in-time restore of the table, names of procedures that were used before are not taken for done."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from sangfroid import timeline
from sangfroid.model import rfc3339
from tests.support.crises import ANA, DIRK, DORA, EMMA, OUTSIDE, Crisis
from tools import restore
from tools.compat import become, table_of

LEAK = {"asserted": {"confidential_leak": True}}


@pytest.mark.parametrize("running", [False, True])
def test_a_leak_after_a_restore_is_drained_and_paged_as_the_first_was(stack: Stack, running: bool) -> None:
    first = Crisis(stack, **LEAK)
    if not running:
        for status, director in ((202, DORA), (200, DIRK)):
            body = {"scope": "all", "reason": "over", "case_id": first.id}
            first.expect(status, director, "POST", "/freeze/release", body)
    first.advance(hours=1)
    table = stack.outputs["TableName"]
    stack.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "FREEZE"}, "sk": {"S": "STATE"}})
    second = Crisis(
        stack,
        message={"text": "Les contrats aussi", "platform": "x", "published_at": "2026-11-20T07:30:00Z"},
        **LEAK,
    )
    freeze = second.expect(200, DORA, "GET", "/freeze")
    assert (freeze["state"], freeze["epoch"]) == ("effective", 1)
    names = [one["name"] for one in stack.executions() if one["machine"] == "freeze"]
    assert len(names) == 2
    assert names[0] == "freeze-e1"
    assert names[1].startswith("freeze-e1-2026")


def restored(stack: Stack, items: dict[str, dict[str, Any]]) -> None:
    """The table as it stood, and what channels of this machine keep in it as it is: platforms are not restored."""
    kept = {key: item for key, item in table_of(stack).items() if item["pk"].startswith("OUTBOX#")}
    become(stack, {key: item for key, item in items.items() if not item["pk"].startswith("OUTBOX#")} | kept)


def taken_up(stack: Stack, monkeypatch: pytest.MonkeyPatch, to: str) -> int:
    monkeypatch.setattr(restore, "outputs_of", lambda _: stack.outputs)
    code = restore.main(["--to", to, "--by", "ana", "--go"], stack.clock.now)
    stack.client("lambda").invoke(FunctionName="sangfroid-reconcile:live", Payload=b"{}")
    stack.settle()
    return code


def out(stack: Stack) -> Counter[tuple[str, str, str]]:
    """What reached readers outside, each time."""
    return Counter(
        (one["channel"], one["language"], one["text"]) for one in stack.outbox() if one["audience"] in OUTSIDE
    )


@pytest.mark.parametrize("planned", [False, True], ids=["before it was planned", "before it was published"])
def test_what_was_published_after_the_restored_moment_is_not_published_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], planned: bool
) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    written = crisis.write()
    if planned:
        stack.request(
            "POST", "/_local/faults", [{"point": "function:publish", "mode": "throttle", "times": 10_000}]
        )
        crisis.review(written)
    moment, before = rfc3339(stack.clock.now()), table_of(stack)
    if planned:
        stack.request(
            "POST", "/_local/faults", [{"point": "function:publish", "mode": "throttle", "times": 0}]
        )
    else:
        crisis.review(written)
    body = {
        "name": "a.txt",
        "media_type": "text/plain",
        "data": base64.b64encode(b"seen").decode(),
        "note": "",
    }
    evidence = crisis.expect(201, ANA, "POST", "/cases/{case}/evidence", body)
    crisis.advance(hours=1)
    sent = out(stack)
    assert len(sent) > 5
    restored(stack, before)
    assert crisis.expect(200, EMMA, "GET", "/cases/{case}/evidence")["evidence"] == []
    stack.clock.advance(timedelta(minutes=1))
    code = taken_up(stack, monkeypatch, moment)
    told = capsys.readouterr().out
    assert f"done  evidence_found  {crisis.id}  {evidence['id']}" in told
    assert code == 0, told
    if not planned:
        crisis.review(written)
    crisis.advance(hours=2)
    assert out(stack) == sent, "each once"
    states = Counter(one["state"] for one in crisis.document["deliveries"])
    assert states["published"] >= 5, states
    (kept,) = crisis.expect(200, EMMA, "GET", "/cases/{case}/evidence")["evidence"]
    assert kept["id"] == evidence["id"]
    page = crisis.expect(200, EMMA, "GET", "/cases/{case}/timeline?limit=500")
    assert timeline.verify(page["events"]).intact
    assert [one["data"]["to"] for one in page["events"] if one["kind"] == "restored"] == [moment]
    again = taken_up(stack, monkeypatch, moment)
    assert (again, "restored" in json.dumps([one["kind"] for one in page["events"]])) == (0, True)
    assert "deliveries_to_look_at" not in capsys.readouterr().out, "a case is taken up once a restore"


def test_what_only_a_person_can_bring_back_is_said(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Crisis(stack)
    moment, before = rfc3339(stack.clock.now()), table_of(stack)
    second = Crisis(
        stack,
        message={
            "text": "Tous les contrats sont dehors",
            "platform": "x",
            "published_at": "2026-11-20T07:30:00Z",
        },
        **LEAK,
    )
    restored(stack, before)
    assert taken_up(stack, monkeypatch, moment) == 1
    told = capsys.readouterr().out
    assert f"YOURS  case_lost  {second.id}" in told
    assert "YOURS  freeze_lost  -  freeze 1 runs, the table knows 0" in told
    assert first.document["status"] == "triage"
