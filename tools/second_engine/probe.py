"""Small machines that show what an engine does: played on the second engine while it is mounted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.template import ACCOUNT, REGION
from tools.second_engine.mount import ask

if TYPE_CHECKING:
    from local.stack import Stack

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/probe"
_SYNC = "arn:aws:states:::states:startExecution.sync:2"


@dataclass(frozen=True)
class Played:
    """How a machine ended: its output or the name of its error; after how many virtual seconds; the events of its history."""

    outcome: Any
    seconds: float
    events: list[str]


class Probe:
    """Plays machines that start at A. `FAILING` stands for a machine that fails; a function `ECHO` answers what it was given."""

    def __init__(self, stack: Stack, second: Any) -> None:
        self._stack = stack
        self._count = 0
        plain: Callable[[str, Any], Any] = second._call_lambda
        second._call_lambda = lambda name, event: event if name == "ECHO" else plain(name, event)
        self._failing = self._made({"A": {"Type": "Fail", "Error": "Mine", "Cause": "of course"}})

    def outcome(self, states: dict[str, Any]) -> Any:
        """The output of the machine, or the name of its error."""
        return self.play(states).outcome

    def play(self, states: dict[str, Any]) -> Played:
        """The machine from A to its end."""
        text = json.dumps(states).replace("FAILING", self._failing)
        arn = self._started(self._made(json.loads(text)))
        began = self._stack.clock.now()
        self._stack.clock.advance_until(lambda: self._status(arn) != "RUNNING", timedelta(hours=1))
        seconds = (self._stack.clock.now() - began).total_seconds()
        _, ended = ask("DescribeExecution", {"executionArn": arn})
        _, history = ask("GetExecutionHistory", {"executionArn": arn})
        failed = ended["status"] != "SUCCEEDED"
        outcome = ended.get("error", ended["status"]) if failed else json.loads(ended["output"])
        return Played(outcome, seconds, [event["type"] for event in history["events"]])

    def child_of_a_stopped_execution(self) -> str:
        """How a child ends whose parent was stopped while it waited for it."""
        wait = {"A": {"Type": "Wait", "Seconds": 10, "End": True}}
        child = self._made(wait)
        call = {"StateMachineArn": child, "Name": "child", "Input": {}}
        parent = self._made({"A": {"Type": "Task", "Resource": _SYNC, "Arguments": call, "End": True}})
        arn = self._started(parent)
        self._stack.clock.advance(timedelta(seconds=2))
        ask("StopExecution", {"executionArn": arn})
        self._stack.clock.advance(timedelta(minutes=1))
        return self._status(child.replace(":stateMachine:", ":execution:") + ":child")

    def _made(self, states: dict[str, Any]) -> str:
        self._count += 1
        definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": states}
        name = f"probe-{self._count}"
        made = {"name": name, "definition": json.dumps(definition), "roleArn": _ROLE}
        status, answer = ask("CreateStateMachine", made)
        if status != 200:
            raise RuntimeError(f"{name} in {REGION}: {answer}")
        return str(answer["stateMachineArn"])

    def _started(self, machine: str) -> str:
        return str(ask("StartExecution", {"stateMachineArn": machine, "input": "{}"})[1]["executionArn"])

    def _status(self, arn: str) -> str:
        return str(ask("DescribeExecution", {"executionArn": arn})[1]["status"])
