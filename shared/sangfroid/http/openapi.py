"""The OpenAPI 3.1 document: what the resolver knows of the routes, completed with roles, problems and the security scheme."""

from __future__ import annotations

import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import TypeAdapter

from sangfroid.http.identity import EVERYBODY, ROLES
from sangfroid.http.problems import PROBLEM, Problem

VERSION = "1.0.0"
DESCRIPTION = (
    "An online-reputation crisis desk: reports become crises with clocks, duties, review and publication. "
    "JSON in UTF-8; times are RFC 3339 in UTC. Errors are problem documents (RFC 9457)."
)

_PROBLEMS = {
    400: "The body is not JSON in UTF-8.",
    401: "No valid token.",
    403: "The token lacks the role, or one would act on work of one's own.",
    404: "No such case, version, duty, message or delivery.",
    409: "Not possible in the state in which the case is now.",
    413: "The body is over 256 KB.",
    415: "The body is not declared as JSON.",
    422: "A field or parameter says something impossible; `errors` names each.",
    429: "More than is taken at once, or in all; `detail` says when to try again.",
    503: "A service beneath did not answer; Retry-After says when to try again.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same call under the same key is one act, and gets the same answer for 30 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
_PATTERNS: dict[str | None, str] = {None: r"^[^\u0000]*$", r"\S": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}
_OF_BODIES = {400, 413, 415}


def document(app: APIGatewayHttpResolver) -> str:
    """The document as JSON text. A call's summary is the first sentence of what it says of itself."""
    base: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(title="sangfroid", version=VERSION, description=DESCRIPTION)
    )
    schemas = base.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(unused, None)
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem | {"additionalProperties": True}
    base["components"]["securitySchemes"] = {
        "people": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the user pool; its claim cognito:groups names the roles, sub the person.",
        }
    }
    routes = [*app._static_routes, *app._dynamic_routes]
    said = {f"{route.method} {route.openapi_path}": str(route.func.__doc__) for route in routes}
    for path, operations in base["paths"].items():
        for method, operation in operations.items():
            call = f"{method.upper()} {path}"
            _complete(call, operation, said[call])
    for name, schema in schemas.items():
        if name.endswith("Body"):
            _state(schema)
    return json.dumps(base, ensure_ascii=False)


def _state(schema: Any) -> None:
    """Say in the schema of a body what is refused besides: U+0000 in any text, and names that no pattern knows."""
    if isinstance(schema, list):
        for part in schema:
            _state(part)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "string" and not {"format", "enum", "const"} & set(schema):
        pattern = _PATTERNS.get(schema.get("pattern"))
        if pattern is not None:
            schema["pattern"] = pattern
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    for part in schema.values():
        _state(part)


def _complete(call: str, operation: dict[str, Any], said: str) -> None:
    operation["description"] = " ".join(said.split())
    operation["summary"] = re.split(r"[.;](?: |$)", operation["description"], maxsplit=1)[0]
    roles = ROLES[call]
    statuses = {422, 503} | ({404} if "{" in call else set())
    if roles is None:
        operation["security"] = []
    else:
        operation["security"] = [{"people": []}]
        operation["x-roles"] = sorted(roles)
        statuses |= {401, 403}
        if roles != EVERYBODY or not call.startswith("GET "):
            statuses |= {409}
    if call == "POST /replies":
        statuses |= {404, 429}  # a link that holds no longer, or has had its share
    if call in ("POST /freeze", "POST /freeze/release", "POST /on-call/overrides"):
        statuses |= {404}  # a case or a person that the body names
    if call == "POST /session":
        statuses |= {401}
    if "requestBody" in operation:
        statuses |= _OF_BODIES
        if roles is not None and call != "POST /incidents":  # whose own line says it
            operation.setdefault("parameters", []).append(_KEY)
    if call == "POST /webhooks/{source}":
        statuses |= {400, 401, 413}  # its body is read once its proof is
    if call in ("GET /health", "GET /openapi.json"):
        statuses = set()
    if "{" not in call and "parameters" not in operation and "requestBody" not in operation:
        statuses -= {422}
    responses = {code: answer for code, answer in operation["responses"].items() if code != "422"}
    for status in statuses:
        responses[str(status)] = {
            "description": _PROBLEMS[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    operation["responses"] = dict(sorted(responses.items()))
