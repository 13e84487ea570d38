"""Versions and aliases of state machines, as AWS documents them: what runs keeps its definition, what starts gets the alias's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from tests.engine.conftest import ROLE


def saying(word: str) -> str:
    """A machine that waits an hour and says a word."""
    wait = {"Type": "Wait", "Seconds": 3600, "Next": "Say"}
    say = {"Type": "Pass", "Output": {"said": word}, "End": True}
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "Wait", "States": {"Wait": wait, "Say": say}})


@pytest.fixture
def live(stack: Stack) -> tuple[Any, str, str]:
    """Step Functions, a machine with one version, and its alias `live`."""
    client = stack.client("stepfunctions")
    made = client.create_state_machine(name="talk", definition=saying("old"), roleArn=ROLE, publish=True)
    routing = [{"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 100}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routing)
    return client, made["stateMachineArn"], alias["stateMachineAliasArn"]


def said(client: Any, execution: str) -> str:
    described = client.describe_execution(executionArn=execution)
    assert described["status"] == "SUCCEEDED"
    return str(json.loads(described["output"])["said"])


def test_what_runs_keeps_its_definition_when_the_alias_goes_on(
    stack: Stack, live: tuple[Any, str, str]
) -> None:
    client, machine, alias = live
    first = client.start_execution(stateMachineArn=alias, name="first", input="{}")["executionArn"]
    assert first == machine.replace(":stateMachine:", ":execution:") + ":first", "no qualifier"
    published = client.update_state_machine(
        stateMachineArn=machine, definition=saying("new"), roleArn=ROLE, publish=True
    )
    between = client.start_execution(stateMachineArn=alias, name="between", input="{}")["executionArn"]
    routing = [{"stateMachineVersionArn": published["stateMachineVersionArn"], "weight": 100}]
    client.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routing)
    after = client.start_execution(stateMachineArn=alias, name="after", input="{}")["executionArn"]
    listed = client.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    assert {one["name"] for one in listed} == {"first", "between", "after"}, "by the machine, all of them"
    stack.clock.advance(timedelta(hours=2))
    assert [said(client, one) for one in (first, between, after)] == ["old", "old", "new"]


def test_a_name_is_used_once_a_machine_whatever_the_alias(live: tuple[Any, str, str]) -> None:
    client, machine, alias = live
    client.start_execution(stateMachineArn=alias, name="one", input="{}")
    client.start_execution(
        stateMachineArn=machine, name="one", input="{}"
    )  # the same again: as good as started
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(stateMachineArn=machine, name="one", input='{"other": 1}')
