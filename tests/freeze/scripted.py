"""Real code run under a script: what it asked of the world so far was answered thus; what does it ask next?

An actor is plain synchronous code (the door, the freezer, the drain) over a table and a channel that pause it at each call. As
its behaviour is determined by the answers that it got, one execution of the real code per distinct history of answers
is enough to know its next request in every interleaving that leads there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sangfroid.table import ConditionFailed, Item, Page

Request = tuple[str, Any]
"""What an actor asks of the world: a kind (`get`, `query`, `transact`, `begin`, `end`, `find`, `back`, `wait`), and with what."""


class Paused(BaseException):
    """The code has reached a request that the script does not answer yet (not an Exception: no handler may swallow it)."""

    def __init__(self, request: Request) -> None:
        super().__init__(request[0])
        self.request = request


@dataclass
class Script:
    """Answers given so far, and the world's time at each of them; `now` is what the actor's own clock shows."""

    answers: list[Any] = field(default_factory=list)
    position: int = 0
    clock: Any = None

    def ask(self, kind: str, what: Any) -> Any:
        """The scripted answer, or a pause. An answer that is an exception is raised."""
        if self.position >= len(self.answers):
            raise Paused((kind, what))
        answer, self.clock = self.answers[self.position]
        self.position += 1
        if isinstance(answer, BaseException):
            raise answer
        return answer


class ScriptedTable:
    """The `Table` protocol; every call is one step."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def get(self, pk: str, sk: str) -> Item | None:
        found: Item | None = self._script.ask("get", (pk, sk))
        return found

    def get_many(self, places: Any) -> list[Item | None]:
        """One step for each: a batch of reads is no snapshot, and others may write between any two of them."""
        return [self.get(*place) for place in places]

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        assert limit is None
        assert after is None
        assert not newest_first
        items: list[Item] = self._script.ask("query", (pk, prefix))
        return Page(items, None)

    def listing(self, name: str, *, limit: int, after: str | None = None) -> Page:
        raise NotImplementedError("nothing of a sending or a freeze lists")

    def transact(self, writes: Any) -> None:
        failed = self._script.ask("transact", tuple(writes))
        if failed:
            raise ConditionFailed(failed)


@dataclass(frozen=True)
class Node:
    """A point of an actor's life: its next request, or how it ended. `id` tells the history that leads here."""

    id: int
    request: Request | None
    result: Any = None


class Actor:
    """One actor and everything that is known of it. `run` executes the real code with a script and returns its result."""

    def __init__(self, name: str, run: Callable[[Script], Any]) -> None:
        self.name = name
        self._run = run
        self._after: dict[tuple[int, Any], Node] = {}
        self._answers: dict[int, list[Any]] = {}
        self.executions = 0

    def begin(self, clock: Any) -> Node:
        """The first request, at the time `clock`."""
        key = (-1, clock)
        if key not in self._after:
            self._after[key] = self._execute([], clock)
        return self._after[key]

    def answered(self, node: Node, key: Any, answer: Callable[[], Any], clock: Any) -> Node:
        """What comes after `node` when its request is answered; `key` tells answers apart, `answer` makes it where it is new."""
        place = (node.id, (key, clock))
        if place not in self._after:
            self._after[place] = self._execute(
                [*self._answers[node.id], (answer(), clock)], self._first_clock
            )
        return self._after[place]

    def _execute(self, answers: list[Any], clock: Any) -> Node:
        self.executions += 1
        if not answers:
            self._first_clock = clock
        number = len(self._answers)
        self._answers[number] = answers
        try:
            result = self._run(Script(answers, clock=self._first_clock))
        except Paused as paused:
            return Node(number, paused.request)
        return Node(number, None, result)
