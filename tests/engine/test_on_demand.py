"""What nothing of the desk asks for is made when somebody asks, whole and once."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from local.mends import calls
from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
from local.stack import Stack


@pytest.fixture
def desk() -> Stack:
    """The whole template."""
    return Stack.borrow(now=read_script(SCRIPTS / "case_1.yaml").starts)


def counts(stack: Stack) -> dict[str, int]:
    """How much of each kind the template has."""
    kinds = [resource["Type"] for resource in stack.template.resources.values()]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def test_every_resource_is_there_for_whoever_asks(desk: Stack) -> None:
    there, client = counts(desk), desk.client
    assert len(client("iam").list_roles()["Roles"]) == there["AWS::IAM::Role"]
    assert len(client("lambda").list_functions()["Functions"]) == there["AWS::Lambda::Function"]
    assert len(client("sns").list_topics()["Topics"]) == there["AWS::SNS::Topic"]
    assert len(client("sqs").list_queues()["QueueUrls"]) == there["AWS::SQS::Queue"]
    alarms = client("cloudwatch").describe_alarms()
    assert len(alarms["MetricAlarms"]) == there["AWS::CloudWatch::Alarm"]
    (pool,) = client("cognito-idp").list_user_pools(MaxResults=9)["UserPools"]
    assert pool["Id"] == desk.outputs["UserPoolId"]


def test_names_that_the_template_hands_out_are_those_that_are_made(desk: Stack) -> None:
    for logical_id, resource in desk.template.resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            found = desk.client("iam").get_role(RoleName=desk.deployment.attribute(logical_id, "Ref"))
            assert found["Role"]["Arn"] == desk.deployment.attribute(logical_id, "Arn")
        if resource["Type"] == "AWS::SQS::Queue":
            url = desk.deployment.attribute(logical_id, "Ref")
            asked = desk.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
            assert asked["Attributes"]["QueueArn"] == desk.deployment.attribute(logical_id, "Arn")
        if resource["Type"] == "AWS::SNS::Topic":
            arn = desk.deployment.attribute(logical_id, "Ref")
            assert desk.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"] == arn
        if resource["Type"] == "AWS::KMS::Key":
            arn = desk.deployment.attribute(logical_id, "Arn")
            assert desk.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn
            assert desk.client("kms").list_aliases(KeyId=arn)["Aliases"][0]["TargetKeyId"] in arn
            sealed = desk.client("kms").encrypt(KeyId=arn, Plaintext=b"secret")["CiphertextBlob"]
            assert desk.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


def test_a_desk_that_plays_makes_none_of_it(desk: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(calls, "before_service", [asked.append])
    script = read_script(SCRIPTS / "case_1.yaml")
    Rehearsal(desk, script, Teller(io.StringIO())).play()
    assert {"secretsmanager", "email"} <= set(asked)
    assert not {"iam", "lambda", "kms", "sns", "sqs", "monitoring", "cognito-idp"} & set(asked)


def test_it_is_nobodys_call_and_meets_no_fault(desk: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def around(request: Any, carry_out: Any) -> Any:
        seen.append(request.url)
        return carry_out()

    monkeypatch.setattr(calls, "around_call", [around])
    desk.client("iam").list_roles()
    assert len(seen) == 1


def test_two_who_ask_at_once_both_find_it_whole(desk: Stack) -> None:
    client, found = desk.client("iam"), []

    def ask() -> None:
        found.append(len(client.list_roles()["Roles"]))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [counts(desk)["AWS::IAM::Role"]] * 4


def test_what_could_not_be_made_is_tried_again(desk: Stack) -> None:
    tries = []

    def make() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk is full")

    desk.deployment.on_demand.add("somewhere", make)
    with pytest.raises(OSError, match="full"):
        desk.deployment.on_demand.prepare("somewhere")
    for _ in range(2):
        desk.deployment.on_demand.prepare("somewhere")
    assert len(tries) == 2


def test_a_function_can_be_asked_for_first(desk: Stack) -> None:
    """Its role must exist before it."""
    assert desk.client("lambda").get_function(FunctionName="sangfroid-api")["Configuration"]["Role"]


def test_event_source_mappings_are_those_of_the_template(desk: Stack) -> None:
    client = desk.client("lambda")
    found = client.list_event_source_mappings()["EventSourceMappings"]
    assert len(found) == counts(desk)["AWS::Lambda::EventSourceMapping"]
    assert {one["State"] for one in found} == {"Enabled"}
    for one in found:
        (same,) = client.list_event_source_mappings(FunctionName=one["FunctionArn"])["EventSourceMappings"]
        assert same == one
    name = found[0]["FunctionArn"].rpartition(":")[2]
    assert client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"] == found[:1]
    nowhere = {"EventSourceArn": found[0]["EventSourceArn"] + "x"}
    assert client.list_event_source_mappings(**nowhere)["EventSourceMappings"] == []
