"""The lint of the state machines finds each fault it is there for, and is silent about a machine without one."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tools.lint_machines import Machine, cfn_findings, house_findings, main, states

ROOT = Path(__file__).parents[2]

SOUND: dict[str, Any] = {
    "Comment": "Tells people",
    "QueryLanguage": "JSONata",
    "StartAt": "TellThem",
    "States": {
        "TellThem": {
            "Type": "Task",
            "Comment": "Tell the people on call",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {
                "FunctionName": "${NotifyFunctionArn}",
                "Payload": {"case_id": "{% $states.input.case_id %}"},
            },
            "Output": "{% $states.result.Payload %}",
            "TimeoutSeconds": 90,
            "Retry": [
                {"ErrorEquals": ["ValidationError", "NotFound"], "MaxAttempts": 0},
                {
                    "ErrorEquals": ["States.ALL"],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 6,
                    "BackoffRate": 2,
                    "MaxDelaySeconds": 60,
                    "JitterStrategy": "FULL",
                },
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "GaveUp"}],
            "Next": "Told",
        },
        "Told": {"Type": "Succeed", "Comment": "They know"},
        "GaveUp": {"Type": "Fail", "Comment": "A person must look", "Error": "NotTold"},
    },
}


def machine(definition: dict[str, Any]) -> Machine:
    substitutions = {"NotifyFunctionArn": {"Ref": "NotifyFunction.Alias"}}
    return Machine("told.asl.yaml", definition, substitutions, {"NotifyFunctionArn": 60})


def broken(*path: str | int, value: Any = None) -> Machine:
    """The sound machine with one place changed, or left out where `value` is None."""
    definition = deepcopy(SOUND)
    place: Any = definition
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return machine(definition)


def test_a_sound_machine_has_no_findings() -> None:
    assert [*house_findings(machine(SOUND)), *cfn_findings(machine(SOUND))] == []


TASK = ("States", "TellThem")


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (broken("Comment"), "the machine has no Comment"),
        (broken("QueryLanguage", value="JSONPath"), "not JSONata"),
        (broken("States", "Told", "Comment"), "'Told' has no Comment"),
        (broken(*TASK, "Next", value="Nowhere"), "'TellThem' leads to 'Nowhere', which is no state"),
        (broken(*TASK, "Next", value="GaveUp"), "nothing leads to 'Told'"),
        (broken("StartAt", value="Nowhere"), "the start leads to 'Nowhere'"),
        (broken(*TASK, "TimeoutSeconds"), "no TimeoutSeconds"),
        (broken(*TASK, "TimeoutSeconds", value=30), "cut off after 30 s"),
        (broken(*TASK, "Retry"), "no Retry"),
        (broken(*TASK, "Retry", 1, "JitterStrategy"), "without JitterStrategy FULL"),
        (broken(*TASK, "Retry", 1, "MaxDelaySeconds"), "without MaxDelaySeconds"),
        (
            broken(*TASK, "Retry", 1, "MaxAttempts", value=60),
            "'TellThem' is repeated by a rule that is none of",
        ),
        (broken(*TASK, "Retry", value=SOUND["States"]["TellThem"]["Retry"][1:]), "none of the house's 8"),
        (broken(*TASK, "Catch", 0, "ErrorEquals", value=["States.Timeout"]), "no Catch of States.ALL"),
        (broken(*TASK, "Arguments", "Payload", "text", value="{% $x %}"), "carries the field 'text'"),
        (broken(*TASK, "Assign", value={"said": "{% $states.input.notes %}"}), "reads the field 'notes'"),
        (
            broken(*TASK, "Arguments", "FunctionName", value="${PublishFunctionArn}"),
            "uses ${PublishFunctionArn}",
        ),
        (broken(*TASK, "Arguments", "FunctionName", value="arn:x"), "does not use ${NotifyFunctionArn}"),
        (broken(*TASK, "Resource", value="arn:aws:states:::states:startExecution.sync:2"), "without a name"),
        (broken(*TASK, "Assign", value={"round": 1}), "$round is called like a function of JSONata"),
        (
            broken(*TASK, "Catch", 0, "Assign", value={"type": 1}),
            "$type is called like a function of JSONata",
        ),
        (
            broken(*TASK, "Output", value="{% $told & $string(1) %}"),
            "'TellThem' reads $told, which nothing assigns",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_is_found(faulty: Machine, said: str) -> None:
    assert any(said in finding for finding in house_findings(faulty))


def test_states_inside_branches_and_maps_are_looked_at() -> None:
    inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    outer = {
        "States": {
            "P": {"Type": "Parallel", "Branches": [inner, {"States": {"M": {"ItemProcessor": inner}}}]}
        }
    }
    assert [name for name, _ in states(outer)] == ["P", "A", "M", "A"]


def mapped(inner: dict[str, Any], outer: dict[str, Any]) -> Machine:
    """The sound machine for each of several, with what the inner and the outer flow assign."""
    definition = deepcopy(SOUND)
    flow = {key: definition[key] for key in ("StartAt", "States")}
    flow["States"]["TellThem"]["Catch"][0]["Assign"] = inner
    everybody = {
        "Type": "Map",
        "Comment": "Everybody",
        "Items": "{% $states.input.people %}",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **flow},
        "Assign": outer,
        "Next": "AllTold",
    }
    done = {"Type": "Succeed", "Comment": "All know"}
    return machine(SOUND | {"StartAt": "Everybody", "States": {"Everybody": everybody, "AllTold": done}})


def test_an_inner_flow_assigns_no_variable_of_an_outer_one() -> None:
    assert [*house_findings(mapped({"personFailure": 1}, {"failure": 1}))] == []
    (finding,) = house_findings(mapped({"failure": 1}, {"failure": 1}))
    assert finding == "$failure is assigned inside a Map or Parallel and outside of it as well"


def test_an_inner_flow_reads_what_an_outer_one_assigns_but_not_the_other_way_round() -> None:
    reading = mapped({"personFailure": "{% $failure %}"}, {"failure": 1})
    assert [*house_findings(reading)] == []
    (finding,) = house_findings(mapped({"personFailure": 1}, {"failure": "{% $personFailure %}"}))
    assert finding == "state 'Everybody' reads $personFailure, which nothing assigns"


def test_what_the_service_would_refuse_is_found() -> None:
    assert any("cfn-lint E" in finding for finding in cfn_findings(broken(*TASK, "Type", value="Tusk")))


def test_a_computed_time_limit_is_no_fault() -> None:
    computed = broken(*TASK, "TimeoutSeconds", value="{% $states.input.silence_after %}")
    assert [*house_findings(computed), *cfn_findings(computed)] == []


def test_the_machines_of_the_product_have_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ROOT / "template.yaml")]) == 0, capsys.readouterr().out
