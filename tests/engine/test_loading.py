"""What the stack leaves out of a start is missed by nobody: canaries of `local.mends.loading` and `local.mends.imports`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader

from local.stack import Stack

ROOT = Path(__file__).parents[2]


@pytest.mark.usefixtures("stack")
def test_services_are_known_as_boto_knows_them() -> None:
    services = boto3.session.Session().get_available_services()
    assert {"dynamodb", "stepfunctions", "s3"} <= set(services)
    assert list(services) == sorted(services)
    assert len(services) > 300
    assert services[0] in services
    assert "no-such-service" not in services
    kinds = create_loader().list_available_services("paginators-1")
    assert "s3" in kinds
    assert "runtime.sagemaker" not in kinds


@pytest.mark.usefixtures("stack")
def test_an_unknown_service_is_still_refused_by_name() -> None:
    make: Any = boto3.client
    with pytest.raises(UnknownServiceError, match=r"no-such-service.*dynamodb"):
        make("no-such-service", region_name="eu-west-3")


def test_moto_still_knows_the_regions(stack: Stack) -> None:
    from moto.core.base_backend import AccountSpecificBackend

    assert AccountSpecificBackend.get_session() is boto3.DEFAULT_SESSION
    assert "eu-west-3" in boto3.session.Session().get_available_regions("dynamodb")
    assert stack.client("dynamodb").list_tables()["TableNames"]


@pytest.mark.parametrize(
    ("module", "spared"), [("httpx", "rich"), ("moto.stepfunctions.parser.models", "moto.ec2.models")]
)
def test_what_is_spared_is_not_loaded(module: str, spared: str) -> None:
    script = (
        "import sys; from local.mends import imports; imports.spare();"
        f"import {module}; sys.exit({spared!r} in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own interpreter


def test_httpx_makes_requests_without_its_command() -> None:
    script = (
        "from local.mends import imports; imports.spare(); import httpx;"
        "answer = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(204))).get('http://x.example/');"
        "assert answer.status_code == 204"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0  # noqa: S603 - our own interpreter
