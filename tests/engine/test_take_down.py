"""What was made to be thrown away goes whole; the real desk never does."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack import Stack
from tests.support.crises import EIGHT
from tools import take_down


class Stacks:
    """CloudFormation of one stack that has a bucket: the local stack answers only `describe-stacks`."""

    def __init__(self, stage: str) -> None:
        self.stage, self.there = stage, True

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto's name
        return {"Stacks": [{"Parameters": [{"ParameterKey": "Stage", "ParameterValue": self.stage}]}]}

    def get_paginator(self, _: str) -> Any:
        resources = [("AWS::S3::Bucket", "evidence-of-a-test"), ("AWS::SQS::Queue", "goes-with-the-stack")]
        summaries = [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in resources]
        return type("Pages", (), {"paginate": lambda *_, **__: [{"StackResourceSummaries": summaries}]})()

    def delete_stack(self, StackName: str) -> None:  # noqa: N803 - boto's name
        self.there = False

    def get_waiter(self, _: str) -> Any:
        return type("Done", (), {"wait": lambda *_, **__: None})()


def deployed(stack: Stack, stage: str) -> Any:
    """An account with that stack, evidence in its bucket, and secrets of it and of another one."""
    s3 = stack.client("s3")
    s3.create_bucket(
        Bucket="evidence-of-a-test",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        ObjectLockEnabledForBucket=True,
    )
    for body in (b"seen", b"seen again"):
        s3.put_object(Bucket="evidence-of-a-test", Key="cases/1", Body=body)
    for name in ("desk-x/channels/forum", "desk/channels/forum"):
        stack.client("secretsmanager").create_secret(Name=name, SecretString="{}")
    stacks = Stacks(stage)
    return stacks, lambda service: stacks if service == "cloudformation" else stack.client(service)


def buckets(stack: Stack) -> list[str]:
    return [one["Name"] for one in stack.client("s3").list_buckets()["Buckets"]]


def secrets(stack: Stack) -> set[str]:
    return {one["Name"] for one in stack.client("secretsmanager").list_secrets()["SecretList"]}


@pytest.fixture
def stack() -> Stack:
    return Stack.borrow(now=EIGHT)


def test_production_is_refused_and_nothing_is_touched(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stacks, client = deployed(stack, "prod")
    assert take_down.main(["--stack", "desk-x", "--go"], client) == 1
    assert "real desk" in capsys.readouterr().err
    assert stacks.there
    assert stack.client("s3").get_object(Bucket="evidence-of-a-test", Key="cases/1")["Body"].read()
    assert "desk-x/channels/forum" in secrets(stack)


def test_without_go_it_only_shows(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stacks, client = deployed(stack, "rehearsal")
    assert take_down.main(["--stack", "desk-x"], client) == 0
    assert "evidence-of-a-test: would go" in capsys.readouterr().out
    assert stacks.there
    assert "evidence-of-a-test" in buckets(stack)


def test_with_go_everything_of_this_stack_and_nothing_of_another_is_gone(stack: Stack) -> None:
    stacks, client = deployed(stack, "rehearsal")
    before = set(buckets(stack))
    assert take_down.main(["--stack", "desk-x", "--go"], client) == 0
    assert not stacks.there
    assert before - set(buckets(stack)) == {"evidence-of-a-test"}
    assert "desk-x/channels/forum" not in secrets(stack)
    assert "desk/channels/forum" in secrets(stack)
