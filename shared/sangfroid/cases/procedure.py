"""What follows from every change of a case by itself: duties that facts close, clocks that stop, procedures that wake.

`advance` runs at the end of each change, so there is one place where a fact becomes a consequence.
"""

from __future__ import annotations

from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, facts
from sangfroid.model import Duty, Wait
from sangfroid.organisation import Organisation


def advance(file: CaseFile, organisation: Organisation) -> None:
    """Draw every consequence of what is now true of the case."""
    if file.case.status != "closed":
        _publish_state(file, organisation)
        _close_duties(file, organisation)
    _wake(file)


def _publish_state(file: CaseFile, organisation: Organisation) -> None:
    case = file.case
    if file.approved is not None:
        clocks.meet(file, "response_ready", "the response was approved")
    if case.status == "responding" and facts.is_true("published", file, organisation):
        clocks.meet(file, "response_published", "the last required delivery was confirmed")
        case.status = "published"
        file.note("response_published", version=file.approved.version if file.approved else None)


def _close_duties(file: CaseFile, organisation: Organisation) -> None:
    playbook = facts.current_playbook(file)
    if playbook is None:
        return
    for duty in file.case.duties:
        row = playbook.duty(duty.id)
        if row is None or row.closes_when is None or duty.state != "open":
            continue
        evidence = facts.is_true(row.closes_when, file, organisation)
        if evidence is None or (row.every_hours and evidence == duty.evidence):
            continue
        close_duty(file, duty, evidence=evidence, by="sangfroid")


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
        "repeating": [duty.id for duty in case.duties if duty.every_hours and duty.state != "waived"],
        "owed": [duty.id for duty in case.duties if duty.state == "open" and not duty.automatic],
        "ask_again_after": int(thresholds.ask_again_after.total_seconds()),
        "silence_after": int(thresholds.silence_after.total_seconds()),
    }


def outcome_of(wait: Wait, file: CaseFile) -> dict[str, Any] | None:
    """Output with which the wait ends now, or None while it goes on.

    A wait of an earlier classification ends as `interrupted`, whatever it was for.
    """
    case = file.case
    what, _, which = wait.until.partition(":")
    if case.status == "closed":
        return {"outcome": "closed"}
    if what == "classified":
        return {"outcome": "classified"} if case.round > wait.round else None
    if what == "freeze_decided":
        return {"outcome": case.suspicion} if case.suspicion in ("frozen", "declined") else None
    if what == "settled":
        duty = case.duty(which)
        return {"outcome": duty.state} if duty is not None and duty.state != "open" else None
    if what == "delivery":
        retracting = file.deliveries.get(which)
        if retracting is not None and (retracting.act == "retract" or retracting.kind != "response"):
            # What follows the response was decided on its own, whatever the case is called now.
            return (
                {"outcome": retracting.state}
                if retracting.state in (*facts.OUT, "waiting", "cancelled")
                else None
            )
    if what == "retraction_decided":
        proposed = file.deliveries.get(which)
        open_ = proposed is not None and proposed.retraction and not proposed.retraction.confirmed_at
        return None if open_ else {"outcome": "decided"}
    if (
        what == "review_decided"
        and (asked := file.version(int(which))) is not None
        and asked.kind != "response"
    ):
        # What follows the response is decided on its own; where its text is void, nobody is asked any more.
        return None if asked.state == "in_review" else {"outcome": asked.state, "version": asked.version}
    if case.round != wait.round:
        return {"outcome": "interrupted"}
    decision = case.no_response
    silent = decision is not None and decision.stands
    if what == "reopened_or_closed":
        return None if silent else {"outcome": "reopened"}
    if what == "taken_over" or what == "closed":
        return None
    if what == "duty":
        duty = case.duty(which)
        if duty is None or duty.state != "open":
            return {"outcome": "done"}
        return {"outcome": "superseded"} if file.approved is None and not silent else None
    if what == "delivery":
        delivery = file.deliveries.get(which)
        if delivery is None or delivery.state == "cancelled":
            return {"outcome": "superseded"}
        return {"outcome": delivery.state} if delivery.state in (*facts.OUT, "waiting") else None
    if silent:
        return {"outcome": "no_response"}
    latest = file.latest("response")
    if what == "response_written":
        written = latest is not None and latest.state in ("in_review", "approved")
        return {"outcome": "written", "version": latest.version} if written and latest else None
    if what == "review_decided":
        version = file.version(int(which))
        if version is None or version.state in ("superseded", "draft"):
            return {"outcome": "superseded"}
        return (
            {"outcome": version.state, "version": version.version} if version.state != "in_review" else None
        )
    raise ValueError(f"unknown condition {wait.until!r}")
