"""What a deployment does with what runs: versions, the alias `live` that everybody calls, and what takes a deployment back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.template.conftest import AWS_POLICIES


def kinds(deployed: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: found for name, found in deployed.items() if found["Type"] == kind}


def test_every_function_and_machine_has_a_version_and_the_alias_live(deployed: dict[str, Any]) -> None:
    for what, alias in (
        ("AWS::Lambda::Function", "AWS::Lambda::Alias"),
        ("AWS::StepFunctions::StateMachine", "AWS::StepFunctions::StateMachineAlias"),
    ):
        made = kinds(deployed, alias)
        assert {f"{name}Aliaslive" for name in kinds(deployed, what)} == set(made)
        assert {found["Properties"]["Name"] for found in made.values()} == {"live"}
    for kind in ("AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion"):
        for name, version in kinds(deployed, kind).items():
            assert version["DeletionPolicy"] == "Retain", f"{name}: what may be gone back to stays"


def test_nothing_calls_a_function_or_starts_a_machine_past_its_alias(deployed: dict[str, Any]) -> None:
    """What is not an alias is what may be done with the machine as a whole: roles, metrics, listing, stopping."""
    names = "|".join(
        [*kinds(deployed, "AWS::Lambda::Function"), *kinds(deployed, "AWS::StepFunctions::StateMachine")]
    )
    for name, resource in deployed.items():
        properties = resource.get("Properties", {})
        told = properties.get("DefinitionSubstitutions", {})
        told |= {
            key: value
            for key, value in properties.get("Environment", {}).get("Variables", {}).items()
            if name != "ReconcileFunction"
            or not key.startswith("MACHINE_")  # it lists what runs, of every version
        }
        if resource["Type"] == "AWS::Scheduler::Schedule":
            told["Target"] = properties["Target"]["Arn"]
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            told["FunctionName"] = properties["FunctionName"]
        past = {key for key, value in told.items() if re.search(rf'"({names})"', json.dumps(value))}
        assert past == set(), name
    routes = json.dumps(deployed["Api"]["Properties"]["Body"])
    called = re.findall(r"functions/\$\{([\w.]+)\}", routes)
    assert called
    assert set(called) == {"ApiFunctionAliaslive", "ConsoleFunctionAliaslive"}


def test_a_deployment_is_taken_back_by_alarms_that_exist_and_name_broken_code(
    template: dict[str, Any], deployed: dict[str, Any]
) -> None:
    """A crisis under way rings others; those must not stop the mend of it."""
    alarms = kinds(template["Resources"], "AWS::CloudWatch::Alarm").values()
    there = {alarm["Properties"]["AlarmName"]["Fn::Sub"] for alarm in alarms}
    watched = {one["Fn::Sub"] for one in template["Globals"]["Function"]["DeploymentPreference"]["Alarms"]}
    assert watched <= there, "CloudWatch takes an alarm that does not exist for a quiet one"
    assert not any(
        word in one for one in watched for word in ("clock", "freeze", "delivery", "round", "bounce")
    )
    for name, group in kinds(deployed, "AWS::CodeDeploy::DeploymentGroup").items():
        properties = group["Properties"]
        assert {
            alarm["Name"]["Fn::Sub"] for alarm in properties["AlarmConfiguration"]["Alarms"]
        } == watched, name
        assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]
    for name, alias in kinds(deployed, "AWS::StepFunctions::StateMachineAlias").items():
        assert {one["Fn::Sub"] for one in alias["Properties"]["DeploymentPreference"]["Alarms"]} <= watched, (
            name
        )


def needed(value: Any) -> Iterator[str]:
    """Every logical id that a value refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("Ref", "DependsOn"):
                yield from [inner] if isinstance(inner, str) else inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.split(".")[0]
            elif key == "Fn::Sub":
                text, local = (inner, {}) if isinstance(inner, str) else inner
                yield from (one.split(".")[0] for one in re.findall(r"\$\{([\w.]+)\}", text))
                yield from needed(local)
            else:
                yield from needed(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from needed(inner)


def test_what_deploys_is_no_circle_update_policies_included(deployed: dict[str, Any]) -> None:
    """An alias waits for its deployment group, that for its alarms: an alarm on what hangs on the alias would be a circle."""
    left = {name: set(needed(resource)) & set(deployed) - {name} for name, resource in deployed.items()}
    while free := [name for name, needs in left.items() if not needs & set(left)]:
        for name in free:
            del left[name]
    assert left == {}


def translated(template: dict[str, Any], layer: str) -> dict[str, Any]:
    source = deepcopy(template)
    for name, resource in source["Resources"].items():
        for place in ("CodeUri", "ContentUri", "DefinitionUri"):
            if place in resource.get("Properties", {}):
                resource["Properties"][place] = f"s3://bucket/{layer if name == 'SharedLayer' else 'key'}"
    found: dict[str, Any] = Translator(AWS_POLICIES, Parser()).translate(source, {})["Resources"]
    return found


def test_another_layer_is_another_version_of_every_function(
    template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code lies in the layer: a release that changes nothing else must not stay behind the alias."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    before, after = translated(template, "one"), translated(template, "two")
    versions = [set(kinds(found, "AWS::Lambda::Version")) for found in (before, after)]
    assert len(versions[0]) == len(versions[1]) == len(kinds(before, "AWS::Lambda::Function"))
    assert not versions[0] & versions[1]
    assert set(kinds(translated(template, "one"), "AWS::Lambda::Version")) == versions[0], (
        "nothing new, no version"
    )
