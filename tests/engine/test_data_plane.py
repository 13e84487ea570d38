"""What the local table answers is what moto answers by itself: the same calls here and in a process without any mend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.responses import DynamoHandler

from local.mends import dynamodb
from local.stack import Stack
from tests.support.table_calls import ABSENT, CALLS, TABLE, item, of_p, play, transaction

ROOT = Path(__file__).parents[2]
PLAIN = """
import json, sys
import boto3
from moto import mock_aws
from tests.support.table_calls import play
with mock_aws():
    print(json.dumps(play(boto3.client("dynamodb", "eu-west-3", aws_access_key_id="x", aws_secret_access_key="x"))))
"""


def test_every_answer_is_that_of_moto_alone(stack: Stack) -> None:
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PLAIN], cwd=ROOT, capture_output=True, text=True, check=True
    )
    alone = json.loads(ended.stdout)
    here = play(stack.client("dynamodb"))
    assert len(here) == len(alone)
    for place, (mine, theirs) in enumerate(zip(here, alone, strict=True)):
        assert mine == theirs, CALLS[place]


def test_what_an_act_writes_takes_the_short_way(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the desk shows of a case is packed, and goes with every change of it: it must not cost moto's way."""
    client, long = stack.client("dynamodb"), []
    client.create_table(**TABLE)
    plain = DynamoHandler.transact_write_items
    monkeypatch.setattr(
        DynamoHandler, "transact_write_items", lambda self: long.append(self.body) or plain(self)
    )
    _, packed = transaction({"Put": {"Item": item("shown", shown={"B": b"\x00\xff"})} | ABSENT})
    client.transact_write_items(**packed)
    assert client.get_item(TableName="compared", Key=item("shown"))["Item"]["shown"]["B"] == b"\x00\xff"
    assert not long


def test_to_delete_what_is_not_there_is_no_change_and_no_refusal(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a guarded write of a table with a stream: written once, said so, and one record of it."""
    client, seen = stack.client("dynamodb"), []
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    client.create_table(**TABLE, StreamSpecification=stream)
    monkeypatch.setattr(dynamodb, "on_record", [lambda _, record: seen.append(record["dynamodb"]["Keys"])])
    _, given = transaction({"Delete": {"Key": item("nobody")}}, {"Put": {"Item": item("a")} | ABSENT})
    client.transact_write_items(**given)
    client.delete_item(TableName="compared", Key=item("nobody"))
    assert seen == [item("a")]


def test_four_megabytes_are_what_a_transaction_takes(stack: Stack) -> None:
    client = stack.client("dynamodb")
    client.create_table(**TABLE)
    name, twelve = transaction(
        *[{"Put": {"Item": item(f"{n}", text={"S": "x" * 380_000})}} for n in range(12)]
    )
    with pytest.raises(ClientError, match="ValidationException"):
        getattr(client, name)(**twelve)
    assert client.query(TableName="compared", **of_p())["Count"] == 0
