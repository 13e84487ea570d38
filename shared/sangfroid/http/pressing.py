"""A button pressed on Slack: whose press it is, and what comes of it.

Slack's signature was checked before (listening/webhooks.py). The answer to the press is the answer to Slack's request, so nothing
is called. During a freeze a press is answered without content and does nothing; what is or may be a leak is decided in the desk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict, Field, ValidationError

from sangfroid.acts.board import Reader
from sangfroid.casefile import CaseFile
from sangfroid.cases import authorship, cell
from sangfroid.desk import Desk
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotAllowed, NotFound, Refused
from sangfroid.http import repeating, wire
from sangfroid.http.fields import Shape
from sangfroid.http.identity import ROLES
from sangfroid.model import CaseNumber, Role
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import Person, Source
from sangfroid.outbound.notices import discreet
from sangfroid.outbound.panels import NEVER_PRESSED
from sangfroid.outbound.wording import local_time, typeset, words
from sangfroid.roster import Roster
from sangfroid.store import freeze as freezing
from sangfroid.text.identity import same_person

LONGEST_FORM = 3 * wire.MAX_BODY
"""Characters of a form: what its payload may have, each written as %XX."""

CASE_ID = re.compile(r"case-[0-9a-z-]{1,60}", re.ASCII)
NUMBERS: dict[str, CaseNumber | None] = {"1": 1, "2": 2, "3": 3, "4": 4, "none": None}
CALLS = {"triage": "POST /cases/{id}/triage", "approve": "POST /cases/{id}/response/{version}/review"}
"""What is pressed -> the call of the interface that does the same, whose roles it needs."""


class _Loose(Shape):
    model_config = ConfigDict(extra="ignore")


class _Named(_Loose):
    id: str = Field(max_length=40)


class _User(_Named):
    team_id: str | None = None


class _Action(_Loose):
    name: str = Field(max_length=40)
    value: str = Field(default="", max_length=2_000)


class _Payload(_Loose):
    """What is read of https://docs.slack.dev/legacy/legacy-messaging/legacy-making-messages-interactive."""

    type: str
    team: _Named
    user: _User
    actions: list[_Action] = Field(min_length=1, max_length=1)
    original_message: dict[str, Any] | None = None


class SlackAnswer(Shape):
    """What Slack shows: to the person alone, or in the place of the message that was pressed."""

    response_type: str = "ephemeral"
    replace_original: bool = False
    text: str
    blocks: list[dict[str, Any]] | None = None
    attachments: list[dict[str, Any]] | None = None


class _Declined(Exception):
    """Nothing is done; `why` names the words of the catalogue that say so."""

    def __init__(self, why: str, language: str | None = None) -> None:
        super().__init__(why)
        self.why, self.language = why, language


@dataclass(frozen=True)
class _Done:
    """What came of a press: the words, and which buttons are of no use any more."""

    text: str
    spent: list[str]


def pressed(desk: Desk, source: Source, text: str) -> dict[str, Any]:
    """Carry a press out; the same press again has no second effect and gives the same answer. Raises Invalid and `wire.NotJson`.

    `text` is the signed body: a form whose field `payload` is JSON.
    """
    payload = _read(text)
    try:
        person = _person(desk, source, payload)
        done = _once(desk, person, text, lambda: _carry_out(desk, person, payload.actions[0]))
    except _Declined as declined:
        answer = SlackAnswer(text=_words(declined.why, declined.language))
    else:
        answer = _in_its_place(payload.original_message, done)
    return answer.model_dump(exclude_none=True)


def _read(text: str) -> _Payload:
    if len(text) > LONGEST_FORM:
        raise wire.TooLarge("The form is too long.")
    try:
        fields = parse_qs(text, encoding="utf-8", errors="replace", max_num_fields=20)
    except ValueError:
        fields = {}
    if len(given := fields.get("payload", [])) != 1:
        raise Invalid(
            "A press of Slack is a form with one field `payload`.", errors=[FieldError("", "payload=…")]
        )
    document = wire.parse(given[0])
    try:
        payload = _Payload.model_validate(document)
    except ValidationError:
        raise Invalid(
            "The payload is not that of a pressed button.", errors=[FieldError("", "a button")]
        ) from None
    if payload.type != "interactive_message":
        raise Invalid(
            "The desk's messages have buttons alone.", errors=[FieldError("/type", "interactive_message")]
        )
    return payload


# -- who


def _person(desk: Desk, source: Source, payload: _Payload) -> Person:
    """Whose press it is. Nothing is said of anything while a freeze holds, not even to whom the desk knows."""
    organisation = desk.people.organisation
    own = payload.team.id == source.workspace and payload.user.team_id in (None, source.workspace)
    found = of_slack(organisation, payload.user.id) if own else []
    language = found[0].language if len(found) == 1 else None
    if freezing.read(desk.casework.table).active:
        raise _Declined("frozen", language)
    if len(found) != 1:
        raise _Declined("several" if found else "unknown")
    if Roster(organisation).has_left(found[0].id, desk.people.now()):
        raise _Declined("left", language)
    return found[0]


def of_slack(organisation: Organisation, user: str) -> list[Person]:
    """Everybody whom the organisation reaches under this id on one of its Slack channels."""
    rooms = {one.id for one in organisation.channels if one.type == "slack"}
    return [
        person
        for person in organisation.people
        if any(reach.channel in rooms and reach.address == user for reach in person.reach)
    ]


# -- what


def _once(desk: Desk, person: Person, text: str, act: Callable[[], _Done]) -> _Done:
    """Carry it out, or say what came of it before."""
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def answered() -> Response[str]:
        done = act()
        return Response(200, wire.JSON, json.dumps([done.text, done.spent]))

    try:
        kept = repeating.carry_out(
            desk.casework, person.id, "POST /webhooks/{source}", "press", key, key, answered
        )
    except Refused:
        raise _Declined("refused", person.language) from None
    said, spent = json.loads(str(kept.body))
    return _Done(said, spent)


def _carry_out(desk: Desk, person: Person, action: _Action) -> _Done:
    act = {"triage": _triage, "acknowledge": _acknowledge, "approve": _approve}.get(action.name)
    parts = action.value.split(" ")
    if act is None:
        raise _Declined("refused", person.language)
    needed = ROLES[CALLS[action.name]] if action.name in CALLS else None
    if needed is not None and needed.isdisjoint(person.access):
        raise _Declined("role", person.language)
    case_id = parts[0]
    if action.name == "acknowledge":
        kind, _, rest = action.value.partition(":")
        if kind in NEVER_PRESSED:
            raise _Declined("discreet", person.language)
        case_id = rest.partition(":")[0]
    if not CASE_ID.fullmatch(case_id):
        raise _Declined("refused", person.language)
    try:
        file = desk.casework.read(case_id)
    except NotFound:
        raise _Declined("gone", person.language) from None
    if discreet("", file.case):
        raise _Declined("discreet", person.language)
    return act(desk, file, person, parts)


def _triage(desk: Desk, file: CaseFile, person: Person, parts: list[str]) -> _Done:
    if len(parts) != 2 or parts[1] not in NUMBERS:
        raise _Declined("refused", person.language)
    if file.case.status != "triage":
        # Somebody has judged it: changing that is done where one sees what they said.
        raise _Declined("gone", person.language)
    reason = str(words("press", person.language)["reason"])
    desk.triage.decide(file.case.id, NUMBERS[parts[1]], False, reason, person.id)
    answer = str(words("cases", person.language)[parts[1]])
    return _Done(_words("triage", person.language, who=person.name, answer=answer), ["triage", "acknowledge"])


def _acknowledge(desk: Desk, _: CaseFile, person: Person, parts: list[str]) -> _Done:
    organisation = desk.people.organisation
    roles: frozenset[Role] = frozenset(person.access)
    reader = Reader(person.id, roles, frozenset(organisation.duties_of(person.id)))
    try:
        seen = desk.boards.acknowledge(" ".join(parts), reader)
    except (IllegalTransition, NotFound):
        raise _Declined("gone", person.language) from None
    except NotAllowed:
        raise _Declined("others", person.language) from None
    zone = person.time_zone or organisation.time_zone
    until = local_time(seen.until, seen.at, zone, person.language, bare=True)
    return _Done(_words("acknowledged", person.language, who=person.name, until=until), ["acknowledge"])


def _approve(desk: Desk, file: CaseFile, person: Person, parts: list[str]) -> _Done:
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 9):
        raise _Declined("refused", person.language)
    number, content_hash = int(parts[1]), parts[2]
    version = file.version(number)
    if version is None or file.case.status == "closed":
        raise _Declined("gone", person.language)
    if any(same_person(one.by, person.id) for one in version.approvals):
        raise _Declined("already", person.language)
    if content_hash != version.content_hash or version.state == "superseded":
        raise _Declined("stale", person.language)
    if version.state != "in_review":
        raise _Declined("gone", person.language)
    if not authorship.may_approve(person.id, version, file.responses):
        raise _Declined("own", person.language)
    if person.id == file.case.cell.get(cell.PILOT):
        raise _Declined("steers", person.language)
    comment = str(words("press", person.language)["comment"])
    version = desk.responses.review(
        file.case.id, number, True, content_hash, comment, person.id, director="director" in person.access
    )
    decided = version.state != "in_review"
    said = _words(
        "approved" if decided else "approval_given", person.language, who=person.name, version=number
    )
    return _Done(said, ["approve", "acknowledge"] if decided else [])


# -- the answer


def _words(name: str, language: str | None, **facts: Any) -> str:
    """One sentence in the person's language; in both where it is not known who reads it."""
    told = [
        typeset(str(words("press", one)[name]), one).format(**facts)
        for one in ([language] if language else ["fr", "en"])
    ]
    return "\n".join(told)


def _in_its_place(original: dict[str, Any] | None, done: _Done) -> SlackAnswer:
    """The message as it stood, without the buttons that are of no use any more, and beneath it what was done."""
    attachments = original.get("attachments") if original else None
    if original is None or not isinstance(attachments, list) or not isinstance(original.get("text"), str):
        return SlackAnswer(text=done.text)
    left = []
    for one in attachments:
        if not isinstance(one, dict):
            continue
        attached = {name: value for name, value in one.items() if name != "id"}
        if isinstance(actions := one.get("actions"), list):
            attached["actions"] = [
                each for each in actions if isinstance(each, dict) and each.get("name") not in done.spent
            ]
        if attached.get("actions") != []:
            left.append(attached)
    blocks = original.get("blocks")
    return SlackAnswer(
        response_type="in_channel",
        replace_original=True,
        text=original["text"],
        blocks=blocks if isinstance(blocks, list) else None,
        attachments=[*left, {"text": done.text, "fallback": done.text}],
    )
