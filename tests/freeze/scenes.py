"""The scenes that are explored: real door, real freezer, real drain, over one leak-free case with an approved response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sangfroid import lifetime
from sangfroid.casefile import CaseFile
from sangfroid.cases import closing, facts
from sangfroid.desk import Desk
from sangfroid.freeze.drain import drain
from sangfroid.model import Case, Clock, Delivery, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.outbound.errors import AnswerLost
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.outbound.sending import Addressed
from sangfroid.store import notice_place, put, response_delivery
from sangfroid.store.freeze import CLOCK_SKEW, FREEZE_PLACE, HELD, PERMITS
from tests.freeze.explore import Explorer, Result
from tests.freeze.scripted import Actor, Script, ScriptedTable, Strands, strand_here
from tests.support.memory_table import MemoryTable
from tests.support.pauses import without_pauses

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
LIFE = 60
"""Seconds that a sender's Lambda lives (template.yaml: the Timeout of `publish`)."""

CASE = "case-1"
ORGANISATION = Organisation.model_validate(
    {
        "name": "Nuage SA",
        "brands": [{"name": "Nuage SA", "languages": ["en"]}],
        "people": [{"id": "dora", "name": "Dora", "duties": ["director"]}],
        "channels": [
            {"id": "a", "type": "outbox", "audience": "public", "languages": ["en"]},
            {"id": "b", "type": "outbox", "audience": "public", "languages": ["en"]},
            {"id": "team", "type": "outbox", "audience": "team", "languages": ["en"]},
        ],
        "escalation": {"ladder": [{"role": "director", "audience": "out_of_band"}]},
    }
)


class Platform:
    """A channel whose every call is a step: the request leaves (`begin`), and its effect and answer (`end`)."""

    idempotent = False
    loses: frozenset[str] = frozenset()
    """Keys whose publication has its effect, while the answer never comes."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def publish(self, letter: Letter) -> Receipt:
        self._script.ask("begin", letter.key)
        self._script.ask("end", letter.key)
        if letter.key in self.loses:
            raise AnswerLost("no answer")
        return Receipt(letter.key, f"https://example.org/{letter.key}")

    def find(self, letter: Letter) -> Receipt | None:
        there = self._script.ask("find", letter.key)
        return Receipt(letter.key, f"https://example.org/{letter.key}") if there else None

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        assert self._script.ask("back", letter.key)
        return receipt


def desk_of(script: Script, skew: timedelta) -> Desk:
    """The application over a script; its clock stands `skew` beside the world's."""
    platform: Any = Platform(script)
    table: Any = ScriptedTable(script)
    return Desk(table, ORGANISATION, lambda: None, lambda _: platform, lambda: script.clock + skew)  # type: ignore[arg-type, return-value]


@dataclass(frozen=True)
class _Context:
    left: timedelta

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left.total_seconds() * 1000)


@contextmanager
def invoked(script: Script, name: str, skew: timedelta) -> Iterator[Desk]:
    """An invocation of a Lambda: its claims get names, its time is bounded, what it does side by side runs on strands."""
    numbers: dict[Any, Iterator[int]] = {}

    def named() -> SimpleNamespace:
        here = strand_here()
        number = next(numbers.setdefault(here, count()))
        return SimpleNamespace(hex=f"{name}-{number}" if here is None else f"{name}-{here}-{number}")

    with (
        patch("sangfroid.outbound.door.uuid4", named),
        patch("sangfroid.side_by_side._installed", Strands(script)),
        lifetime.of(_Context(timedelta(seconds=LIFE)), script.clock + skew),
    ):
        yield desk_of(script, skew)


def sender(name: str, delivery: str, skew: timedelta = timedelta(0)) -> Actor:
    """One invocation of `publish`: one attempt at the delivery, repeated as its machine would where it was told `at once`."""

    def run(script: Script) -> Any:
        with invoked(script, name, skew) as desk:
            for _ in range(3):
                sent = desk.door.send(place_of(delivery))
                if sent.outcome != "retry" or sent.until is None or sent.until > script.clock + skew:
                    break
            return sent.outcome

    return Actor(name, run)


def group(name: str, deliveries: Sequence[str], skew: timedelta = timedelta(0)) -> Actor:
    """One invocation of `publish` for several deliveries that leave together."""

    def run(script: Script) -> Any:
        with invoked(script, name, skew) as desk:
            sents = desk.door.send_together([Addressed(place_of(one)) for one in deliveries])
            return " ".join(sent.outcome for sent in sents)

    return Actor(name, run)


def teller(name: str, skew: timedelta = timedelta(0)) -> Actor:
    """One invocation of `notify`: a notice to the team that is written together with its claim."""

    def run(script: Script) -> Any:
        with invoked(script, name, skew) as desk:
            return desk.teller.tell(notice(NEW), desk.casework.table.get(*FREEZE_PLACE) or {}).outcome

    return Actor(name, run)


def teller_of_all(name: str, letters: Sequence[str], skew: timedelta = timedelta(0)) -> Actor:
    """One invocation of `notify` for several readers, each notice written with its claim."""

    def run(script: Script) -> Any:
        with invoked(script, name, skew) as desk:
            opened = desk.casework.table.get(*FREEZE_PLACE) or {}
            sents = desk.teller.tell_all([notice(one) for one in letters], opened)
            return " ".join(sent.outcome for sent in sents)

    return Actor(name, run)


def canceller(name: str) -> Actor:
    """Somebody ends what has not gone out, as closing the case does."""

    def run(script: Script) -> Any:
        desk = desk_of(script, timedelta(0))
        desk.casework.change(
            CASE, "dora", lambda file: closing.cancel_deliveries(file, "not wanted any more")
        )
        return "cancelled"

    return Actor(name, run)


def freezer(*, with_case: bool, skew: timedelta = timedelta(0)) -> Actor:
    """A director freezes, and the machine drains until the freeze is effective."""

    def run(script: Script) -> Any:
        desk = desk_of(script, skew)
        if with_case:
            desk.casework.change(CASE, "dora", lambda file: desk.freezer.hold(file, "leak"))
        else:
            desk.freezer.alter(lambda freeze: desk.freezer._raise(freeze, None, "leak", "dora", anew=True))
        while True:
            answer = drain(desk.casework.table, desk.freezer, desk.casework.now, 1)
            if answer["outcome"] != "wait":
                return answer["outcome"]
            script.ask("wait", answer["until"])

    return Actor("freeze", run)


NOTICE, NEW, NEWER, CANCEL = "note", "new note", "newer note", "cancel"
"""Stand in the place of a channel: for a notice to the team, for two that nobody has written yet, for who cancels everything."""

NOTICES = (NOTICE, NEW, NEWER)


def key_of(channel: str) -> str:
    """Key of the delivery to a channel."""
    return f"{CASE}:{channel}" if channel in NOTICES else facts.delivery_key(CASE, 1, channel, "en")


def place_of(key: str) -> tuple[str, str]:
    """Where the delivery stands."""
    return notice_place(CASE, key) if key in map(key_of, NOTICES) else response_delivery(CASE, key)


def notice(name: str) -> Delivery:
    """A notice to the team."""
    return Delivery(
        key=key_of(name), case_id=CASE, kind="crisis_opened", channel="team", audience="team", language="en",
        required=False, text="A crisis is open.", created_at=START,
    )  # fmt: skip


def table() -> dict[tuple[str, str], dict[str, Any]]:
    """A case with an approved response and two deliveries that wait."""
    store = MemoryTable()
    desk = Desk(store, ORGANISATION, lambda: None, lambda _: None, lambda: START)  # type: ignore[arg-type, return-value]
    texts = {"en": "We are sorry."}
    digest = facts.content_hash(texts)
    clocks = [
        Clock(id="response_ready", due_at=START, state="met"),
        Clock(id="response_published", due_at=START + timedelta(hours=40)),
    ]
    case = Case(
        id=CASE, brand="Nuage SA", status="responding", case=3, first_published_at=START, opened_at=START, opened_by="ana",
        updated_at=START, round=1, clocks=clocks,
    )  # fmt: skip
    file = CaseFile(case, START, "ana")
    file.responses.append(
        ResponseVersion(
            case_id=CASE,
            version=1,
            texts=texts,
            content_hash=digest,
            by="ana",
            at=START,
            round=1,
            state="approved",
        )
    )
    for channel in ("a", "b"):
        file.deliveries[key_of(channel)] = Delivery(
            key=key_of(channel), case_id=CASE, kind="response", channel=channel, audience="public", language="en", version=1,
            content_hash=digest, created_at=START,
        )  # fmt: skip
    desk.casework.store.create(file)
    written = notice(NOTICE)
    store.transact([put(place_of(written.key), written.model_dump(mode="json"), 0)])
    return dict(store.items)


def check_end(world: dict[tuple[str, str], dict[str, Any]], published: tuple[str, ...]) -> str:
    """Everything has come to rest: the freeze is effective and every delivery is accounted for."""
    freeze = world[FREEZE_PLACE]
    assert freeze["state"] == "effective", f"the drain ended in state {freeze['state']}"
    assert not [key for key in world if key[0] == PERMITS], "a permit is left"
    told = []
    for channel in ("a", "b", *NOTICES):
        if (delivery := world.get(place_of(key_of(channel)))) is None:
            assert channel in (NEW, NEWER), f"{channel} is lost"
            assert key_of(channel) not in published, f"{channel} left and stands nowhere"
            continue
        out = key_of(channel) in published
        state = delivery["state"]
        held = (HELD, f"{CASE}|{delivery['key']}") in world
        if state == "published":
            assert out, f"{channel} counts as published and never left"
        elif state == "held":
            assert held, f"{channel} is held and not on the list of what is held"
            assert not out or delivery["unknown_outcome"], f"{channel} left and would be sent again unseen"
        elif state == "cancelled":
            assert not out, f"{channel} left and counts as cancelled"
        elif state == "sending":
            # Its sender died: whoever comes back looks on the platform first, and is refused by the freeze before that.
            assert delivery["unknown_outcome"], f"{channel} may have left and would be sent again unseen"
        else:
            assert state == "waiting", f"{channel} is {state}"
            assert not out or delivery["unknown_outcome"], f"{channel} left and would be sent again unseen"
        told.append(f"{state}{'+' if out else ''}")
    return " ".join(told)


def explore(
    *,
    with_case: bool = False,
    crashes: int = 0,
    sender_skew: float = 0,
    drain_skew: float = 0,
    deliveries: Sequence[str | tuple[str, ...]] = ("a", "b"),
    after_crash: str | tuple[str, ...] | None = None,
    loses: Sequence[str] = (),
    clock: Callable[[int], Any] = lambda seconds: START + timedelta(seconds=seconds),
) -> Result:
    """Sendings and one freeze, in every order. Raises Broken.

    Each of `deliveries` is a sender of its own: of one channel, or of several that leave together. After a crash of the first,
    another comes and sends `after_crash`, or the same (nobody comes where it is empty). `loses`: channels whose answers are lost.
    """
    skew, other = timedelta(seconds=sender_skew), timedelta(seconds=drain_skew)

    def actor(name: str, sent: str | tuple[str, ...]) -> Actor:
        if isinstance(sent, tuple):
            if set(sent) <= set(NOTICES):
                return teller_of_all(name, sent, skew)
            return group(name, [key_of(one) for one in sent], skew)
        if sent == CANCEL:
            return canceller(name)
        return teller(name, skew) if sent == NEW else sender(name, key_of(sent), skew)

    actors = {f"S{number}": actor(f"S{number}", sent) for number, sent in enumerate(deliveries, 1)}
    actors["F"] = freezer(with_case=with_case, skew=other)
    follows = {}
    if crashes and after_crash != "":
        actors["S1b"] = actor("S1b", after_crash or deliveries[0])
        follows = {"S1b": "S1"}

    def permit_over(item: dict[str, Any]) -> int:
        over = datetime.fromisoformat(item["until"]) + CLOCK_SKEW - other
        return -int(-(over - START).total_seconds() // 1)

    explorer = Explorer(
        actors,
        table(),
        life=LIFE,
        follows=follows,
        check_end=check_end,
        crashes=crashes,
        clock=clock,
        permit_over=permit_over,
    )
    lost = patch.object(Platform, "loses", frozenset(map(key_of, loses)))
    steady = patch("sangfroid.outbound.calling.random.uniform", lambda _, most: most)
    # The short pauses after a lost race take no time here.
    with without_pauses("sangfroid.store", "sangfroid.freeze.procedure"), lost, steady:
        return explorer.explore()
