"""One execution keeps the rounds of all duties of a case; each missed round is told of by itself, once."""

from __future__ import annotations

from datetime import timedelta

from tests.support.desks import TestDesk


def test_two_rounds_missed_at_the_same_time_are_two_looks_and_nothing_is_lost() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 3)
    file = desk.desk.casework.read(case)
    ids = [duty.id for duty in file.case.duties if duty.every_hours]
    assert len(ids) == 2
    last = max(duty.due_at for duty in file.case.duties if duty.id in ids and duty.due_at is not None)
    look = desk.desk.procedures.look_at_rounds
    assert look(case, ids)["outcome"] == "wait"
    desk.now = last
    first = look(case, ids)
    assert (first["outcome"], first["duty"]) == ("missed", ids[0])
    assert first["until"] <= last.strftime("%Y-%m-%dT%H:%M:%SZ"), "the other one is due now"
    second = look(case, ids)
    assert (second["outcome"], second["duty"]) == ("missed", ids[1])
    assert look(case, ids)["outcome"] == "wait"
    kinds = [
        (one.kind, one.data["duty"]) for one in desk.desk.casework.store.events(case) if "round" in one.kind
    ]
    assert kinds == [("round_missed", one) for one in ids]


def test_a_missed_round_that_an_execution_leaves_to_the_next_is_told_of_there() -> None:
    """An execution whose history is long goes on as a new one, which begins with what nobody was told of."""
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 3)
    ids = [duty.id for duty in desk.desk.casework.read(case).case.duties if duty.every_hours]
    look = desk.desk.procedures.look_at_rounds
    answer = look(case, ids, ids[0])
    assert (answer["outcome"], answer["duty"]) == ("missed", ids[0])
    assert answer["until"] > desk.now.strftime("%Y-%m-%dT%H:%M:%SZ"), "nothing else is due"
    assert not [one for one in desk.desk.casework.store.events(case) if one.kind == "round_missed"]


def test_rounds_are_over_when_none_is_owed() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 3)
    assert desk.desk.procedures.look_at_rounds(case, ["C9.9"])["outcome"] == "over"
    desk.advance(timedelta(days=1))
    desk.triage(case, None)
    ids = [duty.id for duty in desk.desk.casework.read(case).case.duties if duty.every_hours]
    assert desk.desk.procedures.look_at_rounds(case, ids or ["C3.3"])["outcome"] == "over"
