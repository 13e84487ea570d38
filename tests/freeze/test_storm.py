"""A storm: 200 deliveries of 20 cases under way, every fault mode on the channels, and a freeze in the middle, over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import local.stack
from local.stack import Stack
from sangfroid.model import rfc3339
from sangfroid.store.freeze import CLOCK_SKEW
from tests.support.crises import EIGHT

CASES, CHANNELS = 20, 10
SENDER_TIMEOUT = timedelta(seconds=60)
"""The longest that Lambda lets a sender live: `publish` and `notify` in template.yaml."""

FAULTS = [
    ("c0", "error"), ("c1", "lost_answer"), ("c2", "timeout"), ("c3", "throttle"), ("c4", "crash"),
    ("c5", "timeout"), ("c6", "lost_answer"), ("c7", "crash"),
]  # fmt: skip


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    """A stack of its own behind a real port, for an organisation with ten channels."""
    for running in list(local.stack._running):
        running.stop()
    example = yaml.safe_load(
        (local.stack.ROOT / "shared/sangfroid/organisation.example.yaml").read_text("utf-8")
    )
    kept = [channel for channel in example["channels"] if channel["audience"] in ("team", "out_of_band")]
    audiences = ("public", "public", "community", "customer", "partner")
    example["channels"] = kept + [
        {"id": f"c{number}", "type": "outbox", "audience": audiences[number % 5], "languages": ["en"]}
        for number in range(CHANNELS)
    ]
    organisation = tmp_path / "organisation.yaml"
    organisation.write_text(yaml.safe_dump(example), "utf-8")
    stack = Stack.start(now=EIGHT, organisation=organisation, serve_port=0)
    try:
        yield Storm(stack)
    finally:
        stack.stop()


CRASHES = 4
"""On each of two channels. A crash ends the process in which all ten deliveries of a case leave together: some cases go on."""


class Storm:
    """Twenty cases and the people who act on them, over a socket."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{stack.port}", timeout=120)
        self.cases: list[str] = []

    def call(self, who: str, roles: list[str], method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.stack.token(who, roles)}"}
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def brew(self) -> None:
        """Twenty approved responses, each with ten deliveries that start at once and meet a fault."""
        faults = [
            {"point": f"channel:{channel}", "mode": mode, "times": CRASHES if mode == "crash" else CASES + 5}
            for channel, mode in FAULTS
        ]
        for number in range(CASES):
            body = {
                "brand": "Nuage SA",
                "message": {
                    "text": f"trouble number {number}",
                    "platform": "x",
                    "published_at": rfc3339(EIGHT),
                },
            }
            case_id = self.call("ana", ["reporter"], "POST", "/incidents", body)["case_id"]
            self.call(
                "ana",
                ["responder"],
                "POST",
                f"/cases/{case_id}/triage",
                {"case": 3, "leak": False, "reason": "ours"},
            )
            self.cases.append(case_id)
        self.call("ana", [], "POST", "/_local/faults", faults)
        for case_id in self.cases:
            path = f"/cases/{case_id}/response"
            written = self.call("ana", ["responder"], "PUT", path, {"texts": {"en": "We are sorry."}})
            for approver in ("emma", "dora"):
                body = {"decision": "approve", "content_hash": written["content_hash"], "comment": ""}
                self.call(approver, ["approver"], "POST", f"{path}/{written['version']}/review", body)

    def deliveries(self) -> list[dict[str, Any]]:
        found = []
        for case_id in self.cases:
            document = self.call("aud", ["auditor"], "GET", f"/cases/{case_id}")
            found += [delivery | {"case_id": case_id} for delivery in document["deliveries"]]
        return found

    def freeze(self) -> Any:
        return self.call("aud", ["auditor"], "GET", "/freeze")

    def advance(self, seconds: float) -> None:
        self.call("aud", [], "POST", "/_local/clock", {"advance": f"PT{seconds:g}S"})


@pytest.mark.parametrize("after", [0, 31])
def test_nothing_leaves_after_effective_at_and_everything_held_is_accounted_for(
    storm: Storm, after: int, record_property: Callable[[str, object], None]
) -> None:
    storm.brew()
    if after:
        storm.advance(after)
    before = Counter(delivery["state"] for delivery in storm.deliveries())
    assert sum(before.values()) == CASES * CHANNELS
    # What leaves together is settled 2 s after the calls began, where one of them hangs: before that nothing is.
    met = ("sending", "waiting", "published") if after else ("sending",)
    assert all(before[state] >= 40 for state in met), "the freeze must meet calls in flight"
    in_flight = storm.freeze()["in_flight"]
    raised = storm.call("dirk", ["director"], "POST", "/freeze", {"reason": "a leak"})
    assert raised["active"]
    storm.advance(120)
    freeze = storm.freeze()
    assert freeze["state"] == "effective"
    effective_at, raised_at = (datetime.fromisoformat(freeze[name]) for name in ("effective_at", "raised_at"))
    assert effective_at - raised_at <= SENDER_TIMEOUT + CLOCK_SKEW
    storm.advance(3 * 3600)

    late = [
        item
        for item in storm.stack.outbox()
        if item["audience"] != "out_of_band" and datetime.fromisoformat(item["at"]) >= effective_at
    ]
    assert late == []
    left = Counter(item["key"] for item in storm.stack.outbox() if item["kind"] == "response")
    assert max(left.values(), default=0) <= 1, "a text left twice"

    freeze, deliveries = storm.freeze(), storm.deliveries()
    held = {entry["delivery"] for entry in freeze["held"]}
    assert not freeze["in_flight"]
    states = Counter(delivery["state"] for delivery in deliveries)
    assert set(states) <= {"published", "held"}, states
    keys = {
        f"{entry['case_id']}:v{entry['version']}:{entry['channel']}:en": entry["state"]
        for entry in deliveries
    }
    assert freeze["more_held"] or {key for key, state in keys.items() if state == "held"} <= held
    assert {key for key, state in keys.items() if state == "published"} <= set(left)
    record_property(
        "explored",
        f"storm, freeze after {after} s: {dict(before)} and {in_flight} permits at the raise; effective after "
        f"{(effective_at - raised_at).total_seconds():g} s; then {dict(states)}, {len(late)} texts after effective_at",
    )
