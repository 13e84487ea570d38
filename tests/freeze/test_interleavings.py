"""I3, on the real door, freezer and drain: every interleaving of two sendings and one freeze, one step a store or channel call.

What is held against every one of them: no call *starts* after the raise was committed (it starts with the commit that
claims it, after which nothing of the store stands before the call itself); no call is made without one; none is in flight from
`effective_at` on; none is lost and none doubled. docs/freeze.md says what that means and what no desk can promise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from sangfroid.model import Delivery
from sangfroid.outbound.settling import Settler
from sangfroid.outbound.together import Together
from sangfroid.store import freeze as freezing
from sangfroid.table import Check, Delete, Put, Table
from tests.freeze import scenes
from tests.freeze.explore import Broken

PAIR = ("a", "b")
"""Two deliveries that leave together."""

SCENES: dict[str, dict[str, Any]] = {
    "two sendings": {},
    "two sendings of one delivery": {"deliveries": ("a", "a")},
    "a response and a notice to the team": {"deliveries": ("a", scenes.NOTICE)},
    "a notice that is written with its claim": {"deliveries": ("a", scenes.NEW)},
    "somebody cancels what has not gone out": {"deliveries": ("a", scenes.CANCEL)},
    "a sender crashes while somebody cancels": {"deliveries": ("a", scenes.CANCEL), "crashes": 1},
    "the freeze writes into the case of the sendings": {"with_case": True},
    "a sender crashes at any step": {"crashes": 1},
    "a sender of one delivery crashes, another comes": {"deliveries": ("a", "a"), "crashes": 1},
    "senders 2 s behind": {"sender_skew": -2.0},
    "senders 2 s ahead": {"sender_skew": 2.0},
    "senders 1 s behind, drain 1 s ahead": {"sender_skew": -1.0, "drain_skew": 1.0},
    "the same, and a sender crashes": {"sender_skew": -1.0, "drain_skew": 1.0, "crashes": 1},
    "two together": {"deliveries": (PAIR,)},
    "two together, and one of them by itself": {"deliveries": (PAIR, "a")},
    "two together while somebody cancels": {"deliveries": (PAIR, scenes.CANCEL)},
    "two together, twice": {"deliveries": (PAIR, PAIR)},
    "two together, and the freeze writes into their case": {"deliveries": (PAIR,), "with_case": True},
    "two together crash at any step": {"deliveries": (PAIR,), "crashes": 1},
    "two together crash, one of them comes by itself": {
        "deliveries": (PAIR,),
        "crashes": 1,
        "after_crash": "b",
    },
    "two together, and the answer of one is lost": {"deliveries": (PAIR,), "loses": ("b",)},
    "the same, and the sender crashes": {"deliveries": (PAIR,), "loses": ("b",), "crashes": 1, "after_crash": "b"},
    "two together crash while somebody cancels": {"deliveries": (PAIR, scenes.CANCEL), "crashes": 1, "after_crash": ""},
    "two together, 1 s behind, drain 1 s ahead": {
        "deliveries": (PAIR,),
        "sender_skew": -1.0,
        "drain_skew": 1.0,
    },
    "two notices that are written with their claims": {"deliveries": ((scenes.NEW, scenes.NEWER),)},
    "two notices, and one of them stands there already": {"deliveries": ((scenes.NOTICE, scenes.NEW),)},
    "two notices crash, one of them comes by itself": {
        "deliveries": ((scenes.NEW, scenes.NEWER),), "crashes": 1, "after_crash": scenes.NEW,
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def deep() -> Iterator[None]:
    """A path is as long as its steps."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("name", SCENES)
def test_the_promise_holds_in_every_interleaving(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    result = scenes.explore(**SCENES[name])
    share = 100 * result.windows / result.interleavings
    record_property(
        "explored",
        f"freeze, {name}: {result.interleavings:,} interleavings, {result.states:,} states, {result.executions:,} executions "
        f"of the code; in {share:.0f}% of the interleavings the raise commits between a claim and the call's first byte",
    )
    assert result.interleavings > 1_000_000
    assert result.windows > 0, "the explorer never met the tightest race"
    if "deliveries" not in SCENES[name]:
        assert {"held held waiting", "published+ published+ waiting"} <= set(result.endings)


def test_without_the_check_of_the_freeze_the_promise_breaks() -> None:
    without_the_check("a", "b")


def test_a_group_without_the_check_of_the_freeze_breaks_the_promise() -> None:
    without_the_check(PAIR)


def without_the_check(*deliveries: str | tuple[str, ...]) -> None:
    def passes_always(_: freezing.Freeze) -> Check:
        return Check(*freezing.FREEZE_PLACE, {}, or_absent=True)

    with (
        patch("sangfroid.store.freeze.still", passes_always),
        pytest.raises(Broken, match="after the raise was committed"),
    ):
        scenes.explore(deliveries=deliveries)


def test_without_the_margin_for_skewed_clocks_the_promise_breaks() -> None:
    none = timedelta(0)
    with (
        patch("sangfroid.freeze.drain.CLOCK_SKEW", none),
        patch("tests.freeze.scenes.CLOCK_SKEW", none),
        pytest.raises(Broken, match="was in flight"),
    ):
        scenes.explore(sender_skew=-1.0, drain_skew=1.0)


def test_with_a_lease_shorter_than_the_senders_life_the_promise_breaks() -> None:
    """Why a permit lasts as long as its Lambda: a sender that stands still outlives a shorter one."""
    with (
        patch("sangfroid.lifetime.ends_at", lambda: None),  # the door then takes the lease of three calls
        pytest.raises(Broken, match=r"was in flight|after effective_at"),
    ):
        scenes.explore()


def test_a_drain_that_does_not_wait_breaks_the_promise() -> None:
    with (
        patch("sangfroid.freeze.drain._in_flight_until", lambda *_: None),
        pytest.raises(Broken, match=r"was in flight|after effective_at|a permit is left"),
    ):
        scenes.explore()


def test_a_claim_that_does_not_look_whether_the_delivery_has_moved_on_breaks_the_promise() -> None:
    """Why a claim carries the revision: two senders of one delivery would both call."""
    without_the_revision("a", "a")


def test_a_group_that_does_not_look_whether_one_of_it_has_moved_on_breaks_the_promise() -> None:
    without_the_revision(PAIR, "a")


def without_the_revision(*deliveries: str | tuple[str, ...]) -> None:
    from sangfroid.outbound import door

    plain = door.put_delivery

    def unconditional(delivery: Delivery) -> Put:
        return Put(plain(delivery).item)

    with (
        patch("sangfroid.outbound.door.put_delivery", unconditional),
        pytest.raises(Broken, match=r"twice|cancelled|left"),
    ):
        scenes.explore(deliveries=deliveries)


def test_a_group_that_calls_before_its_claim_is_committed_breaks_the_promise() -> None:
    """Why nothing is called before the one commit: what is refused in it has left already."""
    plain = Together._group

    class Late:
        """A table that commits claims only when the first settlement comes."""

        def __init__(self, table: Table) -> None:
            self.table, self.kept = table, list[Any]()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.table, name)

        def transact(self, writes: Any) -> None:
            self.kept = list(writes)

    def eager(self: Together, *given: Any) -> None:
        self._table = late = Late(self._table)  # type: ignore[assignment]
        settle = self._settler.settle_together

        def then(calls: Any) -> Any:
            late.table.transact(late.kept)
            return settle(calls)

        with patch.object(self._settler, "settle_together", then):
            plain(self, *given)

    with patch.object(Together, "_group", eager), pytest.raises(Broken, match="began without a claim"):
        scenes.explore(deliveries=(PAIR,))


def test_a_group_that_gives_back_the_permit_of_what_hangs_breaks_the_promise() -> None:
    """Why each of a group has a permit of its own: the freeze would be effective while the slowest call is under way."""
    plain = Settler.settle_together

    def all_at_once(self: Settler, calls: Any, ends: Any = None) -> Any:
        sents = plain(self, calls, ends)
        self._table.transact([Delete(freezing.PERMITS, f"S1-{number}") for number in range(2)])
        return sents

    with (
        patch.object(Settler, "settle_together", all_at_once),
        pytest.raises(Broken, match=r"was in flight|after effective_at"),
    ):
        scenes.explore(deliveries=(PAIR,))
