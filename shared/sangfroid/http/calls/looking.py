"""Looking: at a page before it is reported, and for words over all cases; what closed cases leave to learn from."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from sangfroid.http import cursors, documents, shapes
from sangfroid.http.fields import Body, Cursor, Shape
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import Instant, rfc3339
from sangfroid.text.fields import WebAddress
from sangfroid.triage.report import Platform

calls = Calls()


class LookBody(Body):
    """The address of a page."""

    url: Annotated[str, WebAddress()]


class AuthorShown(Shape):
    """Who wrote it, as the page says."""

    handle: str


class LookAnswer(Shape):
    """What the page says, for a person to correct."""

    url: str
    text: str
    author: AuthorShown
    platform: Platform
    language: str | None
    published_at: Instant | None
    found: list[str] = Field(description="fields of which the page is sure; the others are guesses")


class FoundMessage(Shape):
    """A message in which the words stand."""

    case_id: str
    id: str
    excerpt: str
    published_at: Instant
    platform: str


class SearchAnswer(Shape):
    """What was found so far, newest case first; `next` goes on where this search stopped, found or not."""

    cases: list[shapes.SummaryShown]
    messages: list[FoundMessage]
    next: str | None


class MeasureShown(Shape):
    """A measure against a repeat."""

    case_id: str
    title: str | None
    text: str
    owner: str
    due: str
    state: str


class LessonShown(Shape):
    """What was learnt from a case."""

    case_id: str
    title: str | None
    text: str
    root_cause: str
    at: Instant


class AfterAnswer(Shape):
    """What a page of closed cases leaves: measures, the next due first, and lessons, the newest first."""

    measures: list[MeasureShown]
    lessons: list[LessonShown]
    trends: dict[str, Any] = Field(
        description="of these cases: how many by case type, and how many kept each clock"
    )
    next: str | None


@calls.post("/reports/look", responses={200: shows(LookAnswer, "The page; nothing was kept.")})
def look_at_page(body: LookBody) -> Response[str]:
    """Look at a page before it is reported; never during a freeze, for its host would see that we know."""
    found = calls.looking.look(body.url)
    shown = LookAnswer(
        url=found.url,
        text=found.text,
        author=AuthorShown(handle=found.handle),
        platform=found.platform,
        language=None,
        published_at=found.published_at,
        found=found.sure,
    )
    return answer(shown.model_dump(mode="json"))


@calls.get("/search", responses={200: shows(SearchAnswer, "What was found.")})
def search(
    q: Annotated[str, Query(min_length=2, max_length=200)],
    cursor: Cursor = None,
) -> Response[str]:
    """Search cases and messages for words, whatever their case and accents; a bounded number of cases at a time."""
    after = cursors.read("search", q, cursor) if cursor else None
    found = calls.desk.reading.search(q, after)
    return answer(
        {
            "cases": [documents.summary(case) for case in found.cases],
            "messages": [
                {
                    "case_id": message.case_id,
                    "id": message.id,
                    "excerpt": excerpt,
                    "published_at": rfc3339(message.published_at),
                    "platform": message.platform,
                }
                for message, excerpt in found.messages
            ],
            "next": cursors.write("search", q, found.after) if found.after else None,
        }
    )


@calls.get("/after", responses={200: shows(AfterAnswer, "Measures and lessons.")})
def read_after(cursor: Cursor = None) -> Response[str]:
    """What closed cases leave: measures with owner and date, lessons, and how the clocks were kept."""
    after = cursors.read("cases", "closed", cursor) if cursor else None
    cases, place = calls.desk.reading.cases("closed", 50, after)
    ended = [case for case in cases if case.closing is not None]
    measures = [
        {
            "case_id": case.id,
            "title": case.title,
            "state": "open",
            **one.model_dump(include={"text", "owner", "due"}),
        }
        for case in ended
        if case.closing is not None
        for one in case.closing.measures
    ]
    lessons = [
        {
            "case_id": case.id, "title": case.title, "text": case.closing.lessons, "root_cause": case.closing.root_cause,
            "at": rfc3339(case.closing.at),
        }
        for case in ended
        if case.closing is not None
    ]  # fmt: skip
    kinds: dict[str, int] = {}
    clocks: dict[str, dict[str, int]] = {}
    for case in ended:
        kinds[str(case.case)] = kinds.get(str(case.case), 0) + 1
        for clock in case.clocks:
            states = clocks.setdefault(clock.id, {})
            states[clock.state] = states.get(clock.state, 0) + 1
    measures.sort(key=lambda one: (str(one["due"]), str(one["case_id"])))
    lessons.sort(key=lambda one: str(one["at"]), reverse=True)
    following = cursors.write("cases", "closed", place) if place else None
    return answer(
        {
            "measures": measures,
            "lessons": lessons,
            "trends": {"cases": len(ended), "by_case": kinds, "clocks": clocks},
            "next": following,
        }
    )
