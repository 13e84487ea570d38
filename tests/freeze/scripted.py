"""Real code run under a script: what it asked of the world so far was answered thus; what does it ask next?

An actor is plain synchronous code (the door, the freezer, the drain) over a table and a channel that pause it at each call. As
its behaviour is determined by the answers that it got, one execution of the real code per distinct history of answers
is enough to know its next request in every interleaving that leads there.

What an actor does side by side runs on strands (`Strands`), each of which asks for itself: the actor then has several requests
at once, and which of them is answered next is one more choice. Two orders of answers that gave every strand the same answers,
and closed the window over the same finished works, lead to the same place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sangfroid.table import ConditionFailed, Item, Page

Request = tuple[str, Any]
"""What an actor asks of the world: a kind (`get`, `query`, `transact`, `begin`, `end`, `find`, `back`, `wait`), and with what."""


Who = int | str | None
"""Which strand asks: None where nothing is done side by side, a work by its number, WINDOW for whoever waits for them."""

WINDOW = "window"


class Paused(BaseException):
    """The code has reached requests that the script does not answer yet (not an Exception: no handler may swallow it)."""

    def __init__(self, requests: dict[Who, Request], over: frozenset[Who] = frozenset()) -> None:
        super().__init__(requests)
        self.requests = requests
        self.over = over


@dataclass
class Script:
    """Answers given so far, to whom, and the world's time at each of them; `clock` is what the actor's own clock shows."""

    answers: list[tuple[Who, Any, Any]] = field(default_factory=list)
    position: int = 0
    clock: Any = None

    def ask(self, kind: str, what: Any) -> Any:
        """The scripted answer, or a pause. An answer that is an exception is raised."""
        strand: Strand | None = getattr(_here, "strand", None)
        if strand is not None:
            return given(strand.ask((kind, what)))
        who, answer = self.next({None: (kind, what)})
        assert who is None
        return given(answer)

    def next(self, requests: dict[Who, Request], over: frozenset[Who] = frozenset()) -> tuple[Who, Any]:
        """Whom the script answers next, and what; or a pause."""
        if self.position >= len(self.answers):
            raise Paused(requests, over)
        who, answer, self.clock = self.answers[self.position]
        self.position += 1
        return who, answer


def given(answer: Any) -> Any:
    """The answer, which is raised where it is an exception."""
    if isinstance(answer, BaseException):
        raise answer
    return answer


_here = threading.local()


def strand_here() -> Who:
    """On which strand of its actor this code runs."""
    strand: Strand | None = getattr(_here, "strand", None)
    return strand.who if strand is not None else None


class _Cut(BaseException):
    """Ends a strand whose execution has told what it was to tell."""


class Strand:
    """One work on a thread of its own that runs only while it is let to, from one request to the next."""

    def __init__(self, who: Who, work: Callable[[], None]) -> None:
        self.who = who
        self.request: Request | None = None
        self.fault: BaseException | None = None
        self.over = False
        self._answer: Any = None
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._work = work
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), daemon=True)
        self._thread.start()
        self._back.acquire()

    def answer(self, answer: Any) -> None:
        """Go on with this answer, up to the next request or the end."""
        self._answer, self.request = answer, None
        self._go.release()
        self._back.acquire()

    def ask(self, request: Request) -> Any:
        """On the strand itself: the answer, when it is given."""
        self.request = request
        self._back.release()
        self._go.acquire()
        if isinstance(self._answer, _Cut):
            raise self._answer
        return self._answer

    def cut(self) -> None:
        """It goes no further."""
        if not self.over:
            self.answer(_Cut())
        self._thread.join()

    def _run(self) -> None:
        _here.strand = self
        try:
            self._work()
        except _Cut:
            pass
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits
            self.fault = fault
        finally:
            self.over = True
            self._back.release()


@dataclass(frozen=True)
class Strands:
    """What does works side by side in an actor (`sangfroid.side_by_side`): the script says which of them goes on."""

    script: Script

    def __call__(self, works: Sequence[Callable[[], None]], _: float, meanwhile: Callable[[], None]) -> None:
        """The window may close at any moment, and closes at the latest when all works are over."""
        strands: dict[Who, Strand] = {}
        try:
            for number, work in enumerate(works):
                strands[number] = Strand(number, work)
            while True:
                over = frozenset(who for who, strand in strands.items() if strand.over)
                if WINDOW not in strands and len(over) == len(works):
                    strands[WINDOW] = Strand(WINDOW, meanwhile)
                    continue
                if len(over) == len(works) + 1:
                    break
                asked = {who: one.request for who, one in strands.items() if one.request is not None}
                if WINDOW not in strands:
                    asked[WINDOW] = (WINDOW, None)
                who, answer = self.script.next(asked, over)
                if who in strands:
                    strands[who].answer(answer)
                else:
                    strands[WINDOW] = Strand(WINDOW, meanwhile)
        finally:
            for strand in strands.values():
                strand.cut()
        for strand in strands.values():
            if strand.fault is not None:
                raise strand.fault


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


History = tuple[tuple[Any, ...], frozenset[tuple[Who, tuple[Any, ...]]] | None]
"""What was answered: to the actor itself, and to each strand of what it does side by side at the moment."""


@dataclass(frozen=True)
class Node:
    """A point of an actor's life: its next requests, or how it ended. `id` tells the history that leads here."""

    id: int
    requests: tuple[tuple[Who, Request], ...] = ()
    result: Any = None
    over: frozenset[Who] = frozenset()
    history: History = ((), None)

    @cached_property
    def waits(self) -> bool:
        """Whether it stands still until the world has changed."""
        return any(request[0] == "wait" for _, request in self.requests)


class Actor:
    """One actor and everything that is known of it. `run` executes the real code with a script and returns its result."""

    def __init__(self, name: str, run: Callable[[Script], Any]) -> None:
        self.name = name
        self._run = run
        self._after: dict[tuple[int, Who, Any], Node] = {}
        self._known: dict[History, Node] = {}
        self._answers: dict[int, list[Any]] = {}
        self.executions = 0

    def begin(self, clock: Any) -> Node:
        """The first request, at the time `clock`."""
        key = (-1, None, clock)
        if key not in self._after:
            self._after[key] = self._execute([], clock, ((("begins", clock),), None))
        return self._after[key]

    def answered(self, node: Node, who: Who, key: Any, answer: Callable[[], Any], clock: Any) -> Node:
        """What comes after `node` when this request of it is answered.

        `key` tells answers apart, `answer` makes it where it is new.
        """
        place = (node.id, who, (key, clock))
        if place not in self._after:
            history = _longer(node, who, (key, clock))
            if history not in self._known:
                answers = [*self._answers[node.id], (who, answer(), clock)]
                self._known[history] = self._execute(answers, self._first_clock, history)
            self._after[place] = self._known[history]
        return self._after[place]

    def _execute(self, answers: list[Any], clock: Any, history: History) -> Node:
        self.executions += 1
        if not answers:
            self._first_clock = clock
        number = len(self._answers)
        self._answers[number] = answers
        try:
            result = self._run(Script(answers, clock=self._first_clock))
        except Paused as paused:
            return Node(number, tuple(paused.requests.items()), None, paused.over, history)
        return Node(number, (), result, frozenset(), history)


def _longer(node: Node, who: Who, answer: Any) -> History:
    """The history of `node` with one more answer."""
    alone, strands = node.history
    if who is None:
        return (*alone, strands, answer), None
    each = dict(strands or ())
    if who == WINDOW and WINDOW not in each:
        answer = (*answer, node.over)  # it closes over the works that are over
    each[who] = (*each.get(who, ()), answer)
    return alone, frozenset(each.items())
