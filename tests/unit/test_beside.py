"""What a sender writes besides: with the claims and the settlement of its letters, and never at their cost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sangfroid.errors import Unavailable
from sangfroid.model import Delivery
from sangfroid.outbound import notices, together
from sangfroid.outbound.beside import Beside
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from sangfroid.outbound.sending import Sent
from sangfroid.store import freeze as freezing
from sangfroid.table import ABSENT, ConditionFailed, Put, Write
from tests.support.crowds import many
from tests.support.desks import Platform, TestDesk

MARK = Put({"pk": "CASE#x", "sk": "MARK"}, ABSENT)
END = Put({"pk": "CASE#x", "sk": "END"}, ABSENT)


class World:
    """A desk with letters to people, and how many writes each transaction of its table had."""

    def __init__(self, people: int = 3) -> None:
        self.desk = TestDesk(many(people - 1))
        case = self.desk.report()
        file = self.desk.desk.casework.read(case)
        readers = notices.recipients(self.desk.organisation, file, ["security_lead"], "team", room=False)
        told = ("A crisis", "Words.")
        self.letters: list[Delivery] = [
            notices.notice("crisis_opened", "o", file, one, told) for one in readers
        ]
        assert len(self.letters) == people
        self.sizes: list[int] = []
        self.plain: Callable[[Sequence[Write]], None] = self.desk.table.transact
        self.desk.table.transact = self.transact  # type: ignore[method-assign]

    def transact(self, writes: Sequence[Write]) -> None:
        self.sizes.append(len(writes))
        self.plain(writes)

    def end(self, sents: list[Sent], writes: list[Write]) -> bool:
        assert [one.outcome for one in sents] == ["published"] * len(self.letters)
        self.desk.table.transact([*writes, END])
        return True

    def tell(self, beside: Beside) -> list[str]:
        return [one.outcome for one in self.desk.desk.teller.tell_all(self.letters, {}, beside)]

    def stands(self, write: Put) -> bool:
        return (write.item["pk"], write.item["sk"]) in self.desk.table.items

    @property
    def permits(self) -> int:
        return len(self.desk.table.query(freezing.PERMITS).items)

    @property
    def out(self) -> int:
        return sum(one.kind == "crisis_opened" for one in self.desk.reached("team"))


def test_both_go_in_the_transactions_of_the_letters() -> None:
    world = World()
    assert world.tell(Beside([MARK], world.end)) == ["published"] * 3
    assert world.sizes == [1 + 2 * 3 + 1, 2 * 3 + 1], (
        "freeze, letters and permits, and the mark; letters, permits and the end"
    )
    assert world.stands(MARK)
    assert world.stands(END)
    assert world.permits == 0


@pytest.mark.parametrize("people", [1, 3, 12])
def test_where_somebody_else_has_begun_nothing_leaves(people: int) -> None:
    world = World(people)
    world.plain([MARK])
    with pytest.raises(ConditionFailed):
        world.tell(Beside([MARK], world.end))
    assert (world.out, world.permits, world.stands(END)) == (0, 0, False)


def test_of_more_than_one_group_the_mark_is_written_first() -> None:
    world = World(12)
    assert world.tell(Beside([MARK], world.end)) == ["published"] * 12
    assert world.sizes[0] == 1
    assert not world.stands(END), "no settlement is the last one"


@pytest.mark.parametrize("fault", [Unavailable("busy"), ConditionFailed([]), ZeroDivisionError()])
@pytest.mark.parametrize("applied", [False, True])
def test_what_is_written_besides_never_holds_up_a_settlement(fault: Exception, applied: bool) -> None:
    """Also where it was written and nobody heard of it: a freeze waits for these permits."""
    world = World()

    def end(sents: list[Sent], writes: list[Write]) -> bool:
        if applied:
            world.end(sents, writes)
        raise fault

    assert world.tell(Beside([MARK], end)) == ["published"] * 3
    assert (world.out, world.permits) == (3, 0)
    assert world.tell(Beside()) == ["published"] * 3
    assert world.out == 3, "and each is settled"


def test_whoever_says_no_has_written_nothing_and_it_is_settled_as_ever() -> None:
    world = World()

    def down(_: Platform, __: Letter) -> None:
        raise ChannelRefused("down")

    world.desk.platforms["team-email"].fault = down
    asked: list[list[str]] = []

    def end(sents: list[Sent], _: list[Write]) -> bool:
        asked.append([one.outcome for one in sents])
        return False

    outcomes = world.tell(Beside([MARK], end))
    assert asked == [outcomes]
    assert "retry" in outcomes
    assert world.permits == 0


def test_while_one_hangs_it_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are settled in their time, and nothing is said of a letter whose call is still under way."""
    monkeypatch.setattr(together, "WINDOW", 0.05)
    world, let_go = World(), threading.Event()
    last = world.letters[-1].key

    def hang(_: Platform, letter: Letter) -> None:
        if letter.key == last:
            assert let_go.wait(30)

    world.desk.platforms["team-email"].fault = hang
    asked: list[Any] = []
    seen: list[str] = []

    def end(sents: list[Sent], _: list[Write]) -> bool:
        asked.append(sents)
        return False

    teller = threading.Thread(target=lambda: seen.extend(world.tell(Beside([MARK], end))))
    teller.start()
    try:
        for _ in range(600):
            if world.permits == 1:
                break
            threading.Event().wait(0.05)
        assert world.permits == 1
    finally:
        let_go.set()
        teller.join(30)
    assert (seen, asked, world.permits) == (["published"] * 3, [], 0)
