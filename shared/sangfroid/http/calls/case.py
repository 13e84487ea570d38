"""A case as a whole: what it is, what it owes, and its end."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from sangfroid.http import documents, shapes
from sangfroid.http.fields import Body, CaseId, CaseType, Due, LanguageTag, Note, Reason, Reference
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.showing import case_shown
from sangfroid.model import CaseNumber, DutyFinding, Measure, PlannedAction, Posture
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


class FindingBody(Body):
    """What a person found or did, field by field; which ones a duty asks for, its refusal names."""

    who: Annotated[str, Line(300)] | None = None
    where: Annotated[str, Line(300)] | None = None
    when: Annotated[str, Line(300)] | None = None
    what: Annotated[str, Text(2_000)] | None = None
    address: Annotated[str, Line(2_000)] | None = None


class DutyBody(Body):
    """What became of a duty: done, by words of evidence or a finding, or waived, with a note."""

    state: Literal["done", "waived"]
    evidence: Reference | None = None
    finding: FindingBody | None = None
    note: Note | None = None


class MeasureBody(Body):
    """One measure against a repeat."""

    text: Annotated[str, Text(500)]
    owner: Annotated[str, Line(100)]
    due: Due


class OrderBody(Body):
    """Whether the community of a listed company hears first, or everybody at once."""

    first: bool
    reason: Reason


class ActionBody(Body):
    """One action of the plan, the person responsible for it, and the duty that it serves."""

    text: Annotated[str, Text(500)]
    person: Annotated[str, Line(100)]
    duty: Annotated[str, Line(40)] | None = None


class PlanBody(Body):
    """A change of the plan, with a note that says why; what is left out stays as it is."""

    note: Reason
    objectives: dict[LanguageTag, Annotated[str, Text(1_000)]] | None = Field(default=None, max_length=10)
    strategy: dict[LanguageTag, Annotated[str, Text(1_000)]] | None = Field(default=None, max_length=10)
    posture: Posture | None = Field(
        default=None, description="deny and attack are refused in cases 2 and 3, where the fault is ours"
    )
    actions: list[ActionBody] | None = Field(default=None, max_length=40)


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
    """Say that a duty is done, with its evidence or finding, or waived, with a note.

    What a delivery or a published text shows closes by itself and is never ticked: 409.
    """
    closed = calls.desk.ending.close_duty(
        named(case_id, "case"),
        named(duty, "duty"),
        body.state,
        body.evidence,
        body.note,
        calls.caller.id,
        DutyFinding(**body.finding.model_dump()) if body.finding else None,
    )
    return answer(documents.duty_document(closed, calls.language))


@calls.post("/cases/<id>/measures", responses={201: shows(shapes.CaseDocument, "The case.")})
def record_measure(case_id: CaseId, body: MeasureBody) -> Response[str]:
    """Record a measure against a repeat; the closing announcement names each of them before the case closes."""
    file = calls.desk.ending.record_measure(
        named(case_id, "case"), Measure(**body.model_dump()), calls.caller.id
    )
    return answer(case_shown(calls, file), 201)


@calls.put("/cases/<id>/plan", responses={200: shows(shapes.CaseDocument, "The case.")})
def change_plan(case_id: CaseId, body: PlanBody) -> Response[str]:
    """Change the plan of a case: objectives, strategy, posture, who does what; with a note that says why."""
    actions = body.actions
    file = calls.desk.planning.change(
        named(case_id, "case"),
        body.note,
        calls.caller.id,
        objectives=body.objectives,
        strategy=body.strategy,
        posture=body.posture,
        actions=[PlannedAction(**one.model_dump()) for one in actions] if actions is not None else None,
    )
    return answer(case_shown(calls, file))


@calls.post("/cases/<id>/community-first", responses={200: shows(shapes.CaseDocument, "The case.")})
def decide_order(case_id: CaseId, body: OrderBody) -> Response[str]:
    """For a listed organisation: whether the community may hear it first, or everybody at once (MAR 17)."""
    return answer(
        case_shown(
            calls,
            calls.desk.publication.decide_order(
                named(case_id, "case"), body.first, body.reason, calls.caller.id
            ),
        )
    )


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
