"""Aliases of state machines: moto makes them, and starts nothing by them; and it cannot publish a version by itself.

As on AWS an execution that is started through an alias belongs to the machine (its ARN and that of its executions carry no
qualifier) and keeps the definition of the version to which the alias pointed then.
"""

from __future__ import annotations

import copy
from typing import Any

PARTS = 7  # of the ARN of a state machine without a qualifier


def publish_version(arn: str) -> str:
    """Publish the machine's definition of now as its next version; answers the version's ARN."""
    machine = _backend(arn).describe_state_machine(arn)
    machine.publish(None)
    return str(machine.latest_version.arn)


def _backend(arn: str) -> Any:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    _, _, _, region, account, *_ = arn.split(":")
    return stepfunctions_parser_backends[account][region]


def apply() -> None:
    """Have an alias name the version to which it points, as a machine that shares the executions of its own."""
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend

    plain = StepFunctionsParserBackend.describe_state_machine

    def described(self: Any, arn: str) -> Any:
        parts = arn.split(":")
        if len(parts) <= PARTS or parts[-1].isnumeric():
            return plain(self, arn)
        alias = self.describe_state_machine_alias(arn)
        (version, *_) = alias.routing_configuration
        machine = copy.copy(plain(self, alias.statemachine_arn))
        machine.definition = plain(self, version["stateMachineVersionArn"]).definition
        return machine

    StepFunctionsParserBackend.describe_state_machine = described
