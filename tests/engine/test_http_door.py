"""The door: routes, tokens, events and answers in process; broken HTTP and AWS calls over a real socket."""

from __future__ import annotations

import base64
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from local import identity
from local.http_api import BODY_LIMIT
from local.http_door import Server
from local.stack import Stack


@pytest.fixture
def token(stack: Stack) -> str:
    return stack.token("ana", ["responder", "director"])


@pytest.fixture
def seen(stack: Stack) -> list[dict[str, Any]]:
    """The events that reach the API's function, which answers 200 to all of them."""
    events: list[dict[str, Any]] = []

    def handler(event: Any, context: Any) -> Any:  # noqa: ARG001
        events.append(event)
        return {"statusCode": 200, "body": "ok"}

    desk = next(function for function in stack.runtime.functions.values() if function.folder == "desk")
    desk.sandboxes.extend([handler] * 3)
    return events


# In process ------------------------------------------------------------------------------------------------------
def test_the_event_is_payload_format_2(stack: Stack, token: str, seen: list[dict[str, Any]]) -> None:
    headers = {"X-Thing": "a", "Cookie": "a=1; b=2"}
    answer = stack.request("GET", "/things/a%20b%2Fc?x=1&y=2&x=3&z=", token=token, headers=headers)
    assert (answer.status, answer.text) == (200, "ok")
    (event,) = seen
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "GET /things/{id}"
    assert event["rawPath"] == "/things/a%20b%2Fc"
    assert event["pathParameters"] == {"id": "a b/c"}
    assert event["rawQueryString"] == "x=1&y=2&x=3&z="
    assert event["queryStringParameters"] == {"x": "1,3", "y": "2", "z": ""}
    assert event["headers"]["x-thing"] == "a"
    assert event["cookies"] == ["a=1", "b=2"]
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["sub"], claims["cognito:groups"]) == ("ana", "[responder director]")
    assert event["requestContext"]["timeEpoch"] == 1795161600000
    assert event["requestContext"]["http"] == {
        "method": "GET", "path": "/things/a%20b%2Fc", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "",
    }  # fmt: skip


def test_bodies_are_text_or_base64_by_their_type(
    stack: Stack, token: str, seen: list[dict[str, Any]]
) -> None:
    stack.request("POST", "/things", {"é": 1}, token=token)
    stack.request("POST", "/things", b"\xff\xfe", token=token, headers={"content-type": "application/json"})
    stack.request(
        "POST", "/things", b"a=1", token=token, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (json.loads(seen[0]["body"]), seen[0]["isBase64Encoded"]) == ({"é": 1}, False)
    assert (base64.b64decode(seen[1]["body"]), seen[1]["isBase64Encoded"]) == (b"\xff\xfe", True)
    assert (base64.b64decode(seen[2]["body"]), seen[2]["isBase64Encoded"]) == (b"a=1", True)


def test_a_fixed_path_wins_over_a_variable_one(stack: Stack, token: str, seen: list[dict[str, Any]]) -> None:
    stack.request("GET", "/things/fixed", token=token)
    assert seen[0]["routeKey"] == "GET /things/fixed"


@pytest.mark.parametrize(
    ("value", "status", "text"),
    [
        ({"statusCode": 201, "body": "x", "headers": {"X-A": "1"}}, 201, "x"),
        ({"statusCode": "204"}, 204, ""),
        ({"statusCode": 200, "body": base64.b64encode(b"png").decode(), "isBase64Encoded": True}, 200, "png"),
        ({"plain": "json"}, 200, '{"plain": "json"}'),
        ("text", 200, '"text"'),
    ],
)
def test_answers(stack: Stack, token: str, value: Any, status: int, text: str) -> None:
    desk = next(function for function in stack.runtime.functions.values() if function.folder == "desk")
    desk.sandboxes.append(lambda event, context: value)  # noqa: ARG005
    answer = stack.request("GET", "/things/a", token=token)
    assert (answer.status, answer.text) == (status, text)


def test_an_answer_without_a_sound_status_is_the_functions_fault(stack: Stack, token: str) -> None:
    desk = next(function for function in stack.runtime.functions.values() if function.folder == "desk")
    desk.sandboxes.append(lambda event, context: {"statusCode": "soon"})  # noqa: ARG005
    assert stack.request("GET", "/things/a", token=token).status == 500


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nope"), ("PATCH", "/things"), ("GET", "/things/"), ("GET", "/")]
)
def test_an_unknown_route_is_a_404_problem(stack: Stack, token: str, method: str, path: str) -> None:
    answer = stack.request(method, path, token=token)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert path in answer.json["detail"]


def test_a_body_beyond_ten_megabytes_is_refused(stack: Stack, token: str) -> None:
    assert stack.request("POST", "/things", b"x" * (BODY_LIMIT + 1), token=token).status == 413


def test_a_route_without_authorizer_needs_no_token(stack: Stack) -> None:
    assert stack.request("GET", "/health").status == 200


def test_what_a_request_causes_has_happened_when_it_is_answered(stack: Stack, token: str) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=token)
    assert [entry["machine"] for entry in stack.executions()] == ["main"]


# Tokens ----------------------------------------------------------------------------------------------------------
def wrong_tokens(stack: Stack) -> dict[str, str]:
    good = stack.token("ana", ["director"])
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    authorizer = stack.api.authorizer()
    assert authorizer is not None
    now = stack.clock.now()

    def forged(**changes: Any) -> str:
        text = base64.urlsafe_b64encode(json.dumps(claims | changes).encode()).rstrip(b"=").decode()
        return f"{head}.{text}.{signature}"

    no_algorithm = base64.urlsafe_b64encode(b'{"alg": "none"}').rstrip(b"=").decode()
    return {
        "nothing": "",
        "words": "let me in",
        "two parts": f"{head}.{body}",
        "no JSON": "a.b.c",
        "no base64": "é.é.é",
        "another role": forged(**{"cognito:groups": ["director"], "sub": "eve"}),
        "no algorithm": f"{no_algorithm}.{body}.",
        "another issuer": identity.make("ana", [], "https://elsewhere", authorizer.audiences[0], now),
        "another audience": identity.make("ana", [], authorizer.issuer, "someone", now),
        "expired": identity.make(
            "ana", [], authorizer.issuer, authorizer.audiences[0], now - timedelta(days=4000)
        ),
        "not yet": identity.make(
            "ana", [], authorizer.issuer, authorizer.audiences[0], now + timedelta(days=1)
        ),
    }


def test_no_other_token_opens_the_door(stack: Stack) -> None:
    for name, text in wrong_tokens(stack).items():
        answer = stack.request("GET", "/things/a", token=text)
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json"), name
        assert answer.headers["www-authenticate"] == "Bearer"
    assert stack.request("GET", "/things/a").status == 401


def test_a_token_holds_for_years_of_virtual_time(stack: Stack, token: str) -> None:
    stack.clock.advance(timedelta(days=3000))
    assert stack.request("GET", "/things/a", token=token).status == 200


# Over a socket ---------------------------------------------------------------------------------------------------
@pytest.fixture
def port(stack: Stack) -> Iterator[int]:
    server = Server(0, stack.handle)
    server.start()
    yield server.port
    server.stop()


def raw(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_who_sends_far_too_much_still_reads_the_answer(port: int) -> None:
    call = urllib.request.Request(f"http://127.0.0.1:{port}/things", b"x" * (2 * BODY_LIMIT))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(call, timeout=10)  # noqa: S310 - our own door
    assert refused.value.code == 413
    refused.value.close()


BROKEN = [
    b"nonsense\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /health HTTP/1.1\r\n\r\n",
    b"GET health HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort",
    b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_broken_http_gets_a_4xx_problem_and_never_a_traceback(
    port: int, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = raw(port, data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4"), head[:80]
    assert b"application/problem+json" in head
    assert json.loads(body)["detail"]
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_connection_carries_several_requests_and_chunked_bodies(
    stack: Stack, port: int, token: str
) -> None:
    chunked = (
        f"POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        'Transfer-Encoding: chunked\r\n\r\n6\r\n{"id":\r\n4;x=y\r\n"a"}\r\n0\r\n\r\n'
    ).encode()
    answer = raw(
        port,
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + chunked + b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    assert answer.count(b"HTTP/1.1 200") == 1
    assert answer.count(b"HTTP/1.1 202") == 1
    assert answer.count(b"HTTP/1.1 404") == 1
    assert answer.endswith(b"\r\n\r\n"), "HEAD has no body"
    assert stack.executions() != []


def test_thirty_requests_at_once_are_all_answered(stack: Stack, port: int, token: str) -> None:
    statuses: list[int] = []

    def post(number: int) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/things", json.dumps({"id": f"n{number}"}).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            statuses.append(answer.status)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 30
    assert len(stack.executions()) == 30


def test_an_answer_cannot_smuggle_headers(stack: Stack, port: int) -> None:
    desk = next(function for function in stack.runtime.functions.values() if function.folder == "desk")
    desk.sandboxes.append(lambda event, context: {"statusCode": 200, "headers": {"x-a": "1\r\nx-b: 2"}})  # noqa: ARG005
    assert b"\r\nx-b" not in raw(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")


def test_aws_clients_work_against_the_port(stack: Stack, port: int, token: str) -> None:
    stack.request("POST", "/things", {"id": "a"}, token=token)

    def client(service: str) -> Any:
        # Another region than the stack's: people's settings differ.
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
            aws_access_key_id="x", aws_secret_access_key="y",  # noqa: S106
        )  # fmt: skip

    from moto.core.models import botocore_stubber

    botocore_stubber.enabled = False
    try:
        states = client("stepfunctions")
        machine = next(m for m in states.list_state_machines()["stateMachines"] if "Main" in m["name"])
        found = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        assert [entry["name"] for entry in found] == ["THING-a"]
        assert {entry["executionArn"].split(":")[3] for entry in found} == {"us-east-1"}
        (read,) = [states.describe_execution(executionArn=entry["executionArn"]) for entry in found]
        assert read["stateMachineArn"] == machine["stateMachineArn"]
        assert (
            states.describe_state_machine(stateMachineArn=read["stateMachineArn"])["name"] == machine["name"]
        )
        (described,) = client("cloudformation").describe_stacks()["Stacks"]
        assert described["StackId"].split(":")[3] == "us-east-1"
        assert described["Outputs"]
        assert client("dynamodb").list_tables()["TableNames"] == [stack.outputs["TableName"]]
        assert len(client("sqs").list_queues()["QueueUrls"]) == 1
        answer = client("lambda").invoke(FunctionName="sangfroid-WorkerFunction", Payload=b'{"do": "fail"}')
        assert json.loads(answer["Payload"].read())["errorType"] == "Flaky"
        with pytest.raises(client("stepfunctions").exceptions.InvalidToken):
            states.send_task_success(taskToken="no", output="{}")
    finally:
        botocore_stubber.enabled = True
