"""Deliveries: settled by people, and taken back."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, StringConstraints

from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, Note, Reason
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.shapes import DeliveryShown

calls = Calls()


class DeliveryBody(Body):
    """A person's decision over a delivery that no machine can take."""

    state: Literal["published", "retracted", "retry", "manual"]
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = Field(
        default=None, description="where it stands; required for published"
    )
    note: Note | None = None


class RetractBody(Body):
    """Why a publication is taken back, or why not; the same call proposes, confirms and declines."""

    reason: Reason
    decision: Literal["confirm", "decline"] = "confirm"


class RetractionAnswer(DeliveryShown):
    """The publication, with the decision to take it back as it stands."""


@calls.post(
    "/cases/<id>/deliveries/<delivery>", responses={200: shows(shapes.DeliveryShown, "The delivery.")}
)
def settle_delivery(case_id: CaseId, delivery: str, body: DeliveryBody) -> Response[str]:
    """Decide over a delivery that no machine can: published (with its URL), retry, or manual."""
    settled = calls.desk.publication.settle(
        named(case_id, "case"), named(delivery, "delivery"), body.state, body.url, body.note, calls.caller.id
    )
    return answer(documents.delivery_document(settled, calls.language))


@calls.post(
    "/cases/<id>/deliveries/<delivery>/retract",
    responses={
        202: shows(RetractionAnswer, "Proposed."),
        200: shows(RetractionAnswer, "Confirmed: it is being taken back. Or declined: it stays."),
    },
)
def retract_delivery(case_id: CaseId, delivery: str, body: RetractBody) -> Response[str]:
    """Propose to take a publication back (responder), or confirm or decline it (another person: approver, director)."""
    confirmed, decided = calls.desk.publication.retract(
        named(case_id, "case"),
        named(delivery, "delivery"),
        body.reason,
        calls.caller.id,
        may_propose=calls.caller.has("responder"),
        may_confirm=calls.caller.has("approver", "director"),
        decision=body.decision,
    )
    proposed = body.decision == "confirm" and not confirmed
    return answer(documents.delivery_document(decided, calls.language), 202 if proposed else 200)
