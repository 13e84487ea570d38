"""One webhook of a listening tool: is it genuine, and which reports does it hold.

A source proves itself by a Standard Webhooks signature (github.com/standard-webhooks/standard-webhooks, spec: headers
`webhook-id`, `webhook-timestamp`, `webhook-signature`; 5 minutes), or, for tools that cannot sign, by the token
of its secret in the header `X-Webhook-Token`. The secret of a source is a JSON object with `secret` (`whsec_…`) or `token`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sangfroid.errors import FieldError, Invalid, Refused
from sangfroid.organisation import Source
from sangfroid.outbound.channels.webhook import genuine

MOST_REPORTS = 25
"""Reports of one webhook: what the function takes in within its time limit."""

EPOCH_MILLISECONDS = 100_000_000_000
"""A number of at least this many is milliseconds since 1970, a smaller one seconds (this many seconds is the year 5138)."""


class NotGenuine(Refused):
    """The webhook does not prove that its source sent it (401)."""

    status = 401
    title = "Not signed by this source"


def check(
    source: Source, secret: Mapping[str, Any], headers: Mapping[str, str], body: bytes, now: datetime
) -> str:
    """The idempotency key of a genuine webhook; raises NotGenuine. Header names in lower case."""
    if source.proof == "token":
        known, given = str(secret.get("token") or ""), headers.get("x-webhook-token", "")
        if not known or not hmac.compare_digest(known.encode(), given.encode("utf-8", "replace")):
            raise NotGenuine("Send the token of this source in the header X-Webhook-Token.")
        return hashlib.sha256(body).hexdigest()
    try:
        signed = genuine(str(secret["secret"]), headers, body, now.timestamp())
    except (KeyError, ValueError, TypeError):
        signed = False  # no usable secret, or a signature that is not even text
    if not signed:
        raise NotGenuine(
            "Sign the body with this source's secret: headers webhook-id, webhook-timestamp (within 5 minutes of now), "
            "webhook-signature, as https://www.standardwebhooks.com says."
        )
    return hashlib.sha256(headers["webhook-id"].encode("utf-8", "replace")).hexdigest()


def reports(source: Source, document: dict[str, Any]) -> list[tuple[dict[str, Any], Pointers]]:
    """The bodies for `POST /incidents` that the webhook holds, each with where its fields came from; raises Invalid."""
    if source.format == "standard_webhooks":
        data = document.get("data")
        if not isinstance(data, dict):
            raise Invalid(
                "A Standard Webhook has its content in `data`.", errors=[FieldError("/data", "an object")]
            )
        data = dict(data)
        if source.brand is not None:
            data.setdefault("brand", source.brand)
        return [(data, Pointers("/data", None))]
    entries: list[tuple[Any, str]] = [(document, "")]
    if source.each:
        found = _at(document, source.each)
        place = _pointer(source.each)
        if not isinstance(found, list) or not 0 < len(found) <= MOST_REPORTS:
            raise Invalid(
                f"The mapping of source {source.id} expects 1 to {MOST_REPORTS} entries at {place}.",
                errors=[FieldError(place, f"a list of 1 to {MOST_REPORTS} entries")],
            )
        entries = [(entry, f"{place}/{number}") for number, entry in enumerate(found)]
    return [(_mapped(source, entry), Pointers(prefix, source.mapping)) for entry, prefix in entries]


class Pointers:
    """Where a field of an incident report stands in what the tool sent: faults point there."""

    def __init__(self, prefix: str, mapping: Mapping[Any, str] | None) -> None:
        self._prefix = prefix
        self._mapping = mapping

    def of(self, field: str) -> str:
        """Pointer for a field of the report, as a pointer into the report (`/message/text`)."""
        if self._mapping is None:
            return self._prefix + field
        name = field.strip("/").replace("/", ".")
        while name and name not in self._mapping:
            name = name.rpartition(".")[0]
        return self._prefix + (_pointer(self._mapping[name]) if name else "")


def _mapped(source: Source, entry: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"brand": source.brand, "message": {}}
    if source.language is not None:
        body["message"]["language"] = source.language
    for field, path in source.mapping.items():
        value = _at(entry, path)
        if value is None or value == "":
            continue
        if field == "message.platform":
            value = source.platforms.get(str(value).casefold(), "other")
        elif field == "message.published_at":
            value = _moment(value)
        elif field == "message.author.followers":
            value = (
                int(value)
                if str(value).isascii() and str(value).isdecimal() and len(str(value)) < 12
                else value
            )
        elif (
            field != "message.on_own_platform"
            and isinstance(value, int | float)
            and not isinstance(value, bool)
        ):
            value = str(value)
        place = body
        *way, last = field.split(".")
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    body["message"].setdefault("platform", source.platform)
    return body


def _moment(value: Any) -> Any:
    """A time as RFC 3339 where a tool writes it otherwise: numbers since 1970, or an offset without a colon."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = value / 1000 if abs(value) >= EPOCH_MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return value
    if isinstance(value, str):
        return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.strip())
    return value


def _at(document: Any, path: str) -> Any:
    """What stands at a dotted path (a number is a place in a list), or None."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _pointer(path: str) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path.split("."))
