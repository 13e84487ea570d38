"""What was made to be thrown away goes whole; the real desk never does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools import take_down

TEMPLATE = """
Parameters: {Stage: {Type: String, Default: prod}}
Resources:
  Evidence:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {BucketName: evidence-of-a-test, ObjectLockEnabled: true}
"""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_aws():
        yield


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name="eu-west-3")


def deployed(stage: str) -> None:
    parameters = [{"ParameterKey": "Stage", "ParameterValue": stage}]
    client("cloudformation").create_stack(StackName="desk-x", TemplateBody=TEMPLATE, Parameters=parameters)
    client("s3").put_object(Bucket="evidence-of-a-test", Key="cases/1", Body=b"seen")
    for name in ("desk-x/channels/forum", "desk/channels/forum"):
        client("secretsmanager").create_secret(Name=name, SecretString="{}")


@pytest.mark.usefixtures("aws")
def test_production_is_refused_and_nothing_is_touched(capsys: pytest.CaptureFixture[str]) -> None:
    deployed("prod")
    assert take_down.main(["--stack", "desk-x", "--go"], client) == 1
    assert "real desk" in capsys.readouterr().err
    assert client("s3").get_object(Bucket="evidence-of-a-test", Key="cases/1")["Body"].read() == b"seen"
    assert len(client("cloudformation").describe_stacks(StackName="desk-x")["Stacks"]) == 1


@pytest.mark.usefixtures("aws")
def test_without_go_it_only_shows(capsys: pytest.CaptureFixture[str]) -> None:
    deployed("rehearsal")
    assert take_down.main(["--stack", "desk-x"], client) == 0
    assert "evidence-of-a-test: would go" in capsys.readouterr().out
    assert client("s3").list_buckets()["Buckets"]


@pytest.mark.usefixtures("aws")
def test_with_go_everything_of_this_stack_and_nothing_of_another_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployed("rehearsal")
    stacks = client("cloudformation")
    # moto knows no DeletionPolicy and would refuse the bucket that is not empty: the stack alone is said to be gone.
    monkeypatch.setattr(stacks, "delete_stack", lambda **_: None)
    monkeypatch.setattr(stacks, "get_waiter", lambda _: type("Done", (), {"wait": lambda *_, **__: None})())
    assert (
        take_down.main(
            ["--stack", "desk-x", "--go"], lambda name: stacks if name == "cloudformation" else client(name)
        )
        == 0
    )
    assert client("s3").list_buckets()["Buckets"] == []
    assert [one["Name"] for one in client("secretsmanager").list_secrets()["SecretList"]] == [
        "desk/channels/forum"
    ]
