"""The 12 h and 48 h clocks (C1.2, C1.4 and their like), counted from the origin of the case (I1); and the desk's own first word.

The first word is the desk's own rule (`thresholds.first_word`), named so everywhere: it counts from the moment a crisis is
recognised, or became known, and is met by a holding text or by the response going out. It stops neither of the other two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.model import Clock, ClockId, rfc3339
from sangfroid.organisation import Organisation

LENGTHS: dict[ClockId, timedelta] = {
    "response_ready": timedelta(hours=12),
    "response_published": timedelta(hours=48),
}
"""From the publication of the first negative message to each deadline (source document 000)."""

SPOKEN: tuple[ClockId, ...] = ("first_word", "response_published")
"""Clocks that are stopped by speaking; a freeze forbids that, and writing and approving it does not."""

STOPPED = ("met", "met_late", "cancelled")

Step = Literal["remind", "breach", "escalate", "stop"]


def open_clocks(file: CaseFile) -> None:
    """Start both clocks from the origin; one that is already past its deadline opens breached (I1).

    There is none while nothing is public. Where the response was out before the first public message, they open met.
    """
    case, line = file.case, file.approved
    if case.first_published_at is None:
        return
    approved = file.version(line.version) if line is not None else None
    ready = approved.approvals[-1].at if approved is not None and approved.approvals else None
    met = {"response_ready": ready, "response_published": case.response_published_at}
    for place, (clock_id, length) in enumerate(LENGTHS.items()):
        clock = Clock(id=clock_id, due_at=case.first_published_at + length, met_at=met[clock_id])
        case.clocks.insert(place, clock)
        file.note("clock_started", clock=clock_id, due_at=rfc3339(clock.due_at))
        if clock.met_at is not None:
            clock.state = "met" if clock.met_at <= clock.due_at else "met_late"
            file.note(
                "clock_met",
                clock=clock_id,
                state=clock.state,
                due_at=rfc3339(clock.due_at),
                because="it had happened before anything was public",
            )
            continue
        if _not_owed(file):
            clock.state = "cancelled"
            file.note("clock_cancelled", clock=clock_id, because="it was decided not to respond")
            continue
        _breach_if_due(file, clock)
        _watch(file, clock)


def _not_owed(file: CaseFile) -> bool:
    decision = file.case.no_response
    return decision is not None and decision.stands


def open_first_word(file: CaseFile, organisation: Organisation) -> None:
    """Start the clock of the first word: a crisis is recognised now. A case has one, whatever it is called later."""
    case = file.case
    if case.has_clock("first_word") is not None:
        return
    clock = Clock(id="first_word", due_at=(case.known_at or file.now) + organisation.thresholds.first_word)
    case.clocks.append(clock)
    file.note("clock_started", clock=clock.id, due_at=rfc3339(clock.due_at), rule="the desk's own")
    _breach_if_due(file, clock)
    _watch(file, clock)


def move_origin(file: CaseFile, origin: datetime, because: str) -> None:
    """Count every clock from another origin: earlier when an earlier message is found, later when a wrong one is withdrawn."""
    case = file.case
    before = case.first_published_at
    if origin == before:
        return
    if before is None:
        case.first_published_at = origin
        file.note("origin_known", to=rfc3339(origin), because=because)
        open_clocks(file)
        return
    file.note("origin_moved", **{"from": rfc3339(before), "to": rfc3339(origin)}, because=because)
    case.first_published_at = origin
    for clock in case.clocks:
        if clock.id not in LENGTHS:
            continue
        if clock.state == "cancelled":
            clock.due_at = origin + LENGTHS[clock.id]
            continue
        clock.due_at = origin + LENGTHS[clock.id]
        clock.generation += 1
        clock.reminded = []
        if clock.met_at is not None:
            clock.state = "met" if clock.met_at <= clock.due_at else "met_late"
        elif clock.state == "breached" and file.now < clock.due_at:
            clock.state, clock.breached_at, clock.escalations = "running", None, 0
            clock.frozen_since = None
        file.note("clock_moved", clock=clock.id, due_at=rfc3339(clock.due_at), state=clock.state)
        if clock.state not in STOPPED:
            _breach_if_due(file, clock)
            _watch(file, clock)


def meet(file: CaseFile, clock_id: ClockId, because: str) -> None:
    """The stop event has happened: met, or met late. A stopped clock stays as it is."""
    clock = file.case.has_clock(clock_id)
    if clock is None or clock.state in STOPPED:
        return
    clock.met_at = file.now
    clock.state = "met" if file.now <= clock.due_at else "met_late"
    file.note("clock_met", clock=clock_id, state=clock.state, due_at=rfc3339(clock.due_at), because=because)


def reopen(file: CaseFile, clock_id: ClockId, because: str) -> None:
    """What had stopped the clock is void (or was cancelled): it runs on with its old deadline."""
    clock = file.case.has_clock(clock_id)
    if clock is None or clock.state not in STOPPED:
        return
    clock.state, clock.met_at, clock.frozen_since = "running", None, None
    clock.generation += 1
    file.note("clock_reopened", clock=clock_id, due_at=rfc3339(clock.due_at), because=because)
    _breach_if_due(file, clock)
    _watch(file, clock)


def cancel(file: CaseFile, because: str) -> None:
    """Nothing is owed any more (no crisis, or the decision not to respond)."""
    for clock in file.case.clocks:
        if clock.state not in STOPPED:
            clock.state = "cancelled"
            file.note("clock_cancelled", clock=clock.id, because=because)


def breach(file: CaseFile, clock: Clock, silent_since: datetime | None = None) -> None:
    """Note that the deadline passed without the stop event; `silent_since`: the case may not speak since then."""
    if clock.state == "running":
        clock.state, clock.breached_at = "breached", file.now
        clock.frozen_since = _held(clock, silent_since)
        held = {"frozen_since": rfc3339(clock.frozen_since)} if clock.frozen_since is not None else {}
        file.note("clock_breached", clock=clock.id, due_at=rfc3339(clock.due_at), **held)


def _held(clock: Clock, silent_since: datetime | None) -> datetime | None:
    """Since when a freeze had forbidden what stops the clock as its deadline passed."""
    frozen = silent_since is not None and clock.id in SPOKEN and silent_since <= clock.due_at
    return silent_since if frozen else None


def _breach_if_due(file: CaseFile, clock: Clock) -> None:
    if file.now > clock.due_at:
        breach(file, clock)


def _watch(file: CaseFile, clock: Clock) -> None:
    """One `deadline` execution per generation; it lives on when everything else has failed."""
    name = f"{file.case.id}-{clock.id}-g{clock.generation}"
    file.start("deadline", name, case_id=file.case.id, clock=clock.id, generation=clock.generation)


def next_moment(
    clock: Clock,
    now: datetime,
    reminders: list[timedelta],
    escalate_every: timedelta,
    rungs: int,
    last_every: timedelta,
) -> tuple[Step, datetime]:
    """What the `deadline` procedure does next with a clock that runs, and when.

    Reminders that were already due when the clock started are skipped, except that the newest of them is given at once.
    After the breach the ladder is climbed one rung every `escalate_every`, then its last rung again every `last_every`.
    """
    if clock.state in STOPPED:
        return "stop", now
    if clock.state == "breached":
        began = clock.breached_at or clock.due_at
        climbed = clock.escalations
        if climbed == 0:
            return "escalate", began
        steps = min(climbed, rungs - 1)
        beyond = max(0, climbed - (rungs - 1))
        return "escalate", began + steps * escalate_every + beyond * last_every
    ahead = sorted({clock.due_at - before for before in reminders})
    missed = [moment for moment in ahead if moment <= now and rfc3339(moment) not in clock.reminded]
    if missed:
        return "remind", missed[-1]
    for moment in ahead:
        if moment > now:
            return "remind", moment
    return "breach", clock.due_at


def next_step(
    file: CaseFile, clock_id: str, generation: int, organisation: Organisation
) -> tuple[Step, datetime]:
    """What the `deadline` procedure of this generation of a clock does next, and when."""
    clock, escalation = file.case.clock(clock_id), organisation.escalation
    if clock.generation != generation or file.case.status == "closed":
        return "stop", file.now
    return next_moment(
        clock,
        file.now,
        organisation.thresholds.reminders.get(clock.id, []),
        escalation.every,
        len(escalation.ladder),
        escalation.repeat_last_every,
    )


@dataclass(frozen=True)
class Stepped:
    """What was done with a clock (`none`: nothing was due), what the next step was meant for, and the rung that was climbed."""

    step: Step | Literal["none"]
    until: datetime
    rung: int = 0


def passes_now(file: CaseFile, clock_id: str, generation: int, organisation: Organisation) -> bool:
    """Whether the deadline is found to have passed by a `step` now, for the first time."""
    due, until = next_step(file, clock_id, generation, organisation)
    first = due == "breach" or (due == "escalate" and file.case.clock(clock_id).escalations == 0)
    return first and until <= file.now


def step(
    file: CaseFile,
    clock_id: str,
    generation: int,
    organisation: Organisation,
    silent_since: datetime | None = None,
) -> Stepped:
    """Do and note what is due of a clock now: a reminder, the breach, the next rung of the ladder.

    `silent_since`: since when a freeze forbids the case to speak, looked up where the deadline `passes_now`.
    """
    due, until = next_step(file, clock_id, generation, organisation)
    clock = file.case.clock(clock_id)
    if due == "stop":
        return Stepped("stop", until)
    if until > file.now:
        return Stepped("none", until)
    if due == "remind":
        remind(file, clock, organisation.thresholds.reminders.get(clock.id, []))
        return Stepped("remind", until)
    if due == "breach":
        breach(file, clock, silent_since)
    elif clock.escalations == 0:
        # It was breached as it opened, or moved; whether a freeze stood is looked up here alone.
        clock.frozen_since = clock.frozen_since or _held(clock, silent_since)
    return Stepped("escalate", until, escalate(file, clock, len(organisation.escalation.ladder)))


def remind(file: CaseFile, clock: Clock, reminders: list[timedelta]) -> None:
    """Tick off every reminder whose moment has come."""
    for before in reminders:
        moment = rfc3339(clock.due_at - before)
        if clock.due_at - before <= file.now and moment not in clock.reminded:
            clock.reminded.append(moment)
    left = clock.due_at - file.now
    file.note("clock_reminder", clock=clock.id, seconds_left=int(left.total_seconds()))


def escalate(file: CaseFile, clock: Clock, rungs: int) -> int:
    """Climb one rung; returns its number, counted from 0. The last rung is stayed on."""
    rung = min(clock.escalations, rungs - 1)
    clock.escalations += 1
    file.note("escalated", clock=clock.id, rung=rung)
    return rung
