"""Duties closed by people, and the rounds of those that repeat (C2.5, C3.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import community, facts, promises
from sangfroid.cases.procedure import close_duty
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Duty, DutyFinding, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.playbooks import PlaybookDuty

ASKED: dict[str, tuple[str, int]] = {
    "who": ("who it was", 1),
    "where": ("where", 1),
    "when": ("when", 1),
    "what": ("what was said or found", 2),
    "address": ("the address where it stands", 1),
}
"""What each field of a finding asks for, and how many words it takes to say something there."""


def close_by_person(
    file: CaseFile,
    duty_id: str,
    state: str,
    evidence: str | None,
    note: str | None,
    organisation: Organisation,
    finding: DutyFinding | None = None,
) -> Duty:
    """A person says that a duty is done (by what shows it: words of evidence, a finding) or waived (with a note).

    What a delivery or a published text shows is never ticked: it raises IllegalTransition, and closes by itself when it happened.
    Where the organisation has no channel that could show it, a finding does, once there is an approved text.
    """
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
        note = required(note, "/note", "why it is waived")
    else:
        if duty.automatic:
            raise IllegalTransition(
                f"Duty {duty_id} is closed by the desk itself when it has happened; it can be waived with a note."
            )
        if row is not None:
            _refuse_ticking(file, row, organisation)
        evidence = _shown(duty, row, evidence, finding)
        if note:
            note = required(note, "/note", "what is to be noted", besides=[evidence] if evidence else [])
    duty.finding = finding if state == "done" else None
    close_duty(file, duty, evidence=evidence, by=file.by, note=note, waived=state == "waived")
    if case.status == "published":
        case.status = "following_up"
    return duty


def _refuse_ticking(file: CaseFile, row: PlaybookDuty, organisation: Organisation) -> None:
    """Raises IllegalTransition where something else than a person's word shows the duty, or where it cannot have happened yet."""
    if row.shown_by == "version":
        what = "a published update" if row.every_hours else "the published text"
        raise IllegalTransition(
            f"Duty {row.id} is done by {what}, not by a tick: write it with PUT /cases/{{id}}/response, and it closes by itself."
        )
    if row.shown_by != "delivery":
        return
    if file.approved is None:
        raise IllegalTransition(
            f"Duty {row.id} cannot be done yet: there is no approved text to tell. Have the response approved first."
        )
    if community.to_be_sent(file, organisation):
        raise IllegalTransition(
            f"Duty {row.id} is done by the delivery on every required community channel, not by a tick: it closes by itself."
        )


def _shown(
    duty: Duty, row: PlaybookDuty | None, evidence: str | None, finding: DutyFinding | None
) -> str | None:
    """The evidence in words; raises Invalid where what shows the duty is missing or says nothing."""
    asked: list[str] = list(row.finding) if row is not None else []
    if finding is not None:
        told: list[str] = []
        for name in asked or [one for one in ASKED if getattr(finding, one)]:
            words, least = ASKED[name]
            told.append(_field(getattr(finding, name), f"/finding/{name}", words, least, told))
        if told:
            return " · ".join(told)
    if asked and row is not None and not row.words_do:
        raise Invalid(
            f"Duty {duty.id} is shown by a finding: {', '.join(asked)}.",
            errors=[FieldError(f"/finding/{name}", "required for this duty") for name in asked],
        )
    if duty.evidence_required or evidence:
        return required(
            evidence, "/evidence", f"what shows that {duty.id} is done (a link, a reference, a finding)"
        )
    return None


def _field(text: str | None, pointer: str, asked: str, least: int, told: list[str]) -> str:
    """A field of a finding; a time or an address may be made of figures and signs."""
    return required(text, pointer, asked, least=least, besides=told)


def end_now(file: CaseFile, ids: list[str]) -> bool:
    """Whether a round or a promise of these duties is still open as its time comes."""
    found = [duty for duty in map(file.case.duty, ids) if duty is not None and duty.state == "open"]
    return any(duty.due_at is not None and duty.due_at <= file.now for duty in found)


def look_at_rounds(
    file: CaseFile, ids: list[str], untold: str = "", silent_since: datetime | None = None
) -> dict[str, Any]:
    """Look at the rounds of several duties at once: as `look_at_round`, and `duty`, the one whose round was missed.

    At most one missed round a look, so that each is told of by itself; what is left is due now. `untold`: a duty whose missed
    round an earlier look has noted. `over` where all are. `silent_since`: since when a freeze forbids the case to speak.
    """
    missed, moments = untold, []
    for duty_id in ids:
        duty = file.case.duty(duty_id)
        if missed:
            if duty is not None and duty.due_at is not None and not _rounds_are_over(file, duty):
                moments.append(rfc3339(max(duty.due_at, file.now)))
            continue
        answer = look_at_round(file, duty_id, silent_since)
        if answer["outcome"] == "missed":
            missed = duty_id
        if answer["outcome"] != "over":
            moments.append(answer["until"])
    if not moments:
        return {"outcome": "over", "until": rfc3339(file.now), "duty": ""}
    return {"outcome": "missed" if missed else "wait", "until": min(moments), "duty": missed}


def _rounds_are_over(file: CaseFile, duty: Duty) -> bool:
    return file.case.status == "closed" or duty.state == "waived" or duty.over


def _by_speaking(file: CaseFile, duty: Duty) -> bool:
    """Whether nothing but a published text does it. To moderate is to read and to keep captures while a freeze holds (C3.3)."""
    playbook = facts.current_playbook(file)
    row = playbook.duty(duty.id) if playbook else None
    return row is not None and row.shown_by in ("version", "delivery")


def look_at_round(file: CaseFile, duty_id: str, silent_since: datetime | None = None) -> dict[str, Any]:
    """A round of a repeating duty has come to its end: missed or done, and the next one opens.

    Answers `{"outcome": "wait" | "missed" | "over", "until": RFC 3339}`; `wait` where it is not yet time. A round that only a
    published text does, and whose end came in a freeze, was held by it: nobody missed it, and nobody is called for it.
    """
    duty = file.case.duty(duty_id)
    if duty is not None and duty.promised_in is not None:
        return promises.look(file, duty, silent_since)
    if duty is None or _rounds_are_over(file, duty) or duty.every_hours is None or duty.due_at is None:
        return {"outcome": "over", "until": rfc3339(file.now)}
    if file.now < duty.due_at:
        return {"outcome": "wait", "until": rfc3339(duty.due_at)}
    undone = duty.state == "open"
    held = undone and silent_since is not None and silent_since <= duty.due_at and _by_speaking(file, duty)
    missed = undone and not held
    duty.rounds_missed += missed
    duty.rounds_held += held
    due = duty.due_at + timedelta(hours=duty.every_hours)
    if held:
        file.note("round_held", duty=duty_id, next_due_at=rfc3339(due))
    else:
        file.note("round_missed" if missed else "round_opened", duty=duty_id, next_due_at=rfc3339(due))
    duty.state, duty.due_at, duty.closed_at, duty.by = "open", due, None, None
    return {"outcome": "missed" if missed else "wait", "until": rfc3339(due)}
