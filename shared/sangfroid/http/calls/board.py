"""The desk: what waits for the caller over all cases, and saying that one has seen it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from sangfroid.acts.board import Reader
from sangfroid.cases.waiting import Kind, Step
from sangfroid.http import cursors, shapes
from sangfroid.http.fields import Cursor, Shape
from sangfroid.http.paths import named
from sangfroid.http.preference import unchanged
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import Instant, rfc3339

calls = Calls()


class AcknowledgedShown(Shape):
    """Who has seen it; until then nobody else is called for it."""

    by: str
    at: Instant
    until: Instant


class WaitingShown(Shape):
    """One thing that waits for the caller. `what` holds ids and few words, whatever the kind needs."""

    id: str = Field(description="stable while it waits")
    kind: Kind
    case_id: str | None
    brand: str | None
    title: str | None = Field(description="of the case")
    due_at: Instant | None
    since: Instant
    link: str = Field(description="a place of the console")
    what: dict[str, Any]
    acknowledged: AcknowledgedShown | None
    next_person: str | None = Field(description="who is called where nobody acts")
    next_at: Instant | None


class OpenCaseShown(shapes.SummaryShown):
    """A case that is not closed."""

    step: Step
    waits_for: list[str] = Field(description="people whose yes or work is missing")
    restricted: bool


class StageShown(Shape):
    """One director's yes to a stage of the release."""

    scope: str
    by: str
    at: Instant
    case_id: str | None
    version: int | None


class DeskFreeze(Shape):
    """The freeze in short; GET /freeze has the whole."""

    state: str
    active: bool
    raised_at: Instant | None
    raised_by: str | None
    effective_at: Instant | None
    reason: str | None
    cases: list[str]
    holding: list[str]
    held_count: int
    suspended_count: int
    open_checklist: int
    releases: list[StageShown]


class OnDutyShown(Shape):
    """Who is first for a role now, and until when."""

    role: str
    person: str
    until: Instant | None


class Counts(Shape):
    """How many there are."""

    open: int


class DeskAnswer(Shape):
    """What waits for the caller, soonest first, and a page of the open cases, the next deadline first."""

    now: Instant
    waiting: list[WaitingShown]
    waiting_more: bool
    cases: list[OpenCaseShown]
    next: str | None
    freeze: DeskFreeze
    on_call: list[OnDutyShown]
    counts: Counts
    names: dict[str, str] = Field(description="id of a person whom the answer mentions -> name")


class AcknowledgeAnswer(Shape):
    """It was seen."""

    id: str
    acknowledged: AcknowledgedShown


@calls.get(
    "/desk",
    responses={
        200: shows(DeskAnswer, "The desk; its `ETag` changes when something of it may have."),
        304: {"description": "Nothing has changed since the answer with this `If-None-Match`."},
    },
    compress=True,
)
def read_desk(cursor: Cursor = None) -> Response[str]:
    """What waits for you, soonest first, with the open cases, the freeze and who is on call."""
    boards, now = calls.desk.boards, calls.desk.people.now()
    reader = _reader()
    after = cursors.read("desk", "", cursor) if cursor else None
    version = boards.version()
    tag = boards.tag(version, reader, calls.language, cursor)
    headers: dict[str, str] = {
        "ETag": f'W/"{tag}"',
        "X-Now": rfc3339(now),
        "Vary": "Authorization, Accept-Language, Accept-Encoding",
    }
    if unchanged(calls.current_event.headers, tag):
        return Response(304, None, "", {"Cache-Control": "no-store"} | headers)
    board = boards.board(version, reader, after)
    following = cursors.write("desk", "", board.after) if board.after else None
    shown = DeskAnswer.model_validate(
        {
            "now": now,
            "waiting": [_waiting(one) for one in board.waiting],
            "waiting_more": board.more_waiting,
            "cases": board.cases,
            "next": following,
            "freeze": board.freeze,
            "on_call": [_duty(one.role, one.person, one.until) for one in board.on_duty],
            "counts": {"open": board.open},
            "names": board.names,
        }
    )
    return answer(shown.model_dump(mode="json"), 200, **headers)


def _reader() -> Reader:
    caller = calls.caller
    duties = calls.desk.people.organisation.duties_of(caller.id)
    return Reader(caller.id, caller.roles, frozenset(duties))


def _waiting(one: dict[str, Any]) -> dict[str, Any]:
    what = {key: value for key, value in one["what"].items() if key != "titles"}
    titles = one["what"].get("titles")
    if titles:
        what["duty_title"] = titles.get(calls.language) or titles.get("en")
    return one | {"what": what, "link": f"/#{one['link']}"}


def _duty(role: str, person: str, until: datetime | None) -> dict[str, Any]:
    return {"role": role, "person": person, "until": until}


@calls.post(
    "/desk/<waiting>/acknowledge", responses={200: shows(AcknowledgeAnswer, "Noted, also in the timeline.")}
)
def acknowledge(waiting: str) -> Response[str]:
    """Say that you have seen what waits for you: nobody else is called for it for the organisation's time."""
    waiting_id = named(waiting, "thing that waits")
    seen = calls.desk.boards.acknowledge(waiting_id, _reader())
    shown = AcknowledgeAnswer.model_validate({"id": waiting_id, "acknowledged": seen.model_dump()})
    return answer(shown.model_dump(mode="json"))
