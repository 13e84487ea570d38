"""Whatever is sent: never a 5xx, always a problem document, and the store as it was after every refusal."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sangfroid.http.identity import ROLES
from tests.contract.bodies import GOOD
from tests.contract.desk import EVENT, Desk, report

EVERYONE = ["reporter", "responder", "approver", "director"]
BOUNDED = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

BODIES = sorted(GOOD)

# Text as a hostile or broken sender writes it: lone surrogates, NUL, other scripts, the odd control character.
TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    [
        "\ud800",
        "a\udfff",
        "\x00",
        "\u200b",
        "\u202e",
        "",
        " ",
        "𝕏" * 50,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -(10**30), 10**400, 1e308, -0.0, 2**63])
    | st.floats(allow_nan=True)
    | TEXT
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def mutated(body: Any, draw: st.DrawFn) -> Any:
    """The body with one thing wrong somewhere inside: another value, a field too many, or one too few."""
    changed = copy.deepcopy(body)
    place = changed
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return changed
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
            continue
        what = draw(st.sampled_from(["replace", "drop", "add"]))
        if what == "replace":
            place[key] = draw(JSON)
        elif what == "drop":
            del place[key]
        elif isinstance(place, dict):
            place[draw(TEXT)] = draw(JSON)
        else:
            place.append(draw(JSON))
        return changed


@st.composite
def nearly_right(draw: st.DrawFn, call: str) -> Any:
    return mutated(GOOD[call], draw)


def path_of(call: str, case_id: str) -> tuple[str, str]:
    method, path = call.split(" ", 1)
    for name, value in {
        "{id}": case_id,
        "{case_id}": case_id,
        "{message}": "m000001",
        "{version}": "1",
        "{duty}": "C2.1",
        "{channel}": "x",
        "{role}": "pilot",
        "{delivery}": f"{case_id}:v1:x:fr",
    }.items():
        path = path.replace(name, value)
    return method, path


def check(desk: Desk, method: str, path: str, raw: str | bytes, **more: Any) -> None:
    """One call that may be wrong in any way."""
    before = desk.stored()
    answer = desk.call(method, path, raw=raw, roles=EVERYONE, **more)
    assert answer.status < 500, (method, path, raw, answer.text)
    if answer.status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        document = answer.json
        assert document["status"] == answer.status
        assert document["detail"]
        assert all(isinstance(fault["detail"], str) for fault in document.get("errors", []))
        assert desk.stored() == before, (method, path, raw, answer.text)


def test_a_look_at_the_store_sees_every_change(desk: Desk) -> None:
    looks = [desk.stored()]
    case_id = desk.reported()
    looks.append(desk.stored())
    desk.advance(minutes=1)
    desk.duty(desk.classified(2), "C2.1", state="waived", note="known")
    looks.append(desk.stored())
    assert looks[0] == {}
    assert looks[0] != looks[1] != looks[2] != looks[0]
    assert looks[1] == {key: looks[1][key] for key in looks[2] if key in looks[1]}
    assert looks[1][f"CASE#{case_id}", "FILE"] != looks[2][f"CASE#{case_id}", "FILE"]


def test_the_good_bodies_are_good(desk: Desk) -> None:
    """Otherwise the mutations below would never come near."""
    case_id = desk.classified(2)
    desk.written(case_id)
    for call in BODIES:
        method, path = path_of(call, case_id)
        answer = desk.call(method, path, GOOD[call], roles=EVERYONE)
        assert answer.status in (200, 201, 202, 404, 409), (call, answer.text)
    # Signed, or with a proof of their own instead of a token; or without a body; or asking a page of the internet.
    without = {
        "POST /webhooks/{source}", "POST /session", "POST /replies", "POST /desk/{waiting}/acknowledge",
        "POST /cases/{id}/reply-links", "POST /reports/look",
    }  # fmt: skip
    assert {call for call in ROLES if call.startswith(("POST", "PUT"))} - without == set(BODIES)


@pytest.mark.parametrize("call", BODIES)
@BOUNDED
@given(data=st.data())
def test_bodies_that_are_nearly_right(desk: Desk, call: str, data: st.DataObject) -> None:
    method, path = path_of(call, _case(desk))
    check(desk, method, path, json.dumps(data.draw(nearly_right(call))))


@BOUNDED
@given(call=st.sampled_from(BODIES), body=JSON)
def test_bodies_that_are_any_json(desk: Desk, call: str, body: Any) -> None:
    method, path = path_of(call, _case(desk))
    check(desk, method, path, json.dumps(body))


@BOUNDED
@given(call=st.sampled_from(BODIES), raw=st.binary(max_size=200) | st.text(max_size=200))
def test_bodies_that_are_any_bytes(desk: Desk, call: str, raw: str | bytes) -> None:
    method, path = path_of(call, _case(desk))
    check(desk, method, path, raw)


@BOUNDED
@given(data=st.data(), segment=st.text(min_size=1, max_size=40), call=st.sampled_from(sorted(ROLES)))
def test_paths_with_any_characters(desk: Desk, data: st.DataObject, segment: str, call: str) -> None:
    method, template = call.split(" ")
    segments = [
        segment if part.startswith("{") and data.draw(st.booleans()) else part for part in template.split("/")
    ]
    path = path_of(f"{method} {'/'.join(segments)}", _case(desk))[1]
    body = json.dumps(GOOD.get(call, {}))
    check(desk, method, path, body)


@BOUNDED
@given(
    query=st.dictionaries(
        st.sampled_from(["status", "cursor", "limit", "messages", "after", "x"]), st.text(max_size=60)
    ),
    path=st.sampled_from(["/cases", "/cases/{id}", "/cases/{id}/timeline", "/cases/{id}/report"]),
)
def test_queries_of_any_kind(desk: Desk, query: dict[str, str], path: str) -> None:
    event = copy.deepcopy(EVENT)
    event["rawPath"] = path.replace("{id}", _case(desk))
    event["requestContext"]["http"]["method"] = "GET"
    event["queryStringParameters"] = query
    assert desk.invoke(event).status < 500


@BOUNDED
@given(
    headers=st.dictionaries(
        st.sampled_from(
            ["accept", "accept-language", "content-type", "idempotency-key", "content-length", "cookie"]
        ),
        st.text(max_size=60),
    ),
    call=st.sampled_from(["GET /cases/{id}", "GET /cases/{id}/report", "POST /incidents"]),
)
def test_headers_of_any_kind(desk: Desk, headers: dict[str, str], call: str) -> None:
    method, path = path_of(call, _case(desk))
    check(desk, method, path, json.dumps(report("rival")), headers=headers)


def test_every_case_survives_what_it_was_told(desk: Desk) -> None:
    """The longest texts that are allowed, everywhere at once: what is stored can be read, listed and reported."""
    case_id = desk.classified(4, "rival")
    long = "Nobody is answered here " + "𝕏" * 1_976
    desk.call("POST", f"/cases/{case_id}/triage", {"case": 4, "reason": long})
    for duty in desk.case(case_id)["duties"]:
        desk.duty(case_id, duty["id"], evidence=long, note="Agreed with the whole cell")
        desk.duty(case_id, duty["id"], state="waived", note=long)
    body = {"reason": long, "reopen_if": ["𝕏" * 300] * 20}
    assert desk.call("POST", f"/cases/{case_id}/no-response", body, roles=["responder"]).status == 202
    assert (
        desk.call("POST", f"/cases/{case_id}/no-response", body, roles=["director"], sub="dora").status == 200
    )
    measures = [
        {"text": f"Measure {number:02} of the crisis cell " + "𝕏" * 460, "owner": "dev", "due": "2027-01-01"}
        for number in range(40)
    ]
    closing = {
        "root_cause": "A rival wrote it " + "𝕏" * 4_980,
        "lessons": "Answer sooner next time " + "𝕏" * 9_970,
        "measures": measures,
    }
    raw = json.dumps(closing, ensure_ascii=False)
    answer = desk.call("POST", f"/cases/{case_id}/close", raw=raw)
    assert answer.status == 200, answer.json["detail"]
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/timeline", f"/cases/{case_id}/report", "/cases"):
        assert desk.call("GET", path).status == 200


def _case(desk: Desk) -> str:
    """One open case 2 with a version in review, made anew where an example has ended it or changed what it is."""
    standing = desk.stored().get((f"CASE#{desk.standing}", "FILE"))
    if standing is None or (standing["status"].value, standing["case"].value) != ("responding", "2"):
        desk.standing = desk.classified(2)
        desk.written(desk.standing)
    return desk.standing
