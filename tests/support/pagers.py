"""A pager and a telephone for tests: what PagerDuty and Twilio would send when somebody answers a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

from sangfroid.listening.answers import pagerduty_signature, twilio_signature
from sangfroid.organisation import document
from tests.support.desks import EXAMPLE

SECRET = "a secret of the tests"  # noqa: S105
URL = "https://desk.nuage.example/webhooks/phone"
USERS = {"ana": "PANA", "ben": "PBEN", "dora": "PDORA", "dirk": "PDIRK", "emma": "PEMMA"}
PAGERDUTY = {"id": "pages", "format": "pagerduty", "proof": "pagerduty", "channel": "pager"}
TWILIO = {"id": "phone", "format": "twilio", "proof": "twilio", "channel": "pager", "url": URL}


def answered_by(source: dict[str, Any]) -> str:
    """The example's organisation, as JSON, whose pager can be answered: by PagerDuty, under people's ids there, or by a key."""
    content = document(EXAMPLE.read_text("utf-8"))
    content["listening"].append(source)
    for person in content["people"]:
        for way in person.get("reach", []):
            if way["channel"] == "pager" and source is PAGERDUTY:
                way["address"] = USERS.get(person["id"], "P" + person["id"].upper())
    return json.dumps(content, ensure_ascii=False, default=str)


def acknowledged(by: str, incident_key: str, *, event: str = "01ABC", **changes: Any) -> str:
    """The body of PagerDuty's webhook, with more in it than is read."""
    agent = {
        "id": by,
        "type": "user_reference",
        "summary": "Élise Durand",
        "self": "https://api.pagerduty.com/users/x",
    }
    told = {
        "id": event, "event_type": "incident.acknowledged", "resource_type": "incident",
        "occurred_at": "2026-11-20T09:20:22.169Z", "agent": agent, "client": None,
        "data": {
            "id": "PGR0VU2", "type": "incident", "number": 2, "status": "acknowledged", "incident_key": incident_key,
            "title": "Sangfroid", "assignees": [agent],
        },
    }  # fmt: skip
    return json.dumps({"event": told | changes}, ensure_ascii=False)


def by_pagerduty(body: str, secret: str = SECRET) -> dict[str, str]:
    """The headers with which PagerDuty sends it, while its secret is being changed."""
    signatures = [pagerduty_signature(one, body.encode()) for one in ("the next one", secret)]
    return {"content-type": "application/json", "x-pagerduty-signature": ",".join(signatures)}


def pressed(digits: str, to: str, call: str = "CA1") -> str:
    """The form that Twilio posts when a key was pressed."""
    fields = {
        "CallSid": call, "AccountSid": "AC1", "To": to, "From": "+33100000000", "CallStatus": "in-progress",
        "Direction": "outbound-api", "Digits": digits, "msg": "Gather End", "FinishedOnKey": "",
    }  # fmt: skip
    return urlencode(fields, quote_via=quote_plus)


def by_twilio(body: str, query: str, secret: str = SECRET, url: str = URL) -> dict[str, str]:
    """The headers with which Twilio sends it."""
    fields = parse_qsl(body, keep_blank_values=True)
    signature = twilio_signature(secret, f"{url}?{query}" if query else url, fields)
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}


def secrets(_: str) -> Mapping[str, Any]:
    """The secret of every source."""
    return {"secret": SECRET}


def with_both() -> str:
    """The example's organisation, as JSON: everybody has a pager of PagerDuty, and Ben a telephone before it."""
    content = json.loads(answered_by(PAGERDUTY))
    voice = {
        "id": "voice",
        "type": "outbox",
        "audience": "out_of_band",
        "languages": ["fr", "en"],
        "required": False,
    }
    content["channels"].append(voice)
    content["listening"].append(TWILIO | {"channel": "voice"})
    ben = next(one for one in content["people"] if one["id"] == "ben")
    ben["reach"].insert(0, {"channel": "voice", "address": "+33100000002"})
    return json.dumps(content, ensure_ascii=False)
