"""One round of telling: read once, its letters together, and come to the same end wherever the function is ended."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sangfroid.acts.subjects import Subject
from sangfroid.model import rfc3339
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from sangfroid.outbound.sending import lease
from sangfroid.store.freeze import CLOCK_SKEW
from tests.support.counted import Counted
from tests.support.crashes import Crash, Dying
from tests.support.crowds import many
from tests.support.desks import NINE, Platform, TestDesk


def begun(people: int) -> tuple[TestDesk, str]:
    desk = TestDesk(many(people))
    case = desk.report()
    desk.triage(case, 2)
    return desk, case


def tell(desk: TestDesk, case: str, kind: str = "draft_requested", to: Any = "team") -> dict[str, Any]:
    return desk.desk.notices.tell(case, kind, "o", ["security_lead"], to, {}, room=False)


def told(desk: TestDesk, *audiences: str) -> Counter[str]:
    return Counter(str(one.recipient) for one in desk.reached(*audiences) if one.kind == "draft_requested")


@pytest.mark.parametrize("people", [1, 30])
def test_the_case_and_the_freeze_are_read_in_one_call_however_many_are_told(people: int) -> None:
    desk, case = begun(people)
    counted = Counted(desk)
    assert tell(desk, case)["told"] == people + 1
    assert counted.calls["get_many"] == 1
    assert counted.reads == 1, f"with the message that is quoted: {counted.calls}"


def test_who_is_told_beside_another_costs_the_table_nothing() -> None:
    """Read, claim, settle with the record, for one as for ten; and two calls more for each ten beyond them."""
    calls = {}
    for people in (1, 9, 29):
        desk, case = begun(people)
        assert tell(desk, case)["told"] == people + 1
        assert tell(desk, case)["waiting"] == 0
        assert set(told(desk, "team").values()) == {1}, "a repeated step tells nobody twice"
        desk, case = begun(people)
        counted = Counted(desk)
        tell(desk, case)
        calls[people + 1] = counted.reads + counted.calls["transact"]
    assert calls == {2: 3, 10: 3, 30: 8}


def test_the_message_is_read_for_those_alone_who_are_shown_it() -> None:
    desk, case = begun(3)
    counted = Counted(desk)
    assert tell(desk, case, to="out_of_band")["told"] == 4
    assert counted.reads == 1, counted.calls
    assert not any("panne" in one.text for one in desk.reached("out_of_band"))


def test_nothing_is_quoted_and_so_nothing_read_where_a_leak_may_be() -> None:
    desk, case = begun(3)
    counted = Counted(desk)
    assert tell(desk, case, "leak_suspected")["told"] == 4
    assert counted.reads == 1, counted.calls


def test_wherever_the_function_is_ended_everybody_is_told_once() -> None:
    desk, case = begun(4)
    dying = Dying(desk, None)
    tell(desk, case)
    readers, points = told(desk, "team"), dying.writes
    assert set(readers.values()) == {1}
    assert len(readers) == 5
    for after in range(1, points + 1):
        desk, case = begun(4)
        dying = Dying(desk, after)
        with pytest.raises(Crash):
            tell(desk, case)
        dying.end()
        desk.advance(lease(desk.organisation.channel("team-email")) + CLOCK_SKEW)
        assert tell(desk, case)["waiting"] == 0
        assert told(desk, "team") == readers, f"after write {after} of {points}"
        assert not desk.reached("out_of_band"), "nobody is called by another way for what stands already"
        (*_, event) = [one for one in desk.desk.casework.store.events(case) if one.kind == "notified"]
        assert len(event.data["recipients"]) == 5


def test_where_a_way_is_down_all_go_by_their_next_one() -> None:
    desk, case = begun(6)

    def down(_: Platform, __: Letter) -> None:
        raise ChannelRefused("down")

    desk.platforms["team-email"].fault = down
    assert tell(desk, case)["told"] == 7
    assert set(told(desk, "out_of_band").values()) == {1}
    assert len(told(desk, "out_of_band")) == 7
    assert desk.desk.casework.read(case).case.unreached == {}


def test_several_subjects_of_a_case_are_told_in_one_act_and_each_is_written_down() -> None:
    desk, case = begun(0)
    counted = Counted(desk)
    subjects = [
        Subject("draft_requested", "a", ["writer"], "team", {}),
        Subject("duty_handed_on", "b", ["person:ben"], "team", {"duty": "first_word"}),
    ]
    assert desk.desk.notices.tell_several(case, subjects) == {"told": 2, "waiting": 0}
    assert counted.reads == 1, counted.calls
    noted = [one.data for one in desk.desk.casework.store.events(case) if one.kind == "notified"]
    assert [(one["notice"], one["occasion"]) for one in noted] == [
        ("draft_requested", "a"),
        ("duty_handed_on", "b"),
    ]
    assert desk.desk.notices.tell_several(case, subjects)["waiting"] == 0
    assert set(told(desk, "team").values()) == {1}


def test_a_freeze_that_is_raised_while_people_are_told_calls_them_out_of_band() -> None:
    """Of two subjects, one of them of the case that holds the freeze: that one rings, the other is held."""
    desk, case = begun(2)
    other = desk.report(message={"text": "LEAKED", "platform": "forum", "published_at": rfc3339(NINE)})
    tells = desk.desk.teller.tell_all

    def frozen_first(*given: Any) -> Any:
        desk.desk.teller.tell_all = tells  # type: ignore[method-assign]
        desk.freeze(other)
        return tells(*given)

    desk.desk.teller.tell_all = frozen_first  # type: ignore[method-assign]
    subjects = [
        Subject("clock_reminder", "a", ["security_lead"], "team", {"clock": "first_word"}, room=True),
        Subject("draft_requested", "b", ["writer"], "team", {}),
    ]
    desk.desk.notices.tell_several(case, subjects)
    assert [one.kind for one in desk.reached("out_of_band")] == ["clock_reminder"]
    assert not [one for one in desk.reached("team") if one.kind in ("clock_reminder", "draft_requested")]
    noted = [one.data for one in desk.desk.casework.store.events(case) if one.kind == "notified"]
    assert [one["notice"] for one in noted[-2:]] == ["draft_requested", "clock_reminder"]
    assert noted[-2]["recipients"] == ["ana@team-email: held"]
