"""The short way of a call to the local table answers as the whole way through boto does, and leaves it what is unusual."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from botocore.validate import ParamValidator, ValidationErrors
from moto.core.responses import BaseResponse
from moto.sesv2.models import sesv2_backends

from local import calls_made
from local.mends import clients, short_way
from local.stack import Stack
from local.virtual_threads import VirtualThread
from tests.engine.conftest import ROLE, START
from tests.support.table_calls import ABSENT, CALLS, TABLE, item, transaction

short_pause = timedelta(seconds=5)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that go the whole way."""
    found: list[str] = []
    plain = Endpoint.make_request

    def make_request(self: Any, operation_model: Any, request_dict: Any) -> Any:
        found.append(operation_model.name)
        return plain(self, operation_model, request_dict)

    monkeypatch.setattr(Endpoint, "make_request", make_request)
    return found


def client_of() -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client("dynamodb", region_name="eu-central-1", config=config)


def in_a_function(stack: Stack, work: Callable[[], None]) -> None:
    thread = VirtualThread(target=work, name="as a function", family=("test",))
    thread.context["function"] = "sangfroid-test"
    thread.start()
    stack.settle()


def asked(client: Any, name: str, given: dict[str, Any]) -> Any:
    arguments = given if "TransactItems" in given else {"TableName": "compared"} | given
    try:
        return getattr(client, name)(**arguments)
    except ClientError as error:
        return str(error)


@pytest.mark.usefixtures("stack")
def test_both_ways_give_the_same_answer_metadata_and_all(sent: list[str]) -> None:
    short, whole = client_of(), client_of()
    whole.meta.events.register("before-call.dynamodb", lambda **_: None)
    reads = [call for call in CALLS if call[0] in ("get_item", "query")]
    short.create_table(**TABLE)
    asked(short, *transaction({"Put": {"Item": item("02", n={"N": "2"}, shown={"B": b"\x00"})}}))
    asked(
        short, *transaction({"Put": {"Item": item("04", listing={"S": "open"}, listed_at={"S": "2026-08"})}})
    )
    sent.clear()
    mine = [asked(short, *call) for call in reads]
    took = len(sent)
    theirs = [asked(whole, *call) for call in reads]
    assert mine == theirs
    assert took <= 6  # those that are refused
    assert len(sent) == took + len(reads)


@pytest.mark.usefixtures("stack")
def test_what_boto_would_refuse_it_refuses(sent: list[str]) -> None:
    client = client_of()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("get_item", {"TableName": "compared"}),
        ("get_item", {"TableName": None, "Key": item("a")}),
        ("get_item", {"TableName": "compared", "Key": {"pk": "text"}}),
        ("get_item", {"TableName": "compared", "Key": item("a"), "Unknown": 1}),
        ("query", {"TableName": "compared", "Limit": 0}),
        ("put_item", {"TableName": "compared", "Item": {"pk": {"N": 1}}}),
        ("transact_write_items", {"TransactItems": []}),
    ]
    for name, given in wrong:
        with pytest.raises(ParamValidationError):
            getattr(client, name)(**given)
    assert not sent


@pytest.mark.usefixtures("stack")
def test_what_is_plainly_right_boto_finds_no_fault_with() -> None:
    """Parameters of every call of the comparison, spoilt at random: the short look may send more to boto, never less."""
    die, model = random.Random(7), client_of().meta.service_model  # noqa: S311 - the same spoiling in every run
    spoilers: list[Any] = [
        None,
        0,
        -1,
        "",
        "x",
        b"x",
        1.5,
        True,
        [],
        {},
        {"S": "x"},
        {"N": 1},
        {"B": "x"},
        ["x"],
        (),
        {1},
    ]
    plain, right, spoilt = ParamValidator(), 0, 0
    for name, given in CALLS:
        operation = "".join(part.capitalize() for part in name.split("_"))
        shape = model.operation_model(operation).input_shape
        whole = given if "TransactItems" in given else {"TableName": "compared"} | given
        for _ in range(25):
            broken = copy.deepcopy(whole)
            spoil(broken, die, spoilers)
            errors = ValidationErrors()
            plain._validate(broken, shape, errors, name="")
            if short_way.plainly_right(shape)(broken):
                assert not errors.has_errors(), broken
                right += 1
            spoilt += errors.has_errors()
    assert right > 50
    assert spoilt > 200


@pytest.mark.usefixtures("stack")
def test_what_is_spoilt_ends_alike_both_ways() -> None:
    """Writes spoilt at random, on two tables: the same answer or refusal, and the same items in the end."""
    die, short, whole = random.Random(11), client_of(), client_of()  # noqa: S311 - the same spoiling in every run
    whole.meta.events.register("before-call.dynamodb", lambda **_: None)
    writes = [call for call in CALLS if call[0] in ("put_item", "delete_item", "transact_write_items")]
    odd = [
        {"B": "text"},
        {"M": {"a": {"B": "text"}}},
        {"L": [{"B": b"xxxx"}]},
        {"M": {"B": {"S": "B"}}},
        {"BS": [b"xxxx"]},
    ]
    writes += [("put_item", {"Item": item(f"odd{place}", odd=value)}) for place, value in enumerate(odd)]
    spoilers: list[Any] = [None, "", "x", b"xxxx", 1.5, True, [], {}, {"S": 1}, {"N": 1}, {"N": "x"}, {"B": "text"},
                           {"B": b"x"}, {"M": {"B": {"B": b"xxxx"}}}, {"M": {"a": {"B": "text"}}}, {"L": ({"S": "x"},)},
                           {"L": [{"S": "B"}]}, {"M": {1: {"S": "x"}}}, {"BOOL": 1}, {"NULL": False}, {"SS": ["a"]}]  # fmt: skip

    def played(client: Any, table: str, name: str, given: dict[str, Any]) -> Any:
        arguments = copy.deepcopy(given)
        for action in arguments.get("TransactItems") or [{"": arguments}]:
            for body in action.values() if isinstance(action, dict) else ():
                if isinstance(body, dict) and body.get("TableName", "compared") == "compared":
                    body["TableName"] = table
        try:
            return getattr(client, name)(**arguments)
        except Exception as error:  # noqa: BLE001 - moto breaks over some of them, and does so both ways
            return type(error).__name__, str(error).replace(table, "")

    for table in ("left-table", "right-table"):
        short.create_table(**TABLE | {"TableName": table})
    done = 0
    for name, given in writes:
        for attempt in range(6):
            broken = copy.deepcopy(given)
            if attempt:
                spoil(broken, die, spoilers)
            mine, theirs = (
                played(short, "left-table", name, broken),
                played(whole, "right-table", name, broken),
            )
            assert mine == theirs, broken
            done += isinstance(mine, dict)
    assert done > 10
    left, right = (short.scan(TableName=table)["Items"] for table in ("left-table", "right-table"))
    assert left == right


def spoil(value: Any, die: random.Random, spoilers: list[Any]) -> None:
    """Puts something else at one place of a tree."""
    places: list[tuple[Any, Any]] = []

    def look(node: Any) -> None:
        entries = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        for key, inner in entries:
            places.append((node, key))
            if isinstance(inner, (dict, list)):
                look(inner)

    look(value)
    node, key = die.choice(places)
    if isinstance(node, dict) and die.random() < 0.3:
        node[die.choice(["", "Unknown", 1])] = node.pop(key)
    else:
        node[key] = copy.deepcopy(die.choice(spoilers))


@pytest.mark.usefixtures("stack")
def test_a_stubbed_client_answers_for_itself() -> None:
    client = client_of()
    with Stubber(client) as stubber:
        stubber.add_response("get_item", {"Item": item("stubbed")})
        assert client.get_item(TableName="nowhere", Key=item("a"))["Item"] == item("stubbed")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_item(TableName="nowhere", Key=item("a"))


def test_calls_that_moto_answers_are_the_same_both_ways(stack: Stack, sent: list[str]) -> None:
    """State machines and events: answers with their times and metadata, refusals with what they carry."""
    config = {"region_name": "eu-central-1"}
    short, whole = (boto3.client("stepfunctions", **config) for _ in range(2))
    whole.meta.events.register("before-call.sfn", lambda **_: None)
    definition = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}})
    made = short.create_state_machine(name="short-way", definition=definition, roleArn=ROLE)
    arn = made["stateMachineArn"]
    first = short.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    stack.clock.advance(timedelta(minutes=2))
    sent.clear()
    reads: list[tuple[str, dict[str, Any]]] = [
        ("describe_state_machine", {"stateMachineArn": arn}),
        ("describe_execution", {"executionArn": first["executionArn"]}),
        ("get_execution_history", {"executionArn": first["executionArn"]}),
        ("list_executions", {"stateMachineArn": arn, "maxResults": 5}),
        ("start_execution", {"stateMachineArn": arn, "name": "one", "input": '{"a": 2}'}),
        ("describe_execution", {"executionArn": first["executionArn"] + "-nobody"}),
        ("create_state_machine", {"name": "bad name", "definition": definition, "roleArn": ROLE}),
        ("send_task_success", {"taskToken": "nobody's", "output": "{}"}),
    ]

    def told(client: Any, name: str, given: dict[str, Any]) -> Any:
        try:
            return numbered(getattr(client, name)(**given))
        except ClientError as error:
            return type(error).__name__, error.operation_name, numbered(error.response)

    def numbered(answer: Any) -> Any:
        assert answer["ResponseMetadata"].pop("RequestId")  # moto draws one for each request
        for header in ("x-amzn-requestid", "date"):
            answer["ResponseMetadata"]["HTTPHeaders"].pop(header, None)
        return answer

    mine = [told(short, *call) for call in reads]
    assert not sent
    theirs = [told(whole, *call) for call in reads]
    assert mine == theirs
    assert len(sent) == len(reads)
    assert {type(answer) for answer in mine} == {dict, tuple}
    with pytest.raises(ParamValidationError):
        short.start_execution(stateMachineArn=1)
    events, sent[:] = boto3.client("events", **config), []
    entry = {"Source": "x", "DetailType": "y", "Detail": "{}", "Time": START}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert not sent


def test_what_every_report_calls_ends_alike_both_ways(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events, executions and e-mails: handed to moto's stores past its requests, or not; refusals are moto's own."""
    config, through = {"region_name": "eu-central-1"}, [0]
    plain = BaseResponse.call_action

    def counted(self: Any) -> Any:
        through[0] += 1
        return plain(self)

    monkeypatch.setattr(BaseResponse, "call_action", counted)
    definition = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}})
    arns = {
        name: stack.client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=ROLE
        )["stateMachineArn"]
        for name in ("left", "right")
    }
    stack.client("sesv2").create_email_identity(EmailIdentity="desk@example.com")
    for name in ("open", "shut"):
        stack.client("sesv2").create_configuration_set(ConfigurationSetName=name)
    stack.client("sesv2").put_configuration_set_sending_options(
        ConfigurationSetName="shut", SendingEnabled=False
    )
    entry = {"Source": "x", "DetailType": "y", "Detail": "{}"}
    mail = {
        "FromEmailAddress": "Desk <desk@example.com>",
        "Destination": {"ToAddresses": ["a@example.com"]},
        "Content": {"Raw": {"Data": b"From: desk@example.com\r\nSubject: x\r\n\r\ntext"}},
    }

    def played(side: str) -> list[Any]:
        def execution(**given: Any) -> tuple[str, str, dict[str, Any]]:
            return "stepfunctions", "start_execution", {"stateMachineArn": arns[side]} | given

        asked = [
            execution(name="one", input='{"a": 1}'),
            execution(name="one", input='{"a": 1}'),  # the same one again
            execution(name="one", input='{"a": 2}'),
            execution(name="two", input="no JSON"),
            execution(name="three"),
            ("stepfunctions", "start_execution", {"stateMachineArn": arns[side] + "-nobody"}),
            ("events", "put_events", {"Entries": [entry | {"Time": START}, entry | {"Detail": "no JSON"}]}),
            ("events", "put_events", {"Entries": [entry] * 11}),
            ("events", "put_events", {"Entries": [entry | {"EventBusName": "nobody's"}]}),
            ("sesv2", "send_email", mail),
            ("sesv2", "send_email", mail | {"ConfigurationSetName": "open"}),
            ("sesv2", "send_email", mail | {"ConfigurationSetName": "shut"}),
            ("sesv2", "send_email", mail | {"ConfigurationSetName": "nobody's"}),
            ("sesv2", "send_email", mail | {"FromEmailAddress": "stranger@example.org"}),
        ]
        clients = {name: boto3.client(name, **config) for name in ("stepfunctions", "events", "sesv2")}
        return [answer_of(clients[service], name, given) for service, name, given in asked]

    def answer_of(client: Any, name: str, given: dict[str, Any]) -> Any:
        try:
            answer = getattr(client, name)(**given)
        except ClientError as error:
            return error.operation_name, error.response["Error"]
        assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
        for made in [answer, *answer.get("Entries", [])]:
            for drawn in ("EventId", "MessageId"):
                if drawn in made:
                    made[drawn] = len(made[drawn])
        return answer

    through[0] = 0
    mine, took = played("left"), through[0]
    monkeypatch.setattr(short_way, "WAYS", {})
    through[0] = 0
    theirs = played("right")
    assert json.dumps(mine, default=str).replace(":left", ":right") == json.dumps(theirs, default=str)
    assert mine[0]["startDate"] == theirs[0]["startDate"]
    refused = sum(isinstance(answer, tuple) for answer in mine)
    assert refused == 8
    assert (took, through[0]) == (refused, len(mine))
    sent = sesv2_backends["123456789012"]["eu-central-1"].core_backend.sent_messages
    assert len(sent) == 4
    assert vars(sent[0]) | {"id": ""} == vars(sent[2]) | {"id": ""}


def test_a_fault_is_met_once_and_retried_by_boto(stack: Stack, sent: list[str]) -> None:
    client, found = client_of(), []
    client.create_table(**TABLE)
    stack.faults.set([{"point": "dynamodb", "mode": "error", "times": 1}])
    sent.clear()
    in_a_function(stack, lambda: found.append(client.get_item(TableName="compared", Key=item("a"))))
    stack.clock.advance(short_pause)
    assert found[0]["ResponseMetadata"]["RetryAttempts"] == 1
    assert sent == ["GetItem"]
    assert not stack.faults.pending()
    in_a_function(stack, lambda: found.append(client.get_item(TableName="compared", Key=item("a"))))
    assert sent == ["GetItem"]
    assert "Item" not in found[1]


def test_each_call_of_a_function_is_heard_once(stack: Stack) -> None:
    client = client_of()
    client.create_table(**TABLE)
    _, given = transaction({"Put": {"Item": item("a")} | ABSENT})

    def work() -> None:
        client.transact_write_items(**given)
        asked(client, "transact_write_items", given)  # refused
        client.get_item(TableName="compared", Key=item("a"))

    with calls_made.heard() as calls:
        in_a_function(stack, work)
    assert [call.operation for call in calls] == ["TransactWriteItems", "TransactWriteItems", "GetItem"]


@pytest.mark.usefixtures("stack")
def test_words_of_an_enumeration_and_bytes_go_the_short_way(sent: list[str]) -> None:
    from enum import StrEnum

    from sangfroid.table import DynamoTable, Put

    class Word(StrEnum):
        GRAVE = "grave"

    client = client_of()
    client.create_table(**TABLE)
    sent.clear()
    table = DynamoTable("compared", client)
    table.transact([Put({"pk": "p", "sk": "s", "word": Word.GRAVE, "packed": b"\x00\xff"})])
    assert table.get("p", "s") == {"pk": "p", "sk": "s", "word": "grave", "packed": b"\x00\xff"}
    assert not sent


def test_a_sandbox_that_comes_gets_the_client_of_one_that_is_gone(stack: Stack) -> None:
    made: list[Any] = []
    in_a_function(stack, lambda: made.extend([client_of(), client_of()]))
    first, second = made
    assert first is not second
    stack.faults.set([{"point": "dynamodb", "mode": "error", "times": 3}])
    in_a_function(stack, lambda: asked(first, "get_item", {"Key": item("a")}))
    stack.clock.advance(short_pause * 20)
    (quota,) = quotas(first)
    assert quota.available_capacity < 500
    in_a_function(stack, lambda: made.append(client_of()))
    assert made[2] not in (first, second)
    clients.forget()
    in_a_function(stack, lambda: made.extend([client_of(), client_of(), client_of()]))
    assert {id(one) for one in made[3:]} == {id(one) for one in made[:3]}
    assert quota.available_capacity == 500
    # Outside of a function, or with another configuration, nothing is shared.
    assert all(client_of() is not one for one in made)


def quotas(client: Any) -> list[Any]:
    handlers = client.meta.events._emitter._handlers.prefix_search("after-call.dynamodb.GetItem")
    return [one.__self__._quota for one in handlers if one.__name__ == "release_retry_quota"]


def test_whoever_stands_around_a_call_can_read_what_it_says() -> None:
    """The meter of `make bench-cost` counts the entries of a call of the bus, which carry a time."""
    entries = [{"Time": START, "Source": "sangfroid", "DetailType": "case_opened", "Detail": "{}"}]
    url = "https://events.eu-west-3.amazonaws.com/"
    request = short_way.Request("events", url, "PutEvents", {"Entries": entries})
    assert json.loads(request.body)["Entries"] == [entries[0] | {"Time": int(START.timestamp())}]
