"""The bodies that people send, one strict model each: a misspelt or unknown field is refused, never lost.

Types are strict (no "120" for 120, no 1 for true); times are RFC 3339 texts with a zone. The lengths keep the longest
life of a case within DynamoDB's 400 KB an item.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from sangfroid.model import CaseNumber, Status
from sangfroid.text.fields import Line, Text, WebAddress
from sangfroid.triage.report import MAX_NOTES, MAX_TEXT, AtFault, Platform, Profile, Report, ReportedMessage

RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-]\d\d:\d\d))", re.ASCII
)
LANGUAGE = r"^[a-z]{2,3}(-[A-Z]{2})?$"


def moment(value: Any) -> datetime:
    """An RFC 3339 text as an aware datetime in UTC; raises ValueError with what to send instead."""
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be an RFC 3339 time with a zone, such as 2026-11-20T08:00:00Z")
    day, time, fraction, _, offset = found.groups()
    try:
        text = f"{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{offset or '+00:00'}"
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time that exists") from None


def due(value: Any) -> str:
    """A day (YYYY-MM-DD) or an RFC 3339 time, as it was written; raises ValueError."""
    if isinstance(value, str):
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                date.fromisoformat(value)
            else:
                moment(value)
            return value
        except ValueError:
            pass
    raise ValueError("must be a day such as 2026-12-31, or an RFC 3339 time")


Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Due = Annotated[str, BeforeValidator(due), WithJsonSchema({"type": "string", "examples": ["2026-12-31"]})]
StatusFilter = Literal["", Status]
CaseType = Annotated[int, Field(ge=1, le=4)]


LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE)]


Reason = Annotated[str, Text(2_000)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Reference = Annotated[str, StringConstraints(max_length=2_000)]


class Body(BaseModel):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AuthorBody(Body):
    """The public profile of whoever wrote a message."""

    handle: Annotated[str, Line(200, empty=True)] = ""
    bio: Annotated[str, StringConstraints(max_length=2_000)] = ""
    followers: int = Field(default=0, ge=0, le=10_000_000_000)
    account_age_days: int | None = Field(default=None, ge=0, le=100_000)


class MessageBody(Body):
    """One public message as found; `published_at` is the time of its publication, not of the report."""

    text: Annotated[str, Text(MAX_TEXT)]
    language: Annotated[str, Line(35, empty=True)] | None = Field(default=None, description="BCP 47")
    platform: Platform
    url: Annotated[str, WebAddress()] | None = None
    author: AuthorBody | None = None
    published_at: Moment
    on_own_platform: bool = Field(default=False, description="on a page that the company itself administers")

    def message(self) -> ReportedMessage:
        """For the domain."""
        author = Profile(**self.author.model_dump()) if self.author else Profile()
        return ReportedMessage(author=author, **self.model_dump(exclude={"author"}))


class AssertedBody(Body):
    """What an insider vouches for; it outweighs what the text suggests."""

    confidential_leak: bool = False
    at_fault: AtFault = "unknown"


class IncidentBody(Body):
    """An incident report."""

    brand: Annotated[str, Line(200)]
    message: MessageBody
    notes: Annotated[str, StringConstraints(max_length=MAX_NOTES)] = ""
    asserted: AssertedBody = AssertedBody()

    def report(self) -> Report:
        """For the domain; what was not asserted stays unset."""
        return Report.model_validate(
            {
                "brand": self.brand,
                "message": self.message.message(),
                "notes": self.notes,
                "asserted": self.asserted.model_dump(exclude_unset=True),
            }
        )


class TriageBody(Body):
    """A person's classification; `case` null means no crisis and ends the case."""

    case: CaseType | None = Field(description="1 to 4, or null: no crisis")
    leak: bool = False
    reason: Reason
    restart: bool = Field(
        default=False, description="start the procedures of the case anew, after an execution was aborted"
    )

    @property
    def number(self) -> CaseNumber | None:
        """`case` in the domain's type."""
        return self.case  # type: ignore[return-value]  # bounded by CaseType


class WithdrawBody(Body):
    """Why a message does not belong to the case."""

    reason: Reason


class MergeBody(Body):
    """Into which case, and why they are one crisis."""

    into: Annotated[str, Line(200)]
    reason: Reason


class SplitBody(Body):
    """Which messages tell of another event, and why."""

    messages: list[Annotated[str, Line(200)]] = Field(min_length=1, max_length=40)
    reason: Reason


class EvidenceBody(Body):
    """A picture or file that a person has; `data` is its base64, at most 250,000 characters of it."""

    name: Annotated[str, Line(200)]
    media_type: Annotated[str, Line(100)] = Field(description="image/png, image/jpeg, application/pdf, …")
    data: Annotated[str, StringConstraints(min_length=1, max_length=250_000)]
    note: Note = ""


class ImageBody(Body):
    """A picture for the texts, out of the evidence of the case; `alt` says what it shows, in every language of the texts."""

    evidence: Annotated[str, Line(100)]
    alt: dict[LanguageTag, Annotated[str, Text(1_000)]] = Field(min_length=1, max_length=10)


class ResponseBody(Body):
    """Texts by language (BCP 47: `fr`, `en`, `de-CH`); `kind` is decided by the state of the case when left out."""

    texts: dict[LanguageTag, Annotated[str, Text(MAX_TEXT)]] = Field(min_length=1, max_length=10)
    kind: Literal["response", "update", "closing_announcement", "correction"] | None = None
    corrects: int | None = Field(
        default=None,
        ge=1,
        le=10**6,
        description="which version a correction puts right; left out: the newest that was published",
    )
    image: ImageBody | None = None


class AnswerBody(Body):
    """An answer to the author of one message: on its platform where a channel can, or by e-mail with `to`."""

    message: Annotated[str, Line(200)] = Field(description="id of a message of the case")
    text: Annotated[str, Text(MAX_TEXT)]
    language: LanguageTag
    channel: Annotated[str, Line(40)] | None = Field(
        default=None, description="left out: the first channel whose `answers` names the platform, or email"
    )
    to: Annotated[str, StringConstraints(min_length=3, max_length=320)] | None = Field(
        default=None, description="the person's e-mail address"
    )


class RetractBody(Body):
    """Why a publication is taken back, or why not; the same call proposes, confirms and declines."""

    reason: Reason
    decision: Literal["confirm", "decline"] = "confirm"


class ReviewBody(Body):
    """A reviewer's decision over exactly the bytes whose hash they saw."""

    decision: Literal["approve", "reject"]
    content_hash: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    comment: Note = ""


class NoResponseBody(Body):
    """Why not to respond, and what reopens the decision; the same body proposes and confirms."""

    reason: Reason
    reopen_if: list[Annotated[str, Line(300)]] = Field(
        default_factory=list,
        max_length=20,
        description="any_message, press, followers_over:N, messages_over:N, or a sentence that a person watches for",
    )


class DutyBody(Body):
    """What became of a duty."""

    state: Literal["done", "waived"]
    evidence: Reference | None = None
    note: Note | None = None


class DeliveryBody(Body):
    """A person's decision over a delivery that no machine can take."""

    state: Literal["published", "retracted", "retry", "manual"]
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = Field(
        default=None, description="where it stands; required for published"
    )
    note: Note | None = None


class MeasureBody(Body):
    """One measure against a repeat."""

    text: Annotated[str, Text(500)]
    owner: Annotated[str, Line(100)]
    due: Due


class CloseBody(Body):
    """What a case leaves behind."""

    root_cause: Annotated[str, Text(5_000)]
    lessons: Annotated[str, Text(10_000)]
    measures: list[MeasureBody] = Field(default_factory=list, max_length=40)


class FreezeBody(Body):
    """Stop all communication now."""

    reason: Reason
    case_id: Annotated[str, Line(200)] | None = None


class ReleaseBody(Body):
    """One director's yes to a stage of the release."""

    scope: Literal["statement", "all"]
    reason: Reason
    case_id: Annotated[str, Line(200)] | None = None


class ProofBody(Body):
    """The proof that a channel without an interface was stopped by hand."""

    proof: Annotated[str, Text(2_000)]


class SuspicionBody(Body):
    """A director's decision over a suspected leak."""

    freeze: bool
    reason: Reason
