"""The local test interface, ``/_local/*``: tokens, people, clock, outbox, faults, reset. It exists on the local stack alone."""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from local.answers import Request, Response, problem, reply
from local.faults import BadFault, to_text
from sangfroid.text.identity import NotAnId, plain_id

if TYPE_CHECKING:
    from local.stack import Stack

LONGEST_STEP = timedelta(days=3660)
HIGHEST_SPEED = 1_000_000
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W|(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)", re.ASCII
)


class _Wrong(Exception):
    def __init__(self, status: int, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.answer = problem(
            status, detail, [{"pointer": pointer, "detail": detail}] if pointer is not None else None
        )


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds. Raises ValueError with what is wrong."""
    found = _DURATION.fullmatch(text)
    parts = found.groups() if found else ()
    if not any(parts) or text.endswith("T"):
        if re.fullmatch(r"P\d.*[YM]", text.split("T", maxsplit=1)[0]):
            raise ValueError("years and months have no fixed length; use days, such as P30D")
        raise ValueError("an ISO 8601 duration is wanted, such as PT12H or P2DT30M")
    weeks, days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in parts)
    try:
        step = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        step = LONGEST_STEP * 2
    if step > LONGEST_STEP:
        raise ValueError(f"at most {LONGEST_STEP.days} days at once")
    return step


def foreign(request: Request) -> Response | None:
    """The refusal of a call that a page of somewhere else had a browser make: under another host's name, or from another origin.

    Whoever reaches this door from a browser may be any page that is open there; tools on this machine send no Origin.
    """
    host = request.headers.get("host", "").lower()
    name = re.sub(r":\d{1,5}$", "", host)
    if name not in OWN_NAMES:
        return problem(
            403, f"the local stack answers to {', '.join(sorted(OWN_NAMES))} alone, not to this host"
        )
    origin = request.headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host}":
        return problem(403, "the local stack answers no page of another origin")
    # A browser sends no Origin with what it loads into a page, but says from where it was asked.
    if request.path.startswith("/_local") and request.headers.get("sec-fetch-site", "") in (
        "cross-site",
        "same-site",
    ):
        return problem(403, "the local stack answers no page of another origin")
    return None


def handle(stack: Stack, request: Request) -> Response:
    """Answers one call to ``/_local/*``."""
    if (refused := foreign(request)) is not None:
        return refused
    calls: dict[str, dict[str, Callable[[Stack, Request], Response]]] = {
        "token": {"POST": _token},
        "people": {"GET": _people},
        "clock": {"GET": _clock, "POST": _move_clock},
        "outbox": {"GET": _outbox},
        "faults": {"GET": _pending_faults, "POST": _set_faults, "DELETE": _clear_faults},
        "reset": {"POST": _reset},
    }
    methods = calls.get(request.path.removeprefix("/_local/"))
    if methods is None:
        return problem(
            404, f"there is no {request.path}; there are " + ", ".join(f"/_local/{name}" for name in calls)
        )
    if request.method not in methods:
        return problem(
            405, f"{request.path} takes {', '.join(methods)}", headers={"allow": ", ".join(methods)}
        )
    try:
        return methods[request.method](stack, request)
    except _Wrong as wrong:
        return wrong.answer


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _Wrong(400, f"the body is no JSON: {error}") from error


def _object(request: Request) -> dict[str, Any]:
    value = _body(request)
    if not isinstance(value, dict):
        raise _Wrong(422, "the body must be a JSON object", "")
    return value


def _token(stack: Stack, request: Request) -> Response:
    given = _object(request)
    sub, roles = given.get("sub"), given.get("roles", [])
    if not isinstance(sub, str):
        raise _Wrong(422, "sub is the name of a person, such as ana", "/sub")
    try:
        sub = plain_id(sub)
    except NotAnId as error:
        raise _Wrong(422, f"sub names a person, such as ana: {error}", "/sub") from error
    if not isinstance(roles, list) or not all(
        isinstance(role, str) and re.fullmatch(r"[\w.-]+", role) for role in roles
    ):
        raise _Wrong(422, 'roles is a list of names, such as ["responder"]', "/roles")
    if "life" not in given:
        return reply({"token": stack.token(sub, roles)})
    try:
        life = duration(str(given["life"]))
    except ValueError as error:
        raise _Wrong(422, str(error), "/life") from error
    return reply({"token": stack.token(sub, roles, life)})


def _people(stack: Stack, request: Request) -> Response:
    """Who the organisation's file names, and its brands and channels without settings: the console asks who sits before it."""
    shown = {
        "people": ("id", "name", "language", "time_zone", "access", "duties"),
        "brands": ("name", "languages"),
        "channels": ("id", "type", "audience", "languages", "required", "statement_during_freeze"),
    }
    listed = {
        part: [
            {name: one[name] for name in names if name in one} for one in stack.organisation.get(part) or []
        ]
        for part, names in shown.items()
    }
    for one, person in zip(listed["people"], stack.organisation.get("people") or [], strict=True):
        addresses = (way.get("address", "") for way in person.get("reach") or [])
        one["phone"] = person.get("phone") or next((way for way in addresses if way.startswith("+")), None)
    return reply(listed)


def _now(stack: Stack) -> Response:
    return reply({"now": to_text(stack.clock.now()), "speed": stack.clock.speed})


def _clock(stack: Stack, request: Request) -> Response:
    stack.clock.catch_up()
    return _now(stack)


def _move_clock(stack: Stack, request: Request) -> Response:
    given = _object(request)
    if len(given) != 1 or not set(given) <= {"advance", "speed"}:
        raise _Wrong(422, 'send {"advance": "PT12H"} or {"speed": 3600}', "")
    if "advance" in given:
        if not isinstance(given["advance"], str):
            raise _Wrong(422, "advance is an ISO 8601 duration, such as PT12H", "/advance")
        try:
            step = duration(given["advance"])
        except ValueError as error:
            raise _Wrong(422, str(error), "/advance") from error
        stack.clock.advance(step)
    else:
        speed = given["speed"]
        number = isinstance(speed, (int, float)) and not isinstance(speed, bool) and math.isfinite(speed)
        if not number or not 0 <= speed <= HIGHEST_SPEED:
            raise _Wrong(
                422, f"speed is a number from 0 to {HIGHEST_SPEED}: virtual seconds a real second", "/speed"
            )
        stack.clock.set_speed(float(speed))
    return _now(stack)


def _outbox(stack: Stack, request: Request) -> Response:
    since = parse_qs(request.query, keep_blank_values=True).get("since", [""])[0].replace(" ", "+")
    at = None
    if since:
        try:
            at = datetime.fromisoformat(since)
        except ValueError as error:
            raise _Wrong(422, "since is a time in RFC 3339, such as 2026-11-20T08:00:00Z") from error
        if at.tzinfo is None:
            raise _Wrong(422, "since needs a zone: end it with Z")
    return reply({"items": stack.outbox(at)})


def _pending_faults(stack: Stack, request: Request) -> Response:
    return reply({"faults": stack.faults.pending()})


def _set_faults(stack: Stack, request: Request) -> Response:
    try:
        stack.faults.set(_body(request))
    except BadFault as error:
        raise _Wrong(422, error.detail, error.pointer) from error
    return reply({"faults": stack.faults.pending()})


def _clear_faults(stack: Stack, request: Request) -> Response:
    stack.faults.clear()
    return reply({"faults": []})


def _reset(stack: Stack, request: Request) -> Response:
    stack.reset()
    gc.collect()  # what was played is one large knot; whoever resets now and then plays for days
    return _now(stack)
