"""The local test interface, as contract.md has it, and what it says to bad input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.local_api import duration
from local.stack import Stack


def test_a_token_from_the_interface_opens_the_api(stack: Stack) -> None:
    answer = stack.request("POST", "/_local/token", {"sub": "ana", "roles": ["responder"]})
    assert answer.status == 200
    assert set(answer.json) == {"token"}
    read = stack.request("GET", "/things/a", token=answer.json["token"])
    assert (read.json["sub"], read.json["roles"]) == ("ana", "[responder]")


def test_the_clock_is_read_advanced_and_sped_up(stack: Stack) -> None:
    assert stack.request("GET", "/_local/clock").json["now"] == "2026-11-20T08:00:00Z"
    assert stack.request("POST", "/_local/clock", {"advance": "PT12H"}).json["now"] == "2026-11-20T20:00:00Z"
    assert (
        stack.request("POST", "/_local/clock", {"advance": "P1DT0.5S"}).json["now"]
        == "2026-11-21T20:00:00.500000Z"
    )
    assert stack.request("POST", "/_local/clock", {"speed": 3600}).json["speed"] == 3600
    assert stack.request("POST", "/_local/clock", {"speed": 0}).json["speed"] == 0


def test_an_advance_answers_when_everything_due_has_happened(stack: Stack) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=stack.token("ana", []))
    stack.request("POST", "/_local/clock", {"advance": "P30D"})
    assert {entry["status"] for entry in stack.executions()} == {"SUCCEEDED"}


def test_outbox_and_its_beginning(stack: Stack) -> None:
    payload = b'{"do": "send", "name": "k"}'
    stack.client("lambda").invoke(FunctionName="sangfroid-WorkerFunction", Payload=payload)
    (item,) = stack.request("GET", "/_local/outbox").json["items"]
    assert set(item) == {"at", "channel", "audience", "case_id", "kind", "language", "text", "key"}
    assert stack.request("GET", "/_local/outbox?since=2026-11-20T08:00:00Z").json["items"] == [item]
    assert stack.request("GET", "/_local/outbox?since=2026-11-20T09:00:00%2B01:00").json["items"] == [item]
    assert stack.request("GET", "/_local/outbox?since=2026-11-20T08:00:01Z").json["items"] == []
    assert stack.request("GET", "/_local/outbox?since=").json["items"] == [item]


def test_faults_are_set_and_cleared(stack: Stack) -> None:
    faults = [{"point": "function:worker", "mode": "crash", "times": 2}]
    assert stack.request("POST", "/_local/faults", faults).status == 200
    assert stack.faults.pending() == faults
    assert stack.request("DELETE", "/_local/faults").status == 200
    assert stack.faults.pending() == []


def test_reset(stack: Stack) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=stack.token("ana", []))
    assert stack.request("POST", "/_local/reset").status == 200
    assert stack.executions() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "pointer"),
    [
        ("POST", "/_local/token", "no json", 400, None),
        ("POST", "/_local/token", b"\xff", 400, None),
        ("POST", "/_local/token", "[" * 100_000, 400, None),
        ("POST", "/_local/token", [], 422, ""),
        ("POST", "/_local/token", {"roles": []}, 422, "/sub"),
        ("POST", "/_local/token", {"sub": " "}, 422, "/sub"),
        ("POST", "/_local/token", {"sub": "a", "roles": "director"}, 422, "/roles"),
        ("POST", "/_local/token", {"sub": "a", "roles": ["a b"]}, 422, "/roles"),
        ("POST", "/_local/clock", {}, 422, ""),
        ("POST", "/_local/clock", {"advance": "PT1H", "speed": 1}, 422, ""),
        ("POST", "/_local/clock", {"advance": 3600}, 422, "/advance"),
        ("POST", "/_local/clock", {"advance": "12 hours"}, 422, "/advance"),
        ("POST", "/_local/clock", {"advance": "-PT1H"}, 422, "/advance"),
        ("POST", "/_local/clock", {"advance": "P1M"}, 422, "/advance"),
        ("POST", "/_local/clock", {"advance": "P999999999999D"}, 422, "/advance"),
        ("POST", "/_local/clock", {"speed": "fast"}, 422, "/speed"),
        ("POST", "/_local/clock", {"speed": -1}, 422, "/speed"),
        ("POST", "/_local/clock", {"speed": True}, 422, "/speed"),
        ("POST", "/_local/clock", '{"speed": NaN}', 422, "/speed"),
        ("POST", "/_local/clock", '{"speed": 1e999}', 422, "/speed"),
        ("GET", "/_local/outbox?since=yesterday", None, 422, None),
        ("GET", "/_local/outbox?since=2026-11-20T08:00:00", None, 422, None),
        ("POST", "/_local/faults", {"point": "dynamodb"}, 422, ""),
        ("POST", "/_local/faults", [{"point": "disk", "mode": "error"}], 422, "/0/point"),
        ("GET", "/_local/reset", None, 405, None),
        ("PUT", "/_local/clock", {}, 405, None),
        ("GET", "/_local/", None, 404, None),
        ("GET", "/_local/secrets", None, 404, None),
    ],
)
def test_bad_input_is_a_problem_that_says_what_to_do(
    stack: Stack, method: str, path: str, body: Any, status: int, pointer: str | None
) -> None:
    answer = stack.request(method, path, body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert len(answer.json["detail"]) > 10
    assert [error["pointer"] for error in answer.json.get("errors", [])] == (
        [] if pointer is None else [pointer]
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("PT12H", timedelta(hours=12)),
        ("P2DT30M", timedelta(days=2, minutes=30)),
        ("P1W", timedelta(weeks=1)),
        ("PT0S", timedelta(0)),
        ("PT1.5H", timedelta(minutes=90)),
        ("PT0,5S", timedelta(milliseconds=500)),
        ("P3660D", timedelta(days=3660)),
    ],
)
def test_durations(text: str, step: timedelta) -> None:
    assert duration(text) == step


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1H", "PT1H30", "P1Y", "P-1D", "pt1h", "PT1H ", "P1W2D", "PT١H"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|fixed length"):
        duration(text)
