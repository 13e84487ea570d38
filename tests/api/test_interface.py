"""The interface against its own OpenAPI document, over HTTP on `make run`, with ids of a played crisis.

As every role and as nobody: no failure inside (5xx), no status that is not described, no answer against its schema,
no act beyond the role.
EXAMPLES: how many cases a call, role and way of generating (valid, invalid); default 6. SEED: another choice of cases.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sangfroid.http.identity import ROLES

pytestmark = pytest.mark.api

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
SEED = int(os.environ.get("SEED", "20261128"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
PEOPLE = {"reporter": "rita", "responder": "ana", "approver": "emma", "director": "dora", "auditor": "audit"}
TEXTS = {"fr": "Nous sommes désolés, la panne vient de nous.", "en": "We are sorry, the outage is our fault."}
COUNTED: Counter[str] = Counter()


class Server:
    """`make run`, with tokens for every role and the ids of what was played on it."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=120)
        self.tokens: dict[str | None, str] = {
            role: self._post("/_local/token", {"sub": sub, "roles": [role]})["token"]
            for role, sub in PEOPLE.items()
        }
        self.document: dict[str, Any] = self.http.get("/openapi.json").json()
        self.schema = schemathesis.openapi.from_dict(self.document)
        self.schema.config.update(base_url=address)
        self.ids = self._played()

    def _post(self, path: str, body: Any, role: str | None = None, method: str = "POST") -> Any:
        headers = {"authorization": f"Bearer {self.tokens[role]}"} if role else {}
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _played(self) -> dict[str, list[str]]:
        """A crisis that is being published, one in triage, one that is closed, and a freeze; the ids that paths can name."""
        now = self.http.get("/_local/clock").json()["now"]
        texts = (
            "Plus rien ne marche chez Nuage",
            "Le portail affiche une page blanche",
            "Is Nuage down again?",
        )
        cases = []
        for text in texts:
            body = {"brand": "Nuage SA", "message": {"text": text, "platform": "x", "published_at": now}}
            cases.append(self._post("/incidents", body, "reporter")["case_id"])
        main, _, closed = cases
        self._post(f"/cases/{main}/triage", {"case": 1, "reason": "seen"}, "responder")
        self._post(f"/cases/{closed}/triage", {"case": None, "reason": "a joke"}, "responder")
        written = self._post(f"/cases/{main}/response", {"texts": TEXTS}, "responder", "PUT")
        decision = {"decision": "approve", "content_hash": written["content_hash"], "comment": ""}
        self._post(f"/cases/{main}/response/{written['version']}/review", decision, "approver")
        self._post("/_local/clock", {"advance": "PT2M"})
        self._post("/freeze", {"reason": "a leak", "case_id": None}, "director")
        shown = self.http.get(
            f"/cases/{main}", headers={"authorization": f"Bearer {self.tokens['auditor']}"}
        ).json()
        return {
            "id": cases,
            "case_id": cases,
            "message": [message["id"] for message in shown["messages"]],
            "version": [str(one["version"]) for one in shown["responses"]],
            "duty": [duty["id"] for duty in shown["duties"]],
            "delivery": [delivery["key"] for delivery in shown["deliveries"]] or ["none"],
            "role": ["pilot", "writer"],
            "channel": ["x", "newsroom"],
            "source": ["own-tool", "brandwatch"],
        }


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "local.run"],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PORT": str(port), "SPEED": "0"},
    )
    try:
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith("ready "):
            assert line, "make run ended"
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


def sensible(body: Any, server: Server, number: int) -> Any:
    """The body with what no schema can say put right: a brand that is known, a moment of today, people and ids that exist."""
    now = server.http.get("/_local/clock").json()["now"]
    known = {
        "brand": "Nuage SA",
        "published_at": now,
        "into": server.ids["id"][0],
        "to": "ben",
        "person": "ben",
        "messages": server.ids["message"],
        "case_id": server.ids["id"][0],
    }

    def mend(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: known.get(name, mend(inner)) for name, inner in value.items()}
        return value

    return mend(body) if number % 3 else body


CALLS = sorted(ROLES)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("role", [*PEOPLE, None])
def test_the_interface_is_what_its_document_says(server: Server, call: str, role: str | None) -> None:
    method, path = call.split(" ")
    operation = server.schema[path][method]
    needed = ROLES[call]
    allowed = needed is None or role in needed
    headers = {"Authorization": f"Bearer {server.tokens[role]}"} if role else {}
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    ways = [GenerationMode.POSITIVE]
    if "requestBody" in server.document["paths"][path][method.lower()] or names:
        ways.append(GenerationMode.NEGATIVE)
    real = {name: server.ids[name][0] for name in names}
    every = st.one_of(
        *(operation.as_strategy(generation_mode=way) for way in ways),
        *([operation.as_strategy(path_parameters=real)] if real else []),
    )
    examples = EXAMPLES * len(ways) if allowed else 2

    @seed(SEED)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=every, number=st.integers(0, 99))
    def run(case: Any, number: int) -> None:
        if isinstance(case.body, dict) and allowed:
            case.body = sensible(case.body, server, number)
        response = case.call(headers=headers)
        COUNTED[f"{role}"] += 1
        COUNTED[f"{response.status_code}"] += 1
        if needed is not None and role is None:
            assert response.status_code == 401, response.text
        elif not allowed:
            # What is no path of this call at all (an empty or absurd id) is not found, whoever asks.
            assert response.status_code in (403, 404, 405), response.text
        if response.status_code in (404, 405) and response.headers["content-type"] == [
            "application/problem+json"
        ]:
            assert response.json()["status"] == response.status_code
            return
        case.validate_response(response, checks=CHECKS)

    run()


def test_how_many_cases_there_were(capsys: pytest.CaptureFixture[str]) -> None:
    cases = sum(count for name, count in COUNTED.items() if not name.isdigit())
    assert cases > 500
    assert not [name for name in COUNTED if name.startswith("5")]
    with capsys.disabled():
        roles = {name: count for name, count in sorted(COUNTED.items()) if not name.isdigit()}
        answers = {name: count for name, count in sorted(COUNTED.items()) if name.isdigit()}
        print(f"\n{cases} cases; by role {roles}; answers {answers}")  # noqa: T201 - what the lane is asked for
