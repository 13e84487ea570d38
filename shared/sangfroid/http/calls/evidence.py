"""Evidence: listed, attached, handed on."""

import base64
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, StringConstraints

from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, Note
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.text.fields import Line

calls = Calls()


class EvidenceBody(Body):
    """A picture or file that a person has; `data` is its base64, at most 250,000 characters of it."""

    name: Annotated[str, Line(200)]
    media_type: Annotated[str, Line(100)] = Field(description="image/png, image/jpeg, application/pdf, …")
    data: Annotated[str, StringConstraints(min_length=1, max_length=250_000)]
    note: Note = ""


@calls.get("/cases/<id>/evidence", responses={200: shows(shapes.EvidenceList, "The evidence, oldest first.")})
def list_evidence(case_id: CaseId) -> Response[str]:
    """List the captures and attachments of a case."""
    case = calls.desk.reading.case(named(case_id, "case")).case
    return answer(documents.evidence_document(calls.desk.evidence.listed(case.id)))


@calls.post("/cases/<id>/evidence", responses={201: shows(shapes.EvidenceShown, "Kept under lock.")})
def attach_evidence(case_id: CaseId, body: EvidenceBody) -> Response[str]:
    """Attach a picture or file; nobody can change or delete it before its retention ends."""
    kept = calls.desk.evidence.attach(
        named(case_id, "case"), body.name, body.media_type, body.data, body.note, calls.caller.id
    )
    return answer(documents.one_evidence(kept), 201)


INLINE = ("image/png", "image/jpeg")
"""What a browser may show in place: pictures that hold nothing to run."""


@calls.get(
    "/cases/<id>/evidence/<evidence>/<number>",
    responses={
        200: {
            "description": "The file as it was kept. Pictures are shown in place; everything else is for saving.",
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in (*INLINE, "application/octet-stream")
            },
        }
    },
)
def read_evidence_file(case_id: CaseId, evidence: str, number: int) -> Response[str]:
    """Read one file of a piece of evidence; `number` counts its files from 0."""
    kept, data = calls.desk.evidence.file(named(case_id, "case"), named(evidence, "evidence"), number)
    inline = kept.media_type in INLINE
    headers = {
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{kept.name}"',
        # A captured page must not run, whatever opens it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    media_type = kept.media_type if inline else "application/octet-stream"
    sent = Response(200, media_type, base64.b64encode(data).decode(), headers)
    sent.base64_encoded = True  # bytes as the body would be taken for a text by the check of answers
    return sent


@calls.get(
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
        200, "application/zip", base64.b64encode(calls.desk.reading.evidence_pack(known)).decode(), headers
    )
    packed.base64_encoded = True  # bytes as the body would be taken for a text by the check of answers
    return packed
