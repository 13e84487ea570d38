"""The small answers of single calls, described for OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from sangfroid.http.shapes import DeliveryShown, FreezeDocument, ResponseShown
from sangfroid.model import Audience, Case, Finding, Instant, NoResponse


class Health(BaseModel):
    """Liveness."""

    status: Literal["ok"]


class Accepted(BaseModel):
    """A report was taken in; `joined` where it was added to an open case."""

    case_id: str
    incident_id: str
    joined: bool


class MessageAdded(BaseModel):
    """A message was added; the clocks count from `first_published_at`."""

    message_id: str
    first_published_at: Instant


class MessageWithdrawn(BaseModel):
    """A message was taken back; the clocks count from `first_published_at`."""

    first_published_at: Instant


class VersionWritten(BaseModel):
    """A new version of the response, with what the charter check found."""

    version: int
    content_hash: str
    findings: list[Finding]
    state: str
    kind: str
    approvals_needed: int


class Reviewed(ResponseShown):
    """The version after a reviewer's decision."""


class NoResponseAnswer(BaseModel):
    """The decision not to respond as it stands."""

    case_id: str
    state: Literal["proposed", "confirmed"]
    no_response: NoResponse


def no_response(case: Case, confirmed: bool) -> dict[str, Any]:
    """The answer to a proposal or its confirmation."""
    state = "confirmed" if confirmed else "proposed"
    answer = NoResponseAnswer.model_validate(
        {"case_id": case.id, "state": state, "no_response": case.no_response}
    )
    return answer.model_dump(mode="json")


class RetractionAnswer(DeliveryShown):
    """The publication, with the decision to take it back as it stands."""


class AnswerWritten(VersionWritten):
    """An answer to one person, and over which channel it goes once a second person has read it."""

    channel: str
    audience: Audience


class ReleaseAnswer(FreezeDocument):
    """The freeze after a director's yes; `complete` once two different directors have given it."""

    complete: bool


class SuspicionAnswer(BaseModel):
    """A director's decision over a suspected leak, and the freeze after it."""

    case_id: str
    outcome: Literal["frozen", "declined"]
    freeze: FreezeDocument
