"""The same contract for the table in memory and for DynamoDB (on the emulator)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sangfroid.errors import StoreRefused, Unavailable
from sangfroid.table import ABSENT, BATCH_ATTEMPTS, Check, ConditionFailed, Delete, DynamoTable, Put, Table
from tests.support.memory_table import MemoryTable
from tests.support.pauses import without_pauses


@pytest.fixture(params=["memory", "dynamodb"])
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_aws():
        # A stack may run in this process: its tables are there too.
        client, name = boto3.client("dynamodb"), f"t-{uuid4().hex}"
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        index: Any = {
            "IndexName": "by_status",
            "KeySchema": [
                {"AttributeName": "listing", "KeyType": "HASH"},
                {"AttributeName": "listed_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        client.create_table(
            TableName=name,
            KeySchema=keys,  # type: ignore[arg-type]
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "listing", "listed_at")
            ],
            GlobalSecondaryIndexes=[index],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoTable(name, client)


def item(sk: str, **more: Any) -> dict[str, Any]:
    return {"pk": "P", "sk": sk} | more


def test_what_is_put_is_read_the_same(table: Table) -> None:
    nested = {"list": [1, 2.5, "x", None, True], "map": {"é": {"deep": []}}}
    table.transact([Put(item("1", revision=1, **nested))])
    assert table.get("P", "1") == item("1", revision=1, **nested)
    assert table.get("P", "2") is None


def test_a_transaction_is_all_or_nothing(table: Table) -> None:
    table.transact([Put(item("1", revision=1), ABSENT)])
    with pytest.raises(ConditionFailed) as failed:
        table.transact([Put(item("2")), Put(item("1", revision=2), {"revision": 7})])
    assert failed.value.keys == [("P", "1")]
    assert table.get("P", "2") is None
    with pytest.raises(ConditionFailed):
        table.transact([Put(item("1"), ABSENT)])
    table.transact(
        [
            Put(item("1", revision=2), {"revision": 1}),
            Delete("P", "9"),
            Check("P", "1x", {"a": 1}, or_absent=True),
        ]
    )
    assert table.get("P", "1") == item("1", revision=2)


def test_checks_look_at_what_stands_there(table: Table) -> None:
    table.transact([Put(item("f", epoch=3, state="open"))])
    table.transact([Check("P", "f", {"epoch": 3, "state": "open"}), Put(item("a"))])
    with pytest.raises(ConditionFailed):
        table.transact([Check("P", "f", {"epoch": 2, "state": "open"}, or_absent=True), Put(item("b"))])
    with pytest.raises(ConditionFailed):
        table.transact([Check("P", "gone", {"epoch": 3}), Put(item("c"))])
    assert [one["sk"] for one in table.query("P").items] == ["a", "f"]


def test_many_are_read_in_the_order_in_which_they_were_asked_for(table: Table) -> None:
    table.transact([Put({"pk": "a", "sk": "1", "n": 1}), Put({"pk": "b", "sk": "2", "n": 2})])
    found = table.get_many([("b", "2"), ("a", "absent"), ("a", "1"), ("b", "2")])
    assert [one and one["n"] for one in found] == [2, None, 1, 2]


@pytest.mark.parametrize("busy", [1, BATCH_ATTEMPTS - 1, BATCH_ATTEMPTS])
def test_what_the_store_had_no_time_for_is_asked_again(busy: int) -> None:
    """`busy` times nothing is read; the last try counts like the others."""
    asked: list[int] = []

    class Store:
        def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - as boto3 names it
            asked.append(1)
            if len(asked) <= busy:
                return {"Responses": {}, "UnprocessedKeys": RequestItems}
            return {"Responses": {"t": [{"pk": {"S": "a"}, "sk": {"S": "1"}}]}}

    table = DynamoTable("t", Store())
    with without_pauses("sangfroid.table"):
        if busy < BATCH_ATTEMPTS:
            assert table.get_many([("a", "1")]) == [{"pk": "a", "sk": "1"}]
        else:
            with pytest.raises(Unavailable):
                table.get_many([("a", "1")])


def test_queries_page_in_order(table: Table) -> None:
    table.transact([Put(item(f"E#{number:03d}")) for number in range(25)] + [Put(item("F#1"))])
    first = table.query("P", "E#", limit=10)
    assert [one["sk"] for one in first.items] == [f"E#{number:03d}" for number in range(10)]
    rest = table.query("P", "E#", after=first.next)
    assert len(rest.items) == 15
    assert rest.next is None
    assert [one["sk"] for one in table.query("P", "E#", limit=2, newest_first=True).items] == [
        "E#024",
        "E#023",
    ]


def test_listings_show_the_newest_first_and_go_on(table: Table) -> None:
    table.transact([Put(item(f"{n}", listing="CASES", listed_at=f"2026-01-{n:02d}")) for n in range(1, 8)])
    page = table.listing("CASES", limit=3)
    assert [one["sk"] for one in page.items] == ["7", "6", "5"]
    page = table.listing("CASES", limit=10, after=page.next)
    assert [one["sk"] for one in page.items] == ["4", "3", "2", "1"]
    assert page.next is None


@pytest.mark.parametrize("table", ["dynamodb"], indirect=True)
def test_what_the_store_refuses_for_good_is_not_called_a_busy_moment(table: Table) -> None:
    """C8: too large, too many, not valid, no such table: none of them passes by waiting."""
    with pytest.raises(StoreRefused, match="not help"):
        table.transact([Put(item("big", text="x" * 410_000))])
    with pytest.raises(StoreRefused):
        table.transact([Put(item(f"{number}")) for number in range(101)])
    with pytest.raises(StoreRefused):
        table.transact([Put(item("1")), Put(item("1"))])
    with pytest.raises(StoreRefused):
        table.get("P", "")
    assert isinstance(table, DynamoTable)
    with pytest.raises(StoreRefused, match="ResourceNotFound"):
        DynamoTable("nowhere", table._client).get("P", "1")


@pytest.mark.parametrize("table", ["dynamodb"], indirect=True)
def test_a_store_that_slows_down_is_asked_again(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(table, DynamoTable)
    error = {
        "Error": {"Code": "ThrottlingException", "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }

    def slow(**_: Any) -> None:
        raise ClientError(error, "GetItem")  # type: ignore[arg-type]

    monkeypatch.setattr(table._client, "get_item", slow)
    with pytest.raises(Unavailable):
        table.get("P", "1")
