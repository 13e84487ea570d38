"""One webhook of a listening tool: is it genuine, and which reports does it hold.

A source proves itself by a Standard Webhooks signature (github.com/standard-webhooks/standard-webhooks, spec: headers
`webhook-id`, `webhook-timestamp`, `webhook-signature`; 5 minutes), or, for tools that cannot sign, by the token
of its secret in the header `X-Webhook-Token`. The secret of a source is a JSON object with `secret` (`whsec_…`) or `token`.
Slack signs in a way of its own (https://docs.slack.dev/authentication/verifying-requests-from-slack): `secret` is the app's.
PagerDuty and Twilio do too: listening/answers.py.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sangfroid.errors import FieldError, Invalid, Refused
from sangfroid.listening.answers import signed_by_pagerduty, signed_by_twilio
from sangfroid.organisation_parts import Source
from sangfroid.outbound.channels.webhook import genuine
from sangfroid.text.blank import is_blank
from sangfroid.text.lines import as_one_line, web_address
from sangfroid.text.moments import moment_of
from sangfroid.triage.report import MAX_NOTES, MAX_TEXT

MOST_REPORTS = 25
"""Reports of one webhook: what the function takes in within its time limit."""

LONGEST_URL = 2_000

SLACK_WINDOW = 300
"""Seconds that a request of Slack may be old, or ahead."""


class NotGenuine(Refused):
    """The webhook does not prove that its source sent it (401)."""

    status = 401
    title = "Not signed by this source"


def check(
    source: Source,
    secret: Mapping[str, Any],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    query: str = "",
) -> str:
    """The idempotency key of a genuine webhook; raises NotGenuine. Header names in lower case; `query` as the address has it."""
    if source.proof == "token":
        known, given = str(secret.get("token") or ""), headers.get("x-webhook-token", "")
        if not known or not hmac.compare_digest(known.encode(), given.encode("utf-8", "replace")):
            raise NotGenuine("Send the token of this source in the header X-Webhook-Token.")
        return hashlib.sha256(body).hexdigest()
    if source.proof == "slack":
        if not signed_by_slack(str(secret.get("secret") or ""), headers, body, now.timestamp()):
            raise NotGenuine(
                "Sign the body as Slack does with this app's signing secret: headers X-Slack-Request-Timestamp (within 5 minutes "
                "of now) and X-Slack-Signature."
            )
        return hashlib.sha256(body).hexdigest()
    if source.proof == "pagerduty":
        if not signed_by_pagerduty(str(secret.get("secret") or ""), headers, body):
            raise NotGenuine(
                "Sign the body as PagerDuty does with this webhook's secret: header X-PagerDuty-Signature."
            )
        return hashlib.sha256(body).hexdigest()
    if source.proof == "twilio":
        if not signed_by_twilio(
            str(secret.get("secret") or ""),
            headers,
            f"{source.url}?{query}" if query else str(source.url),
            body,
        ):
            raise NotGenuine(
                "Sign the address and the form as Twilio does with this account's auth token: header X-Twilio-Signature."
            )
        return hashlib.sha256(query.encode("utf-8", "replace") + body).hexdigest()
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


def slack_signature(secret: str, timestamp: str, body: bytes) -> str:
    """What Slack writes into X-Slack-Signature: HMAC-SHA256 over version, timestamp and the body as it came."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_by_slack(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the app's signing secret signed exactly these bytes within five minutes of `now` (seconds since 1970)."""
    timestamp, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if (
        not secret
        or not re.fullmatch(r"\d{1,12}", timestamp, re.ASCII)
        or abs(now - int(timestamp)) > SLACK_WINDOW
    ):
        return False
    known = slack_signature(secret, timestamp, body)
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))


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
        message = data.get("message")
        if isinstance(message, dict) and "published_at" in message:
            data["message"] = message | {"published_at": _moment(message["published_at"])}
        return [(_fitting(data), Pointers("/data", None, data))]
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
    return [
        (_fitting(_mapped(source, entry)), Pointers(prefix, source.mapping, entry))
        for entry, prefix in entries
    ]


def as_it_came(
    body: dict[str, Any], pointers: Pointers, faults: list[str], brand: str, now: datetime
) -> dict[str, Any]:
    """The body of a report for what could not become one: what can be read of it, and the rest as it came, for a person.

    `brand` is one that the organisation knows. A time that cannot be is the moment of arrival, and the notes say so.
    """
    given = body.get("message")
    message: dict[str, Any] = given if isinstance(given, dict) else {}
    text = message.get("text")
    came = json.dumps(pointers.entry, ensure_ascii=False, default=str)
    notes = [
        "This mention of a listening tool could not be read; a person must look at it.",
        "Its publication time was not usable: the clocks count from its arrival, unless an earlier message is added.",
        *faults,
    ]
    readable = isinstance(text, str) and not is_blank(text)
    if readable:
        notes.append(f"As it came: {came}")
    url = message.get("url")
    kept: dict[str, Any] = {
        "text": _shortened(
            _storable(str(text) if readable else f"(a mention without a readable text) {came}"), MAX_TEXT
        ),
        "platform": "other",
        "published_at": now.isoformat(),
    }
    return {
        "brand": brand,
        "message": kept | ({"url": url} if isinstance(url, str) else {}),
        "notes": _shortened(_storable("\n".join(notes)), MAX_NOTES),
    }


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")


class Pointers:
    """Where a field of an incident report stands in what the tool sent: faults point there."""

    def __init__(self, prefix: str, mapping: Mapping[Any, str] | None, entry: Any = None) -> None:
        self._prefix = prefix
        self.entry = entry
        self._mapping = mapping

    @property
    def whole(self) -> str:
        """Pointer for the whole mention."""
        return self._prefix

    def of(self, field: str) -> str:
        """Pointer for a field of the report, as a pointer into the report (`/message/text`)."""
        if self._mapping is None:
            return self._prefix + field
        wanted = field.strip("/").replace("/", ".") + "."
        name = max((known for known in self._mapping if wanted.startswith(f"{known}.")), key=len, default="")
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
    """A time as RFC 3339, however a tool writes it; what names no moment stays, and is refused with its place."""
    found = moment_of(value)
    return value if found is None else found.isoformat()


def _fitting(body: dict[str, Any]) -> dict[str, Any]:
    """What a tool sends, made to fit a report without losing it: nobody is there to send it again more shortly.

    A text that is too long is cut, and says so; one-line fields become one line; an address that is none of the web goes into
    the notes.
    """
    message = body.get("message")
    if not isinstance(message, dict):
        return body
    message = dict(message)
    body = body | {"message": message}
    if isinstance(author := message.get("author"), dict):
        message["author"] = author | {
            name: _shortened(as_one_line(author[name]) if name == "handle" else author[name], longest)
            for name, longest in (("handle", 200), ("bio", 2_000))
            if isinstance(author.get(name), str)
        }
    for holder, name in ((body, "brand"), (message, "language")):
        if isinstance(holder.get(name), str):
            holder[name] = as_one_line(holder[name])
    if isinstance(message.get("text"), str):
        message["text"] = _shortened(message["text"], MAX_TEXT)
    if isinstance(url := message.get("url"), str):
        try:
            message["url"] = web_address(url.strip()) if len(url) <= LONGEST_URL else None
        except ValueError:
            message["url"] = None
        if message["url"] is None:
            del message["url"]
            said = f"Address as sent: {as_one_line(url)}"[:LONGEST_URL] if url.strip() else ""
            notes = body.get("notes", "")
            body["notes"] = f"{notes}\n{said}".strip() if isinstance(notes, str) else notes
    if isinstance(body.get("notes"), str):
        body["notes"] = _shortened(body["notes"], MAX_NOTES)
    return body


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    mark = f"\n[… {len(text):,} characters were sent; cut here]" if longest > 500 else "…"
    return text[: longest - len(mark)] + mark


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
