"""Carries out what the relay gave up: the intents still lie in the table. `--go` does it, without it they are only shown.

    python -m tools.redrive [--stack sangfroid] [--case ID] [--go]

Credentials, region and endpoint as for the AWS CLI; the operator needs to scan the table, to invoke the relay and to read its
dead-letter queue. Safe to repeat: an intent that was carried out is gone. Exit status 1 while something is left.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

import boto3

FIRST = ("start", "settle", "resume", "note")
"""The order in which kinds of intents are carried out: what runs comes before what wakes it."""


def intents(dynamodb: Any, table: str, case: str | None) -> Iterator[dict[str, Any]]:
    """The images of the intents that lie in the table, of one case or of all."""
    asked: dict[str, Any] = {
        "TableName": table,
        "FilterExpression": "begins_with(sk, :intent)",
        "ExpressionAttributeValues": {":intent": {"S": "INTENT#"}},
    }
    pages = dynamodb.get_paginator("scan")
    if case is not None:
        asked = {
            "TableName": table,
            "KeyConditionExpression": "pk = :case AND begins_with(sk, :intent)",
            "ExpressionAttributeValues": {":case": {"S": f"CASE#{case}"}, ":intent": {"S": "INTENT#"}},
        }
        pages = dynamodb.get_paginator("query")
    for page in pages.paginate(**asked):
        yield from page["Items"]


def carried_out(functions: Any, relay: str, image: dict[str, Any]) -> bool:
    """One intent to the relay, as the stream would have brought it."""
    keys = {name: image[name] for name in ("pk", "sk")}
    record = {
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": "0"},
    }
    answer = functions.invoke(FunctionName=relay, Payload=json.dumps({"Records": [record]}).encode())
    return bool(json.loads(answer["Payload"].read()) == {"batchItemFailures": []})


def empty(sqs: Any, prefix: str) -> int:
    """Take the records of what was carried out off the dead-letter queue; answers how many."""
    gone = 0
    for url in sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                gone += 1
    return gone


def main(arguments: list[str] | None = None, client: Any = boto3.client) -> int:
    """Command line; `client` makes the clients of AWS."""
    parser = argparse.ArgumentParser(prog="redrive", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stack", default="sangfroid")
    parser.add_argument("--case", help="of this case alone")
    parser.add_argument("--go", action="store_true", help="carry them out")
    chosen = parser.parse_args(arguments)
    stacks = client("cloudformation")
    (stack,) = stacks.describe_stacks(StackName=chosen.stack)["Stacks"]
    table = next(one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == "TableName")
    found = sorted(
        intents(client("dynamodb"), table, chosen.case),
        key=lambda image: (FIRST.index(image["action"]["S"]), image["at"]["S"]),
    )
    functions = client("lambda")
    left = 0
    for image in found:
        what = f"{image['pk']['S']} {image['action']['S']} {image.get('name', {}).get('S', '')}".rstrip()
        done = chosen.go and carried_out(functions, f"{chosen.stack}-relay:live", image)
        left += not done
        sys.stdout.write(f"{image['at']['S']} {what}: {'carried out' if done else 'lies'}\n")
    if chosen.go and not left and chosen.case is None:
        gone = empty(client("sqs"), f"{chosen.stack}-RelayDeadLetters")
        sys.stdout.write(f"{gone} records taken off the dead-letter queue\n")
    sys.stdout.write(f"{len(found)} intents lay, {left} lie\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
