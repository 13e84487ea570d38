"""Every interleaving of a few actors, explored to the end: states are told apart by everything that can matter later.

A state is the whole table, where each actor stands (its full history of answers), the platform, the time, and what was
committed so far. Two interleavings that lead to the same state have the same future, so it is explored once; how many
interleavings pass through is counted exactly. Nothing is sampled and nothing is pruned besides that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from sangfroid.store.freeze import FREEZE_PLACE, PERMITS
from sangfroid.table import ABSENT, Check, Delete, Put
from tests.freeze.scripted import WINDOW, Actor, Node, Who
from tests.support.memory_table import copied

Key = tuple[str, str]


class Broken(AssertionError):
    """The promise does not hold; `path` is the interleaving that shows it."""

    def __init__(self, what: str, path: list[str]) -> None:
        super().__init__(f"{what}\n  " + "\n  ".join(path))
        self.path = path


class Sending(NamedTuple):
    """What the explorer knows of one sender besides its code: nothing here is visible to the code.

    `started`: the deliveries whose claims it has committed; `in_flight`: those whose calls are under way.
    """

    started: frozenset[str] = frozenset()
    in_flight: frozenset[str] = frozenset()
    dead: bool = False
    began: int | None = None


class State(NamedTuple):
    """One moment of the world."""

    table: frozenset[tuple[Key, int]]
    nodes: tuple[Node | None, ...]
    sendings: tuple[Sending, ...]
    published: tuple[str, ...] = ()
    time: int = 0
    raised: bool = False
    effective: bool = False
    crashes_left: int = 0
    looked_at: int = -1

    @property
    def key(self) -> Any:
        """What two states must share to have the same future."""
        nodes = tuple(None if node is None else node.id for node in self.nodes)
        return (
            self.table, nodes, self.sendings, self.published, self.time, self.raised, self.effective, self.crashes_left,
            self.looked_at,
        )  # fmt: skip


@dataclass
class Result:
    """How much was explored. `windows`: interleavings with a call whose first byte leaves after the raise committed."""

    interleavings: int
    windows: int
    states: int
    executions: int
    endings: dict[str, int] = field(default_factory=dict)


class Explorer:
    """Explores `actors` from a table. `follows` names the actor that may begin only once another one is dead or done.

    `life` is the seconds after which Lambda kills a sender. `check_end` gets each final table and what was published.
    """

    def __init__(
        self,
        actors: Mapping[str, Actor],
        table: Mapping[Key, dict[str, Any]],
        *,
        life: int,
        follows: Mapping[str, str],
        check_end: Callable[[dict[Key, dict[str, Any]], tuple[str, ...]], str],
        crashes: int = 0,
        clock: Callable[[int], Any] = lambda seconds: seconds,
        permit_over: Callable[[dict[str, Any]], int] = lambda _: 0,
    ) -> None:
        self.names = list(actors)
        self.actors = list(actors.values())
        self.follows = {self.names.index(late): self.names.index(early) for late, early in follows.items()}
        self.life, self.crashes, self.clock, self.permit_over = life, crashes, clock, permit_over
        self.check_end = check_end
        self._texts: dict[str, int] = {}
        self._items: list[dict[str, Any]] = []
        self._writes: dict[tuple[int, int, Who], tuple[list[tuple[Any, Key, int | None]], str]] = {}
        self._tables: dict[frozenset[tuple[Key, int]], dict[Key, int]] = {}
        self._known: dict[Any, tuple[int, int]] = {}
        self._table_numbers: dict[frozenset[tuple[Key, int]], int] = {}
        self._path: list[str] = []
        self.endings: dict[str, int] = {}
        self.start = frozenset((key, self._intern(item)) for key, item in table.items())

    def explore(self) -> Result:
        """Go through everything. Raises Broken."""
        nodes = tuple(
            None if i in self.follows else actor.begin(self.clock(0)) for i, actor in enumerate(self.actors)
        )
        state = State(
            self.start, nodes, tuple(Sending(began=0) for _ in self.actors), crashes_left=self.crashes
        )
        total, windows = self._count(state)
        executions = sum(actor.executions for actor in self.actors)
        return Result(total, windows, len(self._known), executions, self.endings)

    def _count(self, state: State) -> tuple[int, int]:
        known = self._known.get(state.key)
        if known is not None:
            return known
        total = windows = 0
        for label, following, is_window in self._steps(state):
            self._path.append(label)
            below, below_windows = self._count(following)
            self._path.pop()
            total += below
            windows += below if is_window else below_windows
        if total == 0:
            self._end(state)
            total = 1
        self._known[state.key] = (total, windows)
        return total, windows

    def _end(self, state: State) -> None:
        table = {key: self._items[number] for key, number in state.table}
        try:
            ending = self.check_end(table, state.published)
        except AssertionError as fault:
            raise Broken(str(fault), self._path) from fault
        self.endings[ending] = self.endings.get(ending, 0) + 1

    # -- steps

    def _steps(self, state: State) -> Iterator[tuple[str, State, bool]]:
        for i, node in enumerate(state.nodes):
            name = self.names[i]
            if node is None:
                early = self.follows[i]
                if state.sendings[early].dead:
                    began = self.actors[i].begin(self.clock(state.time))
                    yield (
                        f"{name} begins",
                        self._moved(state, i, began, state.sendings[i]._replace(began=state.time)),
                        False,
                    )
                continue
            if not node.requests or state.sendings[i].dead:
                continue
            if node.waits:
                yield from self._wait(state, i, node)
                continue
            for who, (kind, what) in node.requests:
                yield self._step(state, i, node, who, kind, what)
            if state.crashes_left and i == 0:
                for label, dead in self._die(state, i):
                    yield label, dead._replace(crashes_left=state.crashes_left - 1), False

    def _step(
        self, state: State, i: int, node: Node, who: Who, kind: str, what: Any
    ) -> tuple[str, State, bool]:
        name = self.names[i] if who is None else f"{self.names[i]}/{who}"
        label = f"{name}: {kind} {what if kind != 'transact' else ''}".rstrip()
        sending = state.sendings[i]

        def go_on(world: State, key: Any, answer: Callable[[], Any]) -> State:
            return self._answer(world, i, node, who, key, answer)

        if kind == "get":
            number = self._by_key(state).get(what)
            return label, go_on(state, number, lambda: self._copy(number)), False
        if kind == "query":
            found = tuple(
                number
                for key, number in sorted(state.table)
                if key[0] == what[0] and key[1].startswith(what[1])
            )
            if what[0] == PERMITS:
                state = state._replace(looked_at=self._number(state.table))
            return label, go_on(state, found, lambda: [self._copy(n) for n in found]), False
        if kind == "transact":
            return self._transact(state, i, node, who, name)
        if kind == "begin":
            if what not in sending.started:
                raise Broken("a channel call began without a claim", [*self._path, label])
            if state.effective:
                raise Broken("a channel call began after effective_at", [*self._path, label])
            state = self._sent(state, i, sending._replace(in_flight=sending.in_flight | {what}))
            return label, go_on(state, None, lambda: None), state.raised
        if kind == "end":
            if what in state.published:
                raise Broken(f"{what} was published twice", [*self._path, label])
            state = self._sent(
                state._replace(published=tuple(sorted((*state.published, what)))),
                i,
                sending._replace(in_flight=sending.in_flight - {what}),
            )
            return label, go_on(state, None, lambda: None), False
        if kind in ("find", "back"):
            there = what in state.published
            return label, go_on(state, there, lambda: there), False
        if kind == WINDOW:
            return f"{self.names[i]}: the window closes", go_on(state, None, lambda: None), False
        raise ValueError(kind)

    def _transact(self, state: State, i: int, node: Node, who: Who, name: str) -> tuple[str, State, bool]:
        table = self._by_key(state)
        writes, told = self._prepared(i, node, who)
        failed = [key for write, key, _ in writes if not self._holds(write, table.get(key))]
        label = f"{name}: transact {told}" + (" -> refused" if failed else "")
        if failed:
            return label, self._answer(state, i, node, who, tuple(failed), lambda: failed), False
        table = dict(table)
        for write, key, number in writes:
            if number is not None:
                table[key] = number
            elif isinstance(write, Delete):
                table.pop(key, None)
        state = self._committed(state._replace(table=frozenset(table.items())), i, writes, label)
        return label, self._answer(state, i, node, who, (), list), False

    def _committed(self, state: State, i: int, writes: list[Any], label: str) -> State:
        """Note what this commit means, and hold the promise against it."""
        for write, key, number in writes:
            if number is None or not isinstance(write, Put):
                continue
            if key == FREEZE_PLACE:
                if write.item["state"] == "raised":
                    state = state._replace(raised=True)
                if write.item["state"] == "effective":
                    flying = [
                        key
                        for sending in state.sendings
                        for key in sorted(sending.in_flight)
                        if not sending.dead
                    ]
                    if flying:
                        raise Broken(f"effective while {flying} was in flight", [*self._path, label])
                    state = state._replace(effective=True)
            elif key[0] == PERMITS:
                if state.raised:
                    raise Broken(
                        "a call started (was claimed) after the raise was committed", [*self._path, label]
                    )
                sending = state.sendings[i]
                started = sending.started | {write.item["key"]}
                state = self._sent(state, i, sending._replace(started=started))
        return state

    def _wait(self, state: State, i: int, node: Node) -> Iterator[tuple[str, State, bool]]:
        """The drain looks again: at once where something changed since its last look, or when the next permit is void.

        By then Lambda has killed every sender whose life is over; what was in flight arrives, or does not.
        """
        if state.looked_at != self._number(state.table):
            following = self._answer(state, i, node, None, None, lambda: None)
            yield f"{self.names[i]}: looks again", following, False
        permits = [self._items[number] for key, number in state.table if key[0] == PERMITS]
        if not permits:
            return
        later = state._replace(time=max(state.time, min(map(self.permit_over, permits))))
        for label, world in self._killed(later, 0):
            yield (
                f"{self.names[i]}: waits{label}",
                self._answer(world, i, node, None, None, lambda: None),
                False,
            )

    def _killed(self, state: State, first: int) -> Iterator[tuple[str, State]]:
        for i in range(first, len(state.sendings)):
            sending, node = state.sendings[i], state.nodes[i]
            runs = node is not None and node.requests and not node.waits and not sending.dead
            if runs and sending.began is not None and sending.began + self.life <= state.time:
                for label, dead in self._die(state, i):
                    for more, rest in self._killed(dead, i + 1):
                        yield f"; {label}{more}", rest
                return
        yield "", state

    def _die(self, state: State, i: int) -> Iterator[tuple[str, State]]:
        """The sender's process ends here. Each request that is under way arrives at the platform, or is lost."""
        sending = state.sendings[i]
        dead = self._sent(state, i, sending._replace(dead=True, in_flight=frozenset()))
        flying = sorted(sending.in_flight)
        if twice := sending.in_flight & set(state.published):
            raise Broken(f"{sorted(twice)} was published twice", [*self._path, "its request arrives"])
        for fates in product((True, False), repeat=len(flying)):
            arrived = [key for key, arrives in zip(flying, fates, strict=True) if arrives]
            told = "".join(f", its request {'arrives' if arrives else 'is lost'}" for arrives in fates)
            yield (
                f"{self.names[i]} dies{told}",
                dead._replace(published=tuple(sorted((*state.published, *arrived)))),
            )

    # -- parts

    def _answer(
        self, state: State, i: int, node: Node, who: Who, key: Any, answer: Callable[[], Any]
    ) -> State:
        after = self.actors[i].answered(node, who, key, answer, self.clock(state.time))
        return self._moved(state, i, after, state.sendings[i])

    @staticmethod
    def _moved(state: State, i: int, node: Node, sending: Sending) -> State:
        nodes = (*state.nodes[:i], node, *state.nodes[i + 1 :])
        sendings = (*state.sendings[:i], sending, *state.sendings[i + 1 :])
        return state._replace(nodes=nodes, sendings=sendings)

    @staticmethod
    def _sent(state: State, i: int, sending: Sending) -> State:
        return state._replace(sendings=(*state.sendings[:i], sending, *state.sendings[i + 1 :]))

    def _prepared(self, i: int, node: Node, who: Who) -> tuple[list[tuple[Any, Key, int | None]], str]:
        """The writes of a request, each with its key and the number of its item; and what a path tells of them."""
        place = (i, node.id, who)
        if place not in self._writes:
            writes: list[tuple[Any, Key, int | None]] = [
                (write, (write.item["pk"], write.item["sk"]), self._intern(write.item))
                if isinstance(write, Put)
                else (write, (write.pk, write.sk), None)
                for write in dict(node.requests)[who][1]
            ]
            keys = [key for _, key, _ in writes]
            assert len(set(keys)) == len(keys), f"one transaction touches an item twice: {keys}"
            self._writes[place] = writes, self._told(writes)
        return self._writes[place]

    def _by_key(self, state: State) -> dict[Key, int]:
        if state.table not in self._tables:
            self._tables[state.table] = dict(state.table)
        return self._tables[state.table]

    def _holds(self, write: Any, number: int | None) -> bool:
        if write.expect is None:
            return True
        if write.expect is ABSENT:
            return number is None
        if number is None:
            return isinstance(write, Check) and write.or_absent
        item = self._items[number]
        return all(item.get(name) == value for name, value in write.expect.items())

    def _intern(self, item: Mapping[str, Any]) -> int:
        text = json.dumps(item, sort_keys=True, default=lambda packed: {"bytes": packed.hex()})
        if text not in self._texts:
            self._texts[text] = len(self._items)
            self._items.append(_loaded(text))
        return self._texts[text]

    def _copy(self, number: int | None) -> Any:
        return None if number is None else copied(self._items[number])

    def _number(self, table: frozenset[tuple[Key, int]]) -> int:
        return self._table_numbers.setdefault(table, len(self._table_numbers))

    @staticmethod
    def _told(writes: list[tuple[Any, Key, int | None]]) -> str:
        told = []
        for write, key, _ in writes:
            what = type(write).__name__.lower()
            state = write.item.get("state") if isinstance(write, Put) else None
            told.append(f"{what} {key[1]}" + (f"={state}" if state else ""))
        return ", ".join(told)


def _loaded(text: str) -> Any:
    """The item again, with its packed part as the bytes that the table keeps."""
    return json.loads(
        text, object_hook=lambda one: bytes.fromhex(one["bytes"]) if set(one) == {"bytes"} else one
    )
