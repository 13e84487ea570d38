"""Many sendings at once: as few calls of the store as one sending makes, and nothing that one of them does holds up another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from sangfroid import lifetime
from sangfroid.errors import NotFound, StoreRefused, Unavailable
from sangfroid.observability import logger
from sangfroid.outbound import notices, together
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter
from sangfroid.store import freeze as freezing
from sangfroid.store import response_delivery
from sangfroid.table import Item, Put, Write
from tests.support.desks import Platform, TestDesk
from tests.support.many import TEXTS, of_many


class Watched:
    """A desk with planned deliveries, whose table tells what is asked of it and refuses what DynamoDB refuses."""

    def __init__(self, channels: int) -> None:
        self.world = TestDesk(of_many(channels))
        self.case = self.world.report()
        self.world.triage(self.case, 3)
        version = self.world.write(self.case, TEXTS)
        self.world.review(self.case, version, "emma", "dora")
        self.keys: list[str] = self.world.desk.publication.plan(self.case, version.version, "all")[
            "deliveries"
        ]
        self.world.table.desk = None  # the notes wait
        self.calls: list[str] = []
        self.refuse: Callable[[Sequence[Write]], None] = lambda _: None
        table = self.world.table
        transact, get, get_many = table.transact, table.get, table.get_many

        def watched(writes: Sequence[Write]) -> None:
            self.calls.append(f"transact {len(writes)}")
            places = [
                (one.item["pk"], one.item["sk"]) if isinstance(one, Put) else (one.pk, one.sk)
                for one in writes
            ]
            assert len(set(places)) == len(places) <= 100
            self.refuse(writes)
            transact(writes)

        def read(pk: str, sk: str) -> Item | None:
            self.calls.append("get")
            return get(pk, sk)

        def read_many(places: Sequence[tuple[str, str]]) -> list[Item | None]:
            self.calls.append("get_many")
            return get_many(places)

        table.transact, table.get, table.get_many = watched, read, read_many  # type: ignore[method-assign]

    def platform(self, number: int) -> Platform:
        return self.world.platforms[f"c{number:03d}"]

    def send(self, keys: Sequence[str] | None = None) -> list[str]:
        wanted = list(self.keys if keys is None else keys)
        tried = self.world.desk.publication.send_together(self.case, wanted)
        assert [one["delivery"] for one in tried] == wanted
        return [one["outcome"] for one in tried]

    def state(self, number: int) -> str:
        return str(self.world.table.items[response_delivery(self.case, self.keys[number])]["state"])

    def permits(self) -> int:
        return len(self.world.table.query(freezing.PERMITS).items)


@pytest.fixture
def ten() -> Watched:
    return Watched(10)


def test_ten_are_read_claimed_and_settled_in_one_go_each(ten: Watched) -> None:
    assert ten.send() == ["published"] * 10
    # Of each: the delivery and its permit; once: the freeze and the version. Then: permit, delivery and note.
    assert ten.calls == ["get_many", "transact 22", "transact 30"]
    assert ten.permits() == 0
    assert len(ten.world.reached("public")) == 10


def test_more_than_ten_go_in_groups() -> None:
    many = Watched(25)
    assert many.send() == ["published"] * 25
    assert sorted(many.calls) == sorted(
        ["get_many", "transact 22", "transact 30"] * 2 + ["get_many", "transact 12", "transact 15"]
    )


def test_what_hangs_holds_up_no_other(ten: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "WINDOW", 0.05)
    let_go, seen = threading.Event(), list[str]()

    def hang(_: Platform, __: Letter) -> None:
        assert let_go.wait(30)

    ten.platform(3).fault = hang
    sender = threading.Thread(target=lambda: seen.extend(ten.send()))
    sender.start()
    try:
        for _ in range(600):
            if ten.permits() == 1:
                break
            threading.Event().wait(0.05)
        assert [ten.state(number) for number in range(10)].count("published") == 9
        assert (ten.state(3), ten.permits(), seen) == ("sending", 1, [])
    finally:
        let_go.set()
        sender.join(30)
    assert seen == ["published"] * 10
    assert (ten.state(3), ten.permits()) == ("published", 0)


def test_each_is_settled_as_its_own_call_went(ten: Watched) -> None:
    def raising(fault: Exception) -> Callable[[Platform, Letter], None]:
        def call(_: Platform, __: Letter) -> None:
            raise fault

        return call

    ten.platform(1).fault = raising(ChannelRefused("not today"))
    ten.platform(2).fault = raising(ChannelRefused("never", permanent=True))
    ten.platform(3).fault = raising(ChannelThrottled(90))
    ten.platform(4).fault = raising(AnswerLost("no answer"))
    outcomes = ten.send()
    assert outcomes == ["published", "retry", "failed", "retry", "retry", *["published"] * 5]
    assert ten.permits() == 0
    deliveries = ten.world.desk.casework.read(ten.case).deliveries
    unknown = [number for number, key in enumerate(ten.keys) if deliveries[key].unknown_outcome]
    assert unknown == [4]
    throttled = deliveries[ten.keys[3]].next_attempt_at
    assert throttled == ten.world.now + timedelta(seconds=90)
    # Refused and lost count against their platforms, the plea to slow down against none.
    circuits = sorted(key[0] for key in ten.world.table.items if key[1] == "CIRCUIT")
    assert circuits == ["CHANNEL#c001", "CHANNEL#c004"]


def test_a_fault_of_our_own_is_raised_when_every_other_is_settled(ten: Watched) -> None:
    def broken(_: Platform, __: Letter) -> None:
        raise ZeroDivisionError

    ten.platform(5).fault = broken
    with pytest.raises(ZeroDivisionError):
        ten.send()
    assert [ten.state(number) for number in range(10)].count("published") == 9
    assert (ten.state(5), ten.permits()) == ("sending", 1), "as where its sender had died"


def test_one_that_does_not_exist_stops_no_other(ten: Watched) -> None:
    with pytest.raises(NotFound):
        ten.send([*ten.keys[:3], "case:v9:nowhere:en"])
    assert [ten.state(number) for number in range(10)].count("published") == 3


def test_where_one_was_taken_meanwhile_all_are_looked_at_again(ten: Watched) -> None:
    def take_one(_: Sequence[Write]) -> None:
        ten.refuse = lambda _: None
        assert ten.world.desk.publication.send(ten.case, ten.keys[0]).outcome == "published"

    ten.refuse = take_one
    assert ten.send() == ["published"] * 10
    assert len(ten.world.reached("public")) == 10, "one went twice, or one not at all"
    of_the_other = ["get_many", "transact 4", "transact 3"]
    assert ten.calls == ["get_many", "transact 22", *of_the_other, "get_many", "transact 20", "transact 27"]


def test_a_freeze_that_comes_meanwhile_holds_them_all(ten: Watched) -> None:
    def freeze(_: Sequence[Write]) -> None:
        ten.refuse = lambda _: None
        ten.world.freeze()

    ten.refuse = freeze
    assert ten.send() == ["held"] * 10
    assert ten.calls[-2:] == ["get_many", "transact 20"], "held in one go, as they would have left"
    assert ten.world.reached("public") == []
    assert len(ten.world.table.query(freezing.HELD).items) == 10


def test_what_the_store_never_takes_together_it_takes_one_by_one(ten: Watched) -> None:
    def too_much(writes: Sequence[Write]) -> None:
        if len(writes) > 6:
            raise StoreRefused("too large")

    ten.refuse = too_much
    assert ten.send() == ["published"] * 10
    assert ten.permits() == 0


@pytest.mark.parametrize("applied", [False, True])
def test_where_the_store_does_not_answer_for_all_each_is_settled_by_itself(
    ten: Watched, applied: bool
) -> None:
    """Whether it was written or not: each sees what stands there."""
    table = ten.world.table
    plain = table.transact

    def no_answer(writes: Sequence[Write]) -> None:
        if len(writes) == 30:
            if applied:
                plain(writes)
            raise Unavailable("The store did not answer.")
        plain(writes)

    table.transact = no_answer  # type: ignore[method-assign]
    assert ten.send() == ["published"] * 10
    assert {ten.state(number) for number in range(10)} == {"published"}
    assert ten.permits() == 0
    notes = [key for key in table.items if key[1].startswith("INTENT#NOTE#")]
    assert len(notes) == 10, "each is told of once"


def test_where_one_was_moved_on_during_the_calls_each_is_settled_by_itself(ten: Watched) -> None:
    """Whoever moved it (its permit had run out for them) has the last word, but for what was done."""
    place = response_delivery(ten.case, ten.keys[2])

    def move_on(_: Platform, __: Letter) -> None:
        item = ten.world.table.items[place]
        ten.world.table.items[place] = item | {"revision": item["revision"] + 1, "claim": "of-another"}

    ten.platform(2).fault = move_on
    assert ten.send() == ["published"] * 10
    assert {ten.state(number) for number in range(10)} == {"published"}
    assert ten.permits() == 0


def test_the_same_one_twice_leaves_once(ten: Watched) -> None:
    outcomes = ten.send([ten.keys[0], ten.keys[1], ten.keys[0]])
    assert outcomes[:2] == ["published", "published"]
    assert outcomes[2] in ("published", "retry")
    assert len(ten.world.reached("public")) == 2


def test_an_invocation_that_is_nearly_over_begins_none(ten: Watched) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 5_000

    with lifetime.of(Context(), ten.world.now):
        assert ten.send() == ["retry"] * 10
    assert ten.world.reached("public") == []


def test_each_thread_knows_the_end_of_its_invocation_and_whose_lines_it_logs(ten: Watched) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 60_000

    known: list[tuple[Any, Any, str]] = []

    def look(_: Platform, __: Letter) -> None:
        keys = logger.thread_safe_get_current_keys()
        known.append((lifetime.ends_at(), keys.get("correlation_id"), threading.current_thread().name))

    for number in range(10):
        ten.platform(number).fault = look
    logger.thread_safe_append_keys(correlation_id=ten.case)
    try:
        with lifetime.of(Context(), ten.world.now):
            ten.send()
    finally:
        logger.thread_safe_remove_keys(["correlation_id"])
    assert {(end, of) for end, of, _ in known} == {(ten.world.now + timedelta(seconds=60), ten.case)}
    assert len({thread for _, _, thread in known}) == 10


def test_letters_are_written_with_their_claims_and_told_once() -> None:
    world = TestDesk()
    case = world.report()
    file = world.desk.casework.read(case)
    readers = notices.recipients(
        world.organisation, file, ["pr_lead", "on_call", "director"], "team", room=True
    )
    letters = [notices.notice("crisis_opened", "once", file, one, ("A crisis", "Words.")) for one in readers]
    assert len(letters) > 2
    transactions: list[int] = []
    plain = world.table.transact

    def transact(writes: Sequence[Write]) -> None:
        transactions.append(len(writes))
        plain(writes)

    world.table.transact = transact  # type: ignore[method-assign]
    assert {sent.outcome for sent in world.desk.teller.tell_all(letters, {})} == {"published"}
    assert len(transactions) == 2
    assert {sent.outcome for sent in world.desk.teller.tell_all([*letters], {})} == {"published"}
    assert len(transactions) == 3, "the second time they stand there already"
    assert len([one for one in world.reached("team") if one.kind == "crisis_opened"]) == len(letters)


class Died(BaseException):
    """The process is gone: whatever it still tries fails in the same way."""


class Dying:
    """Lets so many steps of a process happen, then none; a step is a write of the table, or a publication on a platform.

    `after`: the last one still has its effect.
    """

    def __init__(self, world: TestDesk, steps: int, *, after: bool) -> None:
        self.left, self.after, self.dead, self.revived = steps, after, False, False
        self._guard = threading.Lock()
        plain = world.table.transact

        def transact(writes: Sequence[Write]) -> None:
            self.step(lambda: plain(writes))

        world.table.transact = transact  # type: ignore[method-assign]
        for platform in world.platforms.values():
            platform.publish = self._publisher(platform)  # type: ignore[method-assign]

    def _publisher(self, platform: Platform) -> Callable[[Letter], Any]:
        def publish(letter: Letter) -> Any:
            return self.step(lambda: platform.publish_for_real(letter))

        return publish

    def step(self, work: Callable[[], Any]) -> Any:
        with self._guard:
            if self.revived:
                return work()
            if self.dead:
                raise Died
            self.left -= 1
            if self.left >= 0:
                return work()
            self.dead = True
            if self.after:
                work()
            raise Died


@pytest.mark.parametrize("window", [0.0, 2.0])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_any_two_steps_loses_none_and_doubles_none(
    after: bool, window: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where single sendings crash: the permit runs out, the next attempt looks first."""
    monkeypatch.setattr(together, "WINDOW", window)
    for steps in range(20):
        watched = Watched(3)
        world, keys = watched.world, watched.keys
        process = Dying(world, steps, after=after)
        crashed = False
        try:
            watched.send()
        except Died:
            crashed = True
        process.revived = True
        world.advance(timedelta(seconds=70))
        assert watched.send() == ["published"] * 3, f"after {steps} steps"
        deliveries = world.desk.casework.read(watched.case).deliveries
        assert [deliveries[key].state for key in keys] == ["published"] * 3
        sent = [letter.key for platform in world.platforms.values() for letter in platform.published]
        assert sorted(key for key in sent if key in keys) == sorted(keys), f"after {steps} steps"
        assert crashed or watched.permits() == 0
        assert all(not deliveries[key].unknown_outcome for key in keys)
        if not crashed:
            return
    raise AssertionError("it never came to its end")
