"""People: who calls, who is on duty, and who is who in the organisation."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, get_args

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from sangfroid.errors import FieldError, Invalid
from sangfroid.http.fields import Body, Moment, PersonId, Reason, Shape
from sangfroid.http.fields import moment as parsed
from sangfroid.http.preference import unchanged
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.model import CaseNumber, rfc3339
from sangfroid.playbooks import playbook
from sangfroid.roster import Gap, Shift
from sangfroid.text.fields import Line

calls = Calls()

WHY: dict[str, dict[str, str]] = {
    "override": {"fr": "échange : {detail}", "en": "exchange: {detail}"},
    "rotation": {"fr": "à son tour", "en": "in turn"},
    "replacement": {"fr": "à la place de {detail}, absent(e)", "en": "in the place of {detail}, who is away"},
    "standing": {"fr": "toujours", "en": "always"},
    "unplanned": {
        "fr": "non prévu : appelé(e) faute d'autre",
        "en": "not planned: called for want of others",
    },
}


class SessionShown(Shape):
    """Until when the token is valid."""

    expires_at: str | None


class MeAnswer(Shape):
    """The caller. A subject whom the organisation does not know has the roles of its token and no duties."""

    id: str
    name: str
    language: Literal["fr", "en"]
    time_zone: str
    access: list[str]
    duties: list[str]
    on_call: bool = Field(
        description="Whether the caller is first, now, for a role that people take in turns."
    )
    session: SessionShown


class ShiftShown(Shape):
    """One person is first for a role; `why` is for people, in their language."""

    role: str
    person: str
    from_: str = Field(alias="from")
    to: str
    why: str


class GapShown(Shape):
    """Nobody who was planned is there; `instead` would be called, if anybody."""

    role: str
    from_: str = Field(alias="from")
    to: str
    instead: str | None


class OnCallAnswer(Shape):
    """Who is on duty between two moments, in the order of roles and time."""

    shifts: list[ShiftShown]
    gaps: list[GapShown]


class OverrideBody(Body):
    """One person takes a role for a while."""

    role: Annotated[str, Line(100)]
    person: PersonId
    from_: Moment = Field(alias="from")
    to: Moment
    reason: Reason


class OverrideAnswer(Shape):
    """The exchange as it stands."""

    role: str
    person: str
    from_: str = Field(alias="from")
    to: str
    reason: str
    by: str
    made_at: str


class OrganisationAnswer(Shape):
    """Who is who and what there is, for names in the place of ids; telephone numbers for people of the organisation alone."""

    name: str
    brands: list[dict[str, Any]]
    people: list[dict[str, Any]]
    cell: dict[str, list[str]]
    channels: list[dict[str, Any]]
    playbooks: list[dict[str, Any]]
    room: dict[str, str | None]
    gaps: list[GapShown] = Field(
        description="hours of the next 90 days without anybody who was planned: a warning"
    )


@calls.get("/me", responses={200: shows(MeAnswer, "The caller.")})
def read_me() -> Response[str]:
    """Who you are: name, language, zone, roles, duties, and whether you are on call."""
    caller, organisation, now = calls.caller, calls.desk.people.organisation, calls.desk.people.now()
    person, roster = organisation.person(caller.id), calls.desk.people.roster()
    turns = [rotation.role for rotation in organisation.rotations] or ["on_call"]
    first = (roster.first(role, now) for role in turns)
    return answer(
        {
            "id": caller.id,
            "name": person.name if person else caller.id,
            "language": person.language if person else calls.language,
            "time_zone": (person.time_zone if person else None) or organisation.time_zone,
            "access": sorted(caller.roles),
            "duties": organisation.duties_of(caller.id),
            "on_call": person is not None and any(one is not None and one.id == person.id for one in first),
            "session": {"expires_at": rfc3339(caller.expires_at) if caller.expires_at else None},
        }
    )


@calls.get("/on-call", responses={200: shows(OnCallAnswer, "Who is on duty.")})
def read_on_call(
    start: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    to: Annotated[str | None, Query(max_length=40)] = None,
) -> Response[str]:
    """Who is on duty between two moments (the next seven days), and when nobody planned is there."""
    begin, end = (_moment(value, name) for value, name in ((start, "from"), (to, "to")))
    shifts, gaps = calls.desk.people.shifts(begin, end)
    return answer({"shifts": [_shift(one) for one in shifts], "gaps": [_gap(one) for one in gaps]})


def _moment(value: str | None, name: str) -> Any:
    try:
        # A plus sign that was not escaped arrives as a blank.
        return parsed(value.replace(" ", "+")) if value else None
    except ValueError as error:
        raise Invalid(f"`{name}` {error}.", errors=[FieldError(f"/{name}", str(error))]) from None


def _shift(one: Shift) -> dict[str, Any]:
    why = WHY[one.why][calls.language].format(detail=one.detail)
    if one.why == "rotation" and one.detail:
        why = f"{why} ({one.detail})"
    return {
        "role": one.role, "person": one.person, "from": rfc3339(one.start), "to": rfc3339(one.end), "why": why,
    }  # fmt: skip


def _gap(one: Gap) -> dict[str, Any]:
    return {"role": one.role, "from": rfc3339(one.start), "to": rfc3339(one.end), "instead": one.instead}


@calls.post("/on-call/overrides", responses={201: shows(OverrideAnswer, "It stands at once.")})
def exchange(body: OverrideBody) -> Response[str]:
    """Have somebody take a role for a while, whatever the rotation says; the newest exchange counts."""
    made = calls.desk.people.exchange(
        body.role, body.person, body.from_, body.to, body.reason, calls.caller.id
    )
    return answer(
        {
            "role": made.role,
            "person": made.person,
            "from": rfc3339(made.start),
            "to": rfc3339(made.to),
            "reason": made.reason,
            "by": made.by,
            "made_at": rfc3339(made.made_at),
        },
        201,
    )


@calls.get(
    "/organisation",
    responses={
        200: shows(OrganisationAnswer, "The organisation; its `ETag` changes with it."),
        304: {"description": "Nothing has changed since the answer with this `If-None-Match`."},
    },
    compress=True,
)
def read_organisation() -> Response[str]:
    """Who is who: people, crisis cell, brands, channels and playbooks."""
    organisation, now = calls.desk.people.organisation, calls.desk.people.now()
    roster = calls.desk.people.roster()
    known = organisation.person(calls.caller.id) is not None
    document = {
        "name": organisation.name,
        "brands": [{"name": one.name, "languages": one.languages} for one in organisation.brands],
        "people": [
            {
                "id": one.id,
                "name": one.name,
                "language": one.language,
                "time_zone": one.time_zone or organisation.time_zone,
                "access": one.access,
                "duties": organisation.duties_of(one.id),
                "phone": one.phone if known else None,
                "away": not roster.present(one.id, now),
                "left": roster.has_left(one.id, now),
            }
            for one in organisation.people
        ],
        "cell": organisation.cell,
        "channels": [
            {
                "id": one.id,
                "type": one.type,
                "audience": one.audience,
                "languages": one.languages,
                "required": one.required,
                "statement_during_freeze": one.statement_during_freeze,
                **_limits(one.id),
            }
            for one in organisation.channels
        ],
        "playbooks": [
            _playbook(case, organisation.thresholds.approvals.get(case)) for case in get_args(CaseNumber)
        ],
        "room": {"phone": organisation.crisis_phone if known else None},
        "gaps": [_gap(one) for one in calls.desk.people.gaps_ahead()],
    }
    tag = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]
    headers = {"ETag": f'W/"{tag}"', "Vary": "Authorization, Accept-Encoding"}
    if unchanged(calls.current_event.headers, tag):
        return Response(304, None, "", {"Cache-Control": "no-store"} | headers)
    return answer(document, 200, **headers)


def _limits(channel: str) -> dict[str, Any]:
    """How long a text may be there, and what is counted; null where there is no limit or only the platform knows it."""
    limits = calls.desk.responses.limits(channel)
    return {"limit": limits.max_characters if limits else None, "unit": limits.unit if limits else None}


def _playbook(case: CaseNumber, approvals: int | None) -> dict[str, Any]:
    plan = playbook(case)
    return {
        "case": case,
        "title": plan.title,
        "approvals_needed": approvals or plan.approvals_needed,
        "duties": [
            {
                "id": row.id, "title": row.title, "role": row.role, "due": row.due,
                "evidence_required": row.evidence_required, "waivable": row.waivable,
            }
            for row in plan.duties
        ],
    }  # fmt: skip
