# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""Calls between the engine and AWS services: cached clients, translated parameter names, a short way through moto."""

from __future__ import annotations

import functools
import json
import re
import threading
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

from local.lambdas import NoSuchFunction, Throttled
from local.mends import dynamodb_speed, lambda_door
from local.virtual_time import CLOCK

ACCOUNT = "123456789012"  # moto's

around_call: list[Callable[[Any, Callable[[], Any]], Any]] = []
"""Stands around every AWS request of the process: called with the request and the function that carries it out."""

before_service: list[Callable[[str], None]] = []
"""Called with the first part of the address before a service other than the table's and the machines' answers."""

UNSIGNED = ("dynamodb", "states", "ses", "events", "scheduler", "secretsmanager")
ONE_ADDRESS = ("DynamoDB", "SFN", "SESv2", "EventBridge", "Scheduler", "Secrets Manager")
MOST_ROUTES = 2000  # addresses that are remembered; a bucket has one for each object
LOCKS = {"dynamodb": threading.RLock(), "states": threading.RLock()}
_routes: dict[str, Any] = {}
_here = threading.local()


@contextmanager
def aside() -> Iterator[None]:
    """What is called inside belongs to nobody's work: no fault meets it, nobody counts it, and no other thread gets its turn.

    It reaches moto also while a test has switched moto off to see what goes over the wire.
    """
    from moto.core.models import botocore_stubber

    before = is_aside(), botocore_stubber.enabled
    _here.aside = botocore_stubber.enabled = True
    try:
        yield
    finally:
        _here.aside, botocore_stubber.enabled = before


def forget() -> None:
    """Forgets routes to backends that are gone."""
    _routes.clear()


def is_aside() -> bool:
    """Whether this thread is at something that belongs to nobody's work."""
    return getattr(_here, "aside", False)


def apply() -> None:
    """Replaces client making, parameter translation, request routing and Lambda invocation."""
    _clients()
    _translation()
    _time_limits()
    _signing()
    _endpoints()
    _routing()
    _lambda()


def _clients() -> None:
    from moto.stepfunctions.parser.asl.utils import boto_client

    make = boto_client.boto_client_for
    cached = functools.lru_cache(maxsize=64)(lambda region, service: make(region=region, service=service))

    def boto_client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        return cached(region, service)

    from local.mends.virtual import engine_modules

    for module in engine_modules():
        if getattr(module, "boto_client_for", None) is make:
            module.boto_client_for = boto_client_for


def _translation() -> None:
    import boto3
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
        StateTaskService,
    )

    @functools.lru_cache(maxsize=256)
    def operation(service: str, action: str) -> Any:
        # boto3's session, which has read the models of the clients that it made.
        session: Any = boto3.DEFAULT_SESSION
        model = session._session.get_service_model(service)
        wanted = action.replace("_", "").lower()
        return next(model.operation_model(n) for n in model.operation_names if n.lower() == wanted)

    def shape_of(self: Any, service: str | None, action: str | None, part: str) -> Any:
        name = {"sfn": "stepfunctions", "states": "stepfunctions"}.get(service or "", service)
        found = operation(self._get_boto_service_name(name), self._get_boto_service_action(action))
        return found.input_shape if part == "input" else found.output_shape

    def normalise_parameters(
        self: Any,
        parameters: Any,
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        shape = shape_of(self, boto_service_name, service_action_name, "input")
        if shape is not None:
            self._to_boto_request(parameters, shape)

    def normalise_response(
        self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
    ) -> None:
        shape = shape_of(self, boto_service_name, service_action_name, "output")
        if shape is not None:
            self._from_boto_response(response, shape)

    StateTaskService._normalise_parameters = normalise_parameters
    StateTaskService._normalise_response = normalise_response


def _time_limits() -> None:
    """A call that gets no answer takes as long as its client would wait: the limit is kept where faults look for it."""
    from botocore.handlers import BUILTIN_HANDLERS

    def remember(context: dict[str, Any], **kwargs: Any) -> None:
        thread, config = CLOCK.current(), context.get("client_config")
        if thread is not None and config is not None and not is_aside():
            thread.context["read_timeout"] = config.read_timeout

    BUILTIN_HANDLERS.append(("before-call", remember))


def _signing() -> None:
    """Nobody checks the signatures of these services here, and signing is a tenth of the time that a call takes."""
    from botocore.signers import RequestSigner
    from botocore.useragent import UserAgentString
    from moto.core.models import botocore_stubber

    sign, write = RequestSigner.handler, UserAgentString.to_string

    def handler(self: Any, operation_name: Any = None, request: Any = None, **kwargs: Any) -> Any:
        if botocore_stubber.enabled and self.signing_name in UNSIGNED:
            return None
        return sign(self, operation_name, request, **kwargs)

    def to_string(self: Any) -> str:
        return "local" if botocore_stubber.enabled else write(self)

    RequestSigner.handler = handler
    UserAgentString.to_string = to_string


def _endpoints() -> None:
    """Of these services a client has one address whatever it asks; boto works it out anew for each call."""
    from botocore.regions import EndpointRulesetResolver
    from moto.core.models import botocore_stubber

    plain = EndpointRulesetResolver.construct_endpoint

    def construct_endpoint(self: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        one = operation_model.service_model.service_id in ONE_ADDRESS and "EndpointId" not in call_args
        if not botocore_stubber.enabled or not one:
            return plain(self, operation_model, call_args, request_context)
        host = operation_model.endpoint.get("hostPrefix") if operation_model.endpoint else None
        known = self.__dict__.setdefault("_known_here", {})
        if host not in known:
            known[host] = plain(self, operation_model, call_args, request_context)
        return known[host]

    EndpointRulesetResolver.construct_endpoint = construct_endpoint


def _routing() -> None:
    """moto tries some 300 patterns for every request; the address of a service is remembered here.

    One lock a service: moto's stores are plain dictionaries.
    """
    import botocore.endpoint
    from botocore.parsers import JSONParser
    from moto.core import botocore_stubber
    from moto.core.exceptions import HTTPException
    from moto.core.request import normalize_request

    plain_process = botocore_stubber.BotocoreStubber.process_request
    plain_call = botocore_stubber.BotocoreStubber.__call__

    def method_for(url: str) -> Any:
        if url in _routes:
            return _routes.get(url)
        if len(_routes) >= MOST_ROUTES:
            _routes.clear()
        found = _routes[url] = next(methods_for(url), None)
        return found

    def methods_for(url: str) -> Any:
        from moto import backend_index, backends

        for service, address in backend_index.backend_url_patterns:
            if address.match(url):
                regions = backends.get_backend(service)[ACCOUNT]
                backend = regions["us-east-1"] if "us-east-1" in regions else regions["aws"]
                yield from (method for pattern, method in backend.urls.items() if re.match(pattern, url))

    def process_request(self: Any, request: Any) -> Any:
        host = request.url.split("/", 3)[2]
        service = host.split(".", 1)[0]
        if service == "lambda" and (own := lambda_door.answer(request)) is not None:
            return own
        if service not in LOCKS:
            for prepare in before_service:
                prepare(service)
        if (
            service not in ("dynamodb", "states", "secretsmanager", "kms", "events")
            or "amazonaws" not in host
        ):
            return plain_process(self, request)
        if service == "dynamodb":
            target = request.headers.get("X-Amz-Target", "")
            operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
            with LOCKS["dynamodb"]:
                answer = dynamodb_speed.answer(ACCOUNT, host.split(".")[1], operation, request.body)
            if answer is not None:
                return answer
        method = method_for(request.url.split("?", 1)[0])
        if method is None:
            return plain_process(self, request)
        prepared = normalize_request(request)
        with LOCKS.get(service) or _Free():
            try:
                return method(prepared, prepared.raw_url, prepared.headers)
            except HTTPException as error:
                return error.code, error.get_headers(), error.get_body()

    def call(self: Any, event_name: str, request: Any, **kwargs: Any) -> Any:
        if not self.enabled:
            return None

        def carry_out() -> Any:
            return _direct(request) or plain_call(self, event_name, request, **kwargs)

        if is_aside():
            return carry_out()
        CLOCK.give_way()
        return around_call[0](request, carry_out) if around_call else carry_out()

    plain_parse = JSONParser._handle_json_body

    def handle_json_body(self: Any, raw_body: Any, shape: Any) -> Any:
        return raw_body.parsed if type(raw_body) is _Body else plain_parse(self, raw_body, shape)

    JSONParser._handle_json_body = handle_json_body
    botocore_stubber.BotocoreStubber.process_request = process_request
    botocore_stubber.BotocoreStubber.__call__ = call

    def pause(seconds: float) -> None:
        (CLOCK.sleep if CLOCK.current() is not None else real_time.sleep)(seconds)

    # boto3 pauses before it retries: in virtual time where the caller lives in virtual time.
    botocore.endpoint.time = SimpleNamespace(sleep=pause, time=real_time.time)


def _direct(request: Any) -> Response | None:
    """The answer of a DynamoDB call of this process, past the wire; None for a call that has to go there."""
    target = request.headers.get("X-Amz-Target", b"")
    text = target.decode() if isinstance(target, bytes) else target
    if not text.startswith("DynamoDB_20120810."):
        return None
    host = request.url.split("/", 3)[2]
    if not host.endswith(".amazonaws.com"):
        return None
    with LOCKS["dynamodb"]:
        answer = dynamodb_speed.direct(ACCOUNT, host.split(".")[1], text.partition(".")[2], request.body)
        return None if answer is None else Response(request.url, answer.parsed())


class _Body(bytes):
    """What boto takes for the body of an answer; `parsed` is what it would make of it."""

    parsed: dict[str, Any]


class Response(AWSResponse):
    """An answer whose body was never text."""

    def __init__(self, url: str, parsed: dict[str, Any]) -> None:
        # As boto's own does, which makes a dictionary of headers for each.
        self.url, self.status_code, self.headers, self.raw = url, 200, _headers, None
        self._body = _Body()
        self._body.parsed = parsed

    @property
    def content(self) -> bytes:
        return self._body


HEADERS: Any = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "local"}
_headers = HeadersDict(HEADERS)


class _Free:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: object) -> None:
        return None


def _lambda() -> None:
    from botocore.exceptions import ClientError
    from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

    def client_error(code: str, message: str, status: int) -> ClientError:
        meta = {"RequestId": "local", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}, "Invoke")

    def invoke_from_engine(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
        name = lambda_door.name_of(parameters["FunctionName"])
        kind = parameters.get("InvocationType", "RequestResponse")
        try:
            answer = dict(lambda_door.invoke_function[0](name, parameters.get("Payload", b"{}"), kind))
        except NoSuchFunction as error:
            message = f"Function not found: {parameters['FunctionName']}"
            raise client_error("ResourceNotFoundException", message, 404) from error
        except Throttled as error:
            raise client_error("TooManyRequestsException", "Rate Exceeded.", 429) from error
        text = answer["Payload"].decode("utf-8")
        answer["Payload"] = json.loads(text) if text else None
        return answer

    lambda_eval_utils._invoke_lambda_function = invoke_from_engine
