"""What people are told of: the subject as it was asked for, and what it really is about as the case stands now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sangfroid.acts import chasing
from sangfroid.casefile import CaseFile
from sangfroid.cases import retractions
from sangfroid.casework import Casework
from sangfroid.model import Delivery, Message
from sangfroid.outbound import notices
from sangfroid.outbound.agency_file import file_for_agency
from sangfroid.store import evidence_key

LOOKED_AT = 5
"""How many of the first messages of a case are read for the one that is quoted: those withdrawn are passed over."""


@dataclass(frozen=True)
class Subject:
    """What people of these roles are told. With its kind, `occasion` tells it apart: a repeated step tells nobody twice (I6).

    `room`: the team's channel hears of it too.
    """

    kind: str
    occasion: str
    roles: list[str]
    to: notices.To
    details: dict[str, Any]
    room: bool = False


def by_hand(delivery: Delivery) -> Subject:
    """The task of whoever publishes this delivery by hand; asked once, however often the step is tried."""
    about = {"channel": delivery.key, "delivery": delivery}
    return Subject("delivery_failing", delivery.key, [], "team", about)


def settled(casework: Casework, file: CaseFile, subject: Subject) -> Subject:
    """What it really is about, as the case stands now."""
    kind, details = subject.kind, subject.details
    if kind == "delivery_failing" and str(details.get("channel", "")).endswith(retractions.key_of("")):
        kind = "retraction_failing"
    task = details.get("delivery")  # where the door has just given it to a person
    if task is None and kind == "delivery_failing":
        task = file.deliveries.get(str(details.get("channel")))
    if task is not None and task.state == "manual" and task.publisher is not None:
        # Nothing has failed: it is somebody's task, by the quiet way, with the words that they publish.
        details = {"channel": task.channel, "delivery": task, "version": task.version}
        return replace(
            subject, kind="publish_by_hand", roles=[f"person:{task.publisher}"], to="team", details=details
        )
    if kind == "agency_file":
        details = details | {"file": _file_for_agency(casework, file)}
    return replace(subject, kind=kind, details=details)


def first_message(casework: Casework, file: CaseFile) -> Message | None:
    """The message by which the case began, as far as it may still be quoted."""
    some = casework.store.messages(file.case.id, limit=LOOKED_AT)
    return next((one for one in some if not one.withdrawn), None)


def _file_for_agency(casework: Casework, file: CaseFile) -> str:
    """The whole file, with a link to reply by; none is made while the freeze holds."""
    store, case_id = casework.store, file.case.id
    evidence = casework.table.query(evidence_key(case_id)).items
    reply = chasing.link(casework, case_id)
    return file_for_agency(file.case, store.messages(case_id), evidence, store.events(case_id), reply)
