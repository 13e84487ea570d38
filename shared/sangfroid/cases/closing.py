"""The end of a case (R7): nothing owed, root cause, lessons, and measures with an owner and a date."""

from __future__ import annotations

from sangfroid.casefile import CaseFile
from sangfroid.cases import responses
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.model import Closing, Measure, rfc3339

PROMISED = ("answer", "retraction")
"""Kinds of deliveries that somebody decided and nobody may drop by closing the case."""


def owed(file: CaseFile) -> list[dict[str, str]]:
    """What still keeps the case open, one entry each with an id and what to do."""
    case = file.case
    if case.status == "triage":
        return [{"id": "triage", "title": "Decide what it is: POST /cases/{id}/triage."}]
    missing = [
        {"id": duty.id, "title": duty.title.get("en", duty.id)}
        for duty in case.duties
        if duty.state == "open"
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
        for version in file.responses
        if version.kind != "response"
        and version.state == "approved"
        and not file.deliveries_of(version.version)
    ]
    return missing


def close(file: CaseFile, root_cause: str, lessons: str, measures: list[Measure]) -> None:
    """Close the case, or refuse with the list of what is still owed."""
    case = file.case
    if case.status == "closed":
        raise IllegalTransition("The case is closed already.", owed=[])
    missing = owed(file)
    if missing:
        names = ", ".join(entry["id"] for entry in missing)
        raise IllegalTransition(f"Still owed before this case can close: {names}.", owed=missing)
    if case.case == 2 and not measures:
        raise Invalid(
            "A case in which the company was at fault closes with at least one measure against a repeat (C2.6).",
            errors=[FieldError("/measures", "at least one measure")],
        )
    case.closing = Closing(root_cause=root_cause, lessons=lessons, measures=measures, by=file.by, at=file.now)
    responses.void_undecided(file, "the case was closed")
    cancel_deliveries(file, "the case was closed")
    case.status, case.closed_at = "closed", file.now
    file.note("case_closed", no_crisis=False, measures=len(measures), root_cause=root_cause)


def cancel_deliveries(file: CaseFile, because: str) -> None:
    """What has not gone out goes out no more."""
    for delivery in file.deliveries.values():
        if delivery.state in ("waiting", "held", "failed", "manual"):
            delivery.state, delivery.reason = "cancelled", because
