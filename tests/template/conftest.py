"""The template as it is written, and as SAM turns it into plain CloudFormation."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tools.lint_machines import load_template

ROOT = Path(__file__).parents[2]

AWS_POLICIES = {
    "AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole",
    "AWSXrayWriteOnlyAccess": "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
}
"""The managed policies of AWS itself that SAM attaches, by name."""


@pytest.fixture(scope="session")
def text() -> str:
    """template.yaml to the letter."""
    return (ROOT / "template.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml as data, short forms spelt out."""
    return load_template(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    """The resources as they are written."""
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="session")
def deployed(template: dict[str, Any]) -> dict[str, Any]:
    """The resources that CloudFormation gets: roles, permissions and mappings that SAM makes included."""
    source = deepcopy(template)
    for resource in source["Resources"].values():
        for place in ("CodeUri", "ContentUri", "DefinitionUri"):
            if place in resource.get("Properties", {}):
                resource["Properties"][place] = (
                    "s3://bucket/key"  # `sam package` puts an address of this kind here
                )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
        translated: dict[str, Any] = Translator(AWS_POLICIES, Parser()).translate(source, {})["Resources"]
    return translated
