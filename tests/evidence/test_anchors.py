"""Heads of timelines under lock (I9, S8): a chain that was written anew as a whole no longer passes for the old one."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from sangfroid import timeline
from sangfroid.evidence import anchors
from sangfroid.store import anchors as kept
from sangfroid.table import Put
from tests.evidence.vaults import MemoryVault
from tests.support.desks import TestDesk


def opened() -> tuple[TestDesk, MemoryVault, str]:
    desk, vault = TestDesk(case=2), MemoryVault()
    case = desk.report()
    desk.desk.triage.classify(case)
    return desk, vault, case


def look(desk: TestDesk, vault: MemoryVault) -> anchors.Anchored:
    return anchors.anchor(desk.desk.casework, vault)


def shown(desk: TestDesk, case: str) -> list[dict[str, Any]]:
    return [timeline.shown(event) for event in desk.desk.casework.store.events(case)]


def written_anew(desk: TestDesk, case: str) -> None:
    """What somebody who may write the whole table would do: other events, a chain that holds, a case that agrees."""
    previous, events = timeline.GENESIS, desk.desk.casework.store.events(case)
    for event in events:
        event.data, event.previous_hash = {"by": "somebody else"}, previous
        event.hash = previous = timeline.hash_of(timeline.shown(event))
        place = {"pk": f"CASE#{case}#TIMELINE", "sk": f"{event.seq:08d}"}
        desk.table.transact([Put(event.model_dump(mode="json") | place)])
    head = desk.table.get(f"CASE#{case}", "FILE")
    assert head is not None
    desk.table.transact([Put(head | {"timeline_hash": previous})])


def test_a_head_is_anchored_once_and_again_when_it_has_moved() -> None:
    desk, vault, case = opened()
    assert look(desk, vault).cases == [case]
    assert look(desk, vault).cases == []
    desk.triage(case, 1)
    assert look(desk, vault).cases == [case]
    events = shown(desk, case)
    heads = anchors.heads(vault.objects.values())
    assert len(heads) == 2
    assert timeline.verify(events, None, heads).intact
    for (key, _), data in vault.objects.items():
        said = json.loads(data)
        assert key == f"anchors/{case}/{said['seq']:08d}.json"
        assert events[said["seq"] - 1]["hash"] == said["hash"]


def test_a_chain_written_anew_holds_by_itself_and_not_against_its_anchor() -> None:
    desk, vault, case = opened()
    look(desk, vault)
    written_anew(desk, case)
    head = desk.desk.casework.read(case).case
    assert timeline.verify(shown(desk, case), (head.timeline_seq, head.timeline_hash)).intact
    verdict = timeline.verify(shown(desk, case), None, anchors.heads(vault.objects.values()))
    assert verdict.fault == f"event {head.timeline_seq} is not the one that was anchored"
    desk.triage(case, 1)
    done = look(desk, vault)
    assert (done.cases, list(done.broken)) == ([], [case]), "the next look rings"
    assert len(vault.objects) == 1, "and what was changed is not anchored"


def test_a_timeline_that_was_cut_is_known() -> None:
    desk, vault, case = opened()
    look(desk, vault)
    events = shown(desk, case)
    short = events[:-1]
    assert timeline.verify(short, (len(short), short[-1]["hash"])).intact
    assert not timeline.verify(short, None, anchors.heads(vault.objects.values())).intact
    assert (
        timeline.verify([], None, [(1, "sha256:0")]).fault
        == "the timeline ends at event 0, event 1 was anchored"
    )


def test_the_last_event_of_a_closed_case_is_anchored_and_then_nothing_is_owed() -> None:
    desk, vault, case = opened()
    look(desk, vault)
    desk.desk.triage.decide(case, None, False, "nothing of it is true", "ana")
    assert desk.desk.casework.read(case).case.status == "closed"
    assert look(desk, vault).cases == [case]
    assert kept.every(desk.table) == []
    head = desk.desk.casework.read(case).case
    assert max(anchors.heads(vault.objects.values())) == (head.timeline_seq, head.timeline_hash)


def test_what_comes_to_a_closed_case_is_anchored_too() -> None:
    desk, vault, case = opened()
    desk.desk.triage.decide(case, None, False, "nothing of it is true", "ana")
    look(desk, vault)
    desk.desk.evidence._vault = vault
    desk.desk.evidence.attach(case, "a.txt", "text/plain", "YQ==", "a late letter", "ana")
    desk.advance(timedelta(hours=1))
    assert look(desk, vault).cases == [case]
    assert kept.every(desk.table) == []


def test_what_is_no_anchor_is_not_read_as_one() -> None:
    with pytest.raises(ValueError, match="not an anchor"):
        anchors.heads([b"[]"])


def test_an_anchor_says_what_it_is_of() -> None:
    desk, vault, case = opened()
    look(desk, vault)
    (data,) = vault.objects.values()
    assert json.loads(data).keys() == {"case_id", "seq", "hash", "at"}
    assert hashlib.sha256(data).hexdigest()
    assert json.loads(data)["case_id"] == case
