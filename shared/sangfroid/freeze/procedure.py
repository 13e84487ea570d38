"""What people decide about the freeze: raise it, release it in stages, decide a suspicion (C3.0a, I3, I4, I8).

Every act that concerns a case is one transaction with that case's timeline; the freeze item itself is written under its revision.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from sangfroid.casefile import CaseFile
from sangfroid.cases import classification
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition, NotFound, Unavailable
from sangfroid.model import Intent, ResponseVersion, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings
from sangfroid.store import freeze as freezing
from sangfroid.store import intended
from sangfroid.store.freeze import Freeze, Release
from sangfroid.table import ConditionFailed, Write
from sangfroid.text.identity import same_person

ATTEMPTS = 40
"""A raise competes with the claims of every sending for one item; it must win soon, whoever else is busy."""

SHOWN_HELD = 200
T = TypeVar("T")


class Freezer:
    """The freeze for people."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._table = casework.table
        self._now = casework.now

    # -- raise

    def raise_freeze(self, case_id: str | None, reason: str, by: str) -> dict[str, Any]:
        """A director freezes now; with a case, that case holds the freeze. Joins the freeze that is active already."""
        if case_id is None:
            self.alter(lambda freeze: self._raise(freeze, None, reason, by, anew=True))
            return self.document()

        def act(file: CaseFile) -> None:
            if file.case.status == "closed":
                raise IllegalTransition(
                    "The case is closed. Freeze without a case: POST /freeze with only a reason."
                )
            if file.case.suspicion == "pending":
                self._confirm_leak(file, reason)
            self.hold(file, reason, anew=True)

        self.insist(lambda: self._casework.change(case_id, by, act))
        return self.document()

    def _confirm_leak(self, file: CaseFile, reason: str) -> None:
        """A director freezes for a case that is suspected of a leak: that answers the question, whichever call says it (I8)."""
        if not (file.case.case == 3 and file.case.leak):
            classification.by_person(file, 3, True, reason, self._casework.organisation)

    def hold(self, file: CaseFile, reason: str, *, anew: bool = False) -> None:
        """Have the case raise the freeze, or join it, in the transaction of the running change of the case.

        Where the freeze changes meanwhile, the change of the case fails with ConditionFailed: see `insist`. With `anew` (a
        director's own call) a freeze in the stage `statement` goes back to total silence for a case that holds it already.
        """
        freeze, case = freezing.read(self._table), file.case
        before, holds = freeze.raised_epoch, freeze.active and case.id in freeze.holding
        intents = self._raise(freeze, case.id, reason, file.by, anew=anew)
        if holds and not intents:
            return
        raised = freeze.raised_epoch != before
        case.freeze_epoch = freeze.raised_epoch
        if case.suspicion == "pending":
            case.suspicion = "frozen"
        if freeze.state == "effective":
            mark(file, freeze)
        file.note("freeze_raised" if raised else "freeze_joined", epoch=freeze.epoch, reason=reason)
        file.start("leak_source", f"{case.id}-source-e{freeze.raised_epoch}", case_id=case.id)
        file.extra_writes += _writes(freeze, intents)

    def _raise(
        self, freeze: Freeze, case_id: str | None, reason: str, by: str, *, anew: bool
    ) -> list[Intent]:
        """Change `freeze` to a raised or joined one; the intents that go with the write."""
        now = self._now()
        joining = case_id is not None and case_id not in freeze.holding
        if not freeze.active:
            freeze.cases, freeze.released_cases = [], []
            # What an earlier freeze stopped and nobody has resumed yet stays on record: it is what a resume restores.
            freeze.suspensions = [
                entry for entry in freeze.suspensions if entry.state and entry.result != "resumed"
            ]
        if case_id is not None and joining:
            freeze.cases = [known for known in freeze.cases if known != case_id] + [case_id]
            freeze.released_cases = [known for known in freeze.released_cases if known != case_id]
        if freeze.active and not (freeze.state == "statement" and (joining or anew)):
            return []
        freeze.state, freeze.reason, freeze.raised_by, freeze.raised_at = "raised", reason, by, now
        freeze.epoch += 1
        freeze.raised_epoch = freeze.epoch
        freeze.effective_at = freeze.suspended_at = freeze.released_at = None
        freeze.statements, freeze.releases = {}, []
        for entry in freeze.suspensions:
            entry.verified_at = None
        name = f"freeze-e{freeze.epoch}"
        start = self._intent(
            freeze,
            0,
            action="start",
            machine="freeze",
            name=name,
            payload={"epoch": freeze.epoch},
        )
        return [start, *self.wake(freeze, "superseded")]

    # -- release

    def release(
        self, scope: Literal["statement", "all"], reason: str, by: str, case_id: str | None = None
    ) -> tuple[bool, dict[str, Any]]:
        """One director's yes to a stage; True once a second, different director has said yes to the same (I4).

        Without `case_id` it is about the oldest case that still holds the freeze.
        """
        freeze = freezing.read(self._table)
        if not freeze.active:
            raise IllegalTransition("There is no freeze to release.")
        if case_id is not None and case_id not in freeze.holding:
            raise IllegalTransition(f"Case {case_id} does not hold the freeze.", holding=freeze.holding)
        chosen = case_id or next(iter(freeze.holding), None)
        if chosen is None:
            if scope == "statement":
                raise IllegalTransition(
                    "No case holds the freeze, so there is no statement to release: use scope `all`."
                )
            complete = self._release_without_case(reason, by)
        else:
            complete = self.insist(
                lambda: self._casework.change(chosen, by, lambda file: self._release(file, scope, reason))
            )
        return complete, self.document()

    def _release_without_case(self, reason: str, by: str) -> bool:
        done = [False]

        def work(freeze: Freeze) -> list[Intent]:
            if not freeze.active or freeze.holding:
                raise IllegalTransition("The freeze changed meanwhile. Look at it again: GET /freeze.")
            vote = Release(scope="all", by=by, at=self._now(), reason=reason)
            done[0] = _second(freeze, vote)
            return self._end(freeze) if done[0] else self.wake(freeze, "requested")

        self.alter(work)
        return done[0]

    def _release(self, file: CaseFile, scope: Literal["statement", "all"], reason: str) -> bool:
        freeze, case = freezing.read(self._table), file.case
        if case.id not in freeze.holding:
            raise IllegalTransition("The freeze changed meanwhile. Look at it again: GET /freeze.")
        vote = Release(scope=scope, by=file.by, at=file.now, reason=reason, case_id=case.id)
        if scope == "statement":
            approved = self._statement(file, freeze)
            vote.content_hash, vote.version = approved.content_hash, approved.version
        complete = _second(freeze, vote)
        told = {"scope": scope, "version": vote.version, "content_hash": vote.content_hash, "reason": reason}
        if not complete:
            file.note("release_requested", **told)
            intents = self.wake(freeze, "requested")  # the procedure calls the second director
        elif scope == "statement":
            freeze.state = "statement"
            freeze.epoch += 1
            freeze.statements = freeze.statements | {case.id: str(vote.content_hash)}
            file.note("statement_released", **told, epoch=freeze.epoch)
            intents = self.wake(freeze, "statement")
        else:
            freeze.released_cases = [*freeze.released_cases, case.id]
            intents = [] if freeze.holding else self._end(freeze)
            file.note("freeze_released", **told, epoch=freeze.epoch, still_held_by=freeze.holding)
        file.extra_writes += _writes(freeze, intents)
        return complete

    @staticmethod
    def _statement(file: CaseFile, freeze: Freeze) -> ResponseVersion:
        """The one text that may be released, or why there is none."""
        if freeze.state == "raised":
            raise IllegalTransition("What was in flight is still being drained. Try again in a moment.")
        line = file.approved
        # A statement is released by the version itself, never by what the case knows of it (I5).
        approved = file.version(line.version) if line is not None else None
        if approved is None or approved.state != "approved":
            raise IllegalTransition(
                "The case has no approved response: a statement is released as it was approved."
            )
        if freeze.statements.get(file.case.id) == approved.content_hash:
            raise IllegalTransition("This statement is released already.")
        return approved

    def _end(self, freeze: Freeze) -> list[Intent]:
        freeze.state, freeze.released_at = "open", self._now()
        freeze.epoch += 1
        freeze.statements, freeze.releases = {}, []
        return self.wake(freeze, "released")

    # -- suspicion

    def decide_suspicion(self, case_id: str, freeze: bool, reason: str, by: str) -> dict[str, Any]:
        """A director decides over a leak that only the text suggests (I8)."""

        def act(file: CaseFile) -> None:
            case = file.case
            if case.status == "closed":
                raise IllegalTransition("The case is closed.")
            if case.suspicion != "pending":
                raise IllegalTransition(
                    f"No suspicion of a leak waits for a decision ({case.suspicion or 'none was raised'}). "
                    "To freeze all the same: POST /freeze."
                )
            if freeze:
                self._confirm_leak(file, reason)
                self.hold(file, reason)
                return
            case.suspicion = "declined"
            file.note("suspicion_declined", reason=reason)
            classification.no_leak(file, self._casework.organisation)

        self.insist(lambda: self._casework.change(case_id, by, act))
        return {"case_id": case_id, "outcome": "frozen" if freeze else "declined", "freeze": self.document()}

    def close_checklist(self, channel: str, proof: str, by: str) -> dict[str, Any]:
        """A person has stopped a channel that has no interface for it, and attaches the proof (C3.0b)."""
        proof = required(proof, "/proof", "what proves that it is stopped (a link to a capture, say)")

        def work(freeze: Freeze) -> list[Intent]:
            entry = freeze.suspension(channel)
            if not freeze.active or entry is None:
                raise NotFound(f"Nothing of channel {channel!r} stands on the checklist of the freeze.")
            if entry.result not in ("by_person", "failed"):
                raise IllegalTransition(f"Channel {channel} needs no proof: {entry.detail}.")
            entry.proof, entry.proof_by, entry.verified_at = proof, by, self._now()
            freeze.record(entry)
            return []

        self.alter(work)
        self.mark_suspended()
        return self.document()

    def mark_suspended(self) -> None:
        """Where every channel is known to be quiet: note it, and close C3.0b of the cases that hold the freeze."""

        def work(freeze: Freeze) -> list[Intent] | None:
            known = {entry.channel for entry in freeze.suspensions if entry.settled}
            quiet = all(channel.id in known for channel in silenced(self._casework.organisation))
            if freeze.state not in ("raised", "effective") or freeze.suspended_at is not None or not quiet:
                return None
            freeze.suspended_at = self._now()
            return []

        self.mark_cases(self.alter(work))

    def mark_cases(self, freeze: Freeze) -> None:
        """Give the cases that hold the freeze their evidence (C3.0a, C3.0b)."""
        for case_id in freeze.holding if freeze.active else []:
            self._casework.change(case_id, "sangfroid", lambda file: mark(file, freeze))

    # -- the item

    def alter(self, work: Callable[[Freeze], list[Intent] | None]) -> Freeze:
        """Read the freeze, let `work` change it, write it with the intents that it gives; None: there is nothing to write."""

        def act() -> Freeze:
            freeze = freezing.read(self._table)
            intents = work(freeze)
            if intents is not None:
                self._table.transact(_writes(freeze, intents))
                freeze.revision += 1
            return freeze

        return self.insist(act)

    @staticmethod
    def insist(act: Callable[[], T]) -> T:
        """Repeat an act that lost a race for the freeze; Unavailable where it never wins."""
        for attempt in range(ATTEMPTS):
            try:
                return act()
            except ConditionFailed:
                # Real time, not the clock of the rules: this only lets the other writer finish.
                time.sleep(min(0.002 * attempt, 0.05))
        raise Unavailable("The freeze is contended; nothing was changed. Please try again at once.")

    def wake(self, freeze: Freeze, outcome: str, name: str | None = None) -> list[Intent]:
        """Intents that end the waits of the procedure, or only the wait of that name."""
        woken = [wait for wait in freeze.waits if name in (None, wait["name"])]
        freeze.waits = [wait for wait in freeze.waits if wait not in woken]
        output = {"outcome": outcome, "epoch": freeze.epoch}
        return [
            self._intent(freeze, number, action="resume", token=wait["token"], payload=output)
            for number, wait in enumerate(woken, start=1)
        ]

    def _intent(self, freeze: Freeze, number: int, **what: Any) -> Intent:
        return Intent(
            id=f"{freeze.revision + 1:08d}-{number:03d}", partition=freezing.INTENTS, at=self._now(), **what
        )

    def document(self) -> dict[str, Any]:
        """What `GET /freeze` shows: state, who holds it, votes, what was suspended, what is open for a person, what is held."""
        freeze = freezing.read(self._table)
        shown = freeze.model_dump(mode="json", exclude={"waits", "acknowledged", "revision", "suspensions"})
        suspensions = [entry.model_dump(mode="json", exclude={"state"}) for entry in freeze.suspensions]
        page = self._table.query(freezing.HELD, limit=SHOWN_HELD)
        kept = ("case_id", "delivery", "channel", "audience", "kind", "reason", "held_at")
        return shown | {
            "active": freeze.active,
            "holding": freeze.holding if freeze.active else [],
            "suspensions": suspensions,
            "checklist": [
                {
                    "channel": entry["channel"],
                    "what": entry["detail"],
                    "proof": entry["proof"],
                    "proof_by": entry["proof_by"],
                }
                for entry in suspensions
                if entry["result"] in ("by_person", "failed")
            ],
            "in_flight": len(self._table.query(freezing.PERMITS).items),
            "held": [{name: item[name] for name in kept} for item in page.items],
            "more_held": page.next is not None,
        }


def silenced(organisation: Organisation) -> list[ChannelSettings]:
    """The channels that a freeze silences: all but those that are out of band."""
    return [channel for channel in organisation.channels if channel.audience != "out_of_band"]


def mark(file: CaseFile, freeze: Freeze) -> None:
    """Evidence of the freeze in a case that holds it: closes C3.0a when it is effective, C3.0b when every channel is quiet."""
    case, effective, suspended = file.case, freeze.effective_at, freeze.suspended_at
    if effective is not None and case.frozen is None:
        case.frozen = f"freeze epoch {freeze.raised_epoch}, {rfc3339(effective)}"
        file.note("freeze_effective", epoch=freeze.epoch, at=rfc3339(effective))
    if suspended is not None and case.suspended is None:
        case.suspended = f"freeze epoch {freeze.raised_epoch}, {rfc3339(suspended)}"
        file.note("channels_suspended", epoch=freeze.epoch, at=rfc3339(suspended))


def _second(freeze: Freeze, vote: Release) -> bool:
    """Whether the vote is the second of two different directors; the first is kept.

    A vote for another text of the same case counts no more.
    """
    rest = [other for other in freeze.releases if (other.scope, other.case_id) != (vote.scope, vote.case_id)]
    same = [
        other
        for other in freeze.releases
        if (other.scope, other.case_id, other.content_hash) == (vote.scope, vote.case_id, vote.content_hash)
    ]
    if any(same_person(other.by, vote.by) for other in same):
        raise IllegalTransition("You have agreed already; a second, different director must agree as well.")
    freeze.releases = rest if same else [*rest, vote]
    return bool(same)


def _writes(freeze: Freeze, intents: list[Intent]) -> list[Write]:
    return [freezing.write(freeze), *(intended(intent) for intent in intents)]
