"""AWS calls at the local port: ``aws --endpoint-url http://127.0.0.1:8420 stepfunctions list-executions`` and boto3."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from local.answers import Request, Response, problem
from local.template import ACCOUNT, REGION

if TYPE_CHECKING:
    from local.stack import Stack

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[\w-]+)/aws4_request")
_SCOPE_REGION = re.compile(r"(Credential=[^/]+/\d+/)[^/]+(/)")
_TARGETS = {
    "DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "streams.dynamodb", "AWSStepFunctions": "states",
    "AmazonSQS": "sqs", "AWSEvents": "events", "secretsmanager": "secretsmanager", "TrentService": "kms",
    "AmazonSSM": "ssm", "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "monitoring",
}  # fmt: skip

_CALLER_REGION = re.compile(r"Credential=[^/]+/\d+/(?P<region>[a-z]{2}(?:-[a-z]+){1,3}-\d)/")

_OWN_HEADERS = ("content-length", "date", "server")


def is_aws(request: Request) -> bool:
    """Whether an AWS client has sent this."""
    return "AWS4-HMAC-SHA256" in request.headers.get("authorization", "") or "x-amz-target" in request.headers


def handle(request: Request, stack: Stack) -> Response:
    """Passes the call to moto. The stack lives in one region; ARNs name the one that the client is set to, as on AWS."""
    region = _CALLER_REGION.search(request.headers.get("authorization", ""))
    if region is None or region["region"] == REGION:
        return _passed_on(request, stack)
    theirs = region["region"]
    inward = replace(
        request,
        body=_moved(request.body, theirs, REGION),
        path=_moved(request.path.encode(), theirs, REGION).decode(),
    )
    answer = _passed_on(inward, stack)
    return replace(answer, body=_moved(answer.body, REGION, theirs))


def _moved(content: bytes, source: str, target: str) -> bytes:
    """The content with every ARN of one region in another; a path holds them percent-encoded."""
    pattern = rb"(arn(?:%3A|:)aws(?:%3A|:)[\w.-]+(?:%3A|:))" + re.escape(source).encode() + rb"(?=%3A|:)"
    return re.sub(pattern, rb"\g<1>" + target.encode(), content)


def _passed_on(request: Request, stack: Stack) -> Response:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.core.models import botocore_stubber

    service = _service(request)
    if service is None:
        return problem(400, "the AWS service of this call cannot be told from its signature")
    if service == "cloudformation":
        return _described(request, stack)
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name not in ("host", "content-length"):
            headers[name] = (
                _SCOPE_REGION.sub(rf"\g<1>{REGION}\g<2>", value) if name == "authorization" else value
            )
    url = f"https://{service}.{REGION}.amazonaws.com{request.path}" + (
        f"?{request.query}" if request.query else ""
    )
    prepared = AWSPreparedRequest(request.method, url, headers, request.body, stream_output=False)
    try:
        answer = botocore_stubber.process_request(prepared)
    except Exception as error:  # noqa: BLE001 - moto raises what it has not thought of; the client gets an answer
        return problem(400, f"moto cannot carry out this call: {type(error).__name__}: {error}")
    if answer is None:
        return problem(400, f"the local stack does not emulate {service}")
    status, given, body = answer
    return Response(
        int(status), _headers(given), body.encode("utf-8") if isinstance(body, str) else bytes(body)
    )


def _described(request: Request, stack: Stack) -> Response:
    """`describe-stacks`: the one stack with its outputs. moto's CloudFormation knows nothing of it."""
    asked = parse_qs(request.body.decode("utf-8", "replace"))
    action, name = asked.get("Action", [""])[0], asked.get("StackName", [""])[0]
    here = stack.template.stack_name
    if action != "DescribeStacks" or name not in ("", here):
        code = "ValidationError"
        message = (
            f"Stack with id {name} does not exist"
            if action == "DescribeStacks"
            else f"{action} is not emulated here"
        )
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        body = f"<ErrorResponse>{error}</ErrorResponse>"
        return Response(400, {"content-type": "text/xml"}, body.encode())
    outputs = "".join(
        f"<member><OutputKey>{escape(key)}</OutputKey><OutputValue>{escape(str(value))}</OutputValue></member>"
        for key, value in stack.outputs.items()
    )
    body = (
        '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
        f"<StackName>{escape(here)}</StackName><StackId>arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{escape(here)}/local</StackId>"
        f"<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>{outputs}</Outputs>"
        "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )
    return Response(200, {"content-type": "text/xml"}, body.encode())


def _service(request: Request) -> str | None:
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    target = request.headers.get("x-amz-target", "").split(".")[0]
    if target in _TARGETS:
        return _TARGETS[target]
    return scope["service"] if scope else None


def _headers(given: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in given.items() if name.lower() not in _OWN_HEADERS}
