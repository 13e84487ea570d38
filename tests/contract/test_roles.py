"""Who may call what: every call with every role, and without a token."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sangfroid.http.identity import EVERYBODY, ROLES
from tests.contract.desk import EVENT, Desk

# The table of the contract, written down a second time on purpose.
ANY = {"reporter", "responder", "approver", "director", "auditor"}
CONTRACT = {
    "POST /incidents": {"reporter"},
    "GET /cases": ANY,
    "GET /cases/{id}": ANY,
    "GET /cases/{id}/timeline": ANY,
    "POST /cases/{id}/triage": {"responder"},
    "POST /cases/{id}/messages": {"reporter"},
    "POST /cases/{id}/messages/{message}/withdraw": {"responder"},
    "GET /cases/{id}/evidence": ANY,
    "GET /cases/{id}/evidence/pack": ANY,
    "POST /cases/{id}/evidence": {"reporter", "responder"},
    "POST /cases/{id}/merge": {"responder"},
    "POST /cases/{id}/split": {"responder"},
    "PUT /cases/{id}/response": {"responder"},
    "GET /cases/{id}/response/{version}/preview": ANY,
    "POST /cases/{id}/response/{version}/review": {"approver", "director"},
    "POST /cases/{id}/response/{version}/overrides": {"responder", "approver"},
    "GET /cases/{id}/response/{version}/changes": ANY,
    "GET /cases/{id}/first-draft": ANY,
    "GET /cases/{id}/draft": {"responder"},
    "PUT /cases/{id}/draft": {"responder"},
    "DELETE /cases/{id}/draft": {"responder"},
    "POST /cases/{id}/no-response": {"responder", "approver", "director"},
    "POST /cases/{id}/duties/{duty}": {"responder"},
    "POST /cases/{id}/duties/{duty}/owner": {"responder"},
    "POST /cases/{id}/cell/{role}": {"responder", "approver", "director"},
    "POST /cases/{id}/response/{version}/reviewers": {"responder", "approver", "director"},
    "POST /cases/{id}/deliveries/{delivery}": {"responder"},
    "POST /cases/{id}/deliveries/{delivery}/retract": {"responder", "approver", "director"},
    "POST /cases/{id}/answers": {"responder"},
    "POST /cases/{id}/measures": {"responder"},
    "PUT /cases/{id}/plan": {"responder"},
    "POST /cases/{id}/community-first": {"approver", "director"},
    "POST /cases/{id}/close": {"responder"},
    "GET /cases/{id}/report": ANY,
    "GET /me": ANY,
    "GET /on-call": ANY,
    "POST /on-call/overrides": {"director", "approver"},
    "GET /organisation": ANY,
    "POST /cases/{id}/response/check": {"responder"},
    "GET /cases/{id}/evidence/{evidence}/{number}": ANY,
    "GET /search": ANY,
    "GET /after": ANY,
    "POST /reports/look": {"reporter"},
    "GET /desk": ANY,
    "POST /desk/{waiting}/acknowledge": ANY,
    "GET /freeze": ANY,
    "POST /freeze": {"director"},
    "POST /freeze/release": {"director"},
    "POST /freeze/suspicions/{case_id}": {"director"},
    "POST /freeze/checklist/{channel}": {"responder", "director"},
}


def path_of(call: str) -> tuple[str, str]:
    """Method and a path of a call."""
    method, template = call.split(" ")
    names = {
        "{id}": "case-x",
        "{case_id}": "case-x",
        "{message}": "m1",
        "{version}": "1",
        "{duty}": "C2.1",
        "{channel}": "x",
        "{role}": "pilot",
        "{evidence}": "ev-1",
        "{number}": "0",
    }
    for name, value in names.items():
        template = template.replace(name, value)
    return method, template.replace("{delivery}", "d1").replace("{source}", "s1")


def test_every_call_of_the_contract_is_served_and_no_other() -> None:
    without_token = {"GET /health", "GET /openapi.json", "POST /session", "POST /webhooks/{source}"}
    assert set(ROLES) == set(CONTRACT) | without_token
    assert {call for call, roles in ROLES.items() if roles is None} == without_token


@pytest.mark.parametrize("call", sorted(CONTRACT))
def test_only_the_roles_of_the_contract_pass(desk: Desk, call: str) -> None:
    method, path = path_of(call)
    before = desk.stored()
    for role in sorted(ANY):
        answer = desk.call(method, path, {}, roles=[role])
        if role in CONTRACT[call]:
            assert answer.status in (200, 404, 422), (role, answer.text)
        else:
            assert answer.status == 403, (role, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert "role" in answer.json["detail"]
            assert "errors" not in answer.json
    for roles in ([], ["admin"], "[]", ""):
        assert desk.call(method, path, {}, roles=roles).status == 403
    assert desk.stored() == before


@pytest.mark.parametrize("call", sorted(CONTRACT))
def test_without_a_valid_token_nobody_passes(desk: Desk, call: str) -> None:
    method, path = path_of(call)
    event: dict[str, Any] = copy.deepcopy(EVENT)
    event["rawPath"] = path
    event["requestContext"]["http"]["method"] = method
    event["body"] = "{not json"
    for authorizer in (None, {}, {"jwt": {}}, {"jwt": {"claims": None}}, {"jwt": {"claims": {"sub": " "}}}):
        event["requestContext"]["authorizer"] = authorizer
        answer = desk.invoke(event)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    del event["requestContext"]["authorizer"]
    assert desk.invoke(event).status == 401


@pytest.mark.parametrize(
    "groups",
    [["reporter", "auditor"], "[reporter auditor]", "[auditor, reporter]", "auditor,reporter", "reporter"],
)
def test_groups_are_read_however_the_gateway_writes_them(desk: Desk, groups: Any) -> None:
    event = copy.deepcopy(EVENT)
    event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups
    event["body"] = "{}"
    assert desk.invoke(event).status == 422  # admitted: it is about the body now


@pytest.mark.parametrize("groups", ["reporters", "[reporter-admin]", "[REPORTER]", 7, None, {"reporter": 1}])
def test_a_group_of_a_similar_name_is_no_role(desk: Desk, groups: Any) -> None:
    event = copy.deepcopy(EVENT)
    event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups
    event["body"] = "{}"
    assert desk.invoke(event).status == 403


def test_the_actor_is_the_sub_of_the_token(desk: Desk) -> None:
    case_id = desk.reported()
    assert desk.case(case_id)["opened_by"] == "ana"
    assert EVERYBODY == ANY
