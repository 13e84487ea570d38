"""The OpenAPI document: valid, complete, and in step with the table of roles and the template."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from sangfroid.http.identity import ROLES
from tests.contract.desk import ROOT, Desk


@pytest.fixture
def document(desk: Desk) -> dict[str, Any]:
    answer: dict[str, Any] = desk.call("GET", "/openapi.json").json
    return answer


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "sangfroid"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_describes_every_call_with_its_roles(document: dict[str, Any]) -> None:
    described = operations(document)
    assert set(described) == set(ROLES)
    for call, roles in ROLES.items():
        operation = described[call]
        assert operation["security"] == ([] if roles is None else [{"people": []}]), call
        assert operation.get("x-roles") == (None if roles is None else sorted(roles))
        assert len(operation["summary"].split()) >= 2, call
        assert call.split(" ")[1] not in operation["summary"], call
    scheme = document["components"]["securitySchemes"]["people"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


OF_BYTES = {
    "GET /openapi.json",
    "GET /reply",
    "GET /cases/{id}/evidence/pack",
    "GET /cases/{id}/evidence/{evidence}/{number}",
}


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    for call, operation in operations(document).items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and not call.startswith("POST /webhooks"):
                assert list(answer["content"]) == ["application/problem+json"], (call, status)
            elif int(status) < 300 and call not in OF_BYTES:
                assert "$ref" in answer["content"]["application/json"]["schema"], (call, status)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert {"400", "401", "413", "422"} <= set(operations(document)["POST /webhooks/{source}"]["responses"])
    reporting = operations(document)["POST /incidents"]
    assert {"202", "400", "401", "403", "413", "415", "422", "503"} <= set(reporting["responses"])


def test_bodies_refuse_unknown_fields_and_times_are_texts(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("IncidentBody", "MessageBody", "AuthorBody", "AssertedBody", "TriageBody", "CloseBody"):
        assert schemas[name]["additionalProperties"] is False, name
    assert schemas["MessageBody"]["properties"]["published_at"]["format"] == "date-time"
    assert set(schemas["MessageBody"]["required"]) == {"text", "platform", "published_at"}
    assert "case" in schemas["TriageBody"]["required"]


def test_the_template_routes_exactly_these_calls() -> None:
    class Loader(yaml.SafeLoader):
        """Intrinsic functions stay as they are."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  # a SafeLoader
    events = template["Resources"]["ApiFunction"]["Properties"]["Events"].values()
    routed = {
        f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}": event["Properties"].get(
            "Auth"
        )
        for event in events
        if event["Type"] == "HttpApi" and "Path" in event["Properties"]
    }
    assert set(routed) == set(ROLES)
    for call, roles in ROLES.items():
        assert routed[call] == ({"Authorizer": "NONE"} if roles is None else None), call


def test_answers_fit_their_schemas(desk: Desk, document: dict[str, Any]) -> None:
    case_id = desk.classified(2)
    desk.reviewed(case_id, desk.written(case_id))
    desk.published(case_id)
    desk.reported("leak")
    for path in (
        f"/cases/{case_id}",
        "/cases",
        f"/cases/{case_id}/timeline",
        "/freeze",
        f"/cases/{case_id}/report",
    ):
        call = "GET " + path.replace(case_id, "{id}")
        schema = operations(document)[call]["responses"]["200"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator(schema | {"components": document["components"]})
        answer = desk.call("GET", path, headers={"accept": "application/json"}).json
        assert [error.message for error in validator.iter_errors(answer)] == [], call
    problem = desk.call("GET", "/cases/nobody").json
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    assert list(Draft202012Validator(schema).iter_errors(problem)) == []
