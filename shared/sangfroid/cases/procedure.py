"""What follows from every change of a case by itself: duties that facts close, clocks that stop, procedures that wake.

`advance` runs at the end of each change, so there is one place where a fact becomes a consequence.
"""

from __future__ import annotations

from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, facts, promises, tally, team_room, version_lines
from sangfroid.cases.conditions import outcome_of
from sangfroid.model import Duty
from sangfroid.organisation import Organisation


def advance(file: CaseFile, organisation: Organisation) -> None:
    """Draw every consequence of what is now true of the case."""
    tally.counted(file)
    if file.case.status != "closed":
        promises.follow(file, organisation)
        _publish_state(file, organisation)
        close_duties(file, organisation)
    _wake(file)
    team_room.follow(file, organisation)
    version_lines.draw(file)


def _publish_state(file: CaseFile, organisation: Organisation) -> None:
    case = file.case
    if file.approved is not None:
        clocks.meet(file, "response_ready", "the response was approved")
    word = facts.first_word(file)
    if word is not None:
        clocks.meet(file, "first_word", f"version {word} went out")
    if case.status == "responding" and facts.is_true("published", file, organisation):
        case.response_published_at = file.now
        clocks.meet(file, "response_published", "the last required delivery was confirmed")
        case.status = "published"
        file.note("response_published", version=file.approved.version if file.approved else None)


def close_duties(file: CaseFile, organisation: Organisation) -> None:
    """Close every duty that what happened shows."""
    playbook = facts.current_playbook(file)
    if playbook is None:
        return
    for duty in file.case.duties:
        row = playbook.duty(duty.id)
        if row is not None and row.rounds_end_when is not None:
            _end_rounds(file, duty, facts.is_true(row.rounds_end_when, file, organisation))
        if row is not None and row.closes_when == "closing_announcement_published":
            _look_at_announcement(file, duty, facts.is_true(row.closes_when, file, organisation))
        if row is None or row.closes_when is None or duty.state != "open":
            continue
        evidence = facts.is_true(row.closes_when, file, organisation)
        if evidence is None or (row.every_hours and evidence == duty.evidence):
            continue
        close_duty(file, duty, evidence=evidence, by="sangfroid")


def _look_at_announcement(file: CaseFile, duty: Duty, named: str | None) -> None:
    """A measure that was recorded after the announcement, and that it does not name, makes another one owed (C2.6); and so
    does an announcement that was taken back everywhere."""
    if duty.state == "done" and named is None and file.case.measures:
        line = file.latest("closing_announcement")
        gone = line is not None and facts.stands_nowhere(file, line.version)
        because = (
            "the announcement was taken back" if gone else "the announcement does not name every measure"
        )
        duty.state, duty.evidence, duty.by, duty.closed_at = "open", None, None, None
        file.note("duty_reopened", duty=duty.id, because=because)


def _end_rounds(file: CaseFile, duty: Duty, ended: str | None) -> None:
    """What a repeating duty told about has ended: no further round is owed."""
    if ended is None or duty.over or duty.state == "waived":
        return
    duty.over = True
    if duty.state == "open":
        close_duty(file, duty, evidence=f"{ended}: nothing more is owed", by="sangfroid")
    file.note("rounds_ended", duty=duty.id, evidence=ended)


def close_duty(
    file: CaseFile,
    duty: Duty,
    *,
    evidence: str | None,
    by: str,
    note: str | None = None,
    waived: bool = False,
) -> None:
    """Close a duty; one that repeats counts a round and opens again at its next time."""
    duty.state = "waived" if waived else "done"
    duty.evidence, duty.note, duty.by, duty.closed_at = evidence, note, by, file.now
    if duty.every_hours and not waived:
        duty.rounds_done += 1
    file.note("duty_" + duty.state, duty=duty.id, by=by, evidence=evidence, note=note)


def _wake(file: CaseFile) -> None:
    """End every wait whose condition holds."""
    left = []
    for wait in file.case.waits:
        outcome = outcome_of(wait, file)
        if outcome is None:
            left.append(wait)
        else:
            file.resume(wait.token, outcome)
    if len(left) != len(file.case.waits):
        file.case.waits = left
    if file.over:
        # Whoever waits for a delivery hears that the case is closed, or called something else, though that one is untouched.
        file.deliveries.load()
    for delivery in file.deliveries.looked_at():
        ended = outcome_of(delivery.wait, file) if delivery.wait is not None else None
        if delivery.wait is not None and ended is not None:
            file.woken.append((delivery.key, delivery.wait.token, ended))
            delivery.wait = None


def standing(file: CaseFile, organisation: Organisation) -> dict[str, Any]:
    """Where the case stands, in what a state machine may know (I13)."""
    case, plan = file.case, facts.current_playbook(file)
    thresholds, decision = organisation.thresholds, case.no_response
    return {
        "case_id": case.id,
        "case": case.case or 0,
        "round": case.round,
        "status": case.status,
        "leak": case.leak,
        "suspected": case.suspicion == "pending",
        "silent": decision is not None and decision.stands,
        "after_duty": plan.publish.after_duty if plan else None,
        "repeating": [
            duty.id for duty in case.duties if duty.every_hours and duty.state != "waived" and not duty.over
        ],
        "owed": [duty.id for duty in case.duties if duty.state == "open" and not duty.automatic],
        "agency_after": int(plan.agency.remind_after.total_seconds()) if plan and plan.agency else 0,
        "ask_again_after": int(thresholds.ask_again_after.total_seconds()),
        "silence_after": int(thresholds.silence_after.total_seconds()),
    }
