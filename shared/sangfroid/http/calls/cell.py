"""Handing on: a role of the crisis cell, a duty, a review whose reviewer is away."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, Note, PersonId, Reason, Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls

calls = Calls()


class HandOverBody(Body):
    """Who takes it, and what they should know."""

    to: PersonId
    note: Note = ""


class SubstituteBody(Body):
    """Who is away, and who is asked instead."""

    absent: PersonId
    to: PersonId
    reason: Reason


class CellAnswer(Shape):
    """Who holds each role of the cell in this case."""

    cell: dict[str, str]


@calls.post("/cases/<id>/duties/<duty>/owner", responses={200: shows(shapes.DutyShown, "The duty.")})
def hand_on_duty(case_id: CaseId, duty: str, body: HandOverBody) -> Response[str]:
    """Hand a duty on to somebody who is there."""
    place, row = named(case_id, "case"), named(duty, "duty")
    handed = calls.desk.cell.hand_on(place, row, body.to, body.note, calls.caller.id)
    return answer(documents.duty_document(handed, calls.language))


@calls.post("/cases/<id>/cell/<role>", responses={200: shows(CellAnswer, "Who holds what.")})
def hand_over_role(case_id: CaseId, role: str, body: HandOverBody) -> Response[str]:
    """Hand a role of the crisis cell over, for this case; it has exactly one pilot, who does not approve."""
    place, which = named(case_id, "case"), named(role, "role")
    return answer({"cell": calls.desk.cell.hand_over(place, which, body.to, body.note, calls.caller.id)})


@calls.post(
    "/cases/<id>/response/<version>/reviewers", responses={200: shows(shapes.ResponseShown, "The version.")}
)
def substitute_reviewer(
    case_id: CaseId, version: Annotated[int, Path(ge=1, le=10**6)], body: SubstituteBody
) -> Response[str]:
    """Ask somebody else for a yes, in the place of a reviewer who is away."""
    place, by = named(case_id, "case"), calls.caller.id
    changed = calls.desk.cell.substitute(place, version, body.absent, body.to, body.reason, by)
    return answer(documents.version_document(changed))
