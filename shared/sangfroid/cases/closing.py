"""The end of a case (R7): nothing owed, root cause, lessons, and measures with an owner and a date."""

from __future__ import annotations

from datetime import datetime

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts, measures, procedure, responses, tally
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import Closing, Duty, Measure, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.playbooks import Playbook

PROMISED = ("answer", "retraction")
"""Kinds of deliveries that somebody decided and nobody may drop by closing the case."""


def owed(file: CaseFile) -> list[dict[str, str]]:
    """What still keeps the case open, one entry each with an id and what to do."""
    case, playbook = file.case, facts.current_playbook(file)
    if case.status == "triage":
        return [{"id": "triage", "title": "Decide what it is: POST /cases/{id}/triage."}]
    missing = [
        {"id": duty.id, "title": duty.title.get("en", duty.id)}
        for duty in case.duties
        if duty.state == "open" and _keeps_open(duty, playbook, file.now)
    ]
    missing += [
        {"id": clock.id, "title": f"The clock still runs (due {rfc3339(clock.due_at)})."}
        for clock in case.clocks
        if clock.state in ("running", "breached")
    ]
    missing += [
        {
            "id": delivery.key,
            "title": f"Delivery to {delivery.channel} ({delivery.language}) is {delivery.state}.",
        }
        for delivery in file.deliveries.values()
        if (delivery.required or delivery.kind in PROMISED)
        and delivery.state in ("waiting", "held", "sending", "failed", "manual")
    ]
    missing += [
        {"id": delivery.key, "title": "A retraction is proposed: confirm or decline it."}
        for delivery in file.deliveries.values()
        if delivery.retraction is not None and delivery.retraction.confirmed_at is None
    ]
    missing += [
        {
            "id": f"version {version.version}",
            "title": f"Version {version.version} is approved and about to go out.",
        }
        for version in file.lines
        if version.kind != "response"
        and version.state == "approved"
        and not file.deliveries_of(version.version)
    ]
    return missing


def is_owed(file: CaseFile) -> bool:
    """Whether anything of `owed` is, told without reading a delivery."""
    case, playbook, known = file.case, facts.current_playbook(file), tally.known(file)
    answers = {str(one.version) for one in file.lines if one.kind in PROMISED}
    return (
        case.status == "triage"
        or any(duty.state == "open" and _keeps_open(duty, playbook, file.now) for duty in case.duties)
        or any(clock.state in ("running", "breached") for clock in case.clocks)
        or any(case.owed_deliveries.values())
        or any(name.partition(":")[0] in answers for name, n in case.open_deliveries.items() if n)
        or bool(known.leaving or known.proposed)
        or any(
            one.kind != "response" and one.state == "approved" and one.version not in known.planned
            for one in file.lines
        )
    )


def _ask_for_measures(file: CaseFile, organisation: Organisation) -> None:
    """Raises Invalid: the announcement is out, and no measure was ever recorded. Without an announcement, that one is owed."""
    if facts.announcement(file, organisation):
        raise Invalid(
            "A case in which the company was at fault closes with at least one measure against a repeat (C2.6).",
            errors=[FieldError("/measures", "at least one measure")],
        )


def _unnamed(entry: dict[str, str], file: CaseFile, organisation: Organisation) -> dict[str, str]:
    """What is owed; of the announcement (C2.6), which measures it does not name."""
    texts = facts.announcement(file, organisation) if entry["id"] == "C2.6" else []
    unnamed = measures.unnamed(file.case.measures, texts) if texts else []
    if not unnamed:
        return entry
    listed = "; ".join(measure.text for measure in unnamed)
    return entry | {"title": f"The published closing announcement does not name: {listed}."}


def _keeps_open(duty: Duty, playbook: Playbook | None, now: datetime) -> bool:
    """Whether an open duty keeps the case open: a round of news does once its time has come."""
    row = playbook.duty(duty.id) if playbook else None
    return row is None or row.keeps_open or (duty.due_at is not None and duty.due_at <= now)


def close(
    file: CaseFile, root_cause: str, lessons: str, planned: list[Measure], organisation: Organisation
) -> None:
    """Close the case, or refuse with the list of what is still owed. `planned` are measures not recorded before."""
    case = file.case
    if case.status == "closed":
        raise IllegalTransition("The case is closed already.", owed=[])
    root_cause = required(root_cause, "/root_cause", "what caused it")
    lessons = required(lessons, "/lessons", "what was learnt", besides=[root_cause])
    measures.record(file, planned, organisation, "/measures/{}")
    # Measures that come with the close may be what the announcement has named all along (C2.6).
    procedure.close_duties(file, organisation)
    missing = [_unnamed(entry, file, organisation) for entry in owed(file)]
    if case.case == 2 and not case.measures and [entry["id"] for entry in missing] == ["C2.6"]:
        _ask_for_measures(file, organisation)
    if missing:
        names = ", ".join(entry["id"] for entry in missing)
        raise IllegalTransition(f"Still owed before this case can close: {names}.", owed=missing)
    if case.case == 2 and not case.measures:
        _ask_for_measures(file, organisation)
    case.closing = Closing(
        root_cause=root_cause, lessons=lessons, measures=case.measures, by=file.by, at=file.now
    )
    for duty in case.duties:
        if duty.state == "open":
            duty.state, duty.by, duty.closed_at = "waived", "sangfroid", file.now
            duty.note, duty.over = "the case closed before this round was due", True
    responses.void_undecided(file, "the case was closed")
    cancel_deliveries(file, "the case was closed")
    case.status, case.closed_at = "closed", file.now
    file.note("case_closed", no_crisis=False, measures=len(case.measures), root_cause=root_cause)


def cancel_deliveries(file: CaseFile, because: str) -> None:
    """What has not gone out goes out no more."""
    for delivery in file.deliveries.values():
        if delivery.state in ("waiting", "held", "failed", "manual"):
            delivery.state, delivery.reason = "cancelled", because
