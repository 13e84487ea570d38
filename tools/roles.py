"""Roles against what the code calls: every AWS call that was made, every action that a role has, and the difference both ways.

What a call needs stands in `tools/roles.yaml`, reviewed and with its source; a call that is not there raises `Unreviewed`.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from local.calls_made import Call
from local.stack import Stack
from local.template import ACCOUNT, REGION

REVIEWED = Path(__file__).with_suffix(".yaml")
CALLED_BY_AWS = ":aws:policy/"
"""AWS's own policies that SAM attaches: logs, traces and the stream, which the platform itself uses on the function's role."""


class Unreviewed(LookupError):
    """A call whose permissions nobody has looked up."""


class Need(NamedTuple):
    """One action on one resource; `key` is the partition of the table that it is about, for conditions on it."""

    action: str
    resource: str
    key: str = ""


class Grant(NamedTuple):
    """One action on one pattern of resources that a statement allows or denies."""

    allows: bool
    action: str
    resource: str
    sid: str
    condition: str = ""


@dataclass
class Role:
    """A role: what it may do, what was needed, and what comes of it."""

    name: str
    grants: list[Grant] = field(default_factory=list)
    needs: set[Need] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)

    def allows(self, need: Need) -> bool:
        """As IAM decides: a denial wins, and what nothing allows is refused."""
        found = [grant for grant in self.grants if _covers(grant, need)]
        return any(grant.allows for grant in found) and not any(not grant.allows for grant in found)

    @property
    def missing(self) -> list[Need]:
        """Needed and not allowed."""
        return sorted(need for need in self.needs if not self.allows(need))

    @property
    def unused(self) -> list[Grant]:
        """Allowed, never needed, and without a written reason."""
        return [grant for grant in self._not_needed if grant.action not in self.reasons]

    @property
    def explained(self) -> list[Grant]:
        """Allowed and never needed here, with a written reason."""
        return [grant for grant in self._not_needed if grant.action in self.reasons]

    @property
    def _not_needed(self) -> list[Grant]:
        return [
            grant
            for grant in self.grants
            if grant.allows and not any(_covers(grant, need) for need in self.needs)
        ]


def reviewed() -> dict[str, Any]:
    """The map that people have looked through."""
    found: dict[str, Any] = yaml.safe_load(REVIEWED.read_text("utf-8"))
    return found


class Roles:
    """The roles of a running stack; `compared` fills them with what was called."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._deployment = stack.deployment
        self._template = stack.template
        self._map = reviewed()
        self.used: set[str] = set()
        self._keys = self._encrypted_with()

    def compared(self, calls: Iterable[Call]) -> list[Role]:
        """Every role of functions and machines, in the order of the template."""
        needed: dict[str, set[Need]] = {}
        for call in calls:
            needed.setdefault(call.function, set()).update(self.needs(call))
        roles = []
        for logical_id, resource in self._template.resources.items():
            kind = resource["Type"]
            if kind == "AWS::Lambda::Function":
                needs = needed.get(self._deployment.attribute(logical_id, "Ref"), set())
            elif kind == "AWS::StepFunctions::StateMachine":
                needs = set(self._needs_of_machine(logical_id))
            else:
                continue
            role_id = resource["Properties"].get("Role", resource["Properties"].get("RoleArn"))
            if role_id is None:
                raise Unreviewed(f"{logical_id} has no role")
            name = role_id["Fn::GetAtt"][0]
            unused = self._map["unused"]
            roles.append(
                Role(name, list(self._grants(name)), needs, unused.get("*", {}) | unused.get(name, {}))
            )
        return roles

    def needs(self, call: Call) -> Iterator[Need]:
        """What IAM asks for one call."""
        given = call.given
        if call.service == "dynamodb":
            yield from self._of_dynamodb(call.operation, given)
        elif call.service == "s3":
            yield from self._of_s3(call.operation, given)
        elif call.service == "secretsmanager":
            name = given["SecretId"]
            arn = (
                name
                if name.startswith("arn:")
                else f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"
            )
            yield from self._actions(f"secretsmanager.{call.operation}", arn)
        elif call.service == "sesv2":
            yield from self._of_ses(call.operation, given)
        elif call.service == "sns":
            yield from self._actions(f"sns.{call.operation}", given.get("TopicArn") or given["PhoneNumber"])
        elif call.service == "scheduler":
            name = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{given['Name']}"
            yield from self._actions(f"scheduler.{call.operation}", name)
            if "Target" in given:
                yield from self._actions(f"scheduler.{call.operation}/RoleArn", given["Target"]["RoleArn"])
        elif call.service == "events":
            buses = {entry["EventBusName"] for entry in given["Entries"]}
            arns = [f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}" for bus in sorted(buses)]
            yield from self._actions(f"events.{call.operation}", *arns)
        elif call.service == "lambda":
            named = given["FunctionName"]
            function = (
                named
                if ":" in named.removesuffix(":live")
                else f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{named}"
            )
            listing = call.operation == "ListEventSourceMappings"
            yield from self._actions(f"lambda.{call.operation}", "*" if listing else function)
        elif call.service == "stepfunctions":
            yield from self._of_step_functions(call.operation, given)
        else:
            raise Unreviewed(f"{call.service}.{call.operation} by {call.function}")

    def _actions(self, entry: str, *resources: str, key: str = "") -> Iterator[Need]:
        if entry not in self._map["operations"]:
            raise Unreviewed(entry)
        self.used.add(entry)
        for action in self._map["operations"][entry]["actions"]:
            for resource in resources:
                yield Need(action, resource, key)

    def _of_dynamodb(self, operation: str, given: dict[str, Any]) -> Iterator[Need]:
        if operation == "TransactWriteItems":
            for entry in given["TransactItems"]:
                ((part, body),) = entry.items()
                table = _table(body["TableName"])
                where = (body.get("Item") or body.get("Key"))["pk"]["S"]
                yield from self._actions(f"dynamodb.TransactWriteItems/{part}", table, key=where)
        elif operation == "BatchGetItem":
            (name,) = given["RequestItems"]
            table = _table(name)
            yield from self._actions("dynamodb.BatchGetItem", table)
        else:
            table = _table(given["TableName"])
            place = f"{table}/index/{given['IndexName']}" if "IndexName" in given else table
            yield from self._actions(f"dynamodb.{operation}", place)
        if table in self._keys:
            yield from self._actions("dynamodb/encrypted", self._keys[table])

    def _of_s3(self, operation: str, given: dict[str, Any]) -> Iterator[Need]:
        bucket = f"arn:aws:s3:::{given['Bucket']}"
        place = f"{bucket}/{given['Key']}"
        variant = next((name for name in ("VersionId", "ObjectLockMode") if name in given), None)
        yield from self._actions(f"s3.{operation}" + (f"/{variant}" if variant else ""), place)
        if operation == "GetObject" and variant is None:
            yield from self._actions("s3.GetObject/missing", bucket)
        if bucket in self._keys:
            yield from self._actions(f"s3.{operation}/encrypted", self._keys[bucket])

    def _of_ses(self, operation: str, given: dict[str, Any]) -> Iterator[Need]:
        def of(kind: str, name: str) -> str:
            return f"arn:aws:ses:{REGION}:{ACCOUNT}:{kind}/{name}"

        sets = (
            [of("configuration-set", given["ConfigurationSetName"])]
            if "ConfigurationSetName" in given
            else []
        )
        if operation == "SendEmail":
            (kind,) = given["Content"]
            identity = of("identity", self._template.parameters["EmailIdentity"])
            yield from self._actions(f"sesv2.SendEmail/{kind}", identity, *sets)
        else:
            yield from self._actions(f"sesv2.{operation}", *(sets or ["*"]))

    def _of_step_functions(self, operation: str, given: dict[str, Any]) -> Iterator[Need]:
        places = [given[name] for name in ("stateMachineArn", "executionArn") if name in given]
        if "taskToken" in given:  # which machine waits for it, only the engine knows: every one that can wait
            places = [arn for arn in self._deployment.machines if self._waits(arn)]
        yield from self._actions(f"stepfunctions.{operation}", *(unqualified(arn) for arn in places))

    def _waits(self, arn: str) -> bool:
        return "Task.Token" in self._definition(arn)

    @cache  # noqa: B019 - one object a run
    def _definition(self, arn: str) -> str:
        text: str = self._stack.client("stepfunctions").describe_state_machine(stateMachineArn=arn)[
            "definition"
        ]
        return text

    def _needs_of_machine(self, logical_id: str) -> Iterator[Need]:
        arn = self._deployment.attribute(logical_id, "Ref")
        for task in _tasks(json.loads(self._definition(arn))):
            resource, given = task["Resource"], task.get("Arguments", task.get("Parameters", {}))
            call = (
                resource.removeprefix("arn:aws:states:::")
                .removesuffix(".waitForTaskToken")
                .replace(".sync:2", ".sync")
            )
            entry = f"task.{call}"
            if call.startswith("lambda:"):
                yield from self._actions(entry, given["FunctionName"])
                continue
            started = unqualified(given["StateMachineArn"])
            if entry not in self._map["operations"]:
                raise Unreviewed(entry)
            for need in self._actions(entry, started):
                if need.action in ("states:DescribeExecution", "states:StopExecution"):
                    yield need._replace(resource=started.replace(":stateMachine:", ":execution:") + ":any")
                elif need.action.startswith("events:"):
                    rule = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
                    yield need._replace(resource=f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}")
                else:
                    yield need

    def _grants(self, role: str) -> Iterator[Grant]:
        properties = self._template.resources[role]["Properties"]
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for attached in properties.get("ManagedPolicyArns", []):
            if isinstance(attached, dict):
                documents.append(self._template.resources[attached["Ref"]]["Properties"]["PolicyDocument"])
            elif CALLED_BY_AWS not in attached:
                raise Unreviewed(f"{role} has {attached}")
        documents += [
            resource["Properties"]["PolicyDocument"]
            for resource in self._template.resources.values()
            if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]
        ]
        for document in documents:
            for statement in self._deployment.resolve(document)["Statement"]:
                condition = json.dumps(statement.get("Condition", ""), sort_keys=True)
                for action in _listed(statement["Action"]):
                    for place in _listed(statement["Resource"]):
                        yield Grant(
                            statement["Effect"] == "Allow", action, place, statement.get("Sid", ""), condition
                        )

    def _encrypted_with(self) -> dict[str, str]:
        """Tables and buckets that are encrypted with a key of the stack, by ARN."""
        found = {}
        for logical_id, resource in self._template.resources.items():
            if resource["Type"] not in ("AWS::DynamoDB::Table", "AWS::S3::Bucket"):
                continue
            encrypted = self._deployment.resolve(
                resource["Properties"].get("SSESpecification")
                or resource["Properties"].get("BucketEncryption", {})
            )
            keys = [part for part in json.dumps(encrypted).split('"') if ":key/" in part]
            if keys:
                found[self._deployment.attribute(logical_id, "Arn")] = keys[0]
        return found


def unqualified(arn: str) -> str:
    """The machine of an alias or version: that is the resource by which Step Functions judges (source `versions`)."""
    return ":".join(arn.split(":")[:7]) if ":stateMachine:" in arn else arn


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tasks(definition: Any) -> Iterator[dict[str, Any]]:
    if isinstance(definition, dict):
        if definition.get("Type") == "Task":
            yield definition
        for inner in definition.values():
            yield from _tasks(inner)
    elif isinstance(definition, list):
        for inner in definition:
            yield from _tasks(inner)


def _covers(grant: Grant, need: Need) -> bool:
    return (
        fnmatch.fnmatchcase(need.action, grant.action)
        and fnmatch.fnmatchcase(need.resource, grant.resource)
        and _holds(json.loads(grant.condition), need)
    )


KEY_OPERATORS = ("ForAnyValue:StringLike", "ForAnyValue:StringNotLike", "ForAllValues:StringLike", "Null")
"""How the template's conditions look at the partition; one write has one, so any and all are the same."""


def _holds(condition: Any, need: Need) -> bool:
    """The conditions that the template uses; another one must be taught here before it can be judged."""
    for operator, tests in (condition or {}).items():
        for name, patterns in tests.items():
            if name in ("iam:PassedToService", "lambda:FunctionArn"):
                continue  # what the code asks for meets them: the scheduler, and the readers of the stream
            if name != "dynamodb:LeadingKeys" or operator not in KEY_OPERATORS:
                raise Unreviewed(f"condition {operator} on {name}")
            if operator == "Null":  # a write always has its partition
                if bool(need.key) is (patterns == "true"):
                    return False
                continue
            like = any(fnmatch.fnmatchcase(need.key, pattern) for pattern in _listed(patterns))
            if like is operator.endswith("NotLike") or not need.key:
                return False
    return True


def table(roles: list[Role]) -> str:
    """What `make roles` prints: a line a role, then every difference."""
    width = max(len(role.name) for role in roles)
    lines = [f"{'role':<{width}}  allowed  needed  missing  unused  with a reason"]
    for role in roles:
        allowed = len({(grant.action, grant.resource) for grant in role.grants if grant.allows})
        needed = len({need.action for need in role.needs})
        counts = f"{len(role.missing):>7}  {len(role.unused):>6}  {len(role.explained):>13}"
        lines.append(f"{role.name:<{width}}  {allowed:>7}  {needed:>6}  {counts}")
    for role in roles:
        lines += [
            f"missing: {role.name} {need.action} on {need.resource} {need.key}" for need in role.missing
        ]
        lines += [
            f"unused: {role.name} {grant.action} on {grant.resource} ({grant.sid})" for grant in role.unused
        ]
        lines += [
            f"reason: {role.name} {grant.action} on {grant.resource}: {role.reasons[grant.action]}"
            for grant in role.explained
            if not grant.action.startswith("logs:")
        ]
    counted = (sum(len(role.missing) for role in roles), sum(len(role.unused) for role in roles))
    lines.append(f"{len(roles)} roles: missing {counted[0]}, unused {counted[1]}")
    return "\n".join(lines)
