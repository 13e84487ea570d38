"""Duties closed by people, and the rounds of those that repeat (C2.5, C3.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.cases.procedure import close_duty
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Duty, rfc3339
from sangfroid.text.blank import is_blank


def close_by_person(file: CaseFile, duty_id: str, state: str, evidence: str | None, note: str | None) -> Duty:
    """A person says that a duty is done (with the evidence that it asks for) or waived (with a note)."""
    case = file.case
    duty = case.duty(duty_id)
    if duty is None:
        raise NotFound(f"Case {case.id} has no duty {duty_id!r}.")
    if case.status == "closed":
        raise IllegalTransition("The case is closed; its duties stand as they are.")
    if duty.state != "open" and not duty.every_hours:
        raise IllegalTransition(f"Duty {duty_id} is {duty.state} already.")
    playbook = facts.current_playbook(file)
    row = playbook.duty(duty_id) if playbook else None
    if state == "waived":
        if row is not None and not row.waivable:
            raise IllegalTransition(f"Duty {duty_id} cannot be waived: the case does not close without it.")
        if not note or is_blank(note):
            raise Invalid(
                "A waiver needs a note that says why.", errors=[FieldError("/note", "required for a waiver")]
            )
    else:
        if duty.automatic:
            raise IllegalTransition(
                f"Duty {duty_id} is closed by the desk itself when it has happened; it can be waived with a note."
            )
        if duty.evidence_required and (not evidence or is_blank(evidence)):
            raise Invalid(
                f"Duty {duty_id} is done only with evidence (a link, a reference, what was found).",
                errors=[FieldError("/evidence", "required for this duty")],
            )
    close_duty(file, duty, evidence=evidence, by=file.by, note=note, waived=state == "waived")
    if case.status == "published":
        case.status = "following_up"
    return duty


def look_at_round(file: CaseFile, duty_id: str) -> dict[str, Any]:
    """A round of a repeating duty has come to its end: missed or done, and the next one opens.

    Answers `{"outcome": "wait" | "missed" | "over", "until": RFC 3339}`; `wait` where it is not yet time.
    """
    duty = file.case.duty(duty_id)
    over = file.case.status == "closed" or duty is None or duty.state == "waived"
    if over or duty is None or duty.every_hours is None or duty.due_at is None:
        return {"outcome": "over", "until": rfc3339(file.now)}
    if file.now < duty.due_at:
        return {"outcome": "wait", "until": rfc3339(duty.due_at)}
    missed = duty.state == "open"
    if missed:
        duty.rounds_missed += 1
    due = duty.due_at + timedelta(hours=duty.every_hours)
    file.note("round_missed" if missed else "round_opened", duty=duty_id, next_due_at=rfc3339(due))
    duty.state, duty.due_at, duty.closed_at, duty.by = "open", due, None, None
    return {"outcome": "missed" if missed else "wait", "until": rfc3339(due)}
