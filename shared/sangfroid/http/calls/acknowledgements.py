"""Acknowledgements approved beforehand (A14)."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, StringConstraints

from sangfroid.http.calls.responses import AnswerWritten
from sangfroid.http.fields import Body, CaseId, LanguageTag, Moment, Reason, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import AcknowledgementTemplate
from sangfroid.text.fields import Line, Text

calls = Calls()

Digest = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class TemplateBody(Body):
    """Texts by language; `{name}` stands where the person's own public name goes, and nothing else is filled in."""

    texts: dict[LanguageTag, Annotated[str, Text(2_000)]] = Field(min_length=1, max_length=10)


class TemplateApprovalBody(Body):
    """A yes to exactly this hash, until a moment."""

    content_hash: Digest
    expires_at: Moment


class TemplateRevocationBody(Body):
    """Why nothing more is sent from it."""

    reason: Reason


class AcknowledgeMessageBody(Body):
    """To whom, and which approved text."""

    template: Annotated[str, Line(60)]
    content_hash: Digest
    message: Annotated[str, Line(200)] = Field(description="id of a message of the case")
    language: LanguageTag
    channel: Annotated[str, Line(40)] | None = None
    to: Annotated[str, StringConstraints(min_length=3, max_length=320)] | None = Field(
        default=None, description="the person's e-mail address"
    )


class Templates(Shape):
    """Every template, the newest first."""

    acknowledgements: list[AcknowledgementTemplate]


class TemplateShown(AcknowledgementTemplate):
    """One template."""


@calls.get("/acknowledgements", responses={200: shows(Templates, "The templates.")})
def list_acknowledgements() -> Response[str]:
    """Read the acknowledgements that were proposed, approved, revoked or have expired."""
    return answer(
        {"acknowledgements": [one.model_dump(mode="json") for one in calls.desk.acknowledging.every()]}
    )


@calls.post("/acknowledgements", responses={201: shows(TemplateShown, "Proposed.")})
def propose_acknowledgement(body: TemplateBody) -> Response[str]:
    """Propose an acknowledgement that an approver approves once, for many persons."""
    made = calls.desk.acknowledging.propose(body.texts, calls.caller.id)
    return answer(made.model_dump(mode="json"), 201)


@calls.post("/acknowledgements/<template>/approve", responses={200: shows(TemplateShown, "Approved.")})
def approve_acknowledgement(template: str, body: TemplateApprovalBody) -> Response[str]:
    """Approve exactly the template whose hash is named, until it expires; nobody approves a text of their own."""
    done = calls.desk.acknowledging.approve(
        named(template, "template"), body.content_hash, body.expires_at, calls.caller.id
    )
    return answer(done.model_dump(mode="json"))


@calls.post("/acknowledgements/<template>/revoke", responses={200: shows(TemplateShown, "Revoked.")})
def revoke_acknowledgement(template: str, body: TemplateRevocationBody) -> Response[str]:
    """Revoke an acknowledgement: from now on nothing more is sent from it."""
    done = calls.desk.acknowledging.revoke(named(template, "template"), body.reason, calls.caller.id)
    return answer(done.model_dump(mode="json"))


@calls.post(
    "/cases/<id>/acknowledgements",
    responses={201: shows(AnswerWritten, "Approved beforehand; it leaves now.")},
)
def acknowledge_message(case_id: CaseId, body: AcknowledgeMessageBody) -> Response[str]:
    """Send an acknowledgement that was approved beforehand to the author of one message, at once."""
    channel = named(body.channel, "channel") if body.channel is not None else None
    version = calls.desk.acknowledging.send(
        named(case_id, "case"),
        named(body.template, "template"),
        body.content_hash,
        named(body.message, "message"),
        body.language,
        channel,
        body.to,
        calls.caller.id,
    )
    shown = version.model_dump(mode="json", include=set(AnswerWritten.model_fields))
    way = version.answer
    assert way is not None  # noqa: S101 - an acknowledgement is an answer
    return answer(shown | {"channel": way.channel, "audience": calls.desk.responses.audience_of(way)}, 201)
