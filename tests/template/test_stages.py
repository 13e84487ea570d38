"""What `Stage` decides: production is locked and protected; every other deployment can be thrown away and silences nobody."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from local.template import Template
from sangfroid.bootstrap import Environment

ROOT = Path(__file__).parents[2]
STAGES = ("prod", "rehearsal", "somebody")


def value(template: Template, logical_id: str, *path: Any) -> Any:
    """A property with conditions and parameters worked out; references to resources are their names."""
    found: Any = template.resources[logical_id]["Properties"]
    for part in path:
        found = found[part]
    return template.resolve(found, lambda name, attribute: f"<{name}.{attribute}>")


@pytest.fixture(params=STAGES)
def staged(request: pytest.FixtureRequest) -> Template:
    return Template(ROOT / "template.yaml", {"Stage": request.param})


def test_evidence_is_locked_for_good_in_production_alone(staged: Template) -> None:
    production = staged.parameters["Stage"] == "prod"
    expected = ("COMPLIANCE", 1095) if production else ("GOVERNANCE", 1)
    for name in ("ApiFunction", "TraceFunction"):
        variables = value(staged, name, "Environment", "Variables")
        assert (variables["EVIDENCE_MODE"], variables["EVIDENCE_DAYS"]) == expected
    rule = value(staged, "EvidenceBucket", "ObjectLockConfiguration", "Rule", "DefaultRetention")
    assert (rule["Mode"], rule["Days"]) == expected


def test_only_production_refuses_to_be_deleted_whatever_the_parameter_says(staged: Template) -> None:
    production = staged.parameters["Stage"] == "prod"
    assert value(staged, "Table", "DeletionProtectionEnabled") is production
    assert value(staged, "UserPool", "DeletionProtection") == ("ACTIVE" if production else "INACTIVE")


def test_outside_production_no_role_reaches_beyond_the_stack(staged: Template) -> None:
    production = staged.parameters["Stage"] == "prod"
    assert ("AccountEmailPolicy" in staged.resources) is production
    policies = value(staged, "FreezeFunctionRole", "Policies")
    (switch,) = [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] == "SwitchEmailOfASet"
    ]
    own = [place for place in switch["Resource"] if place.endswith(":configuration-set/sangfroid")]
    assert len(own) == 1
    assert len(switch["Resource"]) == (2 if production else 1)


def test_every_function_knows_its_stage(staged: Template) -> None:
    for name, resource in staged.resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            assert value(staged, name, "Environment", "Variables")["STAGE"] == staged.parameters["Stage"]


def test_a_function_that_is_told_no_stage_takes_itself_for_the_real_one() -> None:
    known = {"TABLE_NAME": "t", "STACK_NAME": "s", "ORGANISATION_FILE": "f"}
    assert Environment.from_env(known).stage == "prod"
    assert Environment.from_env(known | {"STAGE": "rehearsal"}).stage == "rehearsal"


def test_each_environment_has_its_own_name_and_only_parameters_that_exist() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    del config["version"]
    names = [environment["global"]["parameters"]["stack_name"] for environment in config.values()]
    assert len(set(names)) == len(names) == 2
    given = config["rehearsal"]["deploy"]["parameters"]["parameter_overrides"]
    known = Template(ROOT / "template.yaml").parameters
    assert {entry.partition("=")[0] for entry in given} <= set(known)
    assert "Stage=rehearsal" in given
