"""The shapes of what the interface answers with: case, summaries, timeline, freeze. Each is its own OpenAPI schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from sangfroid.http.fields import Shape
from sangfroid.model import (
    Audience,
    Author,
    BasedOn,
    CaseNumber,
    ClockState,
    Closing,
    DeliveryAct,
    DeliveryState,
    DutyFinding,
    DutyState,
    Finding,
    FindingOverride,
    Instant,
    Measure,
    NoResponse,
    OneToOne,
    OrderDecision,
    Origin,
    Plan,
    ResponseKind,
    ResponseState,
    Retraction,
    Severity,
    Status,
)  # fmt: skip
from sangfroid.outbound.channels.base import Correction


class Document(Shape):
    model_config = ConfigDict(from_attributes=True, extra="ignore")


class ClockShown(Document):
    """A deadline with its stop event."""

    id: str
    due_at: Instant
    state: ClockState
    met_at: Instant | None = None
    breached_at: Instant | None = None
    frozen_since: Instant | None = Field(
        default=None,
        description="since when a freeze had forbidden what stops it as the deadline passed: nobody missed it",
    )
    escalations: int = 0


class DutyShown(Document):
    """One obligation of the playbook; `title` in the reader's language."""

    id: str
    title: str
    role: str
    owner: str | None
    consulted: list[str] = Field(default_factory=list, description="people who are asked before it is done")
    informed: list[str] = Field(default_factory=list, description="people who hear of it")
    due_at: Instant | None
    state: DutyState
    evidence: str | None
    finding: DutyFinding | None = None
    note: str | None = None
    by: str | None = None
    opened_at: Instant
    closed_at: Instant | None = None
    evidence_required: bool
    automatic: bool
    every_hours: int | None = None
    rounds_done: int = 0
    rounds_missed: int = 0
    rounds_held: int = Field(default=0, description="rounds whose end came while a freeze forbade them")
    over: bool = Field(default=False, description="no further round is owed: what it told about has ended")
    kept_from: str | None = Field(
        default=None, description="the row under which it was done before a reclassification"
    )
    promised_in: int | None = Field(default=None, description="the version whose text promised it")
    broken_at: Instant | None = Field(default=None, description="when the promise was broken; it stays so")
    frozen_since: Instant | None = Field(
        default=None, description="since when a freeze had forbidden to keep the promise as its time came"
    )


class ApprovalShown(Document):
    """One reviewer's yes."""

    by: str
    at: Instant


class ImageShown(Document):
    """The image of a version, among the evidence of the case; `sha256` in hex over exactly its bytes."""

    evidence: str
    media_type: str
    name: str
    sha256: str
    alt: dict[str, str]


class ResponseShown(Document):
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
    reviewers: list[str] = Field(default_factory=list, description="who is asked for a yes")
    findings: list[Finding]
    review_comment: str | None = None
    objective: str = Field(default="", description="what the text is for (R10)")
    corrects: int | None = None
    answer: OneToOne | None = None
    image: ImageShown | None = None
    texts_omitted: bool = False
    overrides: list[FindingOverride] = Field(
        default_factory=list, description="blocking findings that somebody set aside: who, when and why"
    )
    based_on: BasedOn | None = Field(default=None, description="what the text was started from")
    acknowledges: str | None = Field(
        default=None, description="the template, approved beforehand, that it was made from"
    )


class Deleted(Document):
    """It is gone."""

    deleted: bool


class PostShown(Document):
    """One post; `length` by the platform's own counting."""

    text: str
    length: int


class RenderingShown(Document):
    """A version on one channel in one language, post by post. `limit` null: none, or (`limit_known` false) not known here.

    `as_submitted` false: the channel's settings have changed since the text was written, and it would not be sent.
    """

    channel: str
    audience: Audience
    language: str
    required: bool
    posts: list[PostShown]
    limit: int | None
    limit_known: bool
    unit: str
    fits: bool
    as_submitted: bool
    image: bool = Field(description="whether the version's image stands there with its description")
    correction: Correction | None = Field(
        description="of a correction: edited in place, a reply beneath, or a post of its own; null where the platform decides"
    )
    corrects_url: str | None = None
    findings: list[Finding]


class PreviewDocument(Document):
    """How a version looks on every channel: an approval covers exactly these posts, and to whom an answer goes.

    `answer` names the person's whole e-mail address to those who write and review; elsewhere it is shortened.
    """

    version: int
    content_hash: str
    kind: ResponseKind
    corrects: int | None = None
    answer: OneToOne | None = None
    renderings: list[RenderingShown]


class DeliveryShown(Document):
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
    opens_at: Instant | None = Field(
        default=None, description="It waits until then for the publication hours of its audience."
    )
    read_back_at: Instant | None = None
    act: DeliveryAct = "publish"
    target: str | None = None
    publisher: str | None = None
    replaced_by: str | None = None
    retraction: Retraction | None = None
    retracted_at: Instant | None = None


class MessageShown(Document):
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


class KeptFileShown(Document):
    """One file under lock; `sha256` in hex over exactly its bytes, `key` and `version` where it lies."""

    name: str
    media_type: str
    sha256: str
    size: int
    key: str
    version: str


class EvidenceShown(Document):
    """One piece of evidence, locked until `retained_until`."""

    id: str
    kind: Literal["capture", "attachment"]
    at: Instant
    by: str
    note: str
    source_url: str | None
    files: list[KeptFileShown]
    retained_until: Instant
    mode: str
    details: dict[str, Any]


class EvidenceList(Document):
    """The evidence of a case, oldest first."""

    evidence: list[EvidenceShown]


class CaseDocument(Document):
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
    origin: Origin = Field(
        description="message: found in public; enquiry: somebody asked; internal: found inside"
    )
    known_at: Instant | None = None
    notes: str = Field(description="what was asked or found, where the case began before anything was public")
    first_published_at: Instant | None = Field(description="null while nothing is public")
    title: str | None = Field(
        default=None, description="the first sentence of the earliest message that counts"
    )
    opened_at: Instant
    clocks: list[ClockShown]
    duties: list[DutyShown]
    cell: dict[str, str] = Field(
        default_factory=dict, description="role of the crisis cell -> person; exactly one pilot"
    )
    unreached: dict[str, Instant] = Field(
        default_factory=dict, description="person who could not be told by any way -> when that was tried"
    )
    responses: list[ResponseShown]
    responses_next: str | None = Field(
        default=None, description="send it back as ?responses= for the later versions"
    )
    deliveries: list[DeliveryShown]
    deliveries_next: str | None = Field(
        default=None, description="send it back as ?deliveries= for the deliveries that follow"
    )
    messages: list[MessageShown]
    messages_next: str | None = Field(
        default=None, description="send it back as ?messages= for the later messages"
    )
    message_count: int
    leak_suspected: bool
    no_crisis: bool
    asserted: dict[str, Any]
    triage: dict[str, Any] = Field(description="evidence: reasons, alternatives, contradictions")
    trace: dict[str, Any] | None = Field(
        default=None, description="what the page of the message says of author, time and source"
    )
    proposed_origin: dict[str, Any] | None = Field(
        default=None,
        description="an earlier message that was seen; POST /cases/{id}/messages accepts it and moves the clocks",
    )
    links: dict[str, Any] = Field(
        default_factory=dict, description="cases that this one was merged into or from, split from or into"
    )
    no_response: NoResponse | None
    community_first: OrderDecision | None = None
    plan: Plan | None = Field(
        default=None, description="objectives, strategy, posture, and who does what (R1)"
    )
    measures: list[Measure] = Field(default_factory=list, description="measures against a repeat (C2.6)")
    closing: Closing | None
    opened_by: str
    updated_at: Instant
    closed_at: Instant | None


class SummaryShown(Document):
    """A case in a list."""

    id: str
    brand: str
    status: Status
    case: CaseNumber | None
    leak: bool
    leak_suspected: bool
    severity: Severity
    author: Author
    first_published_at: Instant | None
    title: str | None = Field(
        default=None, description="the first sentence of the earliest message that counts"
    )
    opened_at: Instant
    closed_at: Instant | None
    message_count: int
    open_duties: int
    clocks: list[ClockShown]


class CasesPage(Document):
    """A page of cases, newest first; `next` is the cursor of the following page."""

    cases: list[SummaryShown]
    next: str | None


class EventShown(Document):
    """One line of the timeline; `hash` is over exactly the other fields shown (see sangfroid.timeline)."""

    seq: int
    at: Instant
    kind: str
    by: str
    data: dict[str, Any]
    previous_hash: str
    hash: str


class HeadShown(Document):
    """The end of the whole timeline as the case keeps it: with it a cut-off end is seen too."""

    seq: int
    hash: str


class TimelineDocument(Document):
    """The timeline from `after` on; `next` is the seq to go on after, where it is too long for one answer."""

    events: list[EventShown]
    next: int | None = None
    head: HeadShown
