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
                {
                    "ErrorEquals": ["States.ALL"],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 6,
                    "BackoffRate": 2,
                    "MaxDelaySeconds": 60,
                    "JitterStrategy": "FULL",
                }
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "GaveUp"}],
            "Next": "Told",
        },
        "Told": {"Type": "Succeed", "Comment": "They know"},
        "GaveUp": {"Type": "Fail", "Comment": "A person must look", "Error": "NotTold"},
    },
}


def machine(definition: dict[str, Any]) -> Machine:
    substitutions = {"NotifyFunctionArn": {"Fn::GetAtt": ["NotifyFunction", "Arn"]}}
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
        (broken(*TASK, "Retry", 0, "JitterStrategy"), "without JitterStrategy FULL"),
        (broken(*TASK, "Retry", 0, "MaxDelaySeconds"), "without MaxDelaySeconds"),
        (broken(*TASK, "Catch", 0, "ErrorEquals", value=["States.Timeout"]), "no Catch of States.ALL"),
        (broken(*TASK, "Arguments", "Payload", "text", value="{% $x %}"), "carries the field 'text'"),
        (broken(*TASK, "Assign", value={"said": "{% $states.input.notes %}"}), "reads the field 'notes'"),
        (
            broken(*TASK, "Arguments", "FunctionName", value="${PublishFunctionArn}"),
            "uses ${PublishFunctionArn}",
        ),
        (broken(*TASK, "Arguments", "FunctionName", value="arn:x"), "does not use ${NotifyFunctionArn}"),
        (broken(*TASK, "Resource", value="arn:aws:states:::states:startExecution.sync:2"), "without a name"),
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


def test_what_the_service_would_refuse_is_found() -> None:
    assert any("cfn-lint E" in finding for finding in cfn_findings(broken(*TASK, "Type", value="Tusk")))


def test_a_computed_time_limit_is_no_fault() -> None:
    computed = broken(*TASK, "TimeoutSeconds", value="{% $silenceAfter %}")
    assert [*house_findings(computed), *cfn_findings(computed)] == []


def test_the_machines_of_the_product_have_no_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ROOT / "template.yaml")]) == 0, capsys.readouterr().out
