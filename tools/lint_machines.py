"""Lint every state machine: with cfn-lint as the resource that deploys, and by the house rules below.

cfn-lint does not look into the file that a `DefinitionUri` names, so each definition is put inline into an
`AWS::StepFunctions::StateMachine` first, with the substitutions of template.yaml.

House rules: the machine speaks JSONata and has a Comment; every state has a Comment; every Task has a time limit,
is not cut off before its function is, retries with full jitter up to a longest delay, and has a Catch for
everything; what is repeated is repeated by one of the few rules that the house knows; no machine names the fields that
hold what people wrote (I13); substitutions used and declared are the same; a started execution has a name; every state is
reached and leads to one that exists; a variable is assigned in one scope, read only where it is assigned, and not called
like a function of JSONata.

    python -m tools.lint_machines [template.yaml]      exit status 1 and one line a finding
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from cfnlint.api import lint

MACHINE = "AWS::Serverless::StateMachine"
FUNCTION = "AWS::Serverless::Function"
CONTENT_FIELDS = frozenset({"text", "texts", "notes"})
_SUBSTITUTION = re.compile(r"\$\{(\w+)\}")
_CONTENT_PATH = re.compile(r"[.`'\"](texts?|notes)\b")
_COMPUTED_LIMIT = re.compile(r'("TimeoutSeconds":) "\{% [^"]+ %\}"')
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)\b(?!\s*\()")
_SUB_MACHINES = re.compile(r"states:startExecution(\.\w+(:2)?)?$")

_OF_JSONATA = """
    string length substring substringBefore substringAfter uppercase lowercase trim pad contains split join match replace
    eval base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl
    number abs floor ceil round power sqrt random formatNumber formatBase formatInteger parseInteger sum max min average
    boolean not exists count append sort reverse shuffle distinct zip keys lookup spread merge sift each error assert type
    now millis fromMillis toMillis map filter single reduce
"""
_OF_STEP_FUNCTIONS = "partition range hash uuid parse"
JSONATA_FUNCTIONS = frozenset([*_OF_JSONATA.split(), *_OF_STEP_FUNCTIONS.split()])
"""What a variable may not be called: it would hide the function."""


def _again(errors: str, first: int, attempts: int, longest: int) -> str:
    """A retry rule as it is written: seconds before the first repetition, how many, and the longest pause in seconds."""
    return (
        f"{{ErrorEquals: [{errors}], IntervalSeconds: {first}, MaxAttempts: {attempts}, BackoffRate: 2, "
        f"MaxDelaySeconds: {longest}, JitterStrategy: FULL}}"
    )


RETRIES: dict[str, list[Any]] = {
    name: yaml.safe_load(f"[{', '.join(rules)}]")
    for name, rules in {
        "a step": (
            "{ErrorEquals: [ValidationError, NotFound], MaxAttempts: 0}",
            _again("States.ALL", 2, 6, 60),
        ),
        "a wait for people": (
            "{ErrorEquals: [States.Timeout, ValidationError, NotFound], MaxAttempts: 0}",
            _again("States.ALL", 2, 6, 60),
        ),
        "starting a procedure": (
            _again("StepFunctions.ThrottlingException, StepFunctions.AWSStepFunctionsException", 2, 6, 60),
        ),
        "one after another": (_again("States.ALL", 2, 3, 30),),
        "all deliveries": (_again("States.ALL", 30, 5, 600),),
        "what nothing waits for": (_again("States.ALL", 1, 2, 5),),
        # The publication: what does not leave at the first attempt is tried again by an execution of its own.
        "the first of several attempts": ("{ErrorEquals: [States.ALL], MaxAttempts: 0}",),
        "stopping everything": (_again("States.ALL", 2, 5, 30),),
    }.items()
}
"""Every way in which a state may be repeated. Another is added here, with its reason, or not at all."""


@dataclass(frozen=True)
class Machine:
    """One state machine as the template declares it.

    `substitutions` are the declared names with what they stand for; `timeouts` maps a name that stands for a
    function to that function's time limit in seconds.
    """

    name: str
    definition: Mapping[str, Any]
    substitutions: Mapping[str, Any] = field(default_factory=dict)
    timeouts: Mapping[str, int] = field(default_factory=dict)


_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _TemplateLoader(_Safe):  # type: ignore[misc]
    """Reads CloudFormation's short forms: `!Ref X` as {"Ref": "X"}, `!GetAtt A.B` as {"Fn::GetAtt": ["A", "B"]}."""


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise yaml.constructor.ConstructorError(problem=f"cannot read !{suffix}", problem_mark=node.start_mark)


_TemplateLoader.add_multi_constructor("!", _short_form)


def load_template(path: Path) -> dict[str, Any]:
    """The template as plain data, its short forms spelt out."""
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_TemplateLoader)  # noqa: S506 a SafeLoader
    return template


def machines(template_path: Path) -> Iterator[Machine]:
    """Every state machine of the template; raises FileNotFoundError where a definition is missing."""
    template = load_template(template_path)
    usual = template["Globals"]["Function"]["Timeout"]
    timeouts = {
        name: resource["Properties"].get("Timeout", usual)
        for name, resource in template["Resources"].items()
        if resource["Type"] == FUNCTION
    }
    for resource in template["Resources"].values():
        if resource["Type"] != MACHINE:
            continue
        properties = resource["Properties"]
        text = (template_path.parent / properties["DefinitionUri"]).read_text(encoding="utf-8")
        substitutions = properties.get("DefinitionSubstitutions", {})
        yield Machine(
            name=Path(properties["DefinitionUri"]).name,
            definition=yaml.load(text, Loader=_Safe),  # noqa: S506 - a SafeLoader, in C where there is one
            substitutions=substitutions,
            timeouts={
                key: timeouts[function]
                for key, value in substitutions.items()
                if (function := str(value.get("Ref", "")).removesuffix(".Alias")) in timeouts
            },
        )


def states(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a machine by name, those inside Parallel and Map included."""
    for name, state in definition.get("States", {}).items():
        yield name, state
        for branch in [*state.get("Branches", []), state.get("ItemProcessor", {})]:
            yield from states(branch)


def house_findings(machine: Machine) -> Iterator[str]:
    """What breaks the house rules, one sentence each."""
    definition = machine.definition
    if definition.get("QueryLanguage") != "JSONata":
        yield "the machine's QueryLanguage is not JSONata"
    if not definition.get("Comment"):
        yield "the machine has no Comment"
    for name, state in states(definition):
        if not state.get("Comment"):
            yield f"state {name!r} has no Comment"
        if state.get("Type") == "Task":
            yield from (f"task {name!r} {finding}" for finding in _task_findings(machine, state))
        yield from (f"state {name!r} {finding}" for finding in _content_findings(state))
        if "Retry" in state and state["Retry"] not in RETRIES.values():
            yield f"state {name!r} is repeated by a rule that is none of the house's {len(RETRIES)}"
    yield from _lost_ways(definition)
    yield from _scope_findings(definition, frozenset())
    used = set(_SUBSTITUTION.findall(json.dumps(definition)))
    for missing in sorted(used - set(machine.substitutions)):
        yield f"uses ${{{missing}}}, which the template does not declare"
    for unused in sorted(set(machine.substitutions) - used):
        yield f"does not use ${{{unused}}}, which the template declares"


def _lost_ways(flow: Mapping[str, Any]) -> Iterator[str]:
    """Ways to states that do not exist and states without a way to them; cfn-lint looks at neither."""
    here: Mapping[str, Any] = flow.get("States", {})
    ways = [("the start", flow.get("StartAt"))]
    for name, state in here.items():
        for step in [state, *state.get("Choices", []), *state.get("Catch", [])]:
            ways += [(f"state {name!r}", step[key]) for key in ("Next", "Default") if key in step]
        for inside in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from _lost_ways(inside)
    for origin, target in ways:
        if target not in here:
            yield f"{origin} leads to {target!r}, which is no state"
    for name in sorted(set(here) - {target for _, target in ways}):
        yield f"nothing leads to {name!r}"


def _scope_findings(flow: Mapping[str, Any], outer: frozenset[str]) -> Iterator[str]:
    """Variables out of place: Step Functions lets an inner flow read what an outer one assigns, and assign only its own."""
    inside_of: Mapping[str, Any] = flow.get("States", {})
    own = {name for state in inside_of.values() for name in _assigned(state)}
    for name in sorted(own & outer):
        yield f"${name} is assigned inside a Map or Parallel and outside of it as well"
    for name in sorted(own & JSONATA_FUNCTIONS):
        yield f"${name} is called like a function of JSONata"
    known = outer | own
    for name, state in inside_of.items():
        here = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
        expressions = [value for _, value in _leaves(here) if str(value).startswith("{%")]
        read = {variable for expression in expressions for variable in _VARIABLE.findall(expression)}
        for variable in sorted(read - known - {"states"}):
            yield f"state {name!r} reads ${variable}, which nothing assigns"
        for inside in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from _scope_findings(inside, frozenset(known))


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for step in [state, *state.get("Choices", []), *state.get("Catch", [])]:
        yield from step.get("Assign", {})


def _task_findings(machine: Machine, state: Mapping[str, Any]) -> Iterator[str]:
    limit = state.get("TimeoutSeconds")
    if limit is None:
        yield "has no TimeoutSeconds"
    function = _SUBSTITUTION.fullmatch(str(state.get("Arguments", {}).get("FunctionName", "")))
    if function and isinstance(limit, int) and limit < machine.timeouts.get(function[1], 0):
        yield f"is cut off after {limit} s, before its function is ({machine.timeouts[function[1]]} s)"
    retries = state.get("Retry", [])
    if not retries:
        yield "has no Retry"
    for retry in retries:
        if retry.get("MaxAttempts") == 0:
            continue  # names errors that are not repeated
        if retry.get("JitterStrategy") != "FULL":
            yield f"retries {retry.get('ErrorEquals')} without JitterStrategy FULL"
        if "MaxDelaySeconds" not in retry:
            yield f"retries {retry.get('ErrorEquals')} without MaxDelaySeconds"
    caught = {error for catch in state.get("Catch", []) for error in catch.get("ErrorEquals", [])}
    if "States.ALL" not in caught:
        yield "has no Catch of States.ALL"
    if _SUB_MACHINES.search(str(state.get("Resource", ""))) and "Name" not in state.get("Arguments", {}):
        yield "starts an execution without a name: a retry would start a second one"


def _content_findings(state: Mapping[str, Any]) -> Iterator[str]:
    for part in ("Arguments", "Assign", "Output", "ItemSelector", "Items", "Choices", "Catch"):
        for key, value in _leaves(state.get(part)):
            if key in CONTENT_FIELDS:
                yield f"carries the field {key!r}; machines carry ids, the store carries content"
            elif isinstance(value, str) and value.startswith("{%") and (path := _CONTENT_PATH.search(value)):
                yield f"reads the field {path[1]!r}; machines carry ids, the store carries content"


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for inner, below in value.items():
            yield from _leaves(below, inner)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below, key)
    else:
        yield key, value


def cfn_findings(machine: Machine) -> Iterator[str]:
    """What cfn-lint says of the definition, inline in the resource that deploys it."""
    for _, finding in cfn_findings_of([machine]):
        yield finding


def cfn_findings_of(checked: Sequence[Machine]) -> Iterator[tuple[Machine, str]]:
    """The same of several at once: at each call cfn-lint reads all its rules again, which takes longer than looking."""
    deployed = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            f"Machine{number}": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::123456789012:role/machine",
                    "Definition": _substituted(machine),
                },
            }
            for number, machine in enumerate(checked)
        },
    }
    for match in lint(json.dumps(deployed)):
        steps = [str(step) for step in match.path or []]
        # What is said of the template as a whole, as of its size, is the first one's as well.
        number = int(steps[1].removeprefix("Machine")) if len(steps) > 1 else 0
        yield checked[number], f"cfn-lint {match.rule.id}: {match.message} ({'/'.join(steps)})"


def _substituted(machine: Machine) -> Any:
    def stand_in(match: re.Match[str]) -> str:
        name = match[1]
        if name in machine.timeouts:
            return f"arn:aws:lambda:eu-west-3:123456789012:function:{name}"
        return f"arn:aws:states:eu-west-3:123456789012:stateMachine:{name}"

    text = _SUBSTITUTION.sub(stand_in, json.dumps(machine.definition))
    # cfn-lint's schema knows no JSONata in time limits, which Step Functions allows: it sees a number instead.
    return json.loads(_COMPUTED_LIMIT.sub(r"\1 1", text))


def main(arguments: list[str]) -> int:
    """Print every finding of every machine of the template; 0 when there is none."""
    template_path = Path(arguments[0] if arguments else "template.yaml")
    findings: list[str] = []
    names: set[str] = set()
    checked: list[Machine] = []
    try:
        for machine in machines(template_path):
            names.add(machine.name)
            checked.append(machine)
            findings += [f"{machine.name}: {finding}" for finding in house_findings(machine)]
    except FileNotFoundError as missing:
        findings.append(f"{missing.filename}: the template names it, and it is not there")
    else:
        on_disk = {path.name for path in (template_path.parent / "statemachine").glob("*.asl.yaml")}
        findings += [
            f"{stray}: no state machine of the template uses it" for stray in sorted(on_disk - names)
        ]
    findings += [f"{machine.name}: {finding}" for machine, finding in cfn_findings_of(checked)]
    print("\n".join([*findings, f"{len(names)} state machines, {len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
