"""From what the store keeps to the documents of the interface: case, summaries, timeline."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sangfroid import timeline
from sangfroid.casefile import CaseFile
from sangfroid.evidence.keeping import Evidence
from sangfroid.http import desk_words
from sangfroid.http.preference import Language
from sangfroid.http.shapes import (
    CaseDocument,
    ClockShown,
    DeliveryShown,
    DutyShown,
    EvidenceShown,
    MessageShown,
    PostShown,
    PreviewDocument,
    RenderingShown,
    ResponseShown,
    SummaryShown,
)
from sangfroid.model import Case, Delivery, Duty, Event, Message, OneToOne, ResponseVersion
from sangfroid.outbound.previews import Preview

LARGEST = 4_500_000
"""Bytes of JSON that an answer may have: a Lambda answers at most 6 MB, escapes included."""


def duty_document(duty: Duty, language: Language) -> dict[str, Any]:
    """One duty, its title in the reader's language."""
    return _duty(duty, language).model_dump(mode="json")


def _duty(duty: Duty, language: Language) -> DutyShown:
    said = {
        "title": duty.title.get(language) or duty.title.get("en") or duty.id,
        "evidence": desk_words.evidence(duty.evidence, duty.by, language),
        "note": desk_words.note(duty.note, language),
    }
    return DutyShown.model_validate(duty.model_dump() | said)


def version_document(version: ResponseVersion) -> dict[str, Any]:
    """One response version."""
    return response_shown(version).model_dump(mode="json")


def response_shown(version: ResponseVersion) -> ResponseShown:
    """One response version, with its image under the name of the interface."""
    plain = version.model_dump(exclude={"picture", "answer"})
    picture = version.picture.model_dump() if version.picture else None
    return ResponseShown.model_validate(plain | {"image": picture, "answer": shortened(version.answer)})


def shortened(answer: OneToOne | None) -> OneToOne | None:
    """To whom an answer goes, without a whole e-mail address: the case and its report are read and passed on by many."""
    if answer is None or answer.recipient is None:
        return answer
    name, _, domain = answer.recipient.rpartition("@")
    return answer.model_copy(update={"recipient": f"{name[:1]}…@{domain}"})


def preview_document(
    version: ResponseVersion, previews: Iterable[Preview], *, whole_address: bool
) -> dict[str, Any]:
    """A version as it would look now on every channel, and to whom it goes."""
    shown = [
        RenderingShown(
            channel=preview.channel.id,
            audience=preview.channel.audience,
            language=preview.language,
            required=preview.channel.required,
            posts=[
                PostShown(text=text, length=length)
                for text, length in zip(preview.rendering.parts, preview.rendering.lengths, strict=True)
            ],
            limit=preview.limits.max_characters if preview.limits else None,
            limit_known=preview.limits is not None,
            unit=preview.limits.unit if preview.limits else "characters",
            fits=preview.rendering.fits,
            as_submitted=not version.renderings or version.renderings.get(preview.place) == preview.digest,
            image=preview.picture is not None,
            correction=preview.correction,
            corrects_url=preview.target.url if preview.target else None,
            findings=preview.findings(),
        )
        for preview in previews
    ]
    document = PreviewDocument(
        version=version.version,
        content_hash=version.content_hash,
        kind=version.kind,
        corrects=version.corrects,
        answer=version.answer if whole_address else shortened(version.answer),
        renderings=shown,
    )
    return document.model_dump(mode="json")


def delivery_document(delivery: Delivery, language: Language = "en") -> dict[str, Any]:
    """One delivery of a response version, what became of it in the reader's language."""
    return delivery_shown(delivery, language).model_dump(mode="json")


def delivery_shown(delivery: Delivery, language: Language) -> DeliveryShown:
    """As `delivery_document`."""
    shown = DeliveryShown.model_validate(delivery)
    shown.reason = desk_words.of_delivery(shown.reason, language)
    return shown


def one_evidence(entry: Evidence) -> dict[str, Any]:
    """One piece of evidence."""
    return EvidenceShown.model_validate(entry).model_dump(mode="json")


def evidence_document(entries: Iterable[Evidence]) -> dict[str, Any]:
    """The evidence of a case."""
    return {"evidence": [one_evidence(entry) for entry in entries]}


@dataclass(frozen=True)
class Pages:
    """One page of each list of a case that can grow, and the cursor of the page that follows it."""

    messages: Iterable[Message]
    deliveries: Iterable[Delivery]
    responses: Iterable[ResponseVersion]
    messages_next: str | None = None
    deliveries_next: str | None = None
    responses_next: str | None = None


def case_document(file: CaseFile, pages: Pages, language: Language = "en") -> dict[str, Any]:
    """The case document of the contract; tokens of waiting procedures are never in it."""
    case = file.case
    shown = CaseDocument(
        duties=[_duty(duty, language) for duty in case.duties],
        clocks=[ClockShown.model_validate(clock) for clock in case.clocks],
        responses=[response_shown(version) for version in pages.responses],
        responses_next=pages.responses_next,
        deliveries=[delivery_shown(delivery, language) for delivery in pages.deliveries],
        deliveries_next=pages.deliveries_next,
        messages=[MessageShown.model_validate(message) for message in pages.messages],
        messages_next=pages.messages_next,
        triage=case.triage_detail,
        trace=case.trace.model_dump(mode="json") if case.trace is not None else None,
        proposed_origin=(
            case.proposed_origin.model_dump(mode="json") if case.proposed_origin is not None else None
        ),
        links={name: other for name, other in case.links.model_dump().items() if other},
        no_response=case.no_response,
        closing=case.closing,
        **case.model_dump(include=_PLAIN),
    )
    document = shown.model_dump(mode="json")
    document["why"] = desk_words.why(document["why"], language)
    _shorten(document)
    return document


_OWN = {
    "trace",
    "proposed_origin",
    "links",
    "clocks",
    "duties",
    "responses",
    "deliveries",
    "messages",
    "messages_next",
    "responses_next",
    "deliveries_next",
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


def timeline_document(case: Case, events: Iterable[Event], after: int = 0) -> dict[str, Any]:
    """The events of a case later than seq `after`, as many as an answer can carry."""
    head = {"seq": case.timeline_seq, "hash": case.timeline_hash}
    shown: list[dict[str, Any]] = []
    room = LARGEST
    for event in events if after < case.timeline_seq else ():
        # What was added after the case was read is left to the next call, so that the head fits.
        if not after < event.seq <= case.timeline_seq:
            continue
        document = timeline.shown(event)
        room -= size(document)
        if room < 0 and shown:
            return {"events": shown, "next": shown[-1]["seq"], "head": head}
        shown.append(document)
    return {"events": shown, "next": None, "head": head}
