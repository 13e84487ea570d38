"""The pages of a freeze: everybody by their best way, all together; then whoever was not reached by the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.freeze.machine import FreezeStep, Machine, NotPaged
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from sangfroid.store import freeze as freezing
from tests.support.counted import Counted
from tests.support.crashes import Crash, Dying
from tests.support.crowds import many
from tests.support.desks import Platform, TestDesk

EVERYBODY = FreezeStep(step="page", epoch=1, kind="frozen", occasion="o", roles=["everybody"])


def frozen(people: int) -> TestDesk:
    desk = TestDesk(many(people))
    desk.freeze()
    return desk


def machine_of(desk: TestDesk) -> Machine:
    """The steps of the freeze on the desk; nothing here touches the second lock."""
    room = desk.desk
    return Machine(room.casework, room.freezer, room.teller, room.channels, None)  # type: ignore[arg-type]


def rung(desk: TestDesk) -> list[str]:
    return sorted(str(one.recipient) for one in desk.reached("out_of_band"))


def test_whoever_is_paged_beside_another_costs_the_table_nothing() -> None:
    calls = {}
    for people in (0, 4, 24):
        desk = frozen(people)
        counted = Counted(desk)
        machine_of(desk).run(EVERYBODY)
        calls[len(rung(desk))] = counted.reads + counted.calls["transact"]
    (few, some, lots) = calls.values()
    assert few == some, calls
    assert lots - some <= 2 * 3, f"ten more of them cost three calls more at most: {calls}"


def test_wherever_the_function_is_ended_everybody_is_paged_once() -> None:
    desk = frozen(2)
    dying = Dying(desk, None)
    machine_of(desk).run(EVERYBODY)
    wanted, unreached, points = rung(desk), freezing.read(desk.table).unreached, dying.writes
    assert len(wanted) == len(set(wanted))
    for after in range(1, points + 1):
        desk = frozen(2)
        dying = Dying(desk, after)
        with pytest.raises(Crash):
            machine_of(desk).run(EVERYBODY)
        dying.end()
        desk.advance(timedelta(minutes=10))
        machine_of(desk).run(EVERYBODY)
        assert rung(desk) == wanted, (after, points)
        assert freezing.read(desk.table).unreached == unreached


def test_whoever_is_not_reached_by_one_way_is_told_by_the_next_and_nobody_else_is() -> None:
    desk = frozen(3)
    desk.release("all")

    def down(_: Platform, letter: Letter) -> None:
        if letter.channel == "team-email" or letter.recipient in ("+33200000001", "+33100000001"):
            raise ChannelRefused("down")

    desk.platforms["pager"].fault = down
    over = EVERYBODY.model_copy(update={"kind": "freeze_over"})
    desk.advance(timedelta(hours=1))
    machine_of(desk).run(over)
    mailed = sorted(str(one.recipient) for one in desk.reached("team") if one.kind == "freeze_over")
    assert mailed == ["ana@nuage.example", "chloe@nuage.example", "desk@agence.example", "w1@nuage.example"]
    desk.platforms["team-email"].fault = down
    with pytest.raises(NotPaged, match="3 people"):
        machine_of(desk).run(over.model_copy(update={"occasion": "again"}))
    assert freezing.read(desk.table).unreached == ["ana", "chloe", "w1"]
