"""What API Gateway does for an HTTP API: routes, the JWT authorizer, events in payload format 2.0, answers."""

from __future__ import annotations

import base64
import json
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from local import identity
from local.answers import Request, Response, problem
from local.deploy import Deployment
from local.lambdas import Runtime, Throttled, TooLarge
from local.template import ACCOUNT, REGION
from local.virtual_time import CLOCK

BODY_LIMIT = 10 * 1024 * 1024
INTEGRATION_LIMIT = timedelta(seconds=30)
TEXT_TYPES = re.compile(r"text/|application/(json|xml|javascript|[\w.-]+\+json)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Authorizer:
    """The JWT authorizer of a route."""

    issuer: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """One route of the API."""

    key: str
    method: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    function: str
    authorizer: Authorizer | None
    rank: tuple[int, ...]


class HttpApi:
    """The HTTP API of a deployment."""

    def __init__(self, deployment: Deployment, runtime: Runtime) -> None:
        self._runtime = runtime
        self.routes: list[Route] = []
        for api in deployment.apis.values():
            body = api.get("Body", {})
            schemes = body.get("components", {}).get("securitySchemes", {})
            for path, methods in body.get("paths", {}).items():
                for method, operation in methods.items():
                    self.routes.append(_route(path, method, operation, schemes))
        self.routes.sort(key=lambda route: route.rank)

    def authorizer(self) -> Authorizer | None:
        """The authorizer that guards most of the API, for those who make tokens."""
        return next((route.authorizer for route in self.routes if route.authorizer), None)

    def handle(self, request: Request) -> Response:
        """Answers one request. Never raises for anything that a client can send."""
        matched = self._match(request.method, request.path)
        if matched is None:
            return problem(404, f"there is no {request.method} {request.path}")
        route, parameters = matched
        if len(request.body) > BODY_LIMIT:
            return problem(413, "the body is larger than 10 MB")
        claims: dict[str, Any] | None = None
        if route.authorizer is not None:
            try:
                claims = identity.check(
                    request.headers.get("authorization"),
                    route.authorizer.issuer,
                    list(route.authorizer.audiences),
                    CLOCK.now(),
                )
            except identity.BadToken as error:
                return problem(401, str(error), headers={"www-authenticate": "Bearer"})
            granted = str(claims.get("scope", "")).split()
            if route.authorizer.scopes and not set(granted) & set(route.authorizer.scopes):
                return problem(403, "the token does not carry the scope of this call")
        return self._invoke(route, _event(request, route, parameters, claims))

    def _match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self.routes:
            if route.method not in (method, "ANY"):
                continue
            found = route.pattern.fullmatch(path)
            if found:
                values = (unquote(value, errors="replace") for value in found.groups())
                return route, dict(zip(route.names, values, strict=True))
        return None

    def _invoke(self, route: Route, event: dict[str, Any]) -> Response:
        payload = json.dumps(event).encode("utf-8")
        try:
            answer = self._runtime.invoke(route.function, payload, limit=INTEGRATION_LIMIT)
        except Throttled:
            return problem(503, "too many requests at once; try again", headers={"retry-after": "1"})
        except TooLarge:
            return problem(413, "the request is larger than a function takes (6 MB, escapes included)")
        except TimeoutError:
            return problem(503, "no answer within 30 s; try again", headers={"retry-after": "1"})
        value = json.loads(answer["Payload"])
        if "FunctionError" in answer:
            if value.get("errorType") == "Sandbox.Timedout":
                return problem(503, "the request took too long; try again", headers={"retry-after": "1"})
            return problem(
                500, "the request failed inside; nothing that you sent is known to be wrong with it"
            )
        return _response(value)


def _route(path: str, method: str, operation: dict[str, Any], schemes: dict[str, Any]) -> Route:
    uri = operation["x-amazon-apigateway-integration"]["uri"]
    function = uri.split(":function:")[1].split("/")[0].split(":")[0]
    method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
    authorizer = None
    for requirement in operation.get("security", []):
        for name, scopes in requirement.items():
            settings = schemes.get(name, {}).get("x-amazon-apigateway-authorizer", {}).get("jwtConfiguration")
            if settings:
                audiences = settings.get("audience", [])
                audiences = audiences if isinstance(audiences, list) else [audiences]
                authorizer = Authorizer(settings["issuer"], tuple(audiences), tuple(scopes))
    if path == "/$default":
        return Route("$default", "ANY", re.compile(r".*"), (), function, authorizer, (2, 0))
    names: list[str] = []
    pattern, greedy, variable = "", 0, 0
    for part in re.split(r"(\{[^}]+\})", path):
        if part.startswith("{"):
            is_greedy = part.endswith("+}")
            names.append(part[1:-1].rstrip("+"))
            pattern += "(.+)" if is_greedy else "([^/]+)"
            greedy, variable = greedy + is_greedy, variable + 1
        else:
            pattern += re.escape(part)
    # The most specific route wins: fixed before variable before greedy, a named method before ANY.
    rank = (1 if greedy else 0, variable, -len(path), int(method == "ANY"))
    return Route(f"{method} {path}", method, re.compile(pattern), tuple(names), function, authorizer, rank)


def _event(
    request: Request, route: Route, parameters: dict[str, str], claims: dict[str, Any] | None
) -> dict[str, Any]:
    now = CLOCK.now()
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    context: dict[str, Any] = {
        "accountId": ACCOUNT, "apiId": "local", "domainName": headers.get("host", "localhost"),
        "domainPrefix": "local", "requestId": str(uuid.uuid4()), "routeKey": route.key, "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"), "timeEpoch": int(now.timestamp() * 1000),
        "http": {
            "method": request.method, "path": request.path, "protocol": "HTTP/1.1", "sourceIp": request.source,
            "userAgent": headers.get("user-agent", ""),
        },
    }  # fmt: skip
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": identity.as_event_claims(claims), "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0", "routeKey": route.key, "rawPath": request.path, "rawQueryString": request.query,
        "headers": headers, "requestContext": context, "isBase64Encoded": False,
    }  # fmt: skip
    if "cookie" in request.headers:
        event["cookies"] = [cookie.strip() for cookie in request.headers["cookie"].split(";")]
    if request.query:
        values: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True, errors="replace"):
            values[name] = f"{values[name]},{value}" if name in values else value
        event["queryStringParameters"] = values
    if parameters:
        event["pathParameters"] = parameters
    if request.body:
        kind = request.headers.get("content-type", "")
        try:
            text = request.body.decode("utf-8") if not kind or TEXT_TYPES.match(kind) else None
        except UnicodeDecodeError:
            text = None
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
    return event


def _response(value: Any) -> Response:
    if not isinstance(value, dict) or "statusCode" not in value:
        body = b"" if value is None else json.dumps(value).encode("utf-8")
        return Response(200, {"content-type": "application/json"}, body)
    status = value["statusCode"]
    if not (isinstance(status, int) or str(status).isdigit()) or not 100 <= int(status) <= 599:
        return problem(500, "the request failed inside: no answer that can be passed on")
    headers = {str(name).lower(): str(item) for name, item in (value.get("headers") or {}).items()}
    for name, items in (value.get("multiValueHeaders") or {}).items():
        headers[str(name).lower()] = ",".join(str(item) for item in items)
    content = value.get("body") or ""
    body = base64.b64decode(content) if value.get("isBase64Encoded") else str(content).encode("utf-8")
    headers.setdefault("content-type", "text/plain; charset=utf-8")
    return Response(int(status), headers, body, [str(cookie) for cookie in value.get("cookies") or []])


def local_authorizer() -> Authorizer:
    """What tokens are made for when the template has no authorizer."""
    return Authorizer(f"https://cognito-idp.{REGION}.amazonaws.com/local", ("local",), ())
