"""The documents that the interface answers with: the case, summaries, timeline, freeze. Each model is also its OpenAPI schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sangfroid import timeline
from sangfroid.casefile import CaseFile
from sangfroid.freeze.state import Freeze, FreezeState
from sangfroid.http.preference import Language
from sangfroid.model import (
    Audience,
    Author,
    Case,
    CaseNumber,
    ClockState,
    Closing,
    DeliveryState,
    Duty,
    DutyState,
    Event,
    Finding,
    Instant,
    Message,
    NoResponse,
    ResponseKind,
    ResponseState,
    ResponseVersion,
    Severity,
    Status,
)

LARGEST = 4_500_000
"""Bytes of JSON that an answer may have: a Lambda answers at most 6 MB, escapes included."""


class _Document(BaseModel):
    model_config = ConfigDict(from_attributes=True, extra="ignore")


class ClockShown(_Document):
    """A deadline with its stop event."""

    id: str
    due_at: Instant
    state: ClockState
    met_at: Instant | None = None
    breached_at: Instant | None = None
    escalations: int = 0


class DutyShown(_Document):
    """One obligation of the playbook; `title` in the reader's language."""

    id: str
    title: str
    role: str
    owner: str | None
    due_at: Instant | None
    state: DutyState
    evidence: str | None
    note: str | None = None
    by: str | None = None
    opened_at: Instant
    closed_at: Instant | None = None
    evidence_required: bool
    automatic: bool
    every_hours: int | None = None
    rounds_done: int = 0
    rounds_missed: int = 0


class ApprovalShown(_Document):
    """One reviewer's yes."""

    by: str
    at: Instant


class ResponseShown(_Document):
    """One immutable version. `texts` is empty and `texts_omitted` true where the document would be too large."""

    version: int
    texts: dict[str, str]
    content_hash: str
    by: str
    state: ResponseState
    approvals: list[ApprovalShown]
    kind: ResponseKind
    at: Instant
    approvals_needed: int
    findings: list[Finding]
    review_comment: str | None = None
    texts_omitted: bool = False


class DeliveryShown(_Document):
    """One version on its way to one channel in one language; `key` names it in POST /cases/{id}/deliveries/{delivery}."""

    channel: str
    language: str
    version: int | None
    state: DeliveryState
    url: str | None
    attempts: int
    published_at: Instant | None
    key: str
    audience: Audience
    kind: str
    required: bool
    reason: str | None = None
    external_id: str | None = None
    next_attempt_at: Instant | None = None
    read_back_at: Instant | None = None


class MessageShown(_Document):
    """One message found somewhere; a withdrawn one no longer counts."""

    text: str
    url: str | None
    published_at: Instant
    id: str
    incident_id: str | None = None
    language: str | None = None
    platform: str
    author: dict[str, Any]
    on_own_platform: bool
    notes: str
    reported_by: str
    reported_at: Instant
    withdrawn: bool


class CaseDocument(_Document):
    """The case as a whole."""

    id: str
    brand: str
    status: Status
    case: CaseNumber | None
    leak: bool
    severity: Severity
    author: Author
    confidence: float
    triaged_by: str | None
    why: str
    first_published_at: Instant
    opened_at: Instant
    clocks: list[ClockShown]
    duties: list[DutyShown]
    responses: list[ResponseShown]
    deliveries: list[DeliveryShown]
    messages: list[MessageShown]
    messages_next: str | None = Field(
        default=None, description="send it back as ?messages= for the later messages"
    )
    message_count: int
    leak_suspected: bool
    no_crisis: bool
    asserted: dict[str, Any]
    triage: dict[str, Any] = Field(description="evidence: reasons, alternatives, contradictions")
    no_response: NoResponse | None
    closing: Closing | None
    opened_by: str
    updated_at: Instant
    closed_at: Instant | None


class SummaryShown(_Document):
    """A case in a list."""

    id: str
    brand: str
    status: Status
    case: CaseNumber | None
    leak: bool
    leak_suspected: bool
    severity: Severity
    author: Author
    first_published_at: Instant
    opened_at: Instant
    closed_at: Instant | None
    message_count: int
    open_duties: int
    clocks: list[ClockShown]


class CasesPage(_Document):
    """A page of cases, newest first; `next` is the cursor of the following page."""

    cases: list[SummaryShown]
    next: str | None


class EventShown(_Document):
    """One line of the timeline; `hash` is over exactly the other fields shown (see sangfroid.timeline)."""

    seq: int
    at: Instant
    kind: str
    by: str
    data: dict[str, Any]
    previous_hash: str
    hash: str


class TimelineDocument(_Document):
    """The timeline from `after` on; `next` is the seq to go on after, where it is too long for one answer."""

    events: list[EventShown]
    next: int | None = None


class ReleaseShown(_Document):
    """One director's yes to a stage of the release."""

    scope: Literal["statement", "all"]
    by: str
    at: Instant
    reason: str
    case_id: str | None = None
    version: int | None = None
    content_hash: str | None = None


class FreezeDocument(_Document):
    """The one freeze of the company: `open`, `raised`, `effective` (nothing is in flight), `statement` (staged release)."""

    state: FreezeState
    epoch: int
    reason: str | None
    raised_at: Instant | None
    raised_by: str | None
    effective_at: Instant | None
    released_at: Instant | None
    cases: list[str]
    released_cases: list[str]
    statements: dict[str, str]
    releases: list[ReleaseShown]
    suspensions: list[dict[str, Any]]


def duty_document(duty: Duty, language: Language) -> dict[str, Any]:
    """One duty, its title in the reader's language."""
    return _duty(duty, language).model_dump(mode="json")


def _duty(duty: Duty, language: Language) -> DutyShown:
    title = duty.title.get(language) or duty.title.get("en") or duty.id
    return DutyShown.model_validate(duty.model_dump() | {"title": title})


def version_document(version: ResponseVersion) -> dict[str, Any]:
    """One response version."""
    return ResponseShown.model_validate(version).model_dump(mode="json")


def delivery_document(delivery: Any) -> dict[str, Any]:
    """One delivery of a response version."""
    return DeliveryShown.model_validate(delivery).model_dump(mode="json")


def case_document(
    file: CaseFile, messages: Iterable[Message], language: Language = "en", messages_next: str | None = None
) -> dict[str, Any]:
    """The case document of the contract; tokens of waiting procedures are never in it."""
    case = file.case
    shown = CaseDocument(
        duties=[_duty(duty, language) for duty in case.duties],
        clocks=[ClockShown.model_validate(clock) for clock in case.clocks],
        responses=[ResponseShown.model_validate(version) for version in file.responses],
        deliveries=[DeliveryShown.model_validate(delivery) for delivery in file.deliveries.values()],
        messages=[MessageShown.model_validate(message) for message in messages],
        messages_next=messages_next,
        triage=case.triage_detail,
        no_response=case.no_response,
        closing=case.closing,
        **case.model_dump(include=_PLAIN),
    )
    document = shown.model_dump(mode="json")
    _shorten(document)
    return document


_OWN = {
    "clocks",
    "duties",
    "responses",
    "deliveries",
    "messages",
    "messages_next",
    "triage",
    "no_response",
    "closing",
}
_PLAIN = set(CaseDocument.model_fields) - _OWN


def _shorten(document: dict[str, Any]) -> None:
    """Leave out texts of dead versions, oldest first, while the document is too large to be answered."""
    room = LARGEST - size(document)
    dead = [version for version in document["responses"] if version["state"] in ("superseded", "rejected")]
    for version in [*dead, *document["responses"]]:
        if room >= 0:
            return
        room += size(version["texts"])
        version["texts"], version["texts_omitted"] = {}, True


def size(value: Any) -> int:
    """Bytes of `value` as it is answered, a JSON text within JSON."""
    return len(json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False).encode())


def summary(case: Case) -> dict[str, Any]:
    """A case in a list."""
    shown = SummaryShown.model_validate(
        case.model_dump(include=set(SummaryShown.model_fields) - {"open_duties"})
        | {"open_duties": sum(1 for duty in case.duties if duty.state == "open")}
    )
    return shown.model_dump(mode="json")


def timeline_document(events: Iterable[Event], after: int = 0) -> dict[str, Any]:
    """The events later than seq `after`, as many as an answer can carry."""
    shown: list[dict[str, Any]] = []
    room = LARGEST
    for event in events:
        if event.seq <= after:
            continue
        document = timeline.shown(event)
        room -= size(document)
        if room < 0 and shown:
            return {"events": shown, "next": shown[-1]["seq"]}
        shown.append(document)
    return {"events": shown, "next": None}


def freeze_document(freeze: Freeze) -> dict[str, Any]:
    """The state of the freeze; tokens of waiting procedures are never in it."""
    return FreezeDocument.model_validate(freeze).model_dump(mode="json")
