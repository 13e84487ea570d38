"""A case as a whole: what it is, what it owes, and its end."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, CaseType, Due, Note, Reason, Reference
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.showing import case_shown
from sangfroid.model import CaseNumber, Measure
from sangfroid.text.fields import Line, Text

calls = Calls()


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


class DutyBody(Body):
    """What became of a duty."""

    state: Literal["done", "waived"]
    evidence: Reference | None = None
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


@calls.post("/cases/<id>/triage", responses={200: shows(shapes.CaseDocument, "The case.")})
def triage(case_id: CaseId, body: TriageBody) -> Response[str]:
    """Confirm or change the classification; `case` null means no crisis and ends the case."""
    place, by = named(case_id, "case"), calls.caller.id
    return answer(
        case_shown(
            calls,
            calls.desk.triage.decide(place, body.number, body.leak, body.reason, by, restart=body.restart),
        )
    )


@calls.post("/cases/<id>/duties/<duty>", responses={200: shows(shapes.DutyShown, "The duty.")})
def close_duty(case_id: CaseId, duty: str, body: DutyBody) -> Response[str]:
    """Say that a duty is done, with its evidence, or waived, with a note."""
    closed = calls.desk.ending.close_duty(
        named(case_id, "case"), named(duty, "duty"), body.state, body.evidence, body.note, calls.caller.id
    )
    return answer(documents.duty_document(closed, calls.language))


@calls.post("/cases/<id>/close", responses={200: shows(shapes.CaseDocument, "The case.")})
def close_case(case_id: CaseId, body: CloseBody) -> Response[str]:
    """Close a case that owes nothing more; 409 lists in `owed` what it still owes."""
    measures = [Measure(**measure.model_dump()) for measure in body.measures]
    return answer(
        case_shown(
            calls,
            calls.desk.ending.close(
                named(case_id, "case"), body.root_cause, body.lessons, measures, calls.caller.id
            ),
        )
    )
