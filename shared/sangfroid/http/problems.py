"""Refusals as problem documents (RFC 9457), with one JSON pointer for each fault of a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, Field

from sangfroid.errors import Refused, Unavailable
from sangfroid.http.fields import Shape
from sangfroid.http.wire import escaped

PROBLEM = "application/problem+json"
SHOWN_ERRORS = 50
RETRY_AFTER_SECONDS = 2


class Fault(Shape):
    """One fault: of the body (`pointer`, RFC 6901), or of a parameter (`parameter` in `in`)."""

    model_config = ConfigDict(extra="forbid")

    pointer: str | None = None
    parameter: str | None = None
    in_: str | None = Field(default=None, alias="in", description="path, query or header")
    detail: str


class Problem(Shape):
    """RFC 9457. `type` is a constant per kind of refusal; `detail` says what a person can do.

    What the gateway refuses by itself (no valid token, say) has no `instance`.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[Fault] | None = None


class UnknownPath(Refused):
    """Nothing is served under this path (404)."""

    status = 404
    title = "Not found"


class MethodNotAllowed(Refused):
    """The path is served, but not with this method (405); `allow` names those that are."""

    status = 405
    title = "Method not allowed"


class Failed(Refused):
    """A fault of our own (500); never caused by what was sent."""

    status = 500
    title = "Our fault"


class Rejected(Refused):
    """A body or parameter that its model refused (422); `errors` as pydantic lists them."""

    status = 422
    title = "Invalid content"

    def __init__(self, errors: Iterable[Mapping[str, Any]]) -> None:
        faults = list({str(fault): fault for fault in map(_fault, errors)}.values())
        first = faults[0]
        where = first.get("pointer") or first.get("parameter") or "the body"
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{where}: {first['detail']}{more}.")
        self.faults = faults[:SHOWN_ERRORS]


def problem(refused: Refused, instance: str) -> dict[str, Any]:
    """The problem document of a refusal; `instance` is the path that was called."""
    document: dict[str, Any] = {
        "type": "urn:sangfroid:problem:" + _slug(type(refused).__name__),
        "title": refused.title,
        "status": refused.status,
        "detail": refused.detail,
        "instance": instance,
    }
    faults: list[dict[str, Any]] = [
        {"pointer": error.pointer, "detail": error.detail} for error in refused.errors
    ]
    if isinstance(refused, Rejected):
        faults = refused.faults
    if faults:
        document["errors"] = faults
    # What a rule adds (the list of what is owed, say) never takes the place of a standard member.
    return refused.extra | document


def headers(refused: Refused) -> dict[str, str]:
    """What the status asks for besides the document."""
    if isinstance(refused, Unavailable):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if refused.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(refused, MethodNotAllowed):
        return {"Allow": ", ".join(refused.extra["allow"])}
    return {}


_PLAIN = {
    "missing": "required",
    "extra_forbidden": "unknown field; nothing was stored",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
}


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = error["loc"]
    kind = str(error["type"])
    message = str(error.get("msg", "invalid")).removeprefix("Value error, ")
    detail = _PLAIN.get(kind, message[:1].lower() + message[1:])
    if kind == "string_pattern_mismatch" and error.get("ctx", {}).get("pattern") == r"\S":
        detail = "must not be empty"
    if place == "body":
        # pydantic marks a fault of a key with the step "[key]"; the pointer names the key itself.
        pointer = "".join(f"/{escaped(str(step))}" for step in path if step != "[key]")
        return {"pointer": pointer, "detail": detail}
    return {"parameter": str(path[0]) if path else "", "in": str(place), "detail": detail}


def _slug(name: str) -> str:
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).strip("-")
