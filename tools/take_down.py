"""Takes a deployment that was made to be thrown away down for good, with what CloudFormation leaves behind.

    python -m tools.take_down --stack sangfroid-rehearsal [--go]

Without `--go` it only shows what would go. It refuses a stack whose `Stage` is prod. Evidence under GOVERNANCE goes with the
right s3:BypassGovernanceRetention; under COMPLIANCE nobody can delete it. Secrets go without a recovery window, the key after
seven days.
Exit status 1 where something stays.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

KEPT = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::KMS::Key")
"""What `DeletionPolicy: Retain` leaves behind, in the order in which it goes: the key at last."""


class Production(Exception):
    """The stack is the real desk."""


def kept(stacks: Any, name: str) -> list[tuple[str, str]]:
    """Type and id of every resource that the deletion of the stack leaves. Raises Production."""
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    stage = next(
        (one["ParameterValue"] for one in stack["Parameters"] if one["ParameterKey"] == "Stage"), "prod"
    )
    if stage == "prod":
        raise Production(f"{name} is the real desk (Stage prod): take it down by hand, resource by resource")
    found = []
    for page in stacks.get_paginator("list_stack_resources").paginate(StackName=name):
        found += [
            (one["ResourceType"], one["PhysicalResourceId"])
            for one in page["StackResourceSummaries"]
            if one["ResourceType"] in KEPT
        ]
    return sorted(found, key=lambda one: KEPT.index(one[0]))


def empty(s3: Any, bucket: str) -> int:
    """Every version of every object, locks of GOVERNANCE included; answers how many stay."""
    stay = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            try:
                s3.delete_object(
                    Bucket=bucket,
                    Key=version["Key"],
                    VersionId=version["VersionId"],
                    BypassGovernanceRetention=True,
                )
            except ClientError:
                stay += 1
    return stay


def away(client: Callable[[str], Any], kind: str, name: str) -> str:
    """Delete one resource; what is said of it. Raises ClientError."""
    if kind == "AWS::S3::Bucket":
        if stay := empty(client("s3"), name):
            return f"stays: {stay} objects are locked"
        client("s3").delete_bucket(Bucket=name)
    elif kind == "AWS::DynamoDB::Table":
        client("dynamodb").delete_table(TableName=name)
    elif kind == "AWS::Cognito::UserPool":
        client("cognito-idp").delete_user_pool(UserPoolId=name)
    else:
        client("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
        return "goes in seven days"
    return "gone"


def secrets(client: Any, name: str) -> list[str]:
    """The secrets of the stack's channels and listening tools."""
    names = []
    for page in client.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [f"{name}/"]}]
    ):
        names += [one["Name"] for one in page["SecretList"] if one["Name"].startswith(f"{name}/")]
    return names


def main(arguments: list[str] | None = None, client: Any = boto3.client) -> int:
    """Command line; `client` makes the clients of AWS."""
    parser = argparse.ArgumentParser(prog="take_down", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stack", required=True)
    parser.add_argument("--go", action="store_true")
    chosen = parser.parse_args(arguments)
    stacks = client("cloudformation")
    try:
        resources = kept(stacks, chosen.stack)
    except Production as refusal:
        sys.stderr.write(f"take_down: {refusal}\n")
        return 1
    named = secrets(client("secretsmanager"), chosen.stack)
    if chosen.go:
        stacks.delete_stack(StackName=chosen.stack)
        stacks.get_waiter("stack_delete_complete").wait(StackName=chosen.stack)
    stayed = 0
    for kind, name in resources:
        said = "would go"
        if chosen.go:
            try:
                said = away(client, kind, name)
            except (ClientError, BotoCoreError) as error:
                said = f"stays: {error}"
            stayed += said.startswith("stays")
        sys.stdout.write(f"{kind} {name}: {said}\n")
    for name in named:
        if chosen.go:
            client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        sys.stdout.write(f"secret {name}: {'gone' if chosen.go else 'would go'}\n")
    return 1 if stayed else 0


if __name__ == "__main__":
    sys.exit(main())
