"""From an API Gateway event (payload format 2.0) to parsed JSON: every fault of the bytes becomes a clear refusal."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from sangfroid.errors import FieldError, Invalid, Refused

MAX_BODY = 256 * 1024
"""Bytes of UTF-8 that a body may have. Well under DynamoDB's 400 KB an item, which no single body can then exceed."""

MAX_DEPTH = 32
"""Objects and lists within each other; the deepest body of the interface has four."""

UNDECODABLE = "\udcff"
"""What stands in the place of a body that is not base64 although the event says so: no UTF-8 text holds it."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

JSON = "application/json"
REFUSED_TYPE = "application/x-not-json"


class BodyRefused(Refused):
    """The body as a whole is refused: its one fault points at the whole document."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[FieldError("", detail)])


class NotJson(BodyRefused):
    """The body is not JSON in UTF-8 (400)."""

    status = 400
    title = "Not JSON"


class TooLarge(BodyRefused):
    """The body is over MAX_BODY (413)."""

    status = 413
    title = "Too large"


class WrongType(BodyRefused):
    """The body says that it is something else than JSON (415)."""

    status = 415
    title = "Not a JSON body"


def plain(event: dict[str, Any]) -> dict[str, Any]:
    """The event with a text body, and with only two content types left: JSON, or REFUSED_TYPE for all others.

    So no form or multipart body is ever taken for an object. Bytes that are not UTF-8 are kept as lone surrogates, which
    `parse` refuses: only then is it known that the route wants a body at all.
    """
    changed = dict(event)
    body = event.get("body")
    if body is not None and event.get("isBase64Encoded"):
        try:
            text = base64.b64decode(body, validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            text = UNDECODABLE
        changed |= {"body": text, "isBase64Encoded": False}
    headers = {str(name).lower(): value for name, value in (event.get("headers") or {}).items()}
    if "content-type" in headers:
        headers["content-type"] = JSON if _is_json(headers["content-type"]) else REFUSED_TYPE
    changed["headers"] = headers
    return changed


def _is_json(content_type: str) -> bool:
    media, *parameters = [part.strip().lower() for part in content_type.split(";")]
    charsets = [
        part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")
    ]
    return (not media or media == JSON or media.endswith("+json")) and all(
        name in ("utf-8", "utf8") for name in charsets
    )


def parse(text: str) -> dict[str, Any]:
    """The JSON object of a body; raises TooLarge, NotJson or Invalid. No value in it is NaN, infinite or unencodable."""
    if len(text) > MAX_BODY or len(text.encode("utf-8", "surrogatepass")) > MAX_BODY:
        raise TooLarge(
            f"The body is over {MAX_BODY // 1024} KB. Send less: a link to the whole thing is enough."
        )
    if _SURROGATE.search(text):
        raise NotJson("The body is not UTF-8 text. Send JSON in UTF-8.")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise NotJson(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError:  # more digits than Python turns into an int
        raise Invalid(
            "The body holds a number with thousands of digits.",
            errors=[FieldError("", "numbers of ordinary size")],
        ) from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(value, dict):
        raise Invalid(
            'The body must be a JSON object: {"…": …}.',
            errors=[FieldError("", f"an object, not {_kind(value)}")],
        )
    _look_through(value)
    return value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"The body is not valid JSON: {name} is not a JSON value.")


def _too_deep() -> Invalid:
    return Invalid(
        f"The body is nested deeper than {MAX_DEPTH} levels.",
        errors=[FieldError("", f"at most {MAX_DEPTH} levels")],
    )


def _look_through(value: dict[str, Any]) -> None:
    """Refuse what JSON can write but nobody can store or show, anywhere in the body.

    Work and memory follow the body: places are kept as the steps that lead there, and are written out for a fault alone.
    """
    steps: list[str | int] = []
    open_: list[Iterator[tuple[str | int, Any]]] = [iter(value.items())]
    while open_:
        following = next(open_[-1], None)
        if following is None:
            open_.pop()
            if steps:
                steps.pop()
            continue
        step, found = following
        if isinstance(step, str) and _UNSTORABLE.search(step):
            raise _unstorable(steps)
        if isinstance(found, dict | list):
            if len(open_) == MAX_DEPTH:
                raise _too_deep()
            steps.append(step)
            open_.append(iter(found.items() if isinstance(found, dict) else enumerate(found)))
        elif isinstance(found, str) and _UNSTORABLE.search(found):
            raise _unstorable([*steps, step])
        elif isinstance(found, float) and not math.isfinite(found):
            raise Invalid(
                "A number is too large.",
                errors=[FieldError(_pointer([*steps, step]), "a number of ordinary size")],
            )


def _unstorable(steps: Sequence[str | int]) -> Invalid:
    return Invalid(
        "A text holds half a character (a lone surrogate) or U+0000, which cannot be stored.",
        errors=[FieldError(_pointer(steps), "text without lone surrogates and U+0000")],
    )


def _pointer(steps: Sequence[str | int]) -> str:
    return "".join(f"/{escaped(str(step))}" for step in steps)


def escaped(token: str) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")
