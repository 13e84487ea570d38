"""A page answered where it rings: by the pager's webhook, or by a key on the call (I14). The same act as in the desk.

The signature was checked before (listening/answers.py). What is said carries no content of any case, so it is the same while a
freeze holds: out of band is the way that stays. A page is answered for a day, each answer once; whoever the file does not know,
or knows no longer, changes nothing. PagerDuty switches a webhook off whose answers are refused three times, so what changes
nothing is taken all the same (https://developer.pagerduty.com/docs/webhooks-behavior).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict, Field, ValidationError

from sangfroid.acts.board import Reader
from sangfroid.desk import Desk
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.http import repeating, wire
from sangfroid.http.fields import Shape
from sangfroid.model import Role
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Source
from sangfroid.outbound.channels.twilio_voice import KEY, gather, say
from sangfroid.outbound.wording import local_time, typeset, words
from sangfroid.roster import Roster
from sangfroid.store import answerable

TWIML = "text/xml"
CALL = "POST /webhooks/{source}"
NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
QUERY = re.compile(r"page=([0-9a-f]{64})", re.ASCII)

Outcome = Literal["taken", "gone", "others", "unknown"]


class _Loose(Shape):
    model_config = ConfigDict(extra="ignore")


class _Agent(_Loose):
    id: str = Field(max_length=40)
    type: str


class _Incident(_Loose):
    incident_key: str


class _Event(_Loose):
    id: str = Field(min_length=1, max_length=200)
    event_type: Literal["incident.acknowledged"]
    agent: _Agent
    data: _Incident


class _Webhook(_Loose):
    """What is read of https://developer.pagerduty.com/docs/webhooks-overview; of every other event nothing is."""

    event: _Event


def by_pager(desk: Desk, source: Source, document: dict[str, Any]) -> bool:
    """Somebody has acknowledged an incident in PagerDuty; whether what it is about is in their hands now."""
    try:
        event = _Webhook.model_validate(document).event
    except ValidationError:
        return False
    now, organisation = desk.people.now(), desk.people.organisation
    found = _of(organisation, source, event.agent.id) if event.agent.type == "user_reference" else []
    page = _page(desk, source, event.data.incident_key, now)
    if page is None or len(found) != 1:
        return False
    return _acknowledge(desk, found[0], page, event.id, now)[0] == "taken"


def by_key(desk: Desk, source: Source, query: str, fields: Iterable[tuple[str, str]]) -> str:
    """Somebody has pressed a key on a call; TwiML that says what came of it.

    `query` and `fields` were signed. Whose key it is, is whom the page rang; the call must still be to their number.
    """
    given = dict(fields)
    now, organisation = desk.people.now(), desk.people.organisation
    asked = QUERY.fullmatch(query)
    page = _page(desk, source, asked[1], now) if asked is not None else None
    if page is None:
        return _spoken("unknown", organisation.brands[0].languages[0])
    if given.get("Digits") != KEY:
        # Pressed by mistake: it is asked once more, and whoever says nothing then has not answered.
        again = gather(
            say(str(words("call", page.language)["press"]), page.language), f"{source.url}?{query}"
        )
        return f"<Response>{again}</Response>"
    found = [one for one in _of(organisation, source, given.get("To", "")) if one.id == page.person]
    if len(found) != 1:
        return _spoken("unknown", page.language)
    outcome, until = _acknowledge(desk, found[0], page, f"{given.get('CallSid', '')} {query}", now)
    zone = found[0].time_zone or organisation.time_zone
    told = local_time(until, now, zone, page.language, bare=True) if until is not None else ""
    return _spoken(outcome, page.language, until=told)


def _of(organisation: Organisation, source: Source, address: str) -> list[Person]:
    """Everybody whom the organisation reaches under this address on the channel that the source answers for."""
    return [
        person
        for person in organisation.people
        if any(reach.channel == source.channel and reach.address == address for reach in person.reach)
    ]


def _page(desk: Desk, source: Source, name: str, now: datetime) -> answerable.Page | None:
    found = answerable.page(desk.casework.table, name, now) if NAME.fullmatch(name) else None
    return found if found is not None and found.channel == source.channel else None


def _acknowledge(
    desk: Desk, person: Person, page: answerable.Page, key: str, now: datetime
) -> tuple[Outcome, datetime | None]:
    """Note that the person has it in hand, once; the same answer again is told what came of it before."""
    organisation = desk.people.organisation
    if Roster(organisation).has_left(person.id, now):
        return "unknown", None
    roles: frozenset[Role] = frozenset(person.access)
    reader = Reader(person.id, roles, frozenset(organisation.duties_of(person.id)))

    def answered() -> Response[str]:
        seen = desk.boards.acknowledge(page.waiting, reader)
        return Response(200, wire.JSON, json.dumps(seen.until.isoformat()))

    said = json.dumps([page.waiting, key])
    try:
        kept = repeating.carry_out(desk.casework, person.id, CALL, "answer", said, said, answered)
    except NotAllowed:
        return "others", None
    except (IllegalTransition, NotFound):
        return "gone", None
    return "taken", datetime.fromisoformat(json.loads(str(kept.body)))


def _spoken(outcome: Outcome, language: str, **facts: str) -> str:
    told = typeset(str(words("call", language)[outcome]), language).format(**facts)
    return f"<Response>{say(told, language)}</Response>"
