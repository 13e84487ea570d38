"""Two cases become one, or one becomes two: clocks, duties, messages and timelines of both stay true."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sangfroid import timeline
from sangfroid.acts import merging
from sangfroid.errors import IllegalTransition, Invalid, NotFound, Unavailable
from sangfroid.model import rfc3339
from sangfroid.table import Put
from sangfroid.triage.report import ReportedMessage
from tests.support.desks import NINE, TestDesk, two_brands

ONE = "La sauvegarde de nuit a effacé mes archives, tout un trimestre de comptabilité disparu"
TWO = "Impossible de me connecter au portail depuis la mise à jour de mardi, page blanche partout"


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk(two_brands())


def events(desk: TestDesk, case_id: str, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in desk.desk.casework.store.events(case_id) if event.kind == kind]


def intact(desk: TestDesk, case_id: str) -> bool:
    case = desk.desk.casework.read(case_id).case
    shown = [timeline.shown(event) for event in desk.desk.casework.store.events(case_id)]
    return timeline.verify(shown, (case.timeline_seq, case.timeline_hash)).intact


def two(desk: TestDesk) -> tuple[str, str]:
    """A case that is nine hours old, and a younger one that goes on."""
    return desk.report(text=ONE, ago=timedelta(hours=9)), desk.report(text=TWO)


def test_the_merged_case_ends_and_the_other_counts_from_the_earlier_origin(desk: TestDesk) -> None:
    old, new = two(desk)
    desk.desk.triage.classify(old)
    desk.desk.procedures.wait(old, "closed", 1, "case_2", "token-1")
    kept = desk.desk.merging.merge(old, new, "one event", "ana").case
    assert kept.id == new
    assert kept.first_published_at == NINE - timedelta(hours=9)
    assert kept.clock("response_ready").due_at == NINE + timedelta(hours=3)
    assert kept.message_count == 2
    ended = desk.desk.casework.read(old).case
    assert (ended.status, ended.no_crisis) == ("closed", False)
    assert {clock.state for clock in ended.clocks} == {"cancelled"}
    assert {duty.state for duty in ended.duties} == {"waived"}
    assert ended.waits == [], "its procedures hear that it is closed"
    woken = [item for (_, sk), item in desk.table.items.items() if sk.startswith("INTENT#") and item["token"]]
    assert [(item["token"], item["payload"]) for item in woken] == [("token-1", {"outcome": "closed"})]
    assert intact(desk, old)
    assert intact(desk, new)


def test_both_timelines_point_at_each_other(desk: TestDesk) -> None:
    old, new = two(desk)
    desk.desk.merging.merge(old, new, "one event", "ana")
    (left,), (right,) = events(desk, old, "case_merged"), events(desk, new, "case_absorbed")
    assert (left["into"], right["case"], right["reason"]) == (new, old, "one event")
    assert right["timeline_head"]["hash"] == desk.desk.casework.read(old).case.timeline_hash
    assert events(desk, new, "origin_moved")


def test_messages_go_over_and_copies_of_them_lead_to_the_case_that_goes_on(desk: TestDesk) -> None:
    old, new = two(desk)
    desk.desk.merging.merge(old, new, "one event", "ana")
    assert [message.text for message in desk.desk.casework.store.messages(new)] == [ONE, TWO]
    assert len({message.id for message in desk.desk.casework.store.messages(new)}) == 2
    assert desk.report(text=ONE) == new
    assert desk.report(text=f"RT @bob: {ONE}") == new
    copied = next(message for message in desk.desk.casework.store.messages(new) if message.text == ONE)
    desk.desk.reports.withdraw_message(new, copied.id, "not us", "ana")
    assert desk.desk.casework.read(new).case.first_published_at == NINE - timedelta(hours=1)


def test_an_interrupted_merge_goes_on_where_it_stopped(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = two(desk)
    with monkeypatch.context() as broken:
        broken.setattr(merging, "carry_over", lambda *_: (_ for _ in ()).throw(Unavailable("gone")))
        with pytest.raises(Unavailable):
            desk.desk.merging.merge(old, new, "one event", "ana")
    assert len(desk.desk.casework.store.messages(new)) == 1
    desk.desk.merging.merge(old, new, "one event", "ana")
    desk.desk.merging.merge(old, new, "one event", "ana")
    assert len(desk.desk.casework.store.messages(new)) == 2
    assert desk.desk.casework.read(new).case.message_count == 2
    assert len(events(desk, new, "case_absorbed")) == 1


def test_a_thousand_messages_go_over_in_portions(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = two(desk)
    for number in range(300):
        desk.report(text=f"{ONE} ({number})")
    sizes: list[int] = []
    transact = desk.table.transact
    monkeypatch.setattr(desk.table, "transact", lambda writes: (sizes.append(len(writes)), transact(writes)))
    kept = desk.desk.merging.merge(old, new, "one event", "ana").case
    assert max(sizes) <= 100
    assert len(desk.desk.casework.store.messages(new, limit=None)) == kept.message_count == 302


def test_what_may_not_be_merged(desk: TestDesk) -> None:
    old, new = two(desk)
    other = desk.report(text=ONE, brand="Cirrus")
    leak = desk.report(
        text="all our customers' addresses are on a forum", asserted={"confidential_leak": True}
    )
    closed = desk.report(text="une troisième affaire qui n'a rien à voir avec les autres")
    desk.triage(closed, None)
    before = {key: item["revision"] for key, item in desk.table.items.items() if key[1] == "FILE"}
    for source, into, refused in [
        (old, old, Invalid), (old, other, Invalid), (leak, new, IllegalTransition), (old, closed, IllegalTransition),
        (closed, new, IllegalTransition), ("nobody", new, NotFound), (old, "nobody", NotFound),
    ]:  # fmt: skip
        with pytest.raises(refused):
            desk.desk.merging.merge(source, into, "why not", "ana")
    assert {key: item["revision"] for key, item in desk.table.items.items() if key[1] == "FILE"} == before
    desk.desk.merging.merge(old, leak, "the same leak", "ana")
    assert desk.desk.casework.read(leak).case.message_count == 2


def test_a_split_opens_a_case_and_both_origins_are_counted_anew(desk: TestDesk) -> None:
    case_id = desk.report(text=ONE, ago=timedelta(hours=5))
    published = {"platform": "x", "published_at": (NINE - timedelta(hours=8)).isoformat()}
    wrong = desk.desk.reports.add_message(case_id, said({"text": TWO} | published), "ana")["message_id"]
    assert desk.desk.casework.read(case_id).case.first_published_at == NINE - timedelta(hours=8)
    fresh = desk.desk.merging.split(case_id, [wrong], "another event", "ana").case
    assert fresh.first_published_at == NINE - timedelta(hours=8)
    assert fresh.clock("response_ready").due_at == NINE + timedelta(hours=4)
    assert (fresh.status, fresh.message_count) == ("triage", 1)
    stayed = desk.desk.casework.read(case_id).case
    assert stayed.first_published_at == NINE - timedelta(hours=5)
    assert [(m.text, m.withdrawn) for m in desk.desk.casework.store.messages(case_id)] == [
        (TWO, True),
        (ONE, False),
    ]
    assert [(m.text, m.withdrawn) for m in desk.desk.casework.store.messages(fresh.id)] == [(TWO, False)]
    (opened,), (parted,) = events(desk, fresh.id, "case_opened"), events(desk, case_id, "case_split")
    assert (opened["split_from"], parted["into"]) == (case_id, fresh.id)
    assert parted["messages"] == {wrong: "m000001"}
    assert intact(desk, case_id)
    assert intact(desk, fresh.id)
    started = [
        item["name"]
        for (_, sk), item in desk.table.items.items()
        if sk.startswith("INTENT#") and item["machine"] == "crisis"
    ]
    assert sorted(started) == sorted([case_id, fresh.id])
    assert desk.report(text=f"RT @bob: {TWO}") == fresh.id
    assert desk.report(text=f"RT @bob: {ONE}") == case_id


def said(body: dict[str, Any]) -> Any:
    return ReportedMessage.model_validate(body)


def test_what_may_not_be_split(desk: TestDesk) -> None:
    case_id = desk.report(text=ONE)
    with pytest.raises(IllegalTransition):
        desk.desk.merging.split(case_id, ["m000001"], "all of it", "ana")
    with pytest.raises(NotFound):
        desk.desk.merging.split(case_id, ["m000009"], "unknown", "ana")
    with pytest.raises(NotFound):
        desk.desk.merging.split("nobody", ["m000001"], "unknown", "ana")
    desk.triage(case_id, None)
    with pytest.raises((IllegalTransition, NotFound)):
        desk.desk.merging.split(case_id, ["m000001"], "closed", "ana")
    assert all(not message.withdrawn for message in desk.desk.casework.store.messages(case_id))


def test_a_split_of_forty_messages_fits_into_one_transaction(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = desk.report(text=ONE)
    added = [
        desk.desk.reports.add_message(
            case_id,
            said(
                {
                    "text": f"{TWO} {number}",
                    "platform": "x",
                    "published_at": (NINE - timedelta(hours=2)).isoformat(),
                }
            ),
            "ana",
        )["message_id"]
        for number in range(40)
    ]
    sizes: list[int] = []
    transact = desk.table.transact

    def measured(writes: list[Put]) -> None:
        sizes.append(len(writes))
        transact(writes)

    monkeypatch.setattr(desk.table, "transact", measured)
    fresh = desk.desk.merging.split(case_id, added, "another event", "ana").case
    assert fresh.message_count == 40
    assert max(sizes) <= 100


def test_moments_are_kept(desk: TestDesk) -> None:
    old, new = two(desk)
    desk.advance(timedelta(minutes=5))
    desk.desk.merging.merge(old, new, "one event", "ana")
    assert rfc3339(desk.desk.casework.read(old).case.closed_at or NINE) == rfc3339(
        NINE + timedelta(minutes=5)
    )
