"""A canary for every mend of local/mends: each fails when moto changes under it, or when the mend stops holding."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import pkgutil
import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.kms.models import kms_backends

from local import mends
from local.mends import virtual
from local.stack import Stack
from tests.engine.conftest import ROLE, START, rows, task

PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def say(output: Any, **more: Any) -> dict[str, Any]:
    return {"Say": PASS | {"Output": output} | more}


def test_moto_is_the_one_that_the_mends_were_written_for() -> None:
    assert importlib.metadata.version("moto") == mends.MOTO


# Time ------------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("stack")
def test_no_loaded_module_of_the_engine_reads_real_time() -> None:
    left = {m.__name__: names for m in virtual.engine_modules() if (names := virtual.real_names(m))}
    allowed = {"moto.stepfunctions.parser.asl.utils.encoding": ["datetime"]}
    assert left == allowed


@pytest.mark.usefixtures("stack")
def test_modules_that_moto_may_load_later_bring_no_real_time() -> None:
    """Time and threads in what is not loaded stand only in features that the stack does not use."""
    package = importlib.import_module(virtual.ENGINE)
    known = {module.__name__ for module in virtual.engine_modules()}
    names = {info.name for info in pkgutil.walk_packages(package.__path__, f"{virtual.ENGINE}.")} - known
    with_time = {
        name
        for name in names
        if re.search(r"\b(threading|time|datetime) import|import (threading|time|datetime)\b", _text(name))
    }
    assert with_time == {
        f"{virtual.ENGINE}.asl.component.test_state.program.test_state_program",
        f"{virtual.ENGINE}.backend.test_state.execution",
        f"{virtual.ENGINE}.provider",
    }


def _text(module: str) -> str:
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).read_text(encoding="utf-8")


def test_a_wait_on_a_timestamp_ends_at_it_and_not_a_second_before(stack: Stack, run: Any) -> None:
    stack.clock.advance(timedelta(milliseconds=700))
    due = START + timedelta(hours=1)
    ended = run({"W": {"Type": "Wait", "Timestamp": due.isoformat().replace("+00:00", "Z"), "End": True}})
    stack.clock.advance(timedelta(seconds=3599))
    assert ended()["status"] == "RUNNING"
    stack.clock.advance(timedelta(milliseconds=300))
    assert (ended()["status"], ended()["stopDate"]) == ("SUCCEEDED", due)


@pytest.mark.parametrize(
    "text", ["2026-11-20T08:30:00Z", "2026-11-20T08:30:00.000Z", "2026-11-20T09:30:00+01:00"]
)
def test_a_timestamp_may_have_fractions_and_an_offset(stack: Stack, run: Any, text: str) -> None:
    ended = run({"W": {"Type": "Wait", "Timestamp": text, "End": True}})
    stack.clock.advance(timedelta(minutes=31))
    assert ended()["stopDate"] == START + timedelta(minutes=30)


def test_retries_wait_in_virtual_time_with_backoff_and_ceiling(stack: Stack, run: Any, history: Any) -> None:
    retry = [{
        "ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxAttempts": 4, "MaxDelaySeconds": 30,
    }]  # fmt: skip
    arn = stack.runtime.functions["sangfroid-WorkerFunction"].arn
    failed = run({"T": task(arn, {"do": "fail"}, Retry=retry)})
    stack.clock.advance(timedelta(minutes=5))
    failures = [at for at, kind in history(failed()["executionArn"]) if kind == "TaskFailed"]
    assert failures == [0, 10, 30, 60, 90]
    assert failed()["status"] == "FAILED"


@pytest.mark.usefixtures("stack")
def test_full_jitter_is_repeatable() -> None:
    import moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl as jitter

    assert isinstance(jitter.random, random.Random)


@pytest.mark.usefixtures("stack")
def test_the_context_object_writes_times_as_aws_does(run: Any) -> None:
    output = "{% [$states.context.Execution.StartTime, $states.context.State.EnteredTime] %}"
    assert run(say(output))()["output"] == ["2026-11-20T08:00:00.000Z"] * 2


# JSONata ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("$states.input.a + 1", 3),
        ("$states.input.a / 1", 2),
        ("$states.input.text", 'a "quoted"\nline \\ and é'),
        ("$states.input.nothing", None),
        ("$exists($states.input.nothing)", True),
        ("$exists($states.input.missing)", False),
        ("[1..3]", [1, 2, 3]),
        ("$count($states.input.list[x > 1])", 1),
        ("$merge([$states.input.list[0], {'y': null}])", {"x": 1, "y": None}),
        ("$now()", "2026-11-20T08:00:00.000Z"),
        ("$millis()", 1795161600000),
        ("$length($uuid())", 36),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$parse('{\"a\": [1]}')", {"a": [1]}),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$range(0, 4, 2)", [0, 2, 4]),
        ("$string($states.input.a) & '-' & $states.input.text", '2-a "quoted"\nline \\ and é'),
    ],
)
@pytest.mark.usefixtures("stack")
def test_jsonata_answers(run: Any, expression: str, answer: Any) -> None:
    given = {"a": 2, "text": 'a "quoted"\nline \\ and é', "nothing": None, "list": [{"x": 1}, {"x": 2}]}
    assert run(say({"got": "{% " + expression + " %}"}), given)()["output"] == {"got": answer}


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2.0,
        2.5,
        1e300,
        True,
        False,
        None,
        "",
        "a",
        {},
        {"a": None},
        {"a": [1.0]},
        [],
        [1],
        [[1]],
        [None],
    ],
)
def test_a_plain_variable_is_what_the_query_engine_makes_of_it(run: Any, value: Any) -> None:
    """A path alone is looked up without the engine; in brackets it is the engine's."""
    given = {"v": value, "deep": {"v": value}, "list": [{"v": value}]}
    paths = [
        "$states.input.v",
        "$states.input.deep.v",
        " $states.input.deep ",
        "$states.input.list.v",
        "$kept.v",
    ]
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.deep %}"}, "Next": "Say"},
        **say([f"{{%{path}%}}" for path in paths]),
    }
    bracketed = {**states, **say([f"{{% ({path}) %}}" for path in paths])}
    plain, asked = run(states, given)(), run(bracketed, given)()
    assert plain.get("output") == asked.get("output")
    assert repr(plain.get("output")) == repr(asked.get("output"))
    assert plain["status"] == asked["status"]


def test_variables_keep_texts_with_quotes(run: Any) -> None:
    text = 'he said "no" \\ \n {% $x %}'
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.text %}", "n": None}, "Next": "Say"},
        **say({"text": "{% $kept %}", "n": "{% $n %}"}),
    }
    assert run(states, {"text": text})()["output"] == {"text": text, "n": None}


@pytest.mark.parametrize("expression", ["$states.input.missing", "$notAssigned", "1 + 'a'", "("])
def test_what_cannot_be_evaluated_is_a_query_evaluation_error(run: Any, expression: str) -> None:
    found = run(say({"got": "{% " + expression + " %}"}))()
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")


# Executions ------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("stack")
def test_machines_run_in_the_store_that_executes(run: Any) -> None:
    assert run(say({"a": 1}))()["status"] == "SUCCEEDED"


@pytest.mark.parametrize("value", ["a text", 1, None, [1], {"a": "b"}])
@pytest.mark.usefixtures("stack")
def test_any_json_comes_back_as_output(run: Any, value: Any) -> None:
    given = {"Input": value}
    assert run(say("{% $states.input.Input %}"), given)()["output"] == value


def test_a_start_is_idempotent_while_it_runs_and_refused_after(stack: Stack) -> None:
    client = stack.client("stepfunctions")
    definition = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}})
    arn = client.create_state_machine(name="idempotent", definition=definition, roleArn=ROLE)[
        "stateMachineArn"
    ]
    first = client.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')
    assert (
        client.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')["executionArn"]
        == first["executionArn"]
    )
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=arn, name="one", input='{"a":2}')
    stack.clock.advance(timedelta(minutes=2))
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')
    assert len(client.list_executions(stateMachineArn=arn)["executions"]) == 1


def test_stop_carries_error_and_cause_and_ends_at_once(stack: Stack, run: Any, history: Any) -> None:
    describe = run({"W": {"Type": "Wait", "Seconds": 600, "Next": "P"}, "P": PASS})
    stack.clock.advance(timedelta(minutes=1))
    client, arn = stack.client("stepfunctions"), describe()["executionArn"]
    client.stop_execution(executionArn=arn, error="Enough", cause="no need")
    found = describe()
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "no need")
    assert found["stopDate"] == START + timedelta(minutes=1)
    stack.clock.advance(timedelta(hours=1))
    assert describe()["status"] == "ABORTED"
    assert [kind for _, kind in history(arn)][-1] == "ExecutionAborted"
    assert "PassStateEntered" not in [kind for _, kind in history(arn)]
    client.stop_execution(executionArn=arn)  # stopping what has ended changes nothing
    assert describe()["error"] == "Enough"


def test_an_execution_that_times_out_says_when(stack: Stack, run: Any) -> None:
    describe = run({"W": {"Type": "Wait", "Seconds": 600, "End": True}}, TimeoutSeconds=60)
    stack.clock.advance(timedelta(hours=1))
    assert (describe()["status"], describe()["stopDate"]) == ("TIMED_OUT", START + timedelta(minutes=1))


# Tokens ----------------------------------------------------------------------------------------------------------
def waiting(worker: str, **more: Any) -> dict[str, Any]:
    payload = {"do": "keep", "name": "t", "token": "{% $states.context.Task.Token %}"}
    state = task(worker, payload, Resource="arn:aws:states:::lambda:invoke.waitForTaskToken", **more)
    return {"Ask": state | {"Output": "{% $states.result %}"}}


def token(stack: Stack) -> str:
    return rows(stack, "TOKEN")[0]["token"]


def test_a_token_can_be_used_once(stack: Stack, run: Any, worker: str) -> None:
    describe, client = run(waiting(worker)), stack.client("stepfunctions")
    client.send_task_success(taskToken=token(stack), output='{"a": 1}')
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token(stack), output='{"a": 2}')
    stack.settle()
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_failure(taskToken=token(stack), error="X")
    assert describe()["output"] == {"a": 1}


def test_an_unknown_token_and_a_bad_output_are_refused(stack: Stack, run: Any, worker: str) -> None:
    run(waiting(worker))
    client = stack.client("stepfunctions")
    with pytest.raises(client.exceptions.InvalidToken):
        client.send_task_success(taskToken="AAAA", output="{}")
    with pytest.raises(client.exceptions.InvalidOutput):
        client.send_task_success(taskToken=token(stack), output="{no json")
    client.send_task_success(taskToken=token(stack), output="{}")


def test_a_token_is_closed_when_its_task_timed_out_or_was_stopped(
    stack: Stack, run: Any, worker: str
) -> None:
    client = stack.client("stepfunctions")
    describe = run(waiting(worker, TimeoutSeconds=60))
    stack.clock.advance(timedelta(minutes=2))
    assert (describe()["status"], describe()["error"]) == ("FAILED", "States.Timeout")
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token(stack), output="{}")
    describe = run(waiting(worker))
    client.stop_execution(executionArn=describe()["executionArn"])
    stack.settle()
    with pytest.raises(client.exceptions.TaskTimedOut):
        client.send_task_success(taskToken=token(stack), output="{}")
    assert describe()["status"] == "ABORTED"


def test_a_retried_task_gets_a_new_token(stack: Stack, run: Any, worker: str) -> None:
    client = stack.client("stepfunctions")
    describe = run(
        waiting(worker, Retry=[{"ErrorEquals": ["Again"], "IntervalSeconds": 60, "MaxAttempts": 1}])
    )
    first = token(stack)
    client.send_task_failure(taskToken=first, error="Again", cause="please")
    stack.clock.advance(timedelta(minutes=1))
    assert token(stack) != first
    assert describe()["status"] == "RUNNING"
    client.send_task_success(taskToken=token(stack), output='"fine"')
    stack.settle()
    assert describe()["output"] == "fine"


def test_a_named_failure_reaches_catch_with_its_cause(stack: Stack, run: Any, worker: str) -> None:
    catch = [{"ErrorEquals": ["Withdrawn"], "Output": "{% $states.errorOutput %}", "Next": "P"}]
    states = waiting(worker, Catch=catch) | {"P": PASS}
    describe = run(states)
    stack.client("stepfunctions").send_task_failure(
        taskToken=token(stack), error="Withdrawn", cause="by the author"
    )
    stack.settle()
    assert describe()["output"] == {"Error": "Withdrawn", "Cause": "by the author"}


def test_a_heartbeat_keeps_a_task_alive(stack: Stack, run: Any, worker: str) -> None:
    describe = run(waiting(worker, HeartbeatSeconds=60, TimeoutSeconds=600))
    for _ in range(3):
        stack.clock.advance(timedelta(seconds=50))
        stack.client("stepfunctions").send_task_heartbeat(taskToken=token(stack))
    stack.settle()
    assert describe()["status"] == "RUNNING"
    stack.clock.advance(timedelta(seconds=61))
    assert (describe()["status"], describe()["error"]) == ("FAILED", "States.Timeout")


def test_a_token_answered_inside_the_function_is_not_lost(stack: Stack, run: Any, worker: str) -> None:
    """The function that gets the token may itself succeed it before it returns."""
    function = stack.runtime.functions["sangfroid-WorkerFunction"]
    client = stack.client("stepfunctions")

    def answers_at_once(event: Any, context: Any) -> None:  # noqa: ARG001
        client.send_task_success(taskToken=event["token"], output='{"at": "once"}')

    function.sandboxes.append(answers_at_once)
    assert run(waiting(worker))()["output"] == {"at": "once"}


# Calls -----------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("stack")
def test_the_engine_keeps_its_clients() -> None:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_sfn as sfn,
    )

    assert sfn.boto_client_for("eu-central-1", "stepfunctions") is sfn.boto_client_for(
        "eu-central-1", "stepfunctions"
    )


def test_parameter_names_are_translated_both_ways(stack: Stack, run: Any) -> None:
    machine = stack.deployment.attribute("PlayMachine", "Arn")
    states = {
        "Start": {
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
            "Arguments": {"StateMachineArn": machine, "Name": "child", "Input": {"word": "hello"}}, "Next": "Look",
        },
        "Look": {
            "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
            "Arguments": {"ExecutionArn": "{% $states.input.ExecutionArn %}"}, "End": True,
            "Output": {"name": "{% $states.result.Name %}", "input": "{% $parse($states.result.Input) %}"},
        },
    }  # fmt: skip
    assert run(states)()["output"] == {"name": "child", "input": {"word": "hello"}}


@pytest.mark.usefixtures("stack")
def test_lambda_code_runs_and_its_error_class_reaches_catch(run: Any, worker: str) -> None:
    catch = [
        {
            "ErrorEquals": ["Flaky"],
            "Output": "{% $parse($states.errorOutput.Cause).errorMessage %}",
            "Next": "P",
        }
    ]
    assert run({"T": task(worker, {"do": "fail", "message": "é"}, Catch=catch), "P": PASS})()["output"] == "é"


def test_a_throttled_or_missing_function_has_the_names_of_aws(stack: Stack, run: Any, worker: str) -> None:
    stack.faults.set([{"point": "function:worker", "mode": "throttle", "times": 1}])
    assert run({"T": task(worker, {"do": "echo"})})()["error"] == "Lambda.TooManyRequestsException"
    assert run({"T": task(worker + "x", {"do": "echo"})})()["error"] == "Lambda.ResourceNotFoundException"
    client = stack.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="nobody", Payload=b"{}")


def test_requests_find_their_service_as_moto_itself_would(stack: Stack) -> None:
    """The short way through moto's URL patterns answers what the long way answers."""
    assert stack.client("dynamodb").list_tables()["TableNames"] == [stack.outputs["TableName"]]
    assert len(stack.client("stepfunctions").list_state_machines()["stateMachines"]) == 3
    assert stack.client("kms").list_keys()["Keys"] == []
    assert stack.client("events").list_rules()["Rules"] == []
    assert stack.client("secretsmanager").list_secrets()["SecretList"][0]["Name"] == "sangfroid/channels/test"
    assert len(stack.client("sqs").list_queues()["QueueUrls"]) == 1


def test_boto_pauses_in_virtual_time(stack: Stack, run: Any, worker: str) -> None:
    stack.faults.set([{"point": "dynamodb", "mode": "throttle", "times": 1}])
    describe = run({"T": task(worker, {"do": "twice"})})
    assert describe()["status"] == "RUNNING"
    stack.clock.advance(timedelta(minutes=1))
    assert describe()["status"] == "SUCCEEDED"
    assert describe()["stopDate"] > START


# DynamoDB --------------------------------------------------------------------------------------------------------
def put(name: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"Item": {"pk": {"S": "T"}, "sk": {"S": name}, "v": {"S": "new"}}, **more}}


@pytest.fixture
def transact(stack: Stack) -> Callable[..., Any]:
    def write(*items: dict[str, Any], **more: Any) -> Any:
        for item in items:
            next(iter(item.values()))["TableName"] = stack.outputs["TableName"]
        return stack.client("dynamodb").transact_write_items(TransactItems=list(items), **more)

    return write


def test_a_cancelled_transaction_leaves_nothing_and_says_why(stack: Stack, transact: Any) -> None:
    transact(put("old"))
    update = {"Update": {
        "Key": {"pk": {"S": "T"}, "sk": {"S": "old"}}, "UpdateExpression": "SET v = :v",
        "ExpressionAttributeValues": {":v": {"S": "changed"}},
    }}  # fmt: skip
    taken = put(
        "old2", ConditionExpression="attribute_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD"
    )
    records: list[Any] = []
    from local.mends import dynamodb as mend

    mend.on_record.append(lambda _, record: records.append(record))
    with pytest.raises(ClientError) as caught:
        transact(put("new"), update, taken)
    assert caught.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = caught.value.response["CancellationReasons"]  # type: ignore[typeddict-item]
    assert [reason["Code"] for reason in reasons] == ["None", "None", "ConditionalCheckFailed"]
    assert {row["sk"]: row["v"] for row in rows(stack, "T")} == {"old": "new"}
    assert records == []


def test_a_transaction_with_a_client_token_is_carried_out_once(stack: Stack, transact: Any) -> None:
    add = {"Update": {
        "Key": {"pk": {"S": "T"}, "sk": {"S": "count"}}, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }}  # fmt: skip
    transact(add, ClientRequestToken="once")
    transact(add, ClientRequestToken="once")
    assert rows(stack, "T")[0]["n"] == "1"
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        transact(put("other"), ClientRequestToken="once")
    stack.clock.advance(timedelta(minutes=11))
    transact(add, ClientRequestToken="once")
    assert rows(stack, "T")[0]["n"] == "2"


def test_one_record_a_changed_item_and_none_for_no_change(stack: Stack, transact: Any) -> None:
    from local.mends import dynamodb as mend

    seen: list[tuple[str, str]] = []
    mend.on_record.append(
        lambda _, record: seen.append((record["eventName"], record["dynamodb"]["Keys"]["sk"]["S"]))
    )
    client, table = stack.client("dynamodb"), stack.outputs["TableName"]
    key = {"pk": {"S": "T"}, "sk": {"S": "u"}}
    update = {
        "TableName": table, "Key": key, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "1"}},
    }  # fmt: skip
    client.update_item(**update)
    client.update_item(**update)
    client.update_item(**(update | {"ExpressionAttributeValues": {":v": {"S": "2"}}}))
    transact(put("a"), put("b"))
    client.delete_item(TableName=table, Key=key)
    client.delete_item(TableName=table, Key=key)
    assert seen == [("INSERT", "u"), ("MODIFY", "u"), ("INSERT", "a"), ("INSERT", "b"), ("REMOVE", "u")]


@pytest.mark.usefixtures("stack")
def test_transactions_do_not_copy_tables(transact: Any) -> None:
    import copy

    from moto.dynamodb.models.table import Table

    copied: list[str] = []
    plain = copy.deepcopy

    def watched(value: Any, memo: Any = None) -> Any:
        answer = plain(value, memo)
        if isinstance(value, Table) and answer is not value:
            copied.append(value.name)
        return answer

    copy.deepcopy = watched  # type: ignore[assignment]
    try:
        transact(put("a"))
    finally:
        copy.deepcopy = plain
    assert copied == []


def test_reads_are_consistent_and_conditions_fail_by_name(stack: Stack) -> None:
    client, table = stack.client("dynamodb"), stack.outputs["TableName"]
    item = {"pk": {"S": "T"}, "sk": {"S": "x"}}
    client.put_item(TableName=table, Item=item)
    assert client.get_item(TableName=table, Key=item, ConsistentRead=True)["Item"] == item
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")


def test_the_short_way_answers_what_the_long_way_answers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call of the data plane, good and bad, once through moto's own routing and once past it."""
    from local.mends import dynamodb_speed

    client, table = stack.client("dynamodb"), stack.outputs["TableName"]
    key = {"pk": {"S": "A"}, "sk": {"S": "1"}}
    value = {
        "M": {
            "l": {"L": [{"N": "1.50"}, {"NULL": True}, {"BOOL": False}]},
            "b": {"B": b"\x00\xff"},
            "s": {"SS": ["x"]},
        }
    }
    add = {"UpdateExpression": "SET n = if_not_exists(n, :z) + :o, m.#l[0] = :o", "ExpressionAttributeNames": {"#l": "l"},
           "ExpressionAttributeValues": {":z": {"N": "0"}, ":o": {"N": "1"}}}  # fmt: skip
    of_a = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "A"}}}
    ordered = of_a | {"ScanIndexForward": False, "Limit": 1}
    begins = {"KeyConditionExpression": "pk = :a AND begins_with(sk, :s)",
              "ExpressionAttributeValues": {":a": {"S": "A"}, ":s": {"S": "2"}}}  # fmt: skip
    absent = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {"Item": key | {"m": value}}),
        ("put_item", {"Item": {"pk": {"S": "A"}, "sk": {"S": "2"}}, "ReturnValues": "ALL_OLD"}),
        ("put_item", {"Item": key} | absent),
        ("put_item", {"Item": {"pk": {"S": ""}, "sk": {"S": "1"}}}),
        ("put_item", {"Item": {"pk": {"S": "A"}}}),
        ("put_item", {"Item": key | {"big": {"S": "x" * 410_000}}}),
        ("update_item", {"Key": key, "ReturnValues": "ALL_NEW"} | add),
        ("update_item", {"Key": key, "UpdateExpression": "SET x = :missing"}),
        ("update_item", {"Key": key, "UpdateExpression": "SET"}),
        ("get_item", {"Key": key, "ConsistentRead": True}),
        ("get_item", {"Key": key, "ProjectionExpression": "n"}),
        ("get_item", {"Key": {"pk": {"S": "nobody"}, "sk": {"S": "1"}}}),
        ("get_item", {"Key": {"pk": {"S": "A"}}}),
        ("query", of_a),
        ("query", ordered),
        ("query", ordered | {"ExclusiveStartKey": {"pk": {"S": "A"}, "sk": {"S": "2"}}}),
        ("query", begins),
        ("query", of_a | {"FilterExpression": "attribute_exists(n)"}),
        ("query", of_a | {"Select": "COUNT"}),
        ("query", {"KeyConditionExpression": "pk > :a", "ExpressionAttributeValues": {":a": {"S": "A"}}}),
        ("query", of_a | {"IndexName": "nowhere"}),
        ("scan", {}),
        ("scan", {"FilterExpression": "sk = :s", "ExpressionAttributeValues": {":s": {"S": "2"}}}),
        ("delete_item", {"Key": key, "ReturnValues": "ALL_OLD"}),
        ("delete_item", {"Key": key}),
    ]
    pair = [
        {"Put": {"TableName": table, "Item": key}},
        {"Delete": {"TableName": table, "Key": {"pk": {"S": "A"}, "sk": {"S": "2"}}}},
    ]
    whole: list[tuple[str, dict[str, Any]]] = [
        ("transact_write_items", {"TransactItems": pair}),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": table, "Item": key} | absent}]}),
        ("transact_write_items", {"TransactItems": [pair[0], pair[0]]}),
        ("transact_get_items", {"TransactItems": [{"Get": {"TableName": table, "Key": key}}]}),
        ("batch_write_item", {"RequestItems": {table: [{"PutRequest": {"Item": key}}]}}),
        ("batch_get_item", {"RequestItems": {table: {"Keys": [key]}}}),
        ("get_item", {"TableName": "nowhere", "Key": key}),
    ]

    def play() -> list[Any]:
        found: list[Any] = []
        for name, arguments in [(name, {"TableName": table} | given) for name, given in calls] + whole:
            try:
                answer = getattr(client, name)(**arguments)
                answer.pop("ResponseMetadata")
            except ClientError as error:
                answer = (error.response["Error"], error.response.get("CancellationReasons"))
            found.append((name, answer))
        return found

    short = play()
    stack.reset(START)
    monkeypatch.setattr(dynamodb_speed, "DATA_PLANE", {})
    assert play() == short


def test_a_query_of_an_index_looks_only_at_its_items(stack: Stack) -> None:
    client = stack.client("dynamodb")
    client.create_table(
        TableName="indexed", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "listing", "at")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by_listing", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "listing", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        }],
    )  # fmt: skip
    for number, listing in enumerate(["a", "b", "a", None, "a"]):
        item = {"pk": {"S": str(number)}, "at": {"S": f"t{9 - number}"}} | (
            {"listing": {"S": listing}} if listing else {}
        )
        client.put_item(TableName="indexed", Item=item)
    query: dict[str, Any] = {
        "TableName": "indexed", "IndexName": "by_listing", "KeyConditionExpression": "listing = :l",
        "ExpressionAttributeValues": {":l": {"S": "a"}}, "Limit": 2,
    }  # fmt: skip
    first = client.query(**query)
    second = client.query(**query, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["pk"]["S"] for item in first["Items"] + second["Items"]] == ["4", "2", "0"]
    newer = query | {"KeyConditionExpression": "listing = :l AND #a > :t", "ExpressionAttributeNames": {"#a": "at"},
                     "ExpressionAttributeValues": {":l": {"S": "a"}, ":t": {"S": "t5"}}}  # fmt: skip
    assert [item["pk"]["S"] for item in client.query(**newer)["Items"]] == ["2", "0"]


def test_the_interpreter_needs_nothing_of_batch_but_its_name() -> None:
    """Canary of `local.mends.imports`: the interpreter loads with a stand-in for `moto.batch.utils`, and without moto.ec2."""
    script = (
        "import sys; from local.mends import imports; imports.spare(); import moto.stepfunctions.parser.models;"
        "sys.exit('moto.ec2.models' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)  # noqa: S603 - our own interpreter
    assert ended.returncode == 0


# Keys ------------------------------------------------------------------------------------------------------------
def test_two_keys_are_two_though_their_unused_pairs_are_one(stack: Stack) -> None:
    kms = stack.client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    regions = [region for account in kms_backends.values() for region in account.values()]
    keys = [region.keys[one] for one in (first, second) for region in regions if one in region.keys]
    assert keys[0].private_key is keys[1].private_key
    assert keys[0].key_material != keys[1].key_material
    sealed = kms.encrypt(KeyId=first, Plaintext=b"words")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"words"
