"""Who calls, and what each role may do: the table of the contract, one line a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, get_args

from sangfroid.errors import NotAllowed, Refused
from sangfroid.model import Role
from sangfroid.organisation import Organisation
from sangfroid.roster import Roster
from sangfroid.text.identity import NotAnId, plain_id

EVERYBODY: frozenset[Role] = frozenset(get_args(Role))

ROLES: dict[str, frozenset[Role] | None] = {
    "GET /health": None,
    "GET /openapi.json": None,
    "POST /incidents": frozenset({"reporter"}),
    "GET /cases": EVERYBODY,
    "GET /cases/{id}": EVERYBODY,
    "GET /cases/{id}/timeline": EVERYBODY,
    "GET /cases/{id}/report": EVERYBODY,
    "POST /cases/{id}/triage": frozenset({"responder"}),
    "POST /cases/{id}/messages": frozenset({"reporter"}),
    "POST /cases/{id}/messages/{message}/withdraw": frozenset({"responder"}),
    "GET /cases/{id}/evidence": EVERYBODY,
    "GET /cases/{id}/evidence/pack": EVERYBODY,
    "POST /cases/{id}/evidence": frozenset({"reporter", "responder"}),
    "POST /cases/{id}/merge": frozenset({"responder"}),
    "POST /cases/{id}/split": frozenset({"responder"}),
    "PUT /cases/{id}/response": frozenset({"responder"}),
    "GET /cases/{id}/response/{version}/preview": EVERYBODY,
    "POST /cases/{id}/response/{version}/review": frozenset({"approver", "director"}),
    "POST /cases/{id}/response/{version}/overrides": frozenset({"responder", "approver"}),
    "GET /cases/{id}/response/{version}/changes": EVERYBODY,
    "GET /cases/{id}/first-draft": EVERYBODY,
    "GET /cases/{id}/draft": frozenset({"responder"}),
    "PUT /cases/{id}/draft": frozenset({"responder"}),
    "DELETE /cases/{id}/draft": frozenset({"responder"}),
    "POST /cases/{id}/no-response": frozenset({"responder", "approver", "director"}),
    "POST /cases/{id}/duties/{duty}": frozenset({"responder"}),
    "POST /cases/{id}/measures": frozenset({"responder"}),
    "PUT /cases/{id}/plan": frozenset({"responder"}),
    "POST /cases/{id}/community-first": frozenset({"approver", "director"}),
    "POST /cases/{id}/duties/{duty}/owner": frozenset({"responder"}),
    "POST /cases/{id}/cell/{role}": frozenset({"responder", "approver", "director"}),
    "POST /cases/{id}/response/{version}/reviewers": frozenset({"responder", "approver", "director"}),
    "POST /cases/{id}/deliveries/{delivery}": frozenset({"responder"}),
    "POST /cases/{id}/deliveries/{delivery}/retract": frozenset({"responder", "approver", "director"}),
    "POST /cases/{id}/answers": frozenset({"responder"}),
    "POST /cases/{id}/close": frozenset({"responder"}),
    "GET /freeze": EVERYBODY,
    "POST /freeze": frozenset({"director"}),
    "POST /freeze/release": frozenset({"director"}),
    "POST /freeze/checklist/{channel}": frozenset({"responder", "director"}),
    "POST /freeze/suspicions/{case_id}": frozenset({"director"}),
    # The sender signs the body; no person calls this.
    "POST /webhooks/{source}": None,
    "GET /me": EVERYBODY,
    "GET /on-call": EVERYBODY,
    "POST /on-call/overrides": frozenset({"approver", "director"}),
    "GET /organisation": EVERYBODY,
    "POST /cases/{id}/response/check": frozenset({"responder"}),
    "GET /cases/{id}/evidence/{evidence}/{number}": EVERYBODY,
    "GET /search": EVERYBODY,
    "GET /after": EVERYBODY,
    "POST /reports/look": frozenset({"reporter"}),
    # Whoever signs in has no token yet; the code is the proof.
    "POST /session": None,
    "GET /desk": EVERYBODY,
    # Whose it is decides the act.
    "POST /desk/{waiting}/acknowledge": EVERYBODY,
}
"""Roles of each call, by method and path; None where no token is asked for. A call that is not named here is not served."""


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Unauthenticated(Refused):
    """No valid token came with the call (401)."""

    status = 401
    title = "Who are you?"


@dataclass(frozen=True)
class Caller:
    """The person behind a token: `id` is the person's where the organisation knows them, else how the token names its subject.

    `names`: every name of the token, the user name first. `expires_at`: aware.
    """

    id: str
    roles: frozenset[Role]
    names: tuple[str, ...] = ()
    expires_at: datetime | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the person has one of these roles."""
        return not self.roles.isdisjoint(roles)


def caller(event: Mapping[str, Any]) -> Caller:
    """The caller of an API Gateway event whose token the authorizer has checked; raises Unauthenticated."""
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub.strip():
        raise Unauthenticated("Send a valid token: Authorization: Bearer <JWT>.")
    # Cognito's `sub` is a UUID; its user name, which is the person's id, stands in `username` (access token) or in its own claim
    # (identity token). Where `sub` is no UUID, it is itself the name.
    users = (claims.get("username"), claims.get("cognito:username")) if UUID.fullmatch(sub) else ()
    names = tuple(dict.fromkeys(name for name in (*users, sub) if isinstance(name, str) and name.strip()))
    return Caller(names[0], _roles(claims.get("cognito:groups")), names, _moment(claims.get("exp")))


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def known(who: Caller, organisation: Organisation, now: datetime) -> Caller:
    """The caller under the id that cases use: the person's, else the plain form of what their token says.

    Raises NotAllowed for somebody who has left, whatever their token still says, and Unauthenticated where the token names
    nobody of the organisation and no plain id: whoever could be read as somebody else is nobody (I5).
    """
    person = organisation.named(*who.names)
    if person is None:
        try:
            plain = plain_id(who.id)
        except NotAnId as fault:
            raise Unauthenticated(f"Your token names you {who.id!r}: {fault}.") from None
        person = organisation.person(plain)
        if person is None:
            return replace(who, id=plain)
    if Roster(organisation).has_left(person.id, now):
        raise NotAllowed("The organisation's file says that you have left; ask whoever keeps it.")
    return replace(who, id=person.id)


def _roles(groups: Any) -> frozenset[Role]:
    """Known roles among the groups: a list, or as API Gateway writes it into one text: `[a b]` (or `a,b`)."""
    names = groups if isinstance(groups, list) else re.split(r"[\s,]+", str(groups or "").strip("[] "))
    return frozenset(role for role in EVERYBODY if role in names)


def admit(event: Mapping[str, Any], call: str) -> Caller | None:
    """The caller, if they may make the call (`METHOD /path/{of}/the/contract`); raises Unauthenticated or NotAllowed.

    None for calls that need no token. KeyError for a call that is not in the table.
    """
    allowed = ROLES[call]
    if allowed is None:
        return None
    who = caller(event)
    if not who.has(*allowed):
        if allowed == EVERYBODY:
            raise NotAllowed("Your token carries none of the desk's roles. Ask whoever invited you for one.")
        raise NotAllowed(
            f"This call needs the role {_either(allowed)}; your token carries {_either(who.roles) or 'none'}."
        )
    return who


def _either(roles: frozenset[Role]) -> str:
    return " or ".join(sorted(roles))


def methods_of(path: str) -> list[str]:
    """Methods that serve this path, sorted; empty where the path is unknown."""
    found = []
    for call in ROLES:
        method, _, template = call.partition(" ")
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            found.append(method)
    return sorted(found)
