"""What stands at the door: a body costs what it weighs and is read for those who may send it; a person has one id."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from sangfroid.errors import Refused
from sangfroid.http import wire
from tests.contract.desk import Desk, report


def long_key_over_a_list(size: int) -> str:
    return json.dumps({"k" * (size // 2): [0] * (size // 6)})


def long_keys_within_each_other(size: int) -> str:
    key = "k" * (size // 40)
    body: Any = [0] * (size // 12)
    for _ in range(20):
        body = {key: body}
    return json.dumps(body)


def many_unknown_fields(size: int) -> str:
    return json.dumps({f"k{number}": 0 for number in range(size // 12)})


def texts_in_no_language(size: int) -> str:
    return json.dumps({"texts": {"x" * (size // 2): {str(number): "" for number in range(size // 20)}}})


def many_lists(size: int) -> str:
    return json.dumps({"texts": [[[]]] * (size // 9)})


SHAPES = [
    long_key_over_a_list,
    long_keys_within_each_other,
    many_unknown_fields,
    texts_in_no_language,
    many_lists,
]


def peak(desk: Desk, raw: str) -> int:
    """Bytes at the highest moment of one call."""
    tracemalloc.start()
    try:
        answer = desk.call("PUT", "/cases/case-x/response", raw=raw, headers={})
        assert answer.status in (404, 422), answer.text
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES)
def test_memory_follows_the_body(desk: Desk, shape: Any) -> None:
    peak(desk, shape(1_000))
    small, large = peak(desk, shape(60_000)), peak(desk, shape(120_000))
    assert large < 2.5 * small
    assert large < 60_000_000


@pytest.mark.parametrize("raw", ["{not json", long_key_over_a_list(200_000), "[" * 100_000, "\udcff"])
def test_a_body_is_not_parsed_for_who_may_not_send_it(
    desk: Desk, raw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "parse", lambda _: pytest.fail("the body was parsed"))
    assert desk.call("POST", "/incidents", raw=raw, roles=["auditor"]).status == 403
    assert desk.call("POST", "/incidents", raw=raw, sub=" ").status == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"a": {"b/c": ["x", "\0"]}}, "/a/b~1c/1"),
        ({"a": [{"d\ud800": 1}]}, "/a/0"),
        ({"a": [1, {"b": float("1e308") * 10}]}, None),
        ({"a": "\udfff"}, "/a"),
    ],
)
def test_a_fault_deep_in_a_body_has_its_place(body: Any, pointer: str | None) -> None:
    with pytest.raises(Refused) as refused:
        wire.parse(json.dumps(body).replace("Infinity", "1e999"))
    assert [fault.pointer for fault in refused.value.errors] == [pointer or "/a/1/b"]


@pytest.mark.parametrize("depth", [wire.MAX_DEPTH, wire.MAX_DEPTH + 1])
def test_the_depth_of_a_body(depth: int) -> None:
    text = '{"a":' * (depth - 1) + "{}" + "}" * (depth - 1)
    if depth == wire.MAX_DEPTH:
        assert wire.parse(text)
    else:
        with pytest.raises(Refused, match="nested deeper"):
            wire.parse(text)


@pytest.mark.parametrize(
    ("sub", "held"), [("Ana", "ana"), ("EMMA", "emma"), ("n.Ovak@x.example", "n.ovak@x.example")]
)
def test_a_person_has_one_id_however_their_token_writes_it(desk: Desk, sub: str, held: str) -> None:
    assert desk.call("GET", "/me", sub=sub).json["id"] == held


STRANGE = [
    "ana ",
    " ana",
    "ａna",
    "an\u200ba",
    "аna",
    "ana\u00ad",
    "a b",
    "ana\n",
    "é",
    "-ana",
    "x" * 129,
    "ana/../emma",
]


@pytest.mark.parametrize("sub", STRANGE)
def test_a_name_that_reads_as_another_is_nobody(desk: Desk, sub: str) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/incidents", report("outage"), sub=sub)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), answer.text
    assert desk.stored() == before


@pytest.mark.parametrize("name", STRANGE)
def test_a_name_in_a_body_has_the_plain_form(desk: Desk, name: str) -> None:
    case_id = desk.classified(2)
    before = desk.stored()
    for path, body in (
        (f"/cases/{case_id}/duties/C2.1/owner", {"to": name}),
        (f"/cases/{case_id}/cell/pilot", {"to": name}),
        (
            "/on-call/overrides",
            {"role": "on_call", "person": name, "reason": "ill"}
            | {"from": "2026-11-21T08:00:00Z", "to": "2026-11-22T08:00:00Z"},
        ),
    ):  # fmt: skip
        answer = desk.call("POST", path, body)
        assert answer.status == 422, answer.text
    assert desk.stored() == before
