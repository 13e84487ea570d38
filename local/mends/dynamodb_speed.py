# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""DynamoDB at a speed that whole crises can be played at: a short way for the calls of the data plane.

moto parses, routes and serialises every call by general rules, sorts the whole table for a query and measures every
item again each time it looks at it. The answers are the same; tests/engine/test_mends.py compares both ways.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

DATA_PLANE = {
    "GetItem": "get_item", "PutItem": "put_item", "UpdateItem": "update_item", "DeleteItem": "delete_item",
    "Query": "query", "Scan": "scan", "TransactWriteItems": "transact_write_items",
    "TransactGetItems": "transact_get_items", "BatchGetItem": "batch_get_item", "BatchWriteItem": "batch_write_item",
}  # fmt: skip
ITEM_LIMIT = 405_000  # bytes; what moto takes for DynamoDB's 400 KB

_handler: list[Any] = []


def answer(account: str, region: str, operation: str, body: bytes) -> tuple[int, dict[str, str], str] | None:
    """Status, headers and body of a data plane call, or None for a call that has to go the long way."""
    method = DATA_PLANE.get(operation)
    if method is None:
        return None
    from moto.core.exceptions import JsonRESTError

    handler = _handler[0](account, region)
    handler.body = json.loads(body)
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "local"}
    try:
        result = getattr(handler, method)().result
    except JsonRESTError as error:
        return error.code, headers, error.description
    return 200, headers, json.dumps(result, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON: {type(value).__name__}")


def apply() -> None:
    """Puts the short ways in."""
    _handlers()
    _types()
    _items()
    _queries()


def _handlers() -> None:
    from moto.dynamodb.responses import DynamoHandler

    class Handler(DynamoHandler):
        current_account = ""
        region = ""

        def __init__(self, account: str, region: str) -> None:
            super().__init__()
            self.current_account, self.region = account, region

    _handler[:] = [Handler]


def _types() -> None:
    """Strings, which keys are, need none of the questions that moto asks before it compares two values."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    general = DynamoType.cast_value.fget
    simple = ("S", "B", "BOOL")

    def cast_value(self: Any) -> Any:
        return self.value if self.type in simple else general(self)

    def equal(self: Any, other: Any) -> bool:
        if self.type != other.type:
            return False
        if self.type in simple:
            return bool(self.value == other.value)
        return bool(general(self) == general(other))

    DynamoType.cast_value = property(cast_value)
    DynamoType.__eq__ = equal
    DynamoType.__ne__ = lambda self, other: not equal(self, other)
    DynamoType.__hash__ = lambda self: hash((self.type, cast_value(self)))


def _items() -> None:
    """The size of an item is worked out once for each change of it, not for each of its attributes."""
    from moto.dynamodb.exceptions import ItemSizeTooLarge
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

    measure = Item.size

    def make(self: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = LimitedSizeDict()
        for name, value in attrs.items():
            dict.__setitem__(self.attrs, name, DynamoType(value))
        self._size = measure(self)
        if self._size > ITEM_LIMIT:
            raise ItemSizeTooLarge

    def size(self: Any) -> int:
        known: int | None = getattr(self, "_size", None)
        if known is None:
            known = self._size = measure(self)
        return known

    update = DynamoDBBackend.update_item

    def update_item(self: Any, *args: Any, **kwargs: Any) -> Any:
        item = update(self, *args, **kwargs)
        item._size = None
        return item

    Item.__init__ = make
    Item.size = size
    DynamoDBBackend.update_item = update_item


def _queries() -> None:
    """A query looks only at the items that can match; moto's own query then does the rest."""
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table

    plain_query, plain_all = Table.query, Table.all_items

    def candidates(table: Any, hash_key: Any, index_name: str | None) -> list[Any]:
        if index_name is None:
            partition = table.items.get(hash_key, {})
            return list(partition.values()) if table.range_key_attr else [partition] if partition else []
        index = next((i for i in table.all_indexes() if i.name == index_name), None)
        if index is None:
            return []
        name = next(key["AttributeName"] for key in index.schema if key["KeyType"] == "HASH")
        sets = table.items.values()
        items = (item for part in sets for item in (part.values() if table.range_key_attr else (part,)))
        return [item for item in items if name in item.attrs and item.attrs[name] == hash_key]

    def query(self: Any, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
        # Arguments in moto's order: range_comparison, range_objs, limit, exclusive_start_key, forward, projections, index.
        index_name = kwargs["index_name"] if "index_name" in kwargs else (args[6] if len(args) > 6 else None)
        if hash_key is None:
            return plain_query(self, hash_key, *args, **kwargs)
        self._candidates = candidates(self, DynamoType(hash_key), index_name)
        try:
            return plain_query(self, hash_key, *args, **kwargs)
        finally:
            del self._candidates

    def all_items(self: Any) -> list[Any]:
        found: list[Any] | None = getattr(self, "_candidates", None)
        return plain_all(self) if found is None else found

    Table.query = query
    Table.all_items = all_items
