"""`GET /desk`: what waits for the caller, its tag, its size, and acknowledging."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sangfroid.http import openapi
from sangfroid.model import rfc3339
from tests.contract.desk import Answer, Desk


def looked(desk: Desk, sub: str = "ana", roles: list[str] | None = None, **more: Any) -> Answer:
    """The desk as it is once the table's stream has been read."""
    desk.module.desk.boards.rebuild()
    return desk.call("GET", "/desk", sub=sub, roles=roles or ["responder"], **more)


def waiting(desk: Desk, sub: str, *roles: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = looked(desk, sub, list(roles)).json["waiting"]
    return found


def test_the_desk_has_what_the_contract_names(desk: Desk) -> None:
    case_id = desk.reported()
    answer = looked(desk)
    assert answer.status == 200
    document = answer.json
    assert {"now", "waiting", "cases", "freeze", "on_call", "next", "counts", "names", "waiting_more"} == set(
        document
    )
    (triage,) = document["waiting"]
    assert {key: triage[key] for key in ("id", "kind", "case_id", "link")} == {
        "id": f"triage:{case_id}", "kind": "triage", "case_id": case_id, "link": f"/#/cases/{case_id}/triage",
    }  # fmt: skip
    (case,) = document["cases"]
    assert case["title"] == triage["title"] == desk.case(case_id)["title"]
    assert desk.call("GET", "/cases", roles=["auditor"]).json["cases"][0]["title"] == case["title"]
    assert {clock["id"] for clock in case["clocks"]} >= {"response_ready", "response_published"}
    assert case["step"] == "triage"
    assert case["waits_for"]
    assert document["freeze"]["active"] is False
    assert document["on_call"][0]["person"] in document["names"]
    assert document["now"] == answer.headers["x-now"] == rfc3339(desk.now)


def test_every_role_reads_the_desk_and_a_stranger_too(desk: Desk) -> None:
    desk.reported()
    for role in ("reporter", "responder", "approver", "director", "auditor"):
        assert looked(desk, "somebody-unknown", [role]).status == 200
    assert [one["kind"] for one in waiting(desk, "somebody-unknown", "responder")] == ["triage"]
    assert waiting(desk, "somebody-unknown", "auditor") == []
    assert desk.call("GET", "/desk", roles=[]).status == 403


def test_an_unchanged_desk_is_304_whatever_the_time_and_a_changed_one_is_not(desk: Desk) -> None:
    desk.reported()
    first = looked(desk)
    desk.advance(seconds=30)
    headers: dict[str, str | None] = {"If-None-Match": first.headers["etag"]}
    again = desk.call("GET", "/desk", roles=["responder"], headers=headers)
    assert (again.status, again.text) == (304, "")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["x-now"] == rfc3339(desk.now)
    assert len(json.dumps(again.headers)) < 1024
    several = desk.call(
        "GET", "/desk", roles=["responder"], headers={"If-None-Match": f'"old", {first.headers["etag"]}'}
    )
    assert several.status == 304
    assert desk.call("GET", "/desk", roles=["responder"], sub="ben", headers=headers).status == 200
    assert (
        desk.call("GET", "/desk", roles=["responder"], headers=headers | {"Accept-Language": "fr"}).status
        == 200
    )
    desk.module.desk.boards.moved()
    assert desk.call("GET", "/desk", roles=["responder"], headers=headers).status == 200


@pytest.mark.parametrize("tag", ["", "nonsense", '"', 'W/"', "*" * 5000, '"\u00e9"'])
def test_a_tag_that_is_none_is_no_tag(desk: Desk, tag: str) -> None:
    answer = desk.call("GET", "/desk", roles=["responder"], headers={"If-None-Match": tag})
    assert answer.status in (200, 304)


def test_words_of_ones_own_and_stages_of_others_are_not_shown(desk: Desk) -> None:
    case_id = desk.classified()
    desk.written(case_id)
    kinds = {one["kind"] for one in waiting(desk, "ana", "responder", "approver", "director")}
    assert "review" not in kinds
    assert "release" not in kinds
    (review,) = [one for one in waiting(desk, "emma", "approver") if one["kind"] == "review"]
    assert review["what"]["version"] == 1
    assert review["link"] == f"/#/cases/{case_id}/review/1"
    case = looked(desk).json["cases"][0]
    assert case["step"] == "review"
    assert "emma" in case["waits_for"]
    assert "ana" not in [person for person in case["waits_for"] if person == "emma"]


def test_titles_of_duties_are_in_the_readers_language(desk: Desk) -> None:
    desk.classified()
    fr = looked(desk, roles=["responder"], headers={"Accept-Language": "fr"}).json["waiting"]
    titles = {one["what"]["duty"]: one["what"]["duty_title"] for one in fr if one["kind"] == "duty"}
    assert titles["C2.1"] == "Retrouver la source : message original, média, auteur"


def test_a_desk_of_three_hundred_cases_is_small_and_costs_three_calls(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = desk.module.desk.casework.read(desk.classified())
    from sangfroid.cases import shown as shown_module
    from sangfroid.store import desk_index

    table = desk.module.desk.casework.table
    for number in range(299):  # and the case itself
        shown = shown_module.document(document)
        case_id = f"case-20261120-{number:010d}"
        text = json.dumps(shown).replace(document.case.id, case_id)
        desk_index.show(table, case_id, json.loads(text))
    desk_index.move(table)
    calls: list[str] = []
    real = table._call

    def counted(operation: str, **how: Any) -> Any:
        calls.append(f"{operation} {how}")
        return real(operation, **how)

    monkeypatch.setattr(table, "_call", counted)
    answer = desk.call("GET", "/desk", roles=["responder"], headers={"Accept-Encoding": "gzip, br"})
    assert answer.status == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.sent) <= 20_000, len(answer.sent)
    assert answer.json["counts"]["open"] == 300
    assert len(answer.json["cases"]) == 50
    assert answer.json["waiting_more"] is True
    assert len(calls) <= 3, "\n".join(call[:120] for call in calls)
    following = desk.call("GET", "/desk", roles=["responder"], query={"cursor": answer.json["next"]})
    assert {one["id"] for one in following.json["cases"]}.isdisjoint(
        one["id"] for one in answer.json["cases"]
    )
    assert desk.call("GET", "/desk", roles=["responder"], query={"cursor": "x"}).status == 422


def test_acknowledging_is_for_whom_it_waits_and_while_it_waits(desk: Desk) -> None:
    case_id = desk.reported()
    path = f"/desk/triage:{case_id}/acknowledge"
    assert desk.call("POST", path, sub="emma", roles=["approver"]).status == 403
    answer = desk.call("POST", path, sub="ana", roles=["responder"])
    assert answer.status == 200
    assert answer.json["acknowledged"]["by"] == "ana"
    assert answer.json["acknowledged"]["until"] > answer.json["acknowledged"]["at"]
    assert waiting(desk, "ben", "responder")[0]["acknowledged"]["by"] == "ana"
    kinds = [event["kind"] for event in desk.call("GET", f"/cases/{case_id}/timeline").json["events"]]
    assert "acknowledged" in kinds
    assert desk.call("POST", "/desk/triage:case-nowhere/acknowledge", roles=["responder"]).status == 404
    assert desk.call("POST", "/desk/nothing/acknowledge", roles=["responder"]).status == 404
    desk.call("POST", f"/cases/{case_id}/triage", {"case": 2, "leak": False, "reason": "seen"}, sub="ben")
    assert desk.call("POST", path, sub="ana", roles=["responder"]).status == 409


def test_kinds_are_listed_in_the_document(desk: Desk) -> None:
    document = json.loads(openapi.document(desk.module.app))
    kinds = document["components"]["schemas"]["WaitingShown"]["properties"]["kind"]["enum"]
    assert {
        "triage", "write", "review", "duty", "release", "confirm_no_response", "retraction", "delivery", "comment", "measure",
        "acknowledge",
    } <= set(kinds)  # fmt: skip


def test_a_case_that_began_before_anything_was_public_is_on_the_desk(desk: Desk) -> None:
    body = {"brand": "Nuage SA", "origin": "internal", "notes": "We found the fault ourselves. Nobody knows."}
    case_id = desk.call("POST", "/incidents", body).json["case_id"]
    (triage,) = waiting(desk, "ana", "responder")
    assert (triage["case_id"], triage["title"]) == (case_id, "We found the fault ourselves.")
    (case,) = looked(desk).json["cases"]
    assert case["first_published_at"] is None


def test_looking_and_checking_leave_no_mark_of_their_key(desk: Desk) -> None:
    case_id = desk.classified()
    before = desk.stored()
    headers: dict[str, str | None] = {"Idempotency-Key": "k-1"}
    body = {"texts": {"fr": "Nous réparons.", "en": "We repair it."}}
    assert (
        desk.call("POST", f"/cases/{case_id}/response/check", body, sub="ana", headers=headers).status == 200
    )
    assert desk.stored() == before
