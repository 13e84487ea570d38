"""The steps of the state machine `freeze`, one method each; they carry ids only (I13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from sangfroid.casework import Casework
from sangfroid.freeze.drain import drain
from sangfroid.freeze.locks import Locks
from sangfroid.freeze.pages import Called, pages
from sangfroid.freeze.procedure import Freezer, silenced
from sangfroid.freeze.review import HeldReview
from sangfroid.freeze.suspension import Suspensions
from sangfroid.model import Intent, Model, rfc3339
from sangfroid.observability import count
from sangfroid.outbound.channels.base import Channel
from sangfroid.outbound.telling import Teller
from sangfroid.store import freeze as freezing
from sangfroid.store.freeze import Freeze
from sangfroid.table import Item
from sangfroid.triage import harm

Step = Literal[
    "drain", "channels", "suspend", "suspension_failed", "lock", "verify", "page", "wait", "statement_channels",
    "resume", "let_statement_out", "review_held", "look_at_suspicion",
]  # fmt: skip


class FreezeStep(Model):
    """What the machine sends to the function `freeze`. `epoch` names the raise for which the execution speaks."""

    step: Step
    epoch: int = 0
    case_id: str = ""
    channel: str = ""
    error: str = ""
    kind: str = ""
    occasion: str = ""
    roles: list[str] = Field(default_factory=list)
    token: str = ""
    name: str = ""
    seen: int = 0


class ReleaseStep(Model):
    """What the machine sends to the function `release`: lift the second lock, of the statement's channels or of all."""

    scope: Literal["statement", "all"]
    epoch: int


class NotPaged(Exception):
    """Somebody could not be paged yet: the machine's retry comes back; who was told already is not told twice."""


class Machine:
    """The steps over one desk's casework, its freezer and teller, the channels and their locks."""

    def __init__(
        self,
        casework: Casework,
        freezer: Freezer,
        teller: Teller,
        channels: Callable[[str], Channel],
        locks: Locks,
        *,
        silences: bool = True,
    ) -> None:
        self._casework = casework
        self._organisation = casework.organisation
        self._now = casework.now
        self._table = casework.table
        self._freezer = freezer
        self._teller = teller
        self._locks = locks
        self._review = HeldReview(casework)
        self._suspensions = Suspensions(casework, channels, freezer, silences=silences)

    def run(self, step: FreezeStep) -> dict[str, Any]:
        """Carry out one step."""
        match step.step:
            case "drain":
                count("FreezeRaised")
                return drain(self._table, self._freezer, self._now, step.epoch)
            case "channels":
                return {"channels": self._suspensions.channels()}
            case "suspend":
                return self._suspensions.suspend(step.channel, step.epoch)
            case "suspension_failed":
                return self._suspensions.note_failure(step.channel, step.error)
            case "lock":
                return self._lock(step.epoch)
            case "verify":
                return self._suspensions.verify(step.epoch)
            case "page":
                return self._page(step)
            case "wait":
                return self._wait(step)
            case "statement_channels":
                return {"channels": self._suspensions.statement_channels()}
            case "resume":
                return self._suspensions.resume(step.channel, step.epoch)
            case "let_statement_out":
                return self._review.let_statement_out(step.epoch)
            case "review_held":
                return self._review.step(step.epoch)
            case "look_at_suspicion":
                return self._look_at_suspicion(step.case_id)

    def unlock(self, step: ReleaseStep) -> dict[str, Any]:
        """Lift the second lock where two directors have released; never while the freeze forbids it."""
        opened = []
        for channel in silenced(self._organisation):
            freeze = freezing.read(self._table)
            in_statement = freeze.state == "statement" and channel.statement_during_freeze
            if freeze.raised_epoch != step.epoch or not (in_statement or not freeze.active):
                continue
            if self._locks.unlock(channel.id) == "open":
                opened.append(channel.id)
        return {"outcome": "unlocked", "channels": opened}

    def _lock(self, epoch: int) -> dict[str, Any]:
        locked = []
        for channel in silenced(self._organisation):
            freeze = freezing.read(self._table)
            if freeze.raised_epoch != epoch or not freeze.active:
                return {"outcome": "superseded", "channels": []}
            if freeze.state == "statement" and channel.statement_during_freeze:
                continue
            if self._locks.lock(channel.id) == "locked":
                locked.append(channel.id)
        return {"outcome": "locked", "channels": locked}

    def _page(self, step: FreezeStep) -> dict[str, Any]:
        """Tell people about the freeze; who has no way, or none that gets through, stands in the freeze (I14).

        Raises NotPaged while somebody with a way was not reached: the machine comes back.
        """
        opened, now = self._table.get(*freezing.FREEZE_PLACE) or {}, self._now()
        freeze = freezing.of_item(opened)
        never = (
            frozenset(vote.by for vote in freeze.releases)
            if step.kind == "release_requested"
            else frozenset()
        )
        called = list(
            pages(
                self._organisation, now, step.kind, step.occasion, step.roles,
                frozen=freeze.active, never=never, waiting=_asked_for(step, freeze),
            )
        )  # fmt: skip
        left = self._unreached(called, opened)
        unreached = [one.person for one in left]
        if "everybody" in step.roles and freeze.unreached != unreached:
            self._keep_unreached(unreached)
        if waiting := sum(bool(one.letters) for one in left):
            raise NotPaged(f"{waiting} people not reached yet")
        return {"told": len(called) - len(left), "waiting": 0}

    def _unreached(self, called: list[Called], opened: Item) -> list[Called]:
        """Page everybody by their best way, all together, then whoever was not reached by the next; who is left at the end."""
        left = called
        for number in range(max((len(one.letters) for one in called), default=0)):
            now = [one for one in left if number < len(one.letters)]
            sent = self._teller.tell_all([one.letters[number] for one in now], opened)
            reached = {one.person for one, what in zip(now, sent, strict=True) if what.outcome == "published"}
            left = [one for one in left if one.person not in reached]
        return left

    def _keep_unreached(self, people: list[str]) -> None:
        def work(freeze: Freeze) -> list[Intent]:
            freeze.unreached = people
            return []

        self._freezer.alter(work)

    def _wait(self, step: FreezeStep) -> dict[str, Any]:
        """Keep the task token until something is released; where that has happened already, the machine is woken at once."""

        def work(freeze: Freeze) -> list[Intent]:
            wait = {"name": step.name, "token": step.token, "since": rfc3339(self._now())}
            freeze.waits = [other for other in freeze.waits if other["name"] != step.name] + [wait]
            if freeze.raised_epoch != step.epoch:
                return self._freezer.wake(freeze, "superseded", step.name)
            if not freeze.active:
                return self._freezer.wake(freeze, "released", step.name)
            if freeze.state == "statement" and freeze.epoch != step.seen:
                return self._freezer.wake(freeze, "statement", step.name)
            return []

        self._freezer.alter(work)
        return {"waiting": step.name}

    def _look_at_suspicion(self, case_id: str) -> dict[str, Any]:
        """Whether a decision is still open, whom the machine asks first and by which ways, and how long silence is borne (I8)."""
        case, now = self._casework.read(case_id).case, self._now()
        thresholds = self._organisation.thresholds
        outcome = "closed" if case.status == "closed" else case.suspicion or "none"
        action = case.triage_detail.get("woken", "page_director")
        asked: dict[str, Any] = {"kind": "leak_suspected", "room": False, "details": {}}
        silence = thresholds.ask_again_after
        if action == "wait_until_morning":
            # Nobody is told anything before the day begins; then the person on duty is asked, and it climbs from there.
            here = now.astimezone(ZoneInfo(self._organisation.time_zone))
            first: dict[str, Any] = {}
            order = ["on_call", "director", "pr_lead", "security_lead"]
            silence = max(harm.morning(here, thresholds.waking) - here, timedelta(minutes=1))
        elif action == "ask_quietly":
            order = ["on_call", "director", "pr_lead", "security_lead"]
            first = asked | {"roles": order[:1], "to": "team"}
            silence = thresholds.waking.climbs_after
        else:
            order = ["director", "pr_lead", "security_lead", "on_call"]
            first = asked | {"roles": order, "to": "out_of_band"}
        return {
            "outcome": outcome,
            "ask_again_after": int(silence.total_seconds()),
            "notice": first,
            "reminder": asked | {"roles": order, "to": "out_of_band"},
        }


def _asked_for(step: FreezeStep, freeze: Freeze) -> str | None:
    """Id of what the page asks for, as the desk names it (acts/awaited.py): the release that one director has said yes to."""
    if step.kind != "release_requested" or not freeze.releases:
        return None
    last = freeze.releases[-1]
    return ":".join(["release", last.scope, *([last.case_id] if last.case_id else [])])
