"""Reading: the cases, one case, its timeline and its report."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from sangfroid.acts.subjects import first_message
from sangfroid.http import cursors, documents, preference, report, report_page, shapes, wire
from sangfroid.http.fields import CaseId, Cursor, StatusFilter
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.http.showing import Asked, case_shown

calls = Calls()


@calls.get("/cases", responses={200: shows(shapes.CasesPage, "A page of cases, newest first.")})
def list_cases(
    status: Annotated[StatusFilter, Query()] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response[str]:
    """List cases."""
    after = cursors.read("cases", status, cursor) if cursor else None
    cases, place = calls.desk.reading.cases(status or None, limit, after)
    following = cursors.write("cases", status, place) if place else None
    return answer({"cases": [documents.summary(case) for case in cases], "next": following})


@calls.get("/cases/<id>", responses={200: shows(shapes.CaseDocument, "The case.")})
def read_case(
    case_id: CaseId, messages: Cursor = None, deliveries: Cursor = None, responses: Cursor = None
) -> Response[str]:
    """Read a case; `messages`, `deliveries` and `responses` are cursors of further pages of these lists."""
    file = calls.desk.reading.case(named(case_id, "case"))
    return answer(case_shown(calls, file, Asked(messages, deliveries, responses)))


@calls.get("/cases/<id>/timeline", responses={200: shows(shapes.TimelineDocument, "The timeline, in order.")})
def read_timeline(case_id: CaseId, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Response[str]:
    """Read the hash-chained timeline of a case, from seq `after` on."""
    case = calls.desk.reading.head(named(case_id, "case"))
    return answer(documents.timeline_document(case, calls.desk.reading.events_from(case.id, after), after))


@calls.get(
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
    file = calls.desk.reading.case(named(case_id, "case"))
    headers = calls.current_event.headers
    language = preference.language(headers)
    organisation = calls.desk.casework.organisation
    data = report.build(
        file,
        calls.desk.reading.events(file.case.id),
        language,
        organisation.name_of,
        organisation.time_zone,
        first_message(calls.desk.casework, file),
    )
    if preference.wants_json(headers):
        return answer(data.model_dump(mode="json"), Vary="Accept, Accept-Language")
    page = report_page.page(data, language, organisation.name_of, organisation.time_zone)
    return Response(200, "text/html; charset=utf-8", page, report_page.HEADERS)
