"""Calls of DynamoDB's data plane that every way to the local table has to answer alike, and a table for them."""
# ruff: noqa: E501 - one call a line, to be compared

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

TABLE: dict[str, Any] = {
    "TableName": "compared",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "listing", "listed_at")
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_status",
            "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [
                {"AttributeName": "listing", "KeyType": "HASH"},
                {"AttributeName": "listed_at", "KeyType": "RANGE"},
            ],
        }
    ],
}


def item(sk: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}} | more


def of_p(**more: Any) -> dict[str, Any]:
    return {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}} | more


def listed(**more: Any) -> dict[str, Any]:
    return {
        "IndexName": "by_status",
        "KeyConditionExpression": "listing = :l",
        "ExpressionAttributeValues": {":l": {"S": "open"}},
    } | more


def transaction(*actions: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    full = [{kind: {"TableName": "compared"} | body for kind, body in action.items()} for action in actions]
    return "transact_write_items", {"TransactItems": full}


def is_(**values: Any) -> dict[str, Any]:
    names = {f"#a{place}": name for place, name in enumerate(values)}
    given = {f":v{place}": value for place, value in enumerate(values.values())}
    text = " AND ".join(f"#a{place} = :v{place}" for place in range(len(values)))
    return {
        "ConditionExpression": text,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": given,
    }


ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}
OR_ABSENT = is_(n={"N": "1"}) | {"ConditionExpression": "attribute_not_exists(pk) OR (#a0 = :v0)"}
DEEP = {"M": {"list": {"L": [{"N": "1"}, {"NULL": True}, {"BOOL": False}, {"S": "é"}]}, "empty": {"M": {}}}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    *[
        ("put_item", {"Item": item(f"{n:02d}", n={"N": str(n)}, deep=DEEP, listing={"S": "open" if n % 3 else "shut"},
                                   listed_at={"S": f"2026-{12 - n:02d}"})})
        for n in range(1, 12)
    ],
    ("put_item", {"Item": item("01", n={"N": "1"})} | ABSENT),
    ("put_item", {"Item": item("new")} | ABSENT),
    ("put_item", {"Item": item("01", n={"N": "1.0"}, deep=DEEP)} | is_(n={"N": "1.00"})),
    ("put_item", {"Item": item("01", n={"N": "2"})} | is_(n={"N": "7"})),
    ("put_item", {"Item": item("01", n={"N": "1"})} | is_(deep=DEEP, n={"N": "1"})),
    ("put_item", {"Item": item("01")} | is_(nothing={"S": "there"})),
    ("put_item", {"Item": item("", n={"N": "1"})}),
    ("put_item", {"Item": item("x" * 1100)}),
    ("put_item", {"Item": item("n", n={"N": "many"})}),
    ("put_item", {"Item": item("n", listing={"N": "1"})}),
    ("put_item", {"Item": item("n", listing={"S": ""})}),
    ("put_item", {"Item": item("big", text={"S": "x" * 404_000})}),
    ("put_item", {"Item": item("bigger", text={"S": "x" * 406_000})}),
    ("put_item", {"Item": item("expires", expires_at={"N": "1795161600"})}),
    ("get_item", {"Key": item("02"), "ConsistentRead": True}),
    ("get_item", {"Key": item("nobody")}),
    ("get_item", {"Key": {"pk": {"S": "p"}}}),
    ("get_item", {"Key": item("")}),
    ("query", of_p(Limit=3)),
    ("query", of_p(Limit=3, ScanIndexForward=False)),
    ("query", of_p(Limit=3, ExclusiveStartKey=item("03"), ConsistentRead=True)),
    ("query", of_p(Limit=3, ExclusiveStartKey=item("031"), ScanIndexForward=False)),
    ("query", {"KeyConditionExpression": "#pk = :p AND begins_with(#sk, :s)", "ExpressionAttributeNames": {"#pk": "pk", "#sk": "sk"},
               "ExpressionAttributeValues": {":p": {"S": "p"}, ":s": {"S": "0"}}}),
    ("query", {"KeyConditionExpression": "pk = :p AND sk BETWEEN :a AND :b",
               "ExpressionAttributeValues": {":p": {"S": "p"}, ":a": {"S": "02"}, ":b": {"S": "05"}}}),
    *[
        ("query", {"KeyConditionExpression": f"pk = :p AND sk {sign} :a", "ExpressionAttributeValues": {":p": {"S": "p"}, ":a": {"S": "05"}}})
        for sign in ("=", "<", "<=", ">", ">=")
    ],
    ("query", {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "nobody"}}}),
    ("query", of_p(ExpressionAttributeNames={"#unused": "x"})),
    ("query", listed()),
    ("query", listed(Limit=2, ScanIndexForward=False)),
    ("query", listed(Limit=2, ScanIndexForward=False,
                     ExclusiveStartKey=item("04", listing={"S": "open"}, listed_at={"S": "2026-08"}))),
    ("query", listed(ConsistentRead=True)),
    ("query", listed(IndexName="nowhere")),
    ("scan", {"Limit": 3}),
    ("delete_item", {"Key": item("11")} | is_(n={"N": "12"})),
    ("delete_item", {"Key": item("11")} | is_(n={"N": "11"})),
    ("delete_item", {"Key": item("11")}),
    ("update_item", {"Key": item("10"), "UpdateExpression": "SET listing = :l", "ExpressionAttributeValues": {":l": {"S": "open"}}}),
    ("update_item", {"Key": item("fresh"), "UpdateExpression": "SET listing = :l, listed_at = :t",
                     "ExpressionAttributeValues": {":l": {"S": "open"}, ":t": {"S": "2026-01"}}}),
    ("query", listed()),
    transaction({"Put": {"Item": item("01", n={"N": "9"})}}, {"Delete": {"Key": item("02")}},
                {"ConditionCheck": {"Key": item("03")} | is_(n={"N": "3"})}),
    transaction({"Put": {"Item": item("a")}}, {"Put": {"Item": item("03")} | ABSENT}),
    transaction({"Put": {"Item": item("a")}}, {"ConditionCheck": {"Key": item("03")} | is_(n={"N": "4"})}),
    transaction({"ConditionCheck": {"Key": item("nobody")} | OR_ABSENT}, {"Put": {"Item": item("b")}}),
    transaction({"ConditionCheck": {"Key": item("03")} | OR_ABSENT}, {"Put": {"Item": item("c")}}),
    transaction({"Put": {"Item": item("a")}}, {"Delete": {"Key": item("a")}}),
    transaction({"Put": {"Item": item("a", text={"S": "x" * 406_000})}}, {"Put": {"Item": item("d")}}),
    transaction({"Put": {"Item": item("bytes", shown={"B": b"\x00\xff"}, deep={"L": [{"B": b"x"}]})}}),
    ("get_item", {"Key": item("bytes"), "ConsistentRead": True}),
    transaction({"Put": {"Item": item("bytes", shown={"B": b"other"})} | is_(shown={"B": b"\x00\xff"})}),
    transaction({"Put": {"Item": item("bytes", shown={"B": b"third"})} | is_(shown={"B": b"\x00\xff"})}),
    transaction(*[{"Put": {"Item": item(f"t{n}")}} for n in range(101)]),
    transaction(*[{"Put": {"Item": item(f"t{n}")}} for n in range(100)]),
    ("query", of_p()),
]  # fmt: skip


def play(client: Any) -> list[Any]:
    """What each call is answered, as JSON."""
    client.create_table(**TABLE)
    found: list[Any] = []
    for name, given in CALLS:
        arguments = given if "TransactItems" in given else {"TableName": "compared"} | given
        try:
            answer = getattr(client, name)(**arguments)
            answer.pop("ResponseMetadata")
        except ClientError as error:
            answer = {"error": error.response["Error"], "reasons": error.response.get("CancellationReasons")}
        found.append([name, json.loads(json.dumps(answer, default=bytes.hex))])
    return found
