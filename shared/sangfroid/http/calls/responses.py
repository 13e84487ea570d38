"""Texts: written, shown, reviewed; and the decision not to respond."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from sangfroid.cases.no_response import watched_by_people
from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, LanguageTag, Note, Reason, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.shapes import ResponseShown
from sangfroid.model import Audience, Case, Finding, NoResponse, Submission
from sangfroid.text.fields import Line, Text
from sangfroid.triage.report import MAX_TEXT

calls = Calls()


class ImageBody(Body):
    """A picture for the texts, out of the evidence of the case; `alt` says what it shows, in every language of the texts."""

    evidence: Annotated[str, Line(100)]
    alt: dict[LanguageTag, Annotated[str, Text(1_000)]] = Field(min_length=1, max_length=10)


class SlotsBody(Body):
    """The four slots of a holding text: what is established, who is concerned, what is done now, the time of the next news."""

    fact: Annotated[str, Text(500)]
    concerned: Annotated[str, Text(300)]
    action: Annotated[str, Text(500)]
    next: Annotated[str, Text(100)]


class ResponseBody(Body):
    """Texts by language (BCP 47: `fr`, `en`, `de-CH`); `kind` is decided by the state of the case when left out."""

    slots: Annotated[dict[LanguageTag, SlotsBody], Field(min_length=1, max_length=10)] | None = Field(
        default=None,
        description="of a holding text: it is made from the playbook's template, one per language",
    )
    texts: (
        Annotated[dict[LanguageTag, Annotated[str, Text(MAX_TEXT)]], Field(min_length=1, max_length=10)]
        | None
    ) = Field(default=None, validate_default=True, description="required unless `slots` are sent")
    kind: Literal["response", "update", "closing_announcement", "correction", "holding"] | None = None
    objective: Annotated[str, Text(1_000)] | None = Field(
        default=None,
        description="what the text is to reach; left out: the objective of the case's plan (R10)",
    )
    corrects: int | None = Field(
        default=None,
        ge=1,
        le=10**6,
        description="which version a correction puts right; left out: the newest that was published",
    )
    image: ImageBody | None = None
    based_on: Literal["first-draft"] | Annotated[int, Field(ge=0, le=10**6)] | None = Field(
        default=None,
        description="the version on which it is written (0 or `first-draft`: none); where a newer one stands: 409 with `newest`",
    )

    @field_validator("texts")
    @classmethod
    def _texts_or_slots(cls, texts: dict[str, str] | None, so_far: ValidationInfo) -> dict[str, str] | None:
        if texts is None and so_far.data.get("slots") is None:
            raise PydanticCustomError("missing", "Field required")
        return texts


class CheckBody(Body):
    """Texts to look at while they are written; `kind` and `corrects` as in PUT."""

    texts: dict[LanguageTag, Annotated[str, Text(MAX_TEXT)]] = Field(min_length=1, max_length=10)
    kind: Literal["response", "update", "closing_announcement", "correction"] | None = None
    corrects: int | None = Field(default=None, ge=1, le=10**6)


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


class VersionWritten(Shape):
    """A new version of the response, with what the charter check found."""

    version: int
    content_hash: str
    findings: list[Finding]
    state: str
    kind: str
    approvals_needed: int
    objective: str


class Checked(Shape):
    """What would become of the texts now: what the charter finds, and how they would look on every channel."""

    kind: str
    state: str = Field(description="`draft`: something blocks; `in_review`: nothing does")
    approvals_needed: int
    content_hash: str
    findings: list[Finding]
    renderings: list[shapes.RenderingShown]


class AnswerWritten(VersionWritten):
    """An answer to one person, and over which channel it goes once a second person has read it."""

    channel: str
    audience: Audience


class Reviewed(ResponseShown):
    """The version after a reviewer's decision."""


class NoResponseAnswer(Shape):
    """The decision not to respond as it stands."""

    case_id: str
    state: Literal["proposed", "confirmed"]
    no_response: NoResponse
    watched_by_people: list[str] = Field(
        description="Conditions that no machine understands: a person must watch for them."
    )


def no_response(case: Case, confirmed: bool) -> dict[str, Any]:
    """The answer to a proposal or its confirmation."""
    state = "confirmed" if confirmed else "proposed"
    answer = NoResponseAnswer.model_validate(
        {
            "case_id": case.id,
            "state": state,
            "no_response": case.no_response,
            "watched_by_people": watched_by_people(case.no_response.reopen_if if case.no_response else []),
        }
    )
    return answer.model_dump(mode="json")


@calls.put("/cases/<id>/response", responses={201: shows(VersionWritten, "A new version.")})
def write_response(case_id: CaseId, body: ResponseBody) -> Response[str]:
    """Write a new version of the response; earlier approvals are void."""
    place = named(case_id, "case")
    image = body.image
    picture = calls.desk.responses.picture(place, image.evidence, image.alt) if image else None
    slots = {language: one.model_dump() for language, one in (body.slots or {}).items()}
    texts = calls.desk.responses.texts_of(place, body.kind, body.texts, slots)
    draft = Submission(
        texts, body.kind, body.corrects, picture, based_on=body.based_on, objective=body.objective
    )
    version = calls.desk.responses.submit(place, draft, calls.caller.id)
    return answer(version.model_dump(mode="json", include=set(VersionWritten.model_fields)), 201)


@calls.post("/cases/<id>/response/check", responses={200: shows(Checked, "What was found; nothing is kept.")})
def check_response(case_id: CaseId, body: CheckBody) -> Response[str]:
    """Check a text while it is written, by the rules of the response: findings with their places, and every channel."""
    draft = Submission(body.texts, body.kind, body.corrects)
    version, previews = calls.desk.responses.check(named(case_id, "case"), draft, calls.caller.id)
    found = version.model_dump(
        mode="json", include={"kind", "state", "approvals_needed", "content_hash", "findings"}
    )
    document = documents.preview_document(version, previews, whole_address=False)
    return answer(found | {"renderings": document["renderings"]})


@calls.post("/cases/<id>/answers", responses={201: shows(AnswerWritten, "A new version, in review.")})
def answer_one_person(case_id: CaseId, body: AnswerBody) -> Response[str]:
    """Write an answer to the author of one message; it goes out once a second person has approved it."""
    place = named(case_id, "case")
    channel = named(body.channel, "channel") if body.channel is not None else None
    to = calls.desk.responses.one_to_one(place, named(body.message, "message"), channel, body.to)
    draft = Submission({body.language: body.text}, "answer", answer=to)
    version = calls.desk.responses.submit(place, draft, calls.caller.id)
    shown = version.model_dump(mode="json", include=set(VersionWritten.model_fields))
    audience = calls.desk.responses.audience_of(to)
    return answer(shown | {"channel": to.channel, "audience": audience}, 201)


@calls.get(
    "/cases/<id>/response/<version>/preview",
    responses={200: shows(shapes.PreviewDocument, "The version on every channel × language.")},
)
def preview_response(case_id: CaseId, version: int) -> Response[str]:
    """See how a version looks on every channel, post by post; an approval covers exactly these posts."""
    found, previews = calls.desk.responses.preview(named(case_id, "case"), version)
    whole = calls.caller.has("responder", "approver", "director")
    return answer(documents.preview_document(found, previews, whole_address=whole))


@calls.post("/cases/<id>/response/<version>/review", responses={200: shows(Reviewed, "The version.")})
def review_response(case_id: CaseId, version: int, body: ReviewBody) -> Response[str]:
    """Approve or reject exactly the version whose hash is named; nobody approves a text of their own."""
    reviewed = calls.desk.responses.review(
        named(case_id, "case"),
        version,
        body.decision == "approve",
        body.content_hash,
        body.comment,
        calls.caller.id,
        director=calls.caller.has("director"),
    )
    return answer(documents.version_document(reviewed))


@calls.post(
    "/cases/<id>/no-response",
    responses={
        202: shows(NoResponseAnswer, "Proposed."),
        200: shows(NoResponseAnswer, "Confirmed."),
    },
)
def decide_no_response(case_id: CaseId, body: NoResponseBody) -> Response[str]:
    """Propose not to respond (responder), or confirm it (approver, director)."""
    confirmed, file = calls.desk.responses.no_response(
        named(case_id, "case"),
        body.reason,
        body.reopen_if,
        calls.caller.id,
        may_propose=calls.caller.has("responder"),
        may_confirm=calls.caller.has("approver", "director"),
    )
    return answer(no_response(file.case, confirmed), 200 if confirmed else 202)
