"""What people are told of: the subject as it was asked for, and what it really is about as the case stands now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sangfroid.acts import chasing
from sangfroid.casefile import CaseFile
from sangfroid.cases import retractions
from sangfroid.casework import Casework
from sangfroid.model import Delivery, Message
from sangfroid.outbound import notices
from sangfroid.outbound.agency_file import file_for_agency
from sangfroid.store import evidence_key, quoted
from sangfroid.store.seen import Seen

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


def by_hand(deliveries: list[Delivery]) -> list[Subject]:
    """The tasks of those who publish these deliveries by hand: one for each of them and each version, whatever its places.

    Those that were handed over by themselves are tasks of their own.
    """
    tasks: dict[tuple[str | None, int | None, str], list[Delivery]] = {}
    for one in sorted(deliveries, key=lambda one: one.key):
        tasks.setdefault((one.publisher, one.version, one.asked_with or one.key), []).append(one)
    return [_task(some) for some in tasks.values()]


def _task(deliveries: list[Delivery]) -> Subject:
    first, keys = deliveries[0], "+".join(one.key for one in deliveries)
    occasion = keys if len(deliveries) == 1 else hashlib.sha256(keys.encode()).hexdigest()[:16]
    return Subject(
        "publish_by_hand", occasion, [f"person:{first.publisher}"], "team",
        {
            "channel": ", ".join(dict.fromkeys(one.channel for one in deliveries)), "version": first.version,
            "deliveries": deliveries,
        },
    )  # fmt: skip


def settled(casework: Casework, file: CaseFile, subject: Subject) -> Subject:
    """What it really is about, as the case stands now."""
    kind, details = subject.kind, subject.details
    if kind == "delivery_failing" and str(details.get("channel", "")).endswith(retractions.key_of("")):
        kind = "retraction_failing"
    if kind == "delivery_failing":
        task = file.deliveries.get(str(details.get("channel")))
        if task is not None and task.state == "manual" and task.publisher is not None:
            # Nothing has failed: it is somebody's task, by the quiet way, with the words that they publish.
            return replace(_task([task]), occasion=subject.occasion, room=subject.room)
    if kind == "agency_file":
        details = details | {"file": _file_for_agency(casework, file)}
    return replace(subject, kind=kind, details=details)


def first_message(casework: Casework, file: CaseFile, seen: Seen | None = None) -> Message | None:
    """The message by which the case began, as far as it may still be quoted. `seen` has the copy that stands beside the case."""
    copy = seen.get(quoted.quoted_place(file.case.id)) if seen is not None else None
    if (found := quoted.of_item(file.case, copy)) is not None:
        return found
    some = casework.store.messages(file.case.id, limit=LOOKED_AT)
    return next((one for one in some if not one.withdrawn), None)


def _file_for_agency(casework: Casework, file: CaseFile) -> str:
    """The whole file, with a link to reply by; none is made while the freeze holds."""
    store, case_id = casework.store, file.case.id
    evidence = casework.table.query(evidence_key(case_id)).items
    reply = chasing.link(casework, case_id)
    return file_for_agency(file.case, store.messages(case_id), evidence, store.events(case_id), reply)
