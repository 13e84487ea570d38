"""The words of the crisis desk as types: case, clock, duty, response version, delivery, message.

All times are aware datetimes in UTC. Models are what the store keeps and what the case document shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from sangfroid.kept import Instant, Model, ResponseKind, ResponseState, rfc3339
from sangfroid.known import DeliveryTally, Tally, VersionLine

__all__ = ["DeliveryTally", "Instant", "Model", "ResponseKind", "ResponseState", "Tally", "rfc3339"]

CaseNumber = Literal[1, 2, 3, 4]
Status = Literal["triage", "responding", "published", "following_up", "closed"]
ClockId = Literal["response_ready", "response_published", "first_word"]
ClockState = Literal["running", "met", "breached", "met_late", "cancelled"]
DutyState = Literal["open", "done", "waived"]
Origin = Literal["message", "enquiry", "internal"]
Posture = Literal["inform", "correct", "repair", "deny", "attack"]
DeliveryState = Literal[
    "waiting", "held", "sending", "published", "failed", "manual", "cancelled", "retracted"
]
SETTLED = ("published", "retracted", "cancelled")
"""States of a delivery in which there is nothing left to send."""

DeliveryAct = Literal["publish", "retract"]
Audience = Literal["public", "community", "customer", "partner", "team", "out_of_band"]
Author = Literal["customer", "provoker", "malicious", "other"]
Severity = Literal["low", "medium", "high", "critical"]
Suspicion = Literal["pending", "frozen", "declined"]
Role = Literal["reporter", "responder", "approver", "director", "auditor"]
BasedOn = Literal["first-draft"] | int
"""What a text was started from: the desk's first draft, or a version."""


def plain_brand(brand: str) -> str:
    """The brand whatever its capitals and spaces."""
    return " ".join(brand.casefold().split())


class Clock(Model):
    """A deadline with a stop event, counted from the origin of the case (I1).

    `generation` rises whenever `due_at` moves, so that each `deadline` execution knows whether it still speaks for the clock.
    `frozen_since`: since when a freeze had forbidden what stops it as the deadline passed; it is breached, and nobody missed it.
    """

    id: ClockId
    due_at: Instant
    state: ClockState = "running"
    met_at: Instant | None = None
    breached_at: Instant | None = None
    frozen_since: Instant | None = None
    generation: int = 1
    reminded: list[str] = Field(default_factory=list)
    escalations: int = 0


class DutyFinding(Model):
    """What a person found or did, by what it consists of: who was met or told, where, when, what was said, at which address."""

    who: str | None = None
    where: str | None = None
    when: str | None = None
    what: str | None = None
    address: str | None = None


class Duty(Model):
    """One obligation of the playbook (row ids of the source documents: C1.1 … C4.5), owned by a role.

    `over`: a duty that repeats is owed no more, because what it told about has ended. `kept_from`: the row of an earlier
    classification under which it was done.
    """

    id: str
    title: dict[str, str]
    role: str
    owner: str | None = None
    consulted: list[str] = Field(default_factory=list, description="People who are asked before it is done.")
    informed: list[str] = Field(default_factory=list, description="People who hear of it.")
    due_at: Instant | None = None
    state: DutyState = "open"
    evidence: str | None = None
    finding: DutyFinding | None = None
    note: str | None = None
    by: str | None = None
    closed_at: Instant | None = None
    opened_at: Instant
    evidence_required: bool = False
    automatic: bool = False
    every_hours: int | None = None
    rounds_done: int = 0
    rounds_missed: int = 0
    rounds_held: int = 0
    over: bool = False
    kept_from: str | None = None
    promised_in: int | None = Field(default=None, description="Version whose text promised it.")
    broken_at: Instant | None = Field(default=None, description="When a promise was broken; it stays so.")
    frozen_since: Instant | None = Field(default=None, description="As of a clock: of a promise that broke.")


class Approval(Model):
    """One reviewer's yes to exactly the bytes whose hash they saw (I5)."""

    by: str
    at: Instant
    content_hash: str
    director: bool = False


class Finding(Model):
    """One remark of the charter check (R4); `blocking` keeps a text out of review.

    `start` and `end`: where the quoted passage stands in the text of its language, in Unicode code points.
    """

    code: str
    severity: Literal["info", "warning", "blocking"]
    language: str | None = None
    message: str
    quote: str | None = None
    start: int | None = None
    end: int | None = None


class AcknowledgementTemplate(Model):
    """A text that is approved once and sent to many persons, one at a time (A14).

    `content_hash` is over the texts and the list `fills` of what may be filled in. It can be sent from its approval until
    `expires_at`, unless it is revoked.
    """

    id: str
    texts: dict[str, str]
    fills: list[str]
    content_hash: str
    by: str
    at: Instant
    approved_by: str | None = None
    approved_at: Instant | None = None
    expires_at: Instant | None = None
    revoked_by: str | None = None
    revoked_at: Instant | None = None
    revoked_because: str | None = None
    revision: int = 0


class FindingOverride(Model):
    """A blocking finding that a person set aside for one version: which code, why, who and when (R4)."""

    code: str
    reason: str
    by: str
    at: Instant


class Picture(Model):
    """The image of a version: a piece of the case's evidence, and what it shows, in each language of the texts.

    `sha256` in hex over exactly its bytes; `key` and `object_version` say where they lie.
    """

    evidence: str
    media_type: Literal["image/png", "image/jpeg"]
    name: str
    sha256: str
    key: str
    object_version: str
    alt: dict[str, str]


class OneToOne(Model):
    """To whom a version of kind `answer` goes, and over which channel: the author of a message, there or by e-mail (C1.5)."""

    message: str
    channel: str
    url: str | None = None
    recipient: str | None = None


class ResponseVersion(Model):
    """Texts by language; immutable, with a content hash over exactly these texts (and the image and its descriptions).

    A `correction` puts the version `corrects` right; an `answer` goes to one person.
    """

    case_id: str
    version: int
    kind: ResponseKind = "response"
    texts: dict[str, str]
    content_hash: str
    by: str
    at: Instant
    round: int
    state: ResponseState = "draft"
    approvals: list[Approval] = Field(default_factory=list)
    approvals_needed: int = 1
    reviewers: list[str] = Field(default_factory=list, description="Who is asked for a yes.")
    findings: list[Finding] = Field(default_factory=list)
    renderings: dict[str, str] = Field(
        default_factory=dict,
        description="<channel>/<language> -> digest of the posts as they were shown for approval; an item of its own, "
        "which is read only where places are compared one by one.",
    )
    shown_as: str | None = Field(default=None, description="One digest over all renderings.")
    words: dict[str, str] = Field(
        default_factory=dict, description="Language -> digest of the words as people read them."
    )
    words_of: list[str] = Field(
        default_factory=list, description="Everybody whose words these are: none of them approves."
    )
    review_comment: str | None = None
    objective: str = ""
    corrects: int | None = None
    answer: OneToOne | None = None
    picture: Picture | None = None
    overrides: list[FindingOverride] = Field(default_factory=list)
    acknowledges: str | None = Field(
        default=None, description="Template of an acknowledgement that was approved beforehand."
    )
    based_on: BasedOn | None = None
    first_draft: dict[str, str] = Field(
        default_factory=dict, description="What the desk drafted, as it stood when this version was written."
    )
    revision: int = 0


@dataclass(frozen=True)
class Submission:
    """What somebody submits. `kind` None: what fits the state of the case; `corrects`: which version a correction puts right.

    `based_on`: the version that they had before them; where a newer one stands by now, theirs is not taken.
    """

    texts: dict[str, str]
    kind: ResponseKind | None = None
    corrects: int | None = None
    picture: Picture | None = None
    answer: OneToOne | None = None
    based_on: BasedOn | None = None
    beforehand: Approval | None = None
    acknowledges: str | None = None
    objective: str | None = None


class Retraction(Model):
    """The decision to take a publication back: proposed by one person with a reason, confirmed by another."""

    reason: str
    proposed_by: str
    proposed_at: Instant
    confirmed_by: str | None = None
    confirmed_at: Instant | None = None


class Wait(Model):
    """A procedure that waits for people: a Step Functions task token and the condition that ends the wait."""

    name: str
    until: str
    token: str
    round: int
    since: Instant
    execution: str | None = None


class Button(Model):
    """What the reader of a notice can do by pressing it there; `value` says to what, `confirm` is asked before it is done."""

    act: Literal["triage", "acknowledge", "approve"]
    value: str
    label: str
    confirm: str | None = None


class Panel(Model):
    """What stands beneath a notice where its reader can press: whole texts, each under its heading, and buttons."""

    texts: list[tuple[str, str]] = Field(default_factory=list)
    buttons: list[Button]
    yes: str
    no: str


class Delivery(Model):
    """One letter on its way out: a response (version × channel × language) or a notice (to one person or team).

    `key` is deterministic and is the idempotency key towards the platform (I6). `claim` names the sending that
    holds the delivery now. With act `retract` it takes the publication of the delivery `target` back; with act `publish`
    and a `target` it puts that one right, and where the platform edited it, that one is `replaced_by` this one. So is an
    older correction that never got out; one that was being sent at that moment comes first (`after`). Where a person publishes by
    hand, `publisher` is who, asked for all that is `asked_with` it. `rendering`: the digest of its posts as they were approved.
    """

    key: str
    case_id: str
    kind: str
    channel: str
    audience: Audience
    language: str
    version: int | None = None
    content_hash: str | None = None
    required: bool = True
    act: DeliveryAct = "publish"
    target: str | None = None
    answers: str | None = None
    publisher: str | None = None
    asked_with: str | None = None
    rendering: str | None = None
    replaced_by: str | None = None
    after: str | None = None
    retraction: Retraction | None = None
    retracted_at: Instant | None = None
    state: DeliveryState = "waiting"
    url: str | None = None
    external_id: str | None = None
    attempts: int = 0
    next_attempt_at: Instant | None = None
    opens_at: Instant | None = Field(
        default=None, description="It waits until then for the publication hours of its audience."
    )
    published_at: Instant | None = None
    read_back_at: Instant | None = None
    reason: str | None = None
    unknown_outcome: bool = False
    claim: str | None = None
    claimed_until: Instant | None = None
    text: str | None = None
    subject: str | None = None
    recipient: str | None = None
    panel: Panel | None = None
    waiting: str | None = Field(
        default=None, description="What waits in the desk, which its reader may acknowledge where it rings."
    )
    person: str | None = Field(default=None, description="Whom it rings, where it can be answered there.")
    wait: Wait | None = None
    created_at: Instant
    revision: int = 0

    @property
    def is_notice(self) -> bool:
        """True for what the desk tells people; False for a version of the response."""
        return self.version is None


class Message(Model):
    """One message found somewhere that belongs to the case."""

    id: str
    case_id: str
    incident_id: str | None = None
    text: str
    language: str | None = None
    platform: str
    url: str | None = None
    author: dict[str, Any] = Field(default_factory=dict)
    published_at: Instant
    on_own_platform: bool = False
    notes: str = ""
    reported_by: str
    reported_at: Instant
    withdrawn: bool = False


class NoResponse(Model):
    """The decision not to answer (C4.2): proposed by one person, confirmed by another, with what reopens it."""

    reason: str
    reopen_if: list[str]
    proposed_by: str
    proposed_at: Instant
    confirmed_by: str | None = None
    confirmed_at: Instant | None = None
    reopened_at: Instant | None = None
    reopened_because: str | None = None

    @property
    def stands(self) -> bool:
        """True from the confirmation until something reopens the case."""
        return self.confirmed_at is not None and self.reopened_at is None


class Measure(Model):
    """One preventive measure with an owner and a date (R7)."""

    text: str
    owner: str
    due: str


class Closing(Model):
    """What a case leaves behind when it closes (R7)."""

    root_cause: str
    lessons: str
    measures: list[Measure]
    by: str
    at: Instant


class OrderDecision(Model):
    """Whether the community of a listed company hears first, or everybody at once: asked before anything leaves (MAR 17)."""

    first: bool
    reason: str
    by: str
    at: Instant


class PlannedAction(Model):
    """One action of a case's plan, and the person responsible for it (R1)."""

    text: str
    person: str | None
    duty: str | None = None


class Plan(Model):
    """What a case is to reach and how (R1, R10); `note` says why it was last changed."""

    objectives: dict[str, str]
    strategy: dict[str, str]
    posture: Posture
    actions: list[PlannedAction] = Field(default_factory=list)
    by: str
    at: Instant
    note: str = ""


class Links(Model):
    """Where else the crisis is told: cases that were merged or split."""

    merged_into: str | None = None
    merged_from: list[str] = Field(default_factory=list)
    split_from: str | None = None
    split_into: list[str] = Field(default_factory=list)


class TracedAuthor(Model):
    """Who wrote a traced message, as its page says."""

    name: str
    handle: str
    url: str
    since: Instant | None


class Sighted(Model):
    """One message seen while tracing, and how it is connected with the one that was reported."""

    relation: str
    url: str
    author: str
    published_at: Instant | None


class WordedDrafts(Model):
    """First drafts that a model worded for a case type, by audience and language; they stand while they fit the case."""

    case: CaseNumber
    texts: dict[str, dict[str, str]]


class SourceTrace(Model):
    """What tracing the source of the case found (C1.1, C2.1, A11); `note` says it in a sentence or two, for the duty."""

    outcome: Literal["traced", "refused", "skipped"]
    reason: str | None
    url: str | None
    canonical_url: str | None
    title: str
    status: int | None
    published_at: Instant | None
    author: TracedAuthor
    rivals: list[str]
    earlier_cases: list[str]
    sightings: list[Sighted]
    evidence: str | None
    note: str = ""


class ProposedOrigin(Model):
    """An earlier message that tracing saw: the origin moves once a person adds it."""

    state: Literal["proposed", "accepted"]
    url: str
    author: str
    published_at: Instant
    relation: str
    evidence: str | None
    at: Instant


class Acknowledgement(Model):
    """Somebody has seen what waits for them: the ladder for it stops until `until`."""

    by: str
    at: Instant
    until: Instant


class Called(Model):
    """Somebody was asked for something while nobody answered: by which way, and whether it got through (I14)."""

    person: str
    channel: str
    audience: Audience
    at: Instant
    reached: bool
    occasion: str


class LegalHold(Model):
    """Why nothing of a case is erased, and who said so: a claim, a complaint, an order of a court or an authority."""

    reason: str
    by: str
    at: Instant


class Erasure(Model):
    """What strangers wrote was erased. `locked_until`: when the last piece of evidence may go that a lock still keeps."""

    at: Instant
    by: str
    locked_until: Instant | None = None


class Case(Model):
    """One crisis. The store's item of it is the one truth; a state machine knows only its id (I13).

    `first_published_at` is null while nothing is public (origin `enquiry` or `internal`, since `known_at`, told in `notes`).
    `round` counts classifications: a procedure of an earlier round ends as interrupted. `suspicion` is that of a leak;
    `freeze_epoch` the raise that the case caused or joined, `frozen` and `suspended` the evidence of it (C3.0a, C3.0b).
    """

    id: str
    brand: str
    status: Status = "triage"
    case: CaseNumber | None = None
    leak: bool = False
    leak_suspected: bool = False
    severity: Severity = "medium"
    author: Author = "other"
    confidence: float = 0.0
    triaged_by: str | None = None
    why: str = ""
    versions: int = Field(
        default=0, ge=0, description="How many versions of responses it has; they stand apart."
    )
    promises_read: list[int] = Field(
        default_factory=list, description="Versions whose promises became duties."
    )
    no_crisis: bool = False
    origin: Origin = "message"
    known_at: Instant | None = None
    notes: str = ""
    first_published_at: Instant | None = None
    opened_at: Instant
    opened_by: str
    updated_at: Instant
    closed_at: Instant | None = None
    round: int = 0
    asserted: dict[str, Any] = Field(default_factory=dict)
    triage_detail: dict[str, Any] = Field(default_factory=dict)
    clocks: list[Clock] = Field(default_factory=list)
    duties: list[Duty] = Field(default_factory=list)
    cell: dict[str, str] = Field(
        default_factory=dict, description="Role of the crisis cell -> who holds it; one pilot."
    )
    waits: list[Wait] = Field(default_factory=list)
    no_response: NoResponse | None = None
    community_first: OrderDecision | None = None
    response_published_at: Instant | None = None
    plan: Plan | None = None
    measures: list[Measure] = Field(default_factory=list)
    closing: Closing | None = None
    message_count: int = 0
    title: str | None = Field(
        default=None, description="First sentence of the earliest message that counts, on one line."
    )
    titled_at: Instant | None = Field(default=None, description="When that message was published.")
    acknowledged: dict[str, Acknowledgement] = Field(
        default_factory=dict, description="Id of what waits (cases/waiting.py) -> who has seen it."
    )
    calls: dict[str, list[Called]] = Field(
        default_factory=dict, description="Id of what waits -> who was asked for it lately, oldest first."
    )
    unreached: dict[str, Instant] = Field(
        default_factory=dict,
        description="Who could not be told something by any way -> when that was last tried.",
    )
    quoted: str | None = Field(default=None, description="Id of the message of which it keeps a copy.")
    room_asked: bool = Field(default=False, description="A telling of the team's channel is under way (R2),")
    room_asked_at: Instant | None = Field(default=None, description="asked for at this moment;")
    room_owed: int = Field(default=0, description="it is told, or is to be told, of all up to this event.")
    room_silent_to: int = Field(default=0, description="Up to here it was, or might be, a leak: never told.")
    suspicion: Suspicion | None = None
    freeze_epoch: int | None = None
    frozen: str | None = None
    suspended: str | None = None
    trace: SourceTrace | None = None
    worded: WordedDrafts | None = None
    proposed_origin: ProposedOrigin | None = None
    links: Links = Field(default_factory=Links)
    tally: Tally = Field(default_factory=Tally)
    spiking: bool = False
    timeline_seq: int = 0
    timeline_hash: str = ""
    owed_deliveries: dict[str, int] = Field(
        default_factory=dict,
        description="<version>:<audience> -> required deliveries that are not out yet, so that nobody has to read them all.",
    )
    open_deliveries: dict[str, int] = Field(
        default_factory=dict, description="The same for every delivery of which something is left to send."
    )
    shown_digest: str = Field(default="", description="Digest of what the desk shows of the case.")
    delivery_tally: DeliveryTally | None = Field(
        default=None, description="None in a case that is older than its tally."
    )
    version_lines: list[VersionLine] | None = Field(
        default=None, description="What it knows of its versions; None until they were first looked at."
    )
    restored_at: Instant | None = Field(
        default=None, description="When the table was last taken back to an earlier moment, and reconciled."
    )
    legal_hold: LegalHold | None = None
    erasure: Erasure | None = None
    revision: int = 0

    def clock(self, clock_id: str) -> Clock:
        """The clock of that name; KeyError where there is none."""
        for clock in self.clocks:
            if clock.id == clock_id:
                return clock
        raise KeyError(clock_id)

    def has_clock(self, clock_id: str) -> Clock | None:
        """The clock of that name, or None: those of the response start with the first public message."""
        return next((clock for clock in self.clocks if clock.id == clock_id), None)

    def duty(self, duty_id: str) -> Duty | None:
        """The duty of that row id, or None."""
        return next((duty for duty in self.duties if duty.id == duty_id), None)


class Event(Model):
    """One line of the timeline (I9): hash-chained, never changed."""

    case_id: str
    seq: int
    at: Instant
    kind: str
    by: str
    data: dict[str, Any] = Field(default_factory=dict)
    previous_hash: str
    hash: str = ""


class Intent(Model):
    """Something a state machine must be told, stored with the change that caused it and carried out by `relay` (I7).

    `partition` is where it is stored: the case that changed, or the freeze. `note` is what happened to one delivery, for the
    timeline; `settle` is what a change still has to write of many deliveries.
    """

    id: str
    partition: str
    action: Literal["start", "resume", "note", "settle"]
    machine: str | None = None
    name: str | None = None
    payload: dict[str, Any] = Field(default_factory=dict)
    token: str | None = None
    at: Instant
