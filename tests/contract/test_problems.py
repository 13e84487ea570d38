"""What is refused, how it is said, and that nothing was stored."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from sangfroid.errors import Unavailable
from sangfroid.http import wire
from tests.contract.desk import EVENT, TEXTS, Desk, report

PROBLEM = "application/problem+json"


def changed(path: str, value: Any, name: str = "outage") -> dict[str, Any]:
    """The body of a report with one value exchanged (`message.text`)."""
    body = report(name)
    *way, last = path.split(".")
    place: dict[str, Any] = body
    for step in way:
        place = place[step]
    place[last] = value
    return body


@pytest.mark.parametrize(
    ("raw", "status", "says"),
    [
        ("{", 400, "line 1"),
        ("", 422, "the body"),
        ("null", 422, "object"),
        ("[]", 422, "a list"),
        ('[{"brand": "x"}]', 422, "a list"),
        ('"text"', 422, "a text"),
        ("7", 422, "a number"),
        ("true", 422, "true or false"),
        ('{"a": NaN}', 400, "NaN"),
        ('{"a": Infinity}', 400, "Infinity"),
        ('{"a": 1e400}', 422, "/a"),
        ('{"a": ' + "9" * 5_000 + "}", 422, "digits"),
        ("[" * 100_000, 422, "nested"),
        ('{"a":' * 200 + "1" + "}" * 200, 422, "nested"),
        ('{"brand": "\\ud800"}', 422, "/brand"),
        ('{"\\udfff": 1}', 422, "surrogate"),
        ('{"brand": "a\\u0000b"}', 422, "U+0000"),
        (b"\xff\xfe{}", 400, "UTF-8"),
        (b'{"brand": "\xe9"}', 400, "UTF-8"),
        ("{'brand': 'x'}", 400, "JSON"),
        ("\ufeff{}", 400, "JSON"),
        ("x" * (wire.MAX_BODY + 1), 413, "256 KB"),
        (b'{"brand": "' + b"x" * 1_000_000 + b'"}', 413, "256 KB"),
        ('{"brand": "' + "é" * (wire.MAX_BODY // 2) + '"}', 413, "256 KB"),
    ],
)
def test_bytes_that_are_no_json_object(desk: Desk, raw: str | bytes, status: int, says: str) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/incidents", raw=raw)
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    document = answer.json
    assert all("pointer" in fault and fault["detail"] for fault in document["errors"])
    assert document["errors"]
    assert set(document) >= {"type", "title", "status", "detail", "instance"}
    assert document["status"] == status
    assert document["instance"] == "/incidents"
    assert says in json.dumps(document, ensure_ascii=False)
    assert desk.stored() == before


def test_a_body_that_says_base64_but_is_not(desk: Desk) -> None:
    event = copy.deepcopy(EVENT) | {"body": "{}", "isBase64Encoded": True}
    assert desk.invoke(event).status == 400


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/brand"),
        (changed("brand", 7), "/brand"),
        (changed("brand", " \n"), "/brand"),
        (changed("brand", "x" * 201), "/brand"),
        (changed("brand", None), "/brand"),
        (changed("message", "text"), "/message"),
        (changed("message", None), "/message"),
        (changed("message", []), "/message"),
        (changed("message.text", ""), "/message/text"),
        (changed("message.text", ["a"]), "/message/text"),
        (changed("message.text", "x" * 20_001), "/message/text"),
        (changed("message.platform", "myspace"), "/message/platform"),
        (changed("message.platform", None), "/message/platform"),
        (changed("message.published_at", 1795165200), "/message/published_at"),
        (changed("message.published_at", "1795165200"), "/message/published_at"),
        (changed("message.published_at", True), "/message/published_at"),
        (changed("message.published_at", None), "/message/published_at"),
        (changed("message.published_at", ""), "/message/published_at"),
        (changed("message.published_at", "2026-11-20"), "/message/published_at"),
        (changed("message.published_at", "2026-11-20T08:00:00"), "/message/published_at"),
        (changed("message.published_at", "2026-02-30T08:00:00Z"), "/message/published_at"),
        (changed("message.published_at", "2026-11-20T08:00:00+99:00"), "/message/published_at"),
        (changed("message.published_at", "0001-01-01T00:00:00Z"), "/message/published_at"),
        (changed("message.published_at", "0001-01-01T00:00:00+12:00"), "/message/published_at"),
        (changed("message.published_at", "9999-12-31T23:59:59-12:00"), "/message/published_at"),
        (changed("message.published_at", "9999-12-31T23:59:59Z"), "/message/published_at"),
        (changed("message.published_at", "2026-11-20T09:05:01Z"), "/message/published_at"),
        (changed("message.published_at", "1999-01-01T00:00:00Z"), "/message/published_at"),
        (changed("message.published_at", "２０２６-11-20T08:00:00Z"), "/message/published_at"),
        (changed("message.on_own_platform", "false"), "/message/on_own_platform"),
        (changed("message.on_own_platform", 0), "/message/on_own_platform"),
        (changed("message.author", "@marc"), "/message/author"),
        (changed("message.author.followers", "120"), "/message/author/followers"),
        (changed("message.author.followers", True), "/message/author/followers"),
        (changed("message.author.followers", -1), "/message/author/followers"),
        (changed("message.author.followers", 1.5), "/message/author/followers"),
        (changed("message.author.followers", 10**400), "/message/author/followers"),
        (changed("message.author.folowers", 1), "/message/author/folowers"),
        (changed("message.likes", 1), "/message/likes"),
        (changed("message.a/b~c", 1), "/message/a~1b~0c"),
        (changed("severity", "high"), "/severity"),
        (changed("asserted.at_fault", "us"), "/asserted/at_fault"),
        (changed("asserted.leak", True), "/asserted/leak"),
        (changed("asserted.confidential_leak", 1), "/asserted/confidential_leak"),
        (changed("notes", None), "/notes"),
    ],
)
def test_a_report_that_says_something_impossible(desk: Desk, body: Any, pointer: str) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/incidents", body)
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    faults = answer.json["errors"]
    assert pointer in [fault["pointer"] for fault in faults]
    assert all(fault["detail"] for fault in faults)
    assert answer.json["detail"]
    assert desk.stored() == before


def test_five_minutes_of_clock_skew_are_allowed(desk: Desk) -> None:
    assert (
        desk.call("POST", "/incidents", changed("message.published_at", "2026-11-20T09:05:00Z")).status == 202
    )


@pytest.mark.parametrize(
    "moment", ["2026-11-20t08:00:00z", "2026-11-20T09:00:00+01:00", "2026-11-20T08:00:00.123456789Z"]
)
def test_every_form_of_rfc_3339_is_taken(desk: Desk, moment: str) -> None:
    answer = desk.call("POST", "/incidents", changed("message.published_at", moment))
    assert answer.status == 202
    assert desk.case(answer.json["case_id"])["first_published_at"].startswith("2026-11-20T08:00:00")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("triage", {"reason": "x"}, "/case"),
        ("triage", {"case": 5, "reason": "x"}, "/case"),
        ("triage", {"case": True, "reason": "x"}, "/case"),
        ("triage", {"case": 1.0, "reason": "x"}, "/case"),
        ("triage", {"case": "1", "reason": "x"}, "/case"),
        ("triage", {"case": 2, "leak": 1, "reason": "x"}, "/leak"),
        ("triage", {"case": 2, "leak": False}, "/reason"),
        ("triage", {"case": 2, "reason": "  "}, "/reason"),
        ("triage", {"case": 2, "leak": True, "reason": "x"}, "/leak"),
        ("messages", {"text": "x", "platform": "x"}, "/published_at"),
        ("messages", report("outage")["message"] | {"published_at": "2027-01-01T00:00:00Z"}, "/published_at"),
        ("messages", report("outage"), "/brand"),
        ("close", {"root_cause": "x", "lessons": "", "measures": []}, "/lessons"),
        (
            "close",
            {"root_cause": "x", "lessons": "y", "measures": [{"text": "a", "owner": "b"}]},
            "/measures/0/due",
        ),
        (
            "close",
            {"root_cause": "x", "lessons": "y", "measures": [{"text": "a", "owner": "b", "due": "soon"}]},
            "/measures/0/due",
        ),
        ("duties/C2.1", {"state": "open"}, "/state"),
        ("duties/C2.1", {"state": "done", "evidence": 7}, "/evidence"),
        ("no-response", {"reason": "x", "reopen_if": "press"}, "/reopen_if"),
        ("no-response", {"reason": "x", "reopen_if": [""]}, "/reopen_if/0"),
        ("deliveries/d1", {"state": "gone"}, "/state"),
        ("response/1/review", {"decision": "maybe", "content_hash": "x"}, "/decision"),
        ("response/1/review", {"decision": "approve"}, "/content_hash"),
        ("messages/m000001/withdraw", {}, "/reason"),
    ],
)
def test_acts_on_a_case_that_say_something_impossible(
    desk: Desk, path: str, body: Any, pointer: str | None
) -> None:
    case_id = desk.classified(2)
    before = desk.stored()
    answer = desk.call("POST", f"/cases/{case_id}/{path}", body)
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    if pointer is not None:
        assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert desk.stored() == before


@pytest.mark.parametrize(
    ("texts", "pointer"),
    [
        ({}, "/texts"),
        (None, "/texts"),
        ([], "/texts"),
        ({"fr": ""}, "/texts/fr"),
        ({"fr": " \n "}, "/texts/fr"),
        ({"fr": None}, "/texts/fr"),
        ({"fr": "x" * 20_001}, "/texts/fr"),
        ({"french": "x"}, "/texts/french"),
        ({"FR": "x"}, "/texts/FR"),
        ({"": "x"}, "/texts/"),
        ({"fr\n": "x"}, "/texts/fr\n"),
        ({f"a{letter}": "x" for letter in "abcdefghijk"}, "/texts"),
    ],
)
def test_texts_of_a_response_that_cannot_be(desk: Desk, texts: Any, pointer: str) -> None:
    case_id = desk.classified(2)
    before = desk.stored()
    answer = desk.call("PUT", f"/cases/{case_id}/response", {"texts": texts})
    assert answer.status == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json["errors"]]
    assert desk.stored() == before


def test_a_language_with_a_region_and_a_kind(desk: Desk) -> None:
    case_id = desk.classified(2)
    assert desk.written(case_id, texts={"de-CH": "Es tut uns leid."})["version"] == 1
    early = desk.call("PUT", f"/cases/{case_id}/response", {"texts": TEXTS, "kind": "update"})
    assert early.status == 409
    assert desk.call("PUT", f"/cases/{case_id}/response", {"texts": TEXTS, "kind": "leaflet"}).status == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "clé", "a b", "tab\there", "\x00"])
def test_an_idempotency_key_is_short_visible_ascii(desk: Desk, key: str) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/incidents", report("outage"), headers={"idempotency-key": key})
    assert answer.status == 422
    assert answer.json["errors"][0]["parameter"] == "idempotency-key"
    assert desk.stored() == before


@pytest.mark.parametrize("key", ["x" * 200, "a,b,c", "!~"])
def test_an_idempotency_key_may_be_any_visible_ascii(desk: Desk, key: str) -> None:
    first = desk.call("POST", "/incidents", report("outage"), headers={"idempotency-key": key})
    assert first.status == 202
    assert (
        desk.call("POST", "/incidents", report("outage"), headers={"idempotency-key": key}).json == first.json
    )


@pytest.mark.parametrize(
    "query",
    [
        {"status": "open"},
        {"status": "Triage"},
        {"cursor": "garbage"},
        {"cursor": "é"},
        {"cursor": "x" * 2_000},
        {"cursor": "Y2FzZXMKCnh8eXx6"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"limit": "9" * 5_000},
    ],
)
def test_a_list_that_cannot_be(desk: Desk, query: dict[str, str]) -> None:
    desk.reported()
    answer = desk.call("GET", "/cases", query=query)
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM), answer.text


def test_a_cursor_is_bound_to_its_filter(desk: Desk) -> None:
    for number in range(3):
        desk.advance(minutes=1)
        message = report("smallest")["message"] | {
            "text": f"{'abc'[number] * 9} is what {'xyz'[number] * 7} said"
        }
        desk.reported("smallest", message=message)
    cursor = desk.call("GET", "/cases", query={"limit": "1"}).json["next"]
    assert desk.call("GET", "/cases", query={"limit": "1", "cursor": cursor}).status == 200
    assert desk.call("GET", "/cases", query={"status": "triage", "cursor": cursor}).status == 422
    assert desk.call("GET", "/cases", query={"cursor": cursor + "A"}).status == 422
    case_id = desk.reported("outage")
    assert desk.call("GET", f"/cases/{case_id}", query={"messages": cursor}).status == 422


@pytest.mark.parametrize(
    "case_id",
    ["case-none", "x" * 300, "%00", "%FF", "CASE#1", "a b", "é", "..", "x|y", "%252e", "{id}", "'", "-"],
)
def test_ids_that_nobody_has(desk: Desk, case_id: str) -> None:
    for method, rest, body in (
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("GET", "/report", None),
        ("POST", "/triage", {"case": 1, "reason": "x"}),
        ("PUT", "/response", {"texts": TEXTS}),
        ("POST", "/messages", report("outage")["message"]),
        ("POST", "/messages/m1/withdraw", {"reason": "x"}),
        ("POST", "/close", {"root_cause": "x", "lessons": "y"}),
    ):
        answer = desk.call(method, f"/cases/{case_id}{rest}", body, roles=["reporter", "responder"])
        assert (answer.status, answer.headers["content-type"]) == (404, PROBLEM), answer.text
    answer = desk.call(
        "POST", f"/freeze/suspicions/{case_id}", {"freeze": True, "reason": "x"}, roles=["director"]
    )
    assert answer.status == 404


@pytest.mark.parametrize(
    ("version", "status"),
    [("7", 404), ("0", 404), ("-1", 404), ("one", 422), ("1.5", 422), ("9" * 5_000, 422)],
)
def test_versions_that_are_not(desk: Desk, version: str, status: int) -> None:
    case_id = desk.classified(2)
    body = {"decision": "approve", "content_hash": "sha256:0"}
    answer = desk.call("POST", f"/cases/{case_id}/response/{version}/review", body, roles=["approver"])
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)


@pytest.mark.parametrize(
    "path", ["/", "", "/cases/", "/case", "/cases/a/b/c", "/freeze/now", "/_local/reset", "//", "/\x00"]
)
def test_paths_that_nobody_serves(desk: Desk, path: str) -> None:
    answer = desk.call("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/incidents", "POST"),
        ("DELETE", "/cases/x", "GET"),
        ("PATCH", "/freeze", "GET, POST"),
        ("POST", "/cases/x/response", "PUT"),
        ("TRACE", "/cases/x/close", "POST"),
    ],
)
def test_methods_that_a_path_does_not_take(desk: Desk, method: str, path: str, allow: str) -> None:
    answer = desk.call(method, path, {})
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "é",
    ],
)
def test_bodies_that_are_not_declared_as_json(desk: Desk, content_type: str) -> None:
    before = desk.stored()
    answer = desk.call("POST", "/incidents", report("outage"), headers={"content-type": content_type})
    assert (answer.status, answer.headers["content-type"]) == (415, PROBLEM)
    assert desk.stored() == before


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=UTF-8",
        'Application/JSON;charset="utf-8"',
        "application/ld+json",
        None,
    ],
)
def test_bodies_that_are_json(desk: Desk, content_type: str | None) -> None:
    assert (
        desk.call("POST", "/incidents", report("outage"), headers={"content-type": content_type}).status
        == 202
    )


def test_a_body_where_none_is_wanted_is_ignored(desk: Desk) -> None:
    answer = desk.call("GET", "/cases", raw=b"\xff", headers={"content-type": "text/plain"})
    assert answer.status == 200


def test_a_store_that_does_not_answer_says_when_to_try_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> Any:
        raise Unavailable("The store did not answer. Please try again.")

    for reading in ("get", "get_many", "query"):
        monkeypatch.setattr(desk.module.desk.casework.table, reading, busy)
    answer = desk.call("GET", "/cases/case-1")
    assert (answer.status, answer.headers["content-type"]) == (503, PROBLEM)
    assert int(answer.headers["retry-after"]) > 0


def test_a_fault_of_ours_is_a_problem_document_without_its_trace(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(desk.module.desk.reading, "case", broken)
    answer = desk.call("GET", "/cases/case-1")
    assert (answer.status, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret" not in answer.text


def test_many_faults_are_named_together_but_not_without_end(desk: Desk) -> None:
    few = desk.call("POST", "/incidents", {"brand": 1, "message": {"text": 2, "platform": 3}})
    pointers = {fault["pointer"] for fault in few.json["errors"]}
    assert pointers == {"/brand", "/message/text", "/message/platform", "/message/published_at"}
    many = desk.call("POST", "/incidents", {f"field{number}": 1 for number in range(500)})
    assert len(many.json["errors"]) == 50


def test_the_largest_body_that_is_allowed_is_stored_whole(desk: Desk) -> None:
    body = report("outage")
    body["message"]["text"], body["notes"] = "𝕏" * 20_000, "é" * 10_000
    raw = json.dumps(body, ensure_ascii=False).encode()
    answer = desk.call("POST", "/incidents", raw=raw)
    assert answer.status == 202
    assert desk.case(answer.json["case_id"])["messages"][0]["text"] == "𝕏" * 20_000


def test_a_case_with_a_mass_of_text_is_still_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangfroid.http.documents.LARGEST", 40_000)
    case_id = desk.classified(2)
    for number in range(4):
        desk.written(case_id, texts={"fr": f"Désolés {number}. " + "é" * 9_000})
    case = desk.case(case_id)
    omitted = [version["texts_omitted"] for version in case["responses"]]
    assert omitted[0]
    assert not omitted[-1]
    assert case["responses"][-1]["texts"]["fr"].startswith("Désolés 3")


def test_a_refusal_is_told_in_the_language_that_the_caller_would_rather_read(desk: Desk) -> None:
    case_id = desk.reported()
    body = {"case": 2, "leak": False, "reason": "x"}
    said = {}
    for language in ("fr-CH, fr;q=0.9, en;q=0.8", "en", "de"):
        answer = desk.call("POST", f"/cases/{case_id}/triage", body, headers={"Accept-Language": language})
        assert answer.status == 422
        said[answer.headers["content-language"]] = (answer.json["detail"], answer.json["errors"][0]["detail"])
    assert said == {
        "fr": (
            "Dites en quelques mots pourquoi c'est ce cas\xa0: «\xa0x\xa0» n'apprend rien à personne.",
            "n'apprend rien",
        ),
        "en": ("Say in a few words why it is this case: “x” tells nobody anything.", "says nothing"),
    }
    french = desk.call(
        "POST", "/freeze", {"reason": "x"}, roles=["responder"], headers={"Accept-Language": "fr"}
    )
    assert french.json["detail"].startswith("Il faut pour cela le rôle direction")
