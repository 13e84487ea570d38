"""Every kind of condition on both tables alike: what is explored over memory must hold on DynamoDB."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from sangfroid.table import ABSENT, Check, ConditionFailed, Delete, DynamoTable, Put, Table, Write
from tests.support.memory_table import MemoryTable


@pytest.fixture(params=["memory", "dynamo"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        # A stack may run in this process: its tables are there too.
        name = f"desk-{uuid4().hex}"
        client = boto3.client("dynamodb", "eu-west-3", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "listing", "listed_at")
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_status",
                    "KeySchema": [
                        {"AttributeName": "listing", "KeyType": "HASH"},
                        {"AttributeName": "listed_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield DynamoTable(name, client)


def item(sk: str, **more: object) -> dict[str, object]:
    return {
        "pk": "p",
        "sk": sk,
        "n": 1,
        "half": 0.5,
        "none": None,
        "list": [{"deep": True}],
        "empty": {},
    } | more


def test_what_is_written_is_read_as_it_was_and_is_a_copy(table: Table) -> None:
    written = item("a")
    table.transact([Put(written)])
    read = table.get("p", "a")
    assert read == written
    assert read is not None
    read["list"].append("changed")
    assert table.get("p", "a") == written
    assert table.get("p", "b") is None


CONDITIONS = {
    "put, absent": Put(item("a", n=2), ABSENT),
    "put, as it is": Put(item("a", n=2), {"n": 1}),
    "put, another value": Put(item("a", n=2), {"n": 7}),
    "put, two values": Put(item("a", n=2), {"n": 1, "half": 0.5}),
    "put, an attribute that is not there": Put(item("a", n=2), {"other": 1}),
    "put, exists": Put(item("a", n=2), {}),
    "put, whatever": Put(item("a", n=2)),
    "delete, as it is": Delete("p", "a", {"n": 1}),
    "delete, another value": Delete("p", "a", {"n": 7}),
    "delete, whatever": Delete("p", "a"),
    "check, as it is": Check("p", "a", {"n": 1}),
    "check, another value": Check("p", "a", {"n": 7}),
    "check, or absent": Check("p", "a", {"n": 1}, or_absent=True),
    "check, another value or absent": Check("p", "a", {"n": 7}, or_absent=True),
    "check, nothing or absent": Check("p", "a", {}, or_absent=True),
}
PASSES = {
    True: {
        "put, as it is", "put, two values", "put, exists", "put, whatever", "delete, as it is", "delete, whatever",
        "check, as it is",
        "check, or absent", "check, nothing or absent",
    },
    False: {
        "put, absent", "put, whatever", "delete, whatever", "check, or absent", "check, another value or absent",
        "check, nothing or absent",
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "stands"), list(itertools.product(CONDITIONS, [True, False])))
def test_a_condition_holds_on_both_alike_and_a_refused_transaction_changes_nothing(
    table: Table, name: str, stands: bool
) -> None:
    if stands:
        table.transact([Put(item("a"))])
    writes: list[Write] = [Put(item("beside")), CONDITIONS[name]]
    if name in PASSES[stands]:
        table.transact(writes)
        assert table.get("p", "beside") is not None
        return
    with pytest.raises(ConditionFailed) as refused:
        table.transact(writes)
    assert refused.value.keys == [("p", "a")]
    assert table.get("p", "beside") is None
    assert table.get("p", "a") == (item("a") if stands else None)
