# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""Lambda as an AWS service: invocations run in the Lambda runtime, event source mappings are those of the template."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local.lambdas import NoSuchFunction, Throttled

invoke_function: list[Callable[..., dict[str, Any]]] = []
"""The Lambda runtime: called with function name, payload, invocation type; answers what ``lambda.invoke`` does."""

mappings: list[Any] = []
"""The `local.streams.Mapping` of the template. They are always enabled here."""


def answer(request: Any) -> tuple[int, dict[str, str], str] | None:
    """The list of event source mappings; None for a call that moto answers, which is made ready for it.

    moto knows none of them, and takes a tenth of a second to say so.
    """
    url = urlsplit(request.url)
    if request.method != "GET" or not url.path.rstrip("/").endswith("/event-source-mappings"):
        _register()
        return None
    asked = parse_qs(url.query)
    function, source = asked.get("FunctionName", [""])[0], asked.get("EventSourceArn", [""])[0]
    found = [
        _described(mapping)
        for mapping in mappings
        if (not function or name_of(function) == mapping.function)
        and (not source or source == mapping.stream_arn)
    ]
    return 200, {"Content-Type": "application/json"}, json.dumps({"EventSourceMappings": found})


def _described(mapping: Any) -> dict[str, Any]:
    region, account = mapping.stream_arn.split(":")[3:5]
    return {
        "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{mapping.stream_arn} {mapping.function}")),
        "FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{mapping.function}",
        "EventSourceArn": mapping.stream_arn,
        "BatchSize": mapping.batch_size,
        "State": "Enabled",
    }


def name_of(function: str) -> str:
    """The name of a function in its name or ARN, with or without a qualifier."""
    parts = function.split(":")
    return parts[6] if len(parts) > 6 else parts[0]


@functools.cache
def _register() -> None:
    """Lambda's own door. The desk's machines never come through it, and moto takes a tenth of a second to load it."""
    from moto.awslambda.exceptions import UnknownFunctionException
    from moto.awslambda_simple.models import LambdaSimpleBackend
    from moto.core.exceptions import JsonRESTError

    class TooManyRequestsException(JsonRESTError):
        code = 429

    def invoke(
        self: Any, function_name: str, qualifier: Any, body: Any, headers: Any, response_headers: Any
    ) -> bytes | None:
        kind = headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        try:
            answer = invoke_function[0](name_of(function_name), body or b"{}", kind)
        except NoSuchFunction as error:
            raise UnknownFunctionException(function_name) from error
        except Throttled as error:
            raise TooManyRequestsException("TooManyRequestsException", "Rate Exceeded.") from error
        if answer.get("FunctionError"):
            response_headers["x-amz-function-error"] = answer["FunctionError"]
        payload: bytes = answer["Payload"]
        return payload

    LambdaSimpleBackend.invoke = invoke
