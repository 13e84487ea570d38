"""What the steps `trace` and `classify` write: what they found, put aside, and nothing else (S8). Who enters it checks it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid.model import rfc3339
from sangfroid.store import found
from sangfroid.table import Check, Put, Write
from sangfroid.tracing.findings import Tracing
from sangfroid.tracing.taking import Taking
from sangfroid.tracing.tracer import Tracer
from tests.evidence.vaults import MemoryVault
from tests.support.desks import NINE, TestDesk
from tests.tracing.desks import API, BSKY, Pages
from tests.tracing.pages import ARTICLE, THREAD


def opened(**verdict: Any) -> tuple[TestDesk, str]:
    desk = TestDesk(**({"case": 2} | verdict))
    desk.desk.evidence._vault = MemoryVault()
    message = {
        "text": "C'est en panne chez eux", "platform": "bluesky", "url": BSKY, "author": {"handle": "bob.test"},
        "published_at": rfc3339(NINE - timedelta(hours=1)),
    }  # fmt: skip
    return desk, desk.report(message=message)


def looker(desk: TestDesk) -> Tracing:
    return Tracing(desk.desk.casework, desk.desk.evidence, Tracer(Pages(**{BSKY: ARTICLE, API: THREAD})))


def partitions(writes: list[Write]) -> set[str]:
    return {
        (one.item["pk"] if isinstance(one, Put) else one.pk) for one in writes if not isinstance(one, Check)
    }


def written_by(desk: TestDesk, monkeypatch: pytest.MonkeyPatch, act: Any) -> set[str]:
    seen: list[Write] = []
    transact = desk.table.transact

    def note(writes: Any) -> None:
        seen.extend(writes)
        transact(writes)

    with monkeypatch.context() as patch:
        patch.setattr(desk.table, "transact", note)
        act()
    return partitions(seen)


def test_the_looks_write_what_they_found_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, case = opened()
    aside = {found.found_key(case)}
    assert written_by(desk, monkeypatch, lambda: desk.desk.triage.read(case)) == aside
    assert written_by(desk, monkeypatch, lambda: looker(desk).look(case)) == aside


def test_what_was_found_is_entered_once() -> None:
    desk, case = opened()
    desk.desk.triage.classify(case)
    mark = looker(desk).look(case)["found"]
    assert desk.desk.casework.read(case).case.trace is None
    taking = Taking(desk.desk.casework)
    assert taking.take(case, found.TRACE + mark) == "traced"
    assert taking.take(case, found.TRACE + mark) is None
    kinds = [event.kind for event in desk.desk.casework.store.events(case)]
    assert (kinds.count("source_traced"), kinds.count("evidence_kept")) == (1, 1)
    assert len(desk.desk.evidence.listed(case)) == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"findings": {"outcome": "traced"}},
        {"verdict": {"case": 3, "leak": True}},
        {"findings": "x" * 10_000},
    ],
)
def test_what_is_no_finding_is_not_entered(document: dict[str, Any]) -> None:
    desk, case = opened()
    before = len(desk.desk.casework.store.events(case))
    mark = found.put_aside(desk.table, case, found.TRACE, document, desk.now)
    assert Taking(desk.desk.casework).take(case, found.TRACE + mark) is None
    found.put_aside(desk.table, case, found.VERDICT, document, desk.now)
    assert desk.desk.triage.take(case)["outcome"] == "unsure", "a person decides"
    assert len(desk.desk.casework.store.events(case)) == before
    assert desk.table.query(found.found_key(case)).items == [], "it does not lie there for ever"


def test_evidence_that_lies_elsewhere_is_not_entered() -> None:
    desk, case = opened()
    mark = looker(desk).look(case)["found"]
    item = desk.table.get(found.found_key(case), found.TRACE + mark)
    assert item is not None
    for change in (
        {"case_id": "case-20261120-0000000000"},
        {"kind": "attachment"},
        {"by": "dora"},
        {"files": [item["found"]["evidence"]["files"][0] | {"key": "cases/another/ev-1/page.html"}]},
    ):
        changed = item["found"] | {"evidence": item["found"]["evidence"] | change}
        desk.table.transact([Put(item | {"found": changed})])
        assert Taking(desk.desk.casework).take(case, found.TRACE + mark) is None
    assert desk.desk.evidence.listed(case) == []


def test_nobody_can_speak_for_an_insider_from_a_text() -> None:
    desk, case = opened(case=3, leak=True, leak_suspected=True, by="insider")
    desk.desk.triage.classify(case)
    stands = desk.desk.casework.read(case).case
    assert (stands.status, stands.leak, stands.suspicion) == ("triage", False, "pending")


def test_a_verdict_is_taken_again_as_if_it_had_been_answered() -> None:
    desk, case = opened()
    desk.desk.triage.read(case)
    first = desk.desk.triage.take(case)
    assert first["outcome"] == "classified"
    assert desk.desk.triage.take(case) == first, "the machine repeats a step whose answer was lost"


def test_a_case_in_anothers_partition_is_none() -> None:
    """The index lists whatever names itself; who may write findings alone could name one a case."""
    desk, case = opened()
    head = desk.table.get(f"CASE#{case}", "FILE")
    assert head is not None
    forged = head | {"pk": found.found_key(case), "sk": "FILE", "id": "case-20261120-ffffffffff"}
    desk.table.transact([Put(forged)])
    listed, _ = desk.desk.casework.store.listed(None, 50, None)
    by_status, _ = desk.desk.casework.store.listed(head["status"], 50, None)
    assert {one.id for one in [*listed, *by_status]} == {case}
