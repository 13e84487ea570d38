"""A desk on an emulated table, called exactly as API Gateway calls it: real-shaped events in, the function's own answers out."""

from __future__ import annotations

import base64
import copy
import gzip
import importlib.util
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import dynamodb_backends

from sangfroid import wall_clock
from sangfroid.casefile import CaseFile
from sangfroid.cases.deliveries import settle_by_person
from sangfroid.http.identity import ROLES

ROOT = Path(__file__).parents[2]
EVENT: dict[str, Any] = json.loads((ROOT / "events/api/call.json").read_text("utf-8"))
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TABLE = "sangfroid-test"
TEXTS = {
    "fr": "Nous sommes désolés : la panne vient de nous.",
    "en": "We are sorry: the outage is our fault.",
}


ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-3",
    "TABLE_NAME": TABLE,
    "ORGANISATION_FILE": str(ROOT / "shared/sangfroid/organisation.example.yaml"),
    "STACK_NAME": "sangfroid",
    "POWERTOOLS_SERVICE_NAME": "sangfroid",
    "POWERTOOLS_METRICS_NAMESPACE": "Sangfroid",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
"""What the template gives the function; the emulator brings credentials of its own."""


def report(name: str) -> dict[str, Any]:
    """The body of a report of events/reports."""
    body: dict[str, Any] = json.loads((ROOT / f"events/reports/{name}.json").read_text("utf-8"))
    return body


@dataclass(frozen=True)
class Answer:
    """What the function answered."""

    status: int
    headers: dict[str, str]
    text: str
    sent: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def load_api() -> ModuleType:
    """functions/api/app.py as Lambda loads it; the environment stands."""
    spec = importlib.util.spec_from_file_location("api_app", ROOT / "functions/api/app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_table(client: Any) -> None:
    """The table of the template: its keys and its index."""
    text = dict.fromkeys(("pk", "sk", "listing", "listed_at"), "S")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in text.items()],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_status",
                "KeySchema": [
                    {"AttributeName": "listing", "KeyType": "HASH"},
                    {"AttributeName": "listed_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


class Desk:
    """The function, its time and its table."""

    def __init__(self, module: ModuleType, client: Any) -> None:
        self.module = module
        self.client = client
        self.now = START
        self.standing = ""
        wall_clock.install(now=lambda: self.now)

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def call(  # every part of a request may be given
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        roles: list[str] | str | None = None,
        sub: str = "ana",
        query: dict[str, str] | None = None,
        headers: dict[str, str | None] | None = None,
        raw: str | bytes | None = None,
    ) -> Answer:
        """One call. `roles` None: those that the call needs; `raw` in the place of `body`: text, or bytes (sent as base64)."""
        template = template_of(method, path)
        event = copy.deepcopy(EVENT)
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
        event["requestContext"]["http"]["method"] = method
        event["routeKey"] = event["requestContext"]["routeKey"] = f"{method} {template}"
        names = re.findall(r"{(\w+)}", template or "")
        values = path.strip("/").split("/")
        parts = (template or "").strip("/").split("/")
        event["pathParameters"] = {name: values[parts.index(f"{{{name}}}")] for name in names} or None
        if query:
            event["queryStringParameters"], event["rawQueryString"] = query, urlencode(query)
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        claims["sub"] = claims["username"] = sub
        needed = ROLES.get(f"{method} {template}") or frozenset()
        chosen = sorted(needed)[:1] if roles is None else roles
        claims["cognito:groups"] = f"[{' '.join(chosen)}]" if isinstance(chosen, list) else chosen
        # Most tests read refusals in the code's own words; whoever looks at French asks for it.
        event["headers"]["accept-language"] = "en"
        for name, value in (headers or {}).items():
            event["headers"].pop(name.lower(), None)
            if value is not None:
                event["headers"][name.lower()] = value
        if isinstance(raw, bytes):
            event["body"], event["isBase64Encoded"] = base64.b64encode(raw).decode(), True
        elif raw is not None:
            event["body"] = raw
        elif body is not None:
            event["body"] = json.dumps(body)
        return self.invoke(event)

    def invoke(self, event: dict[str, Any]) -> Answer:
        """One invocation of the function with a whole event."""
        answer = self.module.handler(event, SimpleNamespace(aws_request_id="r-1"))
        json.dumps(answer).encode()  # what Lambda does with it
        headers = {name.lower(): str(value) for name, value in answer["headers"].items()}
        body = answer["body"] or ""
        if answer.get("isBase64Encoded"):
            sent = base64.b64decode(body)
            if headers.get("content-encoding") == "gzip":
                return Answer(answer["statusCode"], headers, gzip.decompress(sent).decode(), sent)
            return Answer(answer["statusCode"], headers, "", sent)
        return Answer(answer["statusCode"], headers, body, body.encode())

    # -- a small language of the desk

    def reported(self, name: str = "outage", **changes: Any) -> str:
        """A report is taken in; the id of its case."""
        answer = self.call("POST", "/incidents", report(name) | changes)
        assert answer.status == 202, answer.text
        case_id: str = answer.json["case_id"]
        return case_id

    def classified(self, case: int | None = 2, name: str = "outage", *, leak: bool = False) -> str:
        """A case that a person has classified."""
        case_id = self.reported(name)
        body = {"case": case, "leak": leak, "reason": "seen in the logs"}
        answer = self.call("POST", f"/cases/{case_id}/triage", body, sub="ben")
        assert answer.status == 200, answer.text
        return case_id

    def written(self, case_id: str, **body: Any) -> dict[str, Any]:
        """A response version that is in review."""
        answer = self.call("PUT", f"/cases/{case_id}/response", {"texts": TEXTS} | body, sub="ana")
        assert answer.status == 201, answer.text
        version: dict[str, Any] = answer.json
        return version

    def reviewed(
        self, case_id: str, version: dict[str, Any], by: str = "emma", decision: str = "approve"
    ) -> Answer:
        """A reviewer's decision."""
        return self.call(
            "POST",
            f"/cases/{case_id}/response/{version['version']}/review",
            {"decision": decision, "content_hash": version["content_hash"], "comment": "read"},
            sub=by,
        )

    def published(self, case_id: str, version: int = 1) -> list[str]:
        """The community was told, then every delivery of an approved version is confirmed by a person; their keys."""
        keys: list[str] = self.planned(case_id, version)

        def settle(file: CaseFile) -> None:
            for key in keys:
                settle_by_person(file, key, "published", f"https://news.example/{key}", None)

        # In one change; one call for each is tried out where it is the matter of the test.
        self.module.desk.casework.change(case_id, "ana", settle)
        return keys

    def announced(self, case_id: str) -> None:
        """The closing announcement is out, and names the measure with which `closed` closes."""
        texts = {
            "fr": "Tout est réparé. Pour que cela ne se répète pas :\n- A second array (une seconde baie).",
            "en": "All is mended. So that it does not happen again:\n- A second array.",
        }
        version = self.written(case_id, kind="closing_announcement", texts=texts)
        self.reviewed(case_id, version)
        self.published(case_id, version["version"])

    def planned(self, case_id: str, version: int = 1) -> list[str]:
        """The deliveries of an approved version wait; their keys."""
        for duty in self.case(case_id)["duties"]:
            if duty["id"] in ("C2.3", "C4.3") and duty["state"] == "open":
                told = {"state": "waived", "evidence": None, "note": "told by telephone, one by one"}
                assert self.duty(case_id, duty["id"], **told).status == 200
        keys: list[str] = self.module.desk.publication.plan(case_id, version, "all")["deliveries"]
        return keys

    def duty(self, case_id: str, duty: str, **body: Any) -> Answer:
        """A person says that a duty is done."""
        return self.call(
            "POST",
            f"/cases/{case_id}/duties/{duty}",
            {"state": "done", "evidence": "https://wiki.example/1"} | body,
        )

    def closed(self, case_id: str, **body: Any) -> Answer:
        """A person closes the case."""
        closing = {
            "root_cause": "A disk array failed.",
            "lessons": "Tell customers sooner.",
            "measures": [{"text": "A second array", "owner": "dev", "due": "2027-01-31"}],
        }
        return self.call("POST", f"/cases/{case_id}/close", closing | body)

    def case(self, case_id: str, **headers: str) -> dict[str, Any]:
        """The case document."""
        answer = self.call("GET", f"/cases/{case_id}", headers=dict(headers))
        assert answer.status == 200, answer.text
        document: dict[str, Any] = answer.json
        return document

    def stored(self) -> dict[tuple[str, str], Any]:
        """Everything in the table. The desk only puts and deletes whole items, so no item of it changes afterwards."""
        # Straight from the emulator: by its HTTP face, the looks at the store would take most of the suite's time.
        table = dynamodb_backends[ACCOUNT]["eu-west-3"].tables[TABLE]
        return {(item.attrs["pk"].value, item.attrs["sk"].value): item.attrs for item in table.all_items()}


def template_of(method: str, path: str) -> str | None:
    """The path of the contract under which API Gateway finds a call."""
    for call in ROLES:
        known, _, template = call.partition(" ")
        if known == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return template
    return None
