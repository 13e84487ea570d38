"""Reports and messages: taken in, added, withdrawn, put together and taken apart."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from sangfroid.http import shapes
from sangfroid.http.fields import Body, CaseId, IdempotencyKey, Moment, Reason, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.showing import case_shown
from sangfroid.model import Instant, Origin
from sangfroid.observability import logger
from sangfroid.store import once
from sangfroid.text.fields import Line, Text, WebAddress
from sangfroid.text.lines import unturned
from sangfroid.triage.report import (
    MAX_NOTES,
    MAX_TEXT,
    AtFault,
    IncidentReport,
    Platform,
    Profile,
    ReportedMessage,
)

calls = Calls()


def _as_it_reads(handle: object) -> object:
    # Nobody can ask a stranger for another name.
    return unturned(handle) if isinstance(handle, str) else handle


class AuthorBody(Body):
    """The public profile of whoever wrote a message."""

    handle: Annotated[str, BeforeValidator(_as_it_reads), Line(200, empty=True)] = ""
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
    published_at: Moment = Field(description="At most ten years ago, and at most five minutes ahead of now.")
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
    """An incident report. `message` may be left out where nothing is public yet: origin `enquiry` or `internal`, with notes."""

    brand: Annotated[str, Line(200)]
    origin: Origin = Field(
        default="message",
        description="message: found in public; enquiry: somebody asked; internal: found by ourselves",
    )
    known_at: Moment | None = Field(
        default=None, description="when it became known; the first word counts from then"
    )
    message: MessageBody | None = Field(
        default=None, validate_default=True, description="required for origin `message`"
    )
    notes: Annotated[str, StringConstraints(max_length=MAX_NOTES)] = ""
    asserted: AssertedBody = AssertedBody()

    @field_validator("message")
    @classmethod
    def _a_message_is_there(cls, message: MessageBody | None, so_far: ValidationInfo) -> MessageBody | None:
        if message is None and so_far.data.get("origin", "message") == "message":
            raise PydanticCustomError("missing", "Field required")
        return message

    def report(self) -> IncidentReport:
        """For the domain; what was not asserted stays unset."""
        return IncidentReport.model_validate(
            {
                "brand": self.brand,
                "origin": self.origin,
                "known_at": self.known_at,
                "message": self.message.message() if self.message is not None else None,
                "notes": self.notes,
                "asserted": self.asserted.model_dump(exclude_unset=True),
            }
        )


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


class Accepted(Shape):
    """A report was taken in; `joined` where it was added to an open case."""

    case_id: str
    incident_id: str
    joined: bool


class MessageAdded(Shape):
    """A message was added; the clocks count from `first_published_at`."""

    message_id: str
    first_published_at: Instant | None


class MessageWithdrawn(Shape):
    """A message was taken back; the clocks count from `first_published_at`."""

    first_published_at: Instant | None


@calls.post("/incidents", responses={202: shows(Accepted, "Taken in: a new case, or joined to an open one.")})
def report_incident(
    body: IncidentBody,
    key: IdempotencyKey = None,
) -> Response[str]:
    """Report one message found somewhere."""
    by = calls.caller.id
    own = once.space(by, "POST /incidents", key) if key is not None else None
    taken = calls.desk.reports.submit(body.report(), calls.current_event.json_body, own, by)
    logger.thread_safe_append_keys(correlation_id=taken["case_id"])
    return answer(taken, 202)


@calls.post("/cases/<id>/messages", responses={201: shows(MessageAdded, "Added.")})
def add_message(case_id: CaseId, body: MessageBody) -> Response[str]:
    """Add a message to a case; an earlier one moves every clock."""
    return answer(
        calls.desk.reports.add_message(named(case_id, "case"), body.message(), calls.caller.id), 201
    )


@calls.post("/cases/<id>/messages/<message>/withdraw", responses={200: shows(MessageWithdrawn, "Withdrawn.")})
def withdraw_message(case_id: CaseId, message: str, body: WithdrawBody) -> Response[str]:
    """Take back a message that does not belong to the case; the clocks count from the earliest that is left."""
    return answer(
        calls.desk.reports.withdraw_message(
            named(case_id, "case"), named(message, "message"), body.reason, calls.caller.id
        )
    )


@calls.post("/cases/<id>/merge", responses={200: shows(shapes.CaseDocument, "The case that goes on.")})
def merge_case(case_id: CaseId, body: MergeBody) -> Response[str]:
    """Put the case into another one of the same brand: it ends, its messages go over, the earlier origin counts."""
    into = named(body.into, "case")
    return answer(
        case_shown(
            calls, calls.desk.merging.merge(named(case_id, "case"), into, body.reason, calls.caller.id)
        )
    )


@calls.post("/cases/<id>/split", responses={201: shows(shapes.CaseDocument, "The new case.")})
def split_case(case_id: CaseId, body: SplitBody) -> Response[str]:
    """Take messages that tell of another event out of the case, into a new one."""
    messages = [named(message, "message") for message in body.messages]
    return answer(
        case_shown(
            calls, calls.desk.merging.split(named(case_id, "case"), messages, body.reason, calls.caller.id)
        ),
        201,
    )
