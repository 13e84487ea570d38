"""`api`: the desk over HTTP. Each route parses, calls one method of the desk and answers.

Who may call what stands in `sangfroid.http.identity.ROLES`.
"""

import base64
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.casefile import CaseFile
from sangfroid.http import (
    answers,
    bodies,
    cursors,
    documents,
    listening,
    openapi,
    preference,
    report,
    report_page,
    shapes,
    wire,
)
from sangfroid.http.paths import named
from sangfroid.http.resolver import Resolver, answer, shows
from sangfroid.model import Measure, Submission, rfc3339
from sangfroid.observability import flush_metrics, logger

desk = bootstrap.desk()
secrets = bootstrap.listening()
app = Resolver()

CaseId = Annotated[str, Path(alias="id")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]
Cursor = Annotated[str | None, Query(max_length=1_000)]
MESSAGES_A_PAGE = 100

# ── reports ──


@app.post(
    "/incidents", responses={202: shows(answers.Accepted, "Taken in: a new case, or joined to an open one.")}
)
def report_incident(
    body: bodies.IncidentBody,
    key: IdempotencyKey = None,
) -> Response[str]:
    """Report one message found somewhere."""
    taken = desk.reports.submit(body.report(), app.current_event.json_body, key, app.caller.id)
    logger.append_keys(correlation_id=taken["case_id"])
    return answer(taken, 202)


@app.post("/cases/<id>/messages", responses={201: shows(answers.MessageAdded, "Added.")})
def add_message(case_id: CaseId, body: bodies.MessageBody) -> Response[str]:
    """Add a message to a case; an earlier one moves every clock."""
    return answer(desk.reports.add_message(named(case_id, "case"), body.message(), app.caller.id), 201)


@app.post(
    "/cases/<id>/messages/<message>/withdraw", responses={200: shows(answers.MessageWithdrawn, "Withdrawn.")}
)
def withdraw_message(case_id: CaseId, message: str, body: bodies.WithdrawBody) -> Response[str]:
    """Take back a message that does not belong to the case; the clocks count from the earliest that is left."""
    return answer(
        desk.reports.withdraw_message(
            named(case_id, "case"), named(message, "message"), body.reason, app.caller.id
        )
    )


@app.post("/cases/<id>/merge", responses={200: shows(shapes.CaseDocument, "The case that goes on.")})
def merge_case(case_id: CaseId, body: bodies.MergeBody) -> Response[str]:
    """Put the case into another one of the same brand: it ends, its messages go over, the earlier origin counts."""
    into = named(body.into, "case")
    return answer(_case(desk.merging.merge(named(case_id, "case"), into, body.reason, app.caller.id)))


@app.post("/cases/<id>/split", responses={201: shows(shapes.CaseDocument, "The new case.")})
def split_case(case_id: CaseId, body: bodies.SplitBody) -> Response[str]:
    """Take messages that tell of another event out of the case, into a new one."""
    messages = [named(message, "message") for message in body.messages]
    return answer(
        _case(desk.merging.split(named(case_id, "case"), messages, body.reason, app.caller.id)), 201
    )


# ── reading ──


@app.get("/cases", responses={200: shows(shapes.CasesPage, "A page of cases, newest first.")})
def list_cases(
    status: Annotated[bodies.StatusFilter, Query()] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response[str]:
    """List cases."""
    after = cursors.read("cases", status, cursor) if cursor else None
    cases, place = desk.casework.store.listed(status or None, limit, after)
    following = cursors.write("cases", status, place) if place else None
    return answer({"cases": [documents.summary(case) for case in cases], "next": following})


@app.get("/cases/<id>", responses={200: shows(shapes.CaseDocument, "The case.")})
def read_case(case_id: CaseId, messages: Cursor = None) -> Response[str]:
    """Read a case; `messages` is the cursor of a further page of its messages."""
    return answer(_case(desk.casework.read(named(case_id, "case")), messages))


def _case(file: CaseFile, cursor: str | None = None) -> dict[str, Any]:
    after = cursors.read("messages", file.case.id, cursor) if cursor else None
    page = desk.casework.store.messages(file.case.id, limit=MESSAGES_A_PAGE, after=after)
    following = None
    if len(page) == MESSAGES_A_PAGE:
        last = page[-1]
        following = cursors.write("messages", file.case.id, f"{rfc3339(last.published_at)}#{last.id}")
    file.case.message_count += desk.reading.uncounted(file.case)
    return documents.case_document(file, page, preference.language(app.current_event.headers), following)


@app.get("/cases/<id>/timeline", responses={200: shows(shapes.TimelineDocument, "The timeline, in order.")})
def read_timeline(case_id: CaseId, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Response[str]:
    """Read the hash-chained timeline of a case, from seq `after` on."""
    case = desk.casework.read(named(case_id, "case")).case
    return answer(documents.timeline_document(case, desk.casework.store.events(case.id), after))


@app.get(
    "/cases/<id>/report",
    responses={
        200: {
            "description": "The report after the crisis; an interim report while the case is open.",
            "content": {
                wire.JSON: {"model": report.CrisisReport},
                "text/html": {"schema": {"type": "string"}},
            },
        }
    },
)
def read_report(case_id: CaseId) -> Response[str]:
    """The report after the crisis: HTML, or its data where JSON is preferred."""
    file = desk.casework.read(named(case_id, "case"))
    headers = app.current_event.headers
    language = preference.language(headers)
    data = report.build(file, desk.casework.store.events(file.case.id), language)
    if preference.wants_json(headers):
        return answer(data.model_dump(mode="json"), Vary="Accept, Accept-Language")
    return Response(200, "text/html; charset=utf-8", report_page.page(data, language), report_page.HEADERS)


# ── evidence ──


@app.get("/cases/<id>/evidence", responses={200: shows(shapes.EvidenceList, "The evidence, oldest first.")})
def list_evidence(case_id: CaseId) -> Response[str]:
    """List the captures and attachments of a case."""
    case = desk.casework.read(named(case_id, "case")).case
    return answer(documents.evidence_document(desk.evidence.listed(case.id)))


@app.post("/cases/<id>/evidence", responses={201: shows(shapes.EvidenceShown, "Kept under lock.")})
def attach_evidence(case_id: CaseId, body: bodies.EvidenceBody) -> Response[str]:
    """Attach a picture or file; nobody can change or delete it before its retention ends."""
    kept = desk.evidence.attach(
        named(case_id, "case"), body.name, body.media_type, body.data, body.note, app.caller.id
    )
    return answer(documents.one_evidence(kept), 201)


@app.get(
    "/cases/<id>/evidence/pack",
    responses={
        200: {
            "description": "A ZIP: the files, a manifest with their hashes, the timeline and its verification.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def download_evidence(case_id: CaseId) -> Response[str]:
    """Download all evidence of a case as one pack that anybody can verify."""
    known = named(case_id, "case")
    headers = {
        "Content-Disposition": f'attachment; filename="{known}-evidence.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    packed = Response(
        200, "application/zip", base64.b64encode(desk.reading.evidence_pack(known)).decode(), headers
    )
    packed.base64_encoded = True  # bytes as the body would be taken for a text by the check of answers
    return packed


# ── decisions ──


@app.post("/cases/<id>/triage", responses={200: shows(shapes.CaseDocument, "The case.")})
def triage(case_id: CaseId, body: bodies.TriageBody) -> Response[str]:
    """Confirm or change the classification; `case` null means no crisis and ends the case."""
    place, by = named(case_id, "case"), app.caller.id
    return answer(
        _case(desk.triage.decide(place, body.number, body.leak, body.reason, by, restart=body.restart))
    )


@app.put("/cases/<id>/response", responses={201: shows(answers.VersionWritten, "A new version.")})
def write_response(case_id: CaseId, body: bodies.ResponseBody) -> Response[str]:
    """Write a new version of the response; earlier approvals are void."""
    place = named(case_id, "case")
    image = body.image
    picture = desk.responses.picture(place, image.evidence, image.alt) if image else None
    draft = Submission(body.texts, body.kind, body.corrects, picture)
    version = desk.responses.submit(place, draft, app.caller.id)
    return answer(version.model_dump(mode="json", include=set(answers.VersionWritten.model_fields)), 201)


@app.post("/cases/<id>/answers", responses={201: shows(answers.AnswerWritten, "A new version, in review.")})
def answer_one_person(case_id: CaseId, body: bodies.AnswerBody) -> Response[str]:
    """Write an answer to the author of one message; it goes out once a second person has approved it."""
    place = named(case_id, "case")
    channel = named(body.channel, "channel") if body.channel is not None else None
    to = desk.responses.one_to_one(place, named(body.message, "message"), channel, body.to)
    draft = Submission({body.language: body.text}, "answer", answer=to)
    version = desk.responses.submit(place, draft, app.caller.id)
    shown = version.model_dump(mode="json", include=set(answers.VersionWritten.model_fields))
    audience = desk.casework.organisation.channel(to.channel).audience
    return answer(shown | {"channel": to.channel, "audience": audience}, 201)


@app.get(
    "/cases/<id>/response/<version>/preview",
    responses={200: shows(shapes.PreviewDocument, "The version on every channel × language.")},
)
def preview_response(case_id: CaseId, version: int) -> Response[str]:
    """See how a version looks on every channel, post by post; an approval covers exactly these posts."""
    found, previews = desk.responses.preview(named(case_id, "case"), version)
    whole = app.caller.has("responder", "approver", "director")
    return answer(documents.preview_document(found, previews, whole_address=whole))


@app.post("/cases/<id>/response/<version>/review", responses={200: shows(answers.Reviewed, "The version.")})
def review_response(case_id: CaseId, version: int, body: bodies.ReviewBody) -> Response[str]:
    """Approve or reject exactly the version whose hash is named; nobody approves a text of their own."""
    reviewed = desk.responses.review(
        named(case_id, "case"),
        version,
        body.decision == "approve",
        body.content_hash,
        body.comment,
        app.caller.id,
        director=app.caller.has("director"),
    )
    return answer(documents.version_document(reviewed))


@app.post(
    "/cases/<id>/no-response",
    responses={
        202: shows(answers.NoResponseAnswer, "Proposed."),
        200: shows(answers.NoResponseAnswer, "Confirmed."),
    },
)
def decide_no_response(case_id: CaseId, body: bodies.NoResponseBody) -> Response[str]:
    """Propose not to respond (responder), or confirm it (approver, director)."""
    confirmed, file = desk.responses.no_response(
        named(case_id, "case"),
        body.reason,
        body.reopen_if,
        app.caller.id,
        may_propose=app.caller.has("responder"),
        may_confirm=app.caller.has("approver", "director"),
    )
    return answer(answers.no_response(file.case, confirmed), 200 if confirmed else 202)


@app.post("/cases/<id>/duties/<duty>", responses={200: shows(shapes.DutyShown, "The duty.")})
def close_duty(case_id: CaseId, duty: str, body: bodies.DutyBody) -> Response[str]:
    """Say that a duty is done, with its evidence, or waived, with a note."""
    closed = desk.ending.close_duty(
        named(case_id, "case"), named(duty, "duty"), body.state, body.evidence, body.note, app.caller.id
    )
    return answer(documents.duty_document(closed, preference.language(app.current_event.headers)))


@app.post("/cases/<id>/deliveries/<delivery>", responses={200: shows(shapes.DeliveryShown, "The delivery.")})
def settle_delivery(case_id: CaseId, delivery: str, body: bodies.DeliveryBody) -> Response[str]:
    """Decide over a delivery that no machine can: published (with its URL), retry, or manual."""
    settled = desk.publication.settle(
        named(case_id, "case"), named(delivery, "delivery"), body.state, body.url, body.note, app.caller.id
    )
    return answer(documents.delivery_document(settled))


@app.post(
    "/cases/<id>/deliveries/<delivery>/retract",
    responses={
        202: shows(answers.RetractionAnswer, "Proposed."),
        200: shows(answers.RetractionAnswer, "Confirmed: it is being taken back. Or declined: it stays."),
    },
)
def retract_delivery(case_id: CaseId, delivery: str, body: bodies.RetractBody) -> Response[str]:
    """Propose to take a publication back (responder), or confirm or decline it (another person: approver, director)."""
    confirmed, decided = desk.publication.retract(
        named(case_id, "case"),
        named(delivery, "delivery"),
        body.reason,
        app.caller.id,
        may_propose=app.caller.has("responder"),
        may_confirm=app.caller.has("approver", "director"),
        decision=body.decision,
    )
    proposed = body.decision == "confirm" and not confirmed
    return answer(documents.delivery_document(decided), 202 if proposed else 200)


@app.post("/cases/<id>/close", responses={200: shows(shapes.CaseDocument, "The case.")})
def close_case(case_id: CaseId, body: bodies.CloseBody) -> Response[str]:
    """Close a case that owes nothing more; 409 lists in `owed` what it still owes."""
    measures = [Measure(**measure.model_dump()) for measure in body.measures]
    return answer(
        _case(
            desk.ending.close(named(case_id, "case"), body.root_cause, body.lessons, measures, app.caller.id)
        )
    )


# ── the freeze ──


@app.get("/freeze", responses={200: shows(shapes.FreezeDocument, "The state of the freeze.")})
def read_freeze() -> Response[str]:
    """The state of the communication freeze."""
    return answer(desk.freezer.document())


@app.post("/freeze", responses={202: shows(shapes.FreezeDocument, "Raised: no new sending starts.")})
def raise_freeze(body: bodies.FreezeBody) -> Response[str]:
    """Freeze all communication now."""
    case_id = named(body.case_id, "case") if body.case_id else None
    return answer(desk.freezer.raise_freeze(case_id, body.reason, app.caller.id), 202)


@app.post(
    "/freeze/release",
    responses={
        202: shows(answers.ReleaseAnswer, "The first director's yes."),
        200: shows(answers.ReleaseAnswer, "Released by two."),
    },
)
def release_freeze(body: bodies.ReleaseBody) -> Response[str]:
    """Release a stage of the freeze; two different directors are needed."""
    case_id = named(body.case_id, "case") if body.case_id else None
    complete, freeze = desk.freezer.release(body.scope, body.reason, app.caller.id, case_id=case_id)
    return answer(freeze | {"complete": complete}, 200 if complete else 202)


@app.post("/freeze/checklist/<channel>", responses={200: shows(shapes.FreezeDocument, "Noted.")})
def close_checklist(channel: str, body: bodies.ProofBody) -> Response[str]:
    """Attach the proof that a channel was stopped by hand."""
    return answer(desk.freezer.close_checklist(named(channel, "channel"), body.proof, app.caller.id))


@app.post("/freeze/suspicions/<case_id>", responses={202: shows(answers.SuspicionAnswer, "Decided.")})
def decide_suspicion(case_id: str, body: bodies.SuspicionBody) -> Response[str]:
    """Decide over a suspected leak: freeze, or not."""
    suspected = named(case_id, "case")
    return answer(desk.freezer.decide_suspicion(suspected, body.freeze, body.reason, app.caller.id), 202)


# ── without a token ──


@app.post(
    "/webhooks/<source>", responses={202: shows(listening.Heard, "Taken in; again under its id: the same.")}
)
def receive_webhook(source: str) -> Response[str]:
    """What a listening tool sends: signed, and mapped to incident reports by the organisation's file."""
    event = app.current_event
    text = event.raw_event.get("body") or ""
    return answer(listening.take_in(desk, secrets, named(source, "source"), event.headers, text), 202)


@app.get("/health", responses={200: shows(answers.Health, "Alive.")})
def health() -> Response[str]:
    """Liveness."""
    return answer({"status": "ok"})


@cache
def _openapi() -> str:
    return openapi.document(app)


@app.get("/openapi.json", responses={200: {"description": "This document.", "content": {wire.JSON: {}}}})
def describe() -> Response[str]:
    """The OpenAPI 3.1 document of all of this."""
    return Response(200, wire.JSON, _openapi(), {"Cache-Control": "public, max-age=300"})


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An API Gateway HTTP API event (payload 2.0) -> its answer. The log's correlation id is the case, where there is one."""
    parameters = event.get("pathParameters") or {}
    case_id = parameters.get("id") or parameters.get("case_id")
    logger.append_keys(correlation_id=case_id, request_id=getattr(context, "aws_request_id", None))
    try:
        return app.resolve(wire.plain(event), context)
    finally:
        logger.remove_keys(["correlation_id", "request_id"])
        flush_metrics()
