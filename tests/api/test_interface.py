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
from datetime import datetime, timedelta
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
from tests.contract.bodies import GOOD

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
SAID = "Two of us saw it on the status page at nine."
COUNTED: Counter[str] = Counter()
SERVED: set[str] = set()
"""Calls that were answered with 2xx at least once."""


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

    def _read(self, path: str, role: str) -> Any:
        answer = self.http.get(path, headers={"authorization": f"Bearer {self.tokens[role]}"})
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _played(self) -> dict[str, str]:
        """A crisis under way, one in triage, one to be merged, one that is closed, and an id of all that a path can name.

        The freeze is raised by the director's turn, so that the turns before meet an open desk and those after a frozen one.
        """
        now = self.http.get("/_local/clock").json()["now"]
        texts = {
            "main": "Plus rien ne marche chez Nuage",
            "untriaged": "Le portail affiche une page blanche",
            "spare": "Why is the invoice of Nuage wrong by twelve euros?",
            "silent": "Nuage, votre logo est laid et votre musique aussi",
            "closed": "Is Nuage down again?",
        }
        cases: dict[str, str] = {}
        for name, text in texts.items():
            author = {"handle": f"@{name}"}
            message = {"text": text, "platform": "x", "published_at": now, "author": author}
            report = {"brand": "Nuage SA", "message": message}
            cases[name] = self._post("/incidents", report, "reporter")["case_id"]
        main = cases["main"]
        self._post(f"/cases/{main}/triage", {"case": 4, "reason": "seen"}, "responder")
        self._post(f"/cases/{cases['silent']}/triage", {"case": 4, "reason": "seen"}, "responder")
        left_in = {"texts": {name: text + " [NOM]" for name, text in TEXTS.items()}}
        self._post(f"/cases/{cases['silent']}/response", left_in, "responder", "PUT")
        self._post(f"/cases/{cases['closed']}/triage", {"case": None, "reason": "a joke"}, "responder")
        written = self._post(f"/cases/{main}/response", {"texts": TEXTS}, "responder", "PUT")
        decision = {"decision": "approve", "content_hash": written["content_hash"], "comment": ""}
        self._post(f"/cases/{main}/response/{written['version']}/review", decision, "approver")
        more = {"text": "Toujours en panne !", "platform": "x", "published_at": now}
        self._post(f"/cases/{main}/messages", more, "reporter")
        self._post("/_local/clock", {"advance": "PT2M"})
        attached = {"name": "a.png", "media_type": "image/png", "data": "iVBORw0KGgo=", "note": "as seen"}
        evidence = self._post(f"/cases/{main}/evidence", attached, "responder")
        saved = {"texts": TEXTS, "based_on": None, "objective": SAID}
        self._post(f"/cases/{main}/draft", saved, "responder", "PUT")
        # One for each end that a template can come to.
        template, doomed = (
            self._post(
                "/acknowledgements", {"texts": {"en": "Hello {name}, we have read you."}}, "responder"
            ),
            self._post(
                "/acknowledgements", {"texts": {"en": "Hello {name}, we have read you."}}, "responder"
            ),
        )
        link = self._post(f"/cases/{main}/reply-links", {}, "responder")
        shown = self._read(f"/cases/{main}", "auditor")
        waiting = self._read("/desk", "responder")["waiting"]
        return cases | {
            "message": shown["messages"][0]["id"],
            "second": next(one["id"] for one in shown["messages"] if one["text"] == more["text"]),
            "version": str(written["version"]),
            "content_hash": written["content_hash"],
            "duty": next(duty["id"] for duty in shown["duties"] if duty["state"] == "open"),
            "delivery": shown["deliveries"][0]["key"],
            "role": "pilot",
            "channel": "x",
            "source": "own-tool",
            "evidence": evidence["id"],
            "number": "0",
            "template": template["id"],
            "template_hash": template["content_hash"],
            "doomed": doomed["id"],
            "token": link["url"].partition("#")[2],
            "waiting": waiting[0]["id"],
        }

    def place(self, call: str, name: str, role: str | None) -> str:
        """The real id for one parameter of a call's path; a call that ends a case has one of its own."""
        if name == "waiting" and role is not None:
            waiting = self._read("/desk", role)["waiting"]
            return str(waiting[0]["id"]) if waiting else self.ids["waiting"]
        if call == "POST /acknowledgements/{template}/revoke":
            return self.ids["doomed"]
        if name not in ("id", "case_id"):
            return self.ids[name]
        return self.ids[ENDING.get(call, "main")]


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


ENDING = {
    "POST /cases/{id}/merge": "spare",
    "POST /cases/{id}/triage": "untriaged",
    "POST /cases/{id}/no-response": "silent",
    "POST /cases/{id}/response/{version}/overrides": "silent",
    "POST /freeze/suspicions/{case_id}": "untriaged",
}
"""Calls that may end a case, or change what it is, and the case that each of them gets."""


FREEZING = {"POST /incidents", "POST /cases/{id}/triage"}
"""Calls by which anybody can raise the freeze: only their bodies are always mended."""
GOOD_HERE = GOOD | {
    "POST /replies": {"token": "", "text": "Say it yourselves, and before noon."},
    "POST /cases/{id}/measures": {"text": "A second line", "owner": "dev", "due": "2027-01-01"},
}
NEW = {
    "GET /me", "GET /on-call", "GET /desk", "GET /search", "GET /reply", "POST /replies", "GET /cases/{id}/replies",
    "POST /cases/{id}/reply-links", "GET /acknowledgements", "POST /acknowledgements", "PUT /cases/{id}/plan",
    "POST /acknowledgements/{template}/approve", "POST /acknowledgements/{template}/revoke", "POST /cases/{id}/measures",
    "GET /cases/{id}/draft", "PUT /cases/{id}/draft", "DELETE /cases/{id}/draft", "GET /cases/{id}/first-draft",
    "POST /cases/{id}/response/{version}/overrides", "POST /on-call/overrides", "POST /desk/{waiting}/acknowledge",
    "POST /cases/{id}/split", "POST /cases/{id}/merge", "GET /cases/{id}/evidence/{evidence}/{number}",
}  # fmt: skip
"""Calls whose way that goes well was once not reached by this lane."""


def meant(ids: dict[str, str], now: datetime) -> dict[str, dict[str, Any]]:
    """What a field of one call means, where another call has a field of the same name."""
    return {
        "PUT /cases/{id}/response": {"texts": TEXTS, "kind": None},
        "POST /cases/{id}/response/check": {"texts": TEXTS},
        "PUT /cases/{id}/draft": {"texts": TEXTS},
        "PUT /cases/{id}/plan": {"objectives": TEXTS, "strategy": TEXTS, "actions": None},
        "POST /acknowledgements": {"texts": {"en": "Hello {name}, we read you."}},
        "POST /acknowledgements/{template}/approve": {"content_hash": ids["template_hash"]},
        "POST /cases/{id}/acknowledgements": {
            "content_hash": ids["template_hash"],
            "language": "en",
            "to": None,
        },
        "POST /cases/{id}/answers": {"to": "lea@client.example"},
        "POST /cases/{id}/messages": {"published_at": (now - timedelta(hours=1)).isoformat()},
        "POST /cases/{id}/response/{version}/overrides": {"code": "placeholder_left_in"},
        "POST /cases/{id}/split": {"messages": [ids["second"]]},
        "POST /on-call/overrides": {"role": "on_call", "to": (now + timedelta(hours=9)).isoformat()},
        "POST /cases/{id}/measures": {"due": "2027-01-31", "owner": "dev"},
    }


def sensible(call: str, body: Any, server: Server) -> Any:
    """The body with what no schema can say put right: a brand that is known, a moment of today, people and ids that exist."""
    now = datetime.fromisoformat(server.http.get("/_local/clock").json()["now"])
    ids = server.ids
    known: dict[str, Any] = {
        "brand": "Nuage SA",
        "url": None,
        "published_at": now.isoformat(),
        "expires_at": (now + timedelta(days=3)).isoformat(),
        "from": (now + timedelta(hours=1)).isoformat(),
        "to": "ben",
        "person": "ben",
        "into": ids["main"],
        "messages": [ids["message"]],
        "message": ids["message"],
        "case_id": ids["main"],
        "content_hash": ids["content_hash"],
        "template": ids["template"],
        "token": ids["token"],
        "language": "fr",
        "duty": None,
    }
    known |= dict.fromkeys(("channel", "image", "slots", "kind", "based_on", "corrects", "finding"))
    known |= dict.fromkeys(("reason", "note", "comment", "objective"), SAID)
    known |= meant(ids, now).get(call, {})
    # Whoever says "a leak" freezes everything, which is the director's turn.
    known |= {"confidential_leak": False, "leak": False}

    def mend(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: mend(inner)
            if isinstance(inner, dict) and isinstance(known.get(name), str | None) and name != "finding"
            else known.get(name, inner)
            for name, inner in value.items()
        }

    return mend(body)


CALLS = sorted(ROLES, key=lambda call: (call.startswith("DELETE"), call))


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
    real = {name: server.place(call, name, role) for name in names}
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
        if isinstance(case.body, dict) and allowed and (number % 3 or call in FREEZING):
            case.body = sensible(call, case.body, server)
        judged(case)

    def judged(case: Any) -> None:
        response = case.call(headers=headers)
        COUNTED[f"{role}"] += 1
        COUNTED[f"{response.status_code}"] += 1
        if response.status_code < 300:
            SERVED.add(call)
        if needed is not None and role is None:
            assert response.status_code == 401, response.text
        elif not allowed:
            # What is no path of this call at all (an empty or absurd id) is not found, whoever asks.
            assert response.status_code in (403, 404, 405), response.text
        # A path with an empty or absurd id is another path; one without ids is always itself.
        if (
            names
            and response.status_code in (404, 405)
            and response.headers["content-type"] == ["application/problem+json"]
        ):
            assert response.json()["status"] == response.status_code
            return
        case.validate_response(response, checks=CHECKS)

    if call in GOOD_HERE or "requestBody" not in server.document["paths"][path][method.lower()]:
        good = (
            {"body": sensible(call, GOOD_HERE[call], server), "media_type": "application/json"}
            if call in GOOD_HERE
            else {}
        )
        judged(operation.Case(path_parameters=real, **good))
    run()


def test_how_many_cases_there_were(capsys: pytest.CaptureFixture[str]) -> None:
    cases = sum(count for name, count in COUNTED.items() if not name.isdigit())
    assert cases > 500
    assert sorted(NEW - SERVED) == []
    assert not [name for name in COUNTED if name.startswith("5")]
    with capsys.disabled():
        print(f"never answered with 2xx: {sorted(set(CALLS) - SERVED)}")  # noqa: T201
        roles = {name: count for name, count in sorted(COUNTED.items()) if not name.isdigit()}
        answers = {name: count for name, count in sorted(COUNTED.items()) if name.isdigit()}
        print(f"\n{cases} cases; by role {roles}; answers {answers}")  # noqa: T201 - what the lane is asked for
