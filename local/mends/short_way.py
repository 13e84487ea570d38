# What is replaced here belongs to boto, whose types say little of it.
# mypy: disable-error-code="arg-type, assignment, attr-defined, method-assign, no-untyped-call, no-any-return"
"""boto's way from a call to its answer, without the steps that change nothing.

A client looks at every parameter with a dozen calls, builds a request of headers, signs it and hands it to the send hook,
where this process answers itself. Here parameters that are plainly right are seen to be so by a test made once for each
shape; and a call of DynamoDB's data plane that the local table answers with success goes straight there. Whatever is unusual
(a parameter that boto would refuse or turn, a handler that somebody registered with the client, a fault, a condition that
fails, an address of its own) goes the whole way through boto as if this were not here: nothing has been changed by then.
tests/engine/test_short_way.py holds both ways against each other.
"""

from __future__ import annotations

import base64
import json
import marshal
import re
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.endpoint import convert_to_response_dict
from botocore.parsers import create_parser
from moto.core.models import botocore_stubber

from local import calls_made
from local.faults import Detour
from local.mends import calls, dynamodb_speed
from local.mends.dynamodb_speed import plain_value
from local.mends.rows import BINARY
from local.mends.straight import WAYS, Straight
from local.virtual_time import CLOCK

Test = Callable[[Any], bool]
THROUGH_MOTO = ("SFN", "EventBridge")
TARGETS = {"dynamodb": "DynamoDB_20120810", "states": "AWSStepFunctions", "events": "AWSEvents"}
_ADDRESS = re.compile(r"https://(dynamodb|states|events|email)\.([a-z0-9-]+)\.amazonaws\.com/?")
_EVENTS = (
    "provide-client-params", "before-parameter-build", "before-call", "after-call", "request-created", "choose-signer",
    "before-sign", "before-send", "response-received", "needs-retry", "before-endpoint-resolution",
)  # fmt: skip
_OURS = (
    "botocore.",
    "moto.",
    "local.",
    "aws_lambda_powertools.shared.user_agent",
)  # the last names itself in a header
ITEM = "PutItemInputAttributeMap"  # boto's name for the attributes of an item that is put
_HEADERS = {name.lower(): value for name, value in calls.HEADERS.items()}
_free = nullcontext()
_tests: dict[tuple[int, str, bool], tuple[Test, Any]] = {}


class Request:
    """What whoever stands around every AWS call sees of one that goes the short way; its body is made when looked at."""

    __slots__ = ("_given", "headers", "url")
    method, short = "POST", True

    def __init__(self, service: str, url: str, operation: str, given: dict[str, Any]) -> None:
        self.url, self._given = url, given
        self.headers = {"X-Amz-Target": f"{TARGETS.get(service, service)}.{operation}"}

    @property
    def body(self) -> bytes:
        """The body as boto writes it."""
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        return json.dumps(_on_the_wire(operation, self._given), default=_written).encode()


def dismiss() -> None:
    """The stack has stopped: boto's next session reads descriptions of its own, and nobody has a shape of these again."""
    _tests.clear()


def apply() -> None:
    """Puts the short ways in."""
    _parameters()
    _calls()


# Parameters --------------------------------------------------------------------------------------------------------
def plainly_right(shape: Any, *, items: bool = True) -> Test:
    """A test of the values of a shape: True only where boto's own look would find no fault.

    Without `items`, what stands in the attributes of an item that is put is not looked at: the table looks at it.
    """
    # Every client has shapes of its own over one description, which boto's loader keeps.
    described = shape._shape_resolver._shape_map
    key = (id(described), shape.name, items)
    if key not in _tests:
        _tests[key] = (_made(shape, {} if items else {ITEM: [_mapping]}), described)
    return _tests[key][0]


def _mapping(value: Any) -> bool:
    return type(value) is dict and all(type(name) is str for name in value)


def _attribute(value: Any) -> bool:
    """An attribute as DynamoDB's model wants it; binary only where it is all of the attribute."""
    return plain_value(value) or (type(value) is dict and len(value) == 1 and type(value.get("B")) is bytes)


def _never(_: Any) -> bool:
    return False


def _made(shape: Any, making: dict[str, list[Test]]) -> Test:
    if shape.type_name == "structure" and shape.name == "AttributeValue":
        return _attribute
    if shape.name in making:
        later = making[shape.name]
        return lambda value: later[0](value)  # noqa: PLW0108 - it is made after this one
    making[shape.name] = later = []
    test = _of_kind(shape, making)
    later.append(test)
    del making[shape.name]
    return test


def _of_kind(shape: Any, making: dict[str, list[Test]]) -> Test:
    least = shape.metadata.get("min", 0)
    match shape.type_name:
        case "structure" if not (
            shape.is_document_type or shape.is_tagged_union or shape.serialization.get("eventstream")
        ):
            return _structure(shape, making)
        case "list":
            member = _made(shape.member, making)
            return lambda value: type(value) is list and len(value) >= least and all(map(member, value))
        case "map":
            key, inside = _made(shape.key, making), _made(shape.value, making)
            return lambda value: (
                type(value) is dict and all(map(key, value)) and all(map(inside, value.values()))
            )
        case "string" if not shape.serialization.get("jsonvalue"):
            return lambda value: type(value) is str and len(value) >= least
        case "integer" | "long":
            return lambda value: type(value) is int and value >= least
        case "boolean":
            return lambda value: type(value) is bool
        case "blob":
            return lambda value: type(value) is bytes
        case "timestamp":
            return lambda value: type(value) is datetime
    return _never


def _structure(shape: Any, making: dict[str, list[Test]]) -> Test:
    members = {name: _made(member, making) for name, member in shape.members.items()}
    needed = frozenset(shape.metadata.get("required", ()))

    def right(value: Any) -> bool:
        if type(value) is not dict or not value.keys() >= needed:
            return False
        for name, inner in value.items():
            test = members.get(name)
            if test is None or not test(inner):
                return False
        return True

    return right


def _parameters() -> None:
    from botocore.validate import ParamValidator, ValidationErrors

    plain = ParamValidator.validate

    def validate(self: Any, params: Any, shape: Any) -> Any:
        return ValidationErrors() if plainly_right(shape)(params) else plain(self, params, shape)

    ParamValidator.validate = validate


# Calls of the data plane -------------------------------------------------------------------------------------------
def _calls() -> None:
    from botocore.client import BaseClient

    plain = BaseClient._make_api_call
    direct = dynamodb_speed.DIRECT

    def make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        if botocore_stubber.enabled:
            try:
                if operation_name in direct:
                    return _short(self, operation_name, api_params)
                service = self._service_model.service_id
                straight = WAYS.get((service, operation_name))
                if straight is not None and not calls.is_aside():
                    with suppress(Detour):
                        return _short(self, operation_name, api_params, straight)
                if service in THROUGH_MOTO:
                    return _through_moto(self, operation_name, api_params)
            except Detour:
                pass
        return plain(self, operation_name, api_params)

    BaseClient._make_api_call = make_api_call


def _short(client: Any, operation: str, given: Any, straight: Straight | None = None) -> dict[str, Any]:
    """A call that ends at the store of its service: at the local table, or at moto's by the way `straight`."""
    way = _way(client, operation)
    if not way.right(given):
        raise Detour
    CLOCK.give_way()

    def hand_over(straight: Straight) -> Any:
        if way.service not in calls.LOCKS:
            for prepare in calls.before_service:
                prepare(way.service)
        with calls.LOCKS.get(way.service, _free):
            answer = straight(way.region, given)
            calls_made.note(given, way.model)
            return calls.Response(way.url, answer)

    def carry_out() -> Any:
        if straight is not None:
            return hand_over(straight)
        body = _on_the_wire(operation, given)
        with calls.LOCKS["dynamodb"]:
            answer = dynamodb_speed.succeeded(calls.ACCOUNT, way.region, operation, body)
            if answer is None:
                raise Detour
            calls_made.note(given, way.model)
            return calls.Response(way.url, answer.parsed())

    around = calls.around_call
    answered = (
        around[0](Request(way.service, way.url, operation, given), carry_out) if around else carry_out()
    )
    parsed: dict[str, Any] = answered.content.parsed
    for release in way.releases:
        release({}, answered)
    parsed["ResponseMetadata"] = {
        "RequestId": "local",
        "HTTPStatusCode": 200,
        "HTTPHeaders": dict(_HEADERS),
        "RetryAttempts": 0,
    }
    return parsed


def _through_moto(client: Any, operation: str, given: Any) -> Any:
    """A call that moto answers: written by boto and read by boto, without what it does for a wire."""
    way = _way(client, operation)
    model = client.meta.service_model.operation_model(operation)
    shape = model.input_shape
    if model.endpoint or "EndpointId" in given or (shape is not None and not plainly_right(shape)(given)):
        raise Detour
    context = {"client_region": client.meta.region_name, "client_config": client.meta.config}
    params = client._emit_api_params(api_params=given, operation_model=model, context=context)
    made = client._serializer.serialize_to_request(params, model)
    request = AWSPreparedRequest(made["method"], way.url, HeadersDict(made["headers"]), made["body"], False)
    response = botocore_stubber("before-send", request)
    if response is None:
        raise Detour
    answer = convert_to_response_dict(response, model)
    parsed = way.parser.parse(answer, model.output_shape)
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    if response.status_code >= 300:
        client._endpoint._add_modeled_error_fields(answer, parsed, model, way.parser)
        raise client.exceptions.from_code(parsed.get("Error", {}).get("Code"))(parsed, operation)
    for release in way.releases:
        release({}, response)
    return parsed


def _on_the_wire(operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters as they would arrive, for the table to take apart: binary attributes in base64."""
    body = dict(given)
    if operation == "PutItem":
        body["Item"] = _in_text(body["Item"])
    elif operation == "TransactWriteItems":
        body["TransactItems"] = [
            {"Put": {**action["Put"], "Item": _in_text(action["Put"]["Item"])}} if "Put" in action else action
            for action in body["TransactItems"]
        ]
    return body


def _in_text(item: dict[str, Any]) -> dict[str, Any]:
    binary = [name for name, value in item.items() if type(value) is dict and type(value.get("B")) is bytes]
    try:
        packed = marshal.dumps(item, 2)
    except ValueError:
        raise Detour from None
    # Binary that lies deeper, or is given as text, is boto's to write.
    if packed.count(BINARY[0]) != len(binary) or BINARY[1] in packed:
        raise Detour
    return {**item, **{name: {"B": _text(item[name]["B"])} for name in binary}} if binary else item


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _written(value: bytes | datetime) -> str | int:
    """What JSON does not know, as boto writes it."""
    return int(value.timestamp()) if isinstance(value, datetime) else _text(value)


def _way(client: Any, operation: str) -> Any:
    """Where a client's calls go; Detour where somebody but boto, moto and this stack has a hand in them."""
    emitter, ways = client.meta.events._emitter, client.__dict__.setdefault("_ways", {})
    way = ways.get(operation)
    # boto makes a new one of these with every handler that comes or goes.
    if way is None or way.handlers is not emitter._lookup_cache:
        way = ways[operation] = _looked_for(client, operation, emitter)
    if way.region is None:
        raise Detour
    return way


def _looked_for(client: Any, operation: str, emitter: Any) -> Any:
    address = _ADDRESS.fullmatch(client.meta.endpoint_url)
    model = client.meta.service_model
    described = model.operation_model(operation)
    shape = described.input_shape
    found: list[Any] = []
    for event in _EVENTS:
        found += emitter._handlers.prefix_search(f"{event}.{model.service_id.hyphenize()}.{operation}")
    return SimpleNamespace(
        handlers=emitter._lookup_cache,
        model=described,
        right=plainly_right(shape, items=False) if shape is not None else _never,
        service=address[1] if address is not None else "",
        region=address[2] if address is not None and all(map(_ours, found)) else None,
        url=client.meta.endpoint_url.rstrip("/") + "/",
        parser=create_parser(model.resolved_protocol),
        # What a client had to give for retries comes back to it with every call that succeeds.
        releases=[one for one in found if getattr(one, "__name__", "") == "release_retry_quota"],
    )


def _ours(handler: Any) -> bool:
    module = str(getattr(getattr(handler, "func", handler), "__module__", ""))
    return module.startswith(_OURS) and module != "botocore.stub"
