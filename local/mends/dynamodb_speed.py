# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""DynamoDB at a speed that whole crises can be played at: a short way for the calls of the data plane.

Three ways, each giving what it does not know to the next: here, straight on the rows (`local.mends.rows`), what the product
asks and what succeeds; moto's own handler without its routing (every other call of the data plane, and every refusal, in
moto's words); moto as it is (the control plane). tests/engine/test_data_plane.py compares the answers of all three.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from moto.core.exceptions import JsonRESTError

from local.mends import dynamodb
from local.mends.rows import Partition, Row, Rows, Wire

DATA_PLANE = {
    "GetItem": "get_item", "PutItem": "put_item", "UpdateItem": "update_item", "DeleteItem": "delete_item",
    "Query": "query", "Scan": "scan", "TransactWriteItems": "transact_write_items",
    "TransactGetItems": "transact_get_items", "BatchGetItem": "batch_get_item", "BatchWriteItem": "batch_write_item",
}  # fmt: skip
PAGE_LIMIT = 1_000_000  # bytes; what moto takes for the 1 MB of a page
TRANSACTION_ACTIONS = 100
BATCH_KEYS, BATCH_BYTES = 100, 16_000_000
KEY_LIMITS = (2048, 1024)  # bytes of a partition key and of a sort key

_handler: list[Any] = []
_backends: list[Any] = []


class NotHere(Exception):
    """This call is for moto's own handler: it asks for what is not known here, or it will be refused."""


class Answer:
    """What a call is answered: `parsed` as boto hands it out, made once."""

    def __init__(self, make: Callable[[Callable[[Row], Wire]], Wire]) -> None:
        self._make = make

    def parsed(self) -> Wire:
        """For boto: binary values as bytes."""
        return self._make(Row.answer)

    def text(self) -> str:
        """For the wire."""
        return json.dumps(self._make(lambda row: row.wire), separators=(",", ":"))


def direct(account: str, region: str, operation: str, body: bytes) -> Answer | None:
    """The answer of a call that is known here and succeeds; None for every other, and nothing is changed then."""
    try:
        return succeeded(account, region, operation, json.loads(body))
    except ValueError:
        return None


def succeeded(account: str, region: str, operation: str, body: Wire) -> Answer | None:
    """Like `direct`, of a body that was read; its outermost object may be taken apart."""
    work = DIRECT.get(operation)
    if work is None or operation not in DATA_PLANE:
        return None
    try:
        return work(_backends[0][account][region].tables, body)
    except (NotHere, JsonRESTError, KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        # Whatever is wrong with it, moto says it.
        return None


def answer(account: str, region: str, operation: str, body: bytes) -> tuple[int, dict[str, str], str] | None:
    """Status, headers and body of a data plane call, or None for a call that has to go the long way."""
    method = DATA_PLANE.get(operation)
    if method is None:
        return None
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "local"}
    found = direct(account, region, operation, body)
    if found is not None:
        return 200, headers, found.text()
    handler = _handler[0](account, region)
    handler.body = json.loads(body)
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


# The calls -------------------------------------------------------------------------------------------------------
def _only(body: Wire, *names: str) -> None:
    if not body.keys() <= set(names):
        raise NotHere


def _rows(tables: Any, name: str) -> tuple[Any, Rows]:
    table = tables[name]
    if not isinstance(table.items, Rows):
        raise NotHere
    return table, table.items


def _key(rows: Rows, key: Wire) -> tuple[str, str]:
    """The two strings of a primary key."""
    pk, sk = (key[name]["S"] for name in rows.key_names)
    if len(key) != 2 or not pk or not sk or not _fits(pk, 0) or not _fits(sk, 1):
        raise NotHere
    return pk, sk


def _fits(text: str, place: int) -> bool:
    limit = KEY_LIMITS[place]
    return len(text) * 4 <= limit or len(text.encode()) <= limit


def _get_item(tables: Any, body: Wire) -> Answer:
    _only(body, "TableName", "Key", "ConsistentRead")
    _, rows = _rows(tables, body["TableName"])
    row = rows.row(*_key(rows, body["Key"]))
    return Answer(lambda show: {} if row is None else {"Item": show(row)})


def _batch_get_item(tables: Any, body: Wire) -> Answer:
    _only(body, "RequestItems")
    ((name, asked),) = body["RequestItems"].items()
    _only(asked, "Keys", "ConsistentRead")
    _, rows = _rows(tables, name)
    places = [_key(rows, key) for key in asked["Keys"]]
    if not 0 < len(places) <= BATCH_KEYS or len(set(places)) != len(places):
        raise NotHere
    found = [row for row in (rows.row(*place) for place in places) if row is not None]
    if sum(row.size() for row in found) > BATCH_BYTES:
        raise NotHere
    # What moto says of the capacity is said here as well: nobody reads it, and both ways must answer alike.
    used = {"CapacityUnits": len(places), "TableName": name}
    return Answer(
        lambda show: {
            "Responses": {name: [show(row) for row in found]},
            "UnprocessedKeys": {},
            "ConsumedCapacity": [used],
        }
    )


def _put_item(tables: Any, body: Wire) -> Answer:
    _only(body, "TableName", "Item", *CONDITION)
    _write(tables, [("Put", body)])
    return Answer(lambda _: {})


def _delete_item(tables: Any, body: Wire) -> Answer:
    _only(body, "TableName", "Key", *CONDITION)
    _write(tables, [("Delete", body)])
    return Answer(lambda _: {})


def _transact(tables: Any, body: Wire) -> Answer:
    _only(body, "TransactItems", "ClientRequestToken")
    token = body.pop("ClientRequestToken", None)
    if dynamodb.known(token):
        raise NotHere
    actions = []
    for action in body["TransactItems"]:
        ((kind, given),) = action.items()
        _only(given, "TableName", "Item" if kind == "Put" else "Key", *CONDITION)
        actions.append((kind, given))
    if not 0 < len(actions) <= TRANSACTION_ACTIONS:
        raise NotHere
    _write(tables, actions)
    dynamodb.remember(token, body)
    return Answer(lambda _: {"ConsumedCapacity": [], "ItemCollectionMetrics": {}})


def _query(tables: Any, body: Wire) -> Answer:
    _only(
        body, "TableName", "IndexName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
        "ConsistentRead", "ScanIndexForward", "Limit", "ExclusiveStartKey",
    )  # fmt: skip
    table, rows = _rows(tables, body["TableName"])
    partition, comparison, values = _key_condition(
        body["KeyConditionExpression"],
        body.get("ExpressionAttributeNames"),
        body["ExpressionAttributeValues"],
    )
    index, forward, limit = body.get("IndexName"), body.get("ScanIndexForward", True), body.get("Limit")
    if type(forward) is not bool or not (limit is None or (type(limit) is int and limit > 0)):
        raise NotHere
    name, pk = partition
    sort_name = comparison[0] if comparison else None
    if index is None:
        if name != rows.key_names[0] or sort_name not in (None, rows.key_names[1]) or not pk:
            raise NotHere
        chosen = _of_table(rows, pk, comparison, values, forward, body.get("ExclusiveStartKey"))
    else:
        if body.get("ConsistentRead"):
            raise NotHere
        chosen = _of_index(rows, index, name, pk, sort_name, forward, body.get("ExclusiveStartKey"))
    found: list[Row] = []
    size, more = 0, False
    for row in chosen:
        if len(found) == limit:
            more = True
            break
        size += len(row.packed)
        if size > PAGE_LIMIT:  # measured exactly only where it may matter
            raise NotHere
        found.append(row)

    def make(show: Callable[[Row], Wire]) -> Wire:
        result: Wire = {
            "Count": len(found),
            "ScannedCount": len(found),
            "Items": [show(row) for row in found],
        }
        if more:
            names = list(rows.key_names)
            if index is not None:
                names += table.get_index(index).schema_key_attrs
            last = found[-1].wire
            result["LastEvaluatedKey"] = {one: last[one] for one in names}
        return result

    return Answer(make)


def _of_table(
    rows: Rows, pk: str, comparison: Any, values: list[str], forward: bool, start: Wire | None
) -> Iterator[Row]:
    """The rows of a partition that a query meets, in its order."""
    partition = rows.by_name.get(pk)
    order = partition.order if partition is not None else []
    low, high = 0, len(order)
    if comparison:
        low, high = _range(order, comparison[1], values)
    if start is not None:
        if start[rows.key_names[0]]["S"] != pk:
            raise NotHere
        sk = _key(rows, start)[1]
        if forward:
            low = max(low, bisect_right(order, sk))
        else:
            high = min(high, bisect_left(order, sk))
    places = range(low, high) if forward else range(high - 1, low - 1, -1)
    return iter([partition.by_name[order[place]] for place in places] if partition is not None else [])


def _range(order: list[str], operator: str, values: list[str]) -> tuple[int, int]:
    low, high = 0, len(order)
    match operator:
        case "=":
            low, high = bisect_left(order, values[0]), bisect_right(order, values[0])
        case "<":
            high = bisect_left(order, values[0])
        case "<=":
            high = bisect_right(order, values[0])
        case ">":
            low = bisect_right(order, values[0])
        case ">=":
            low = bisect_left(order, values[0])
        case "BETWEEN":
            low, high = bisect_left(order, values[0]), bisect_right(order, values[1])
        case "begins_with":
            if not values[0]:
                raise NotHere
            low = high = bisect_left(order, values[0])
            while high < len(order) and order[high].startswith(values[0]):
                high += 1
    return low, max(low, high)


def _of_index(
    rows: Rows, index: str, name: str, value: str, sort_name: str | None, forward: bool, start: Wire | None
) -> Iterator[Row]:
    keys = rows.index_keys(index)
    if keys is None or name != keys[0] or sort_name is not None or not value:
        raise NotHere
    entries = (rows.index(index) or {}).get(value, [])
    low, high = 0, len(entries)
    if start is not None:
        if start.keys() != {*keys, *rows.key_names} or start[keys[0]]["S"] != value:
            raise NotHere
        at = (start[keys[1]]["S"], start[rows.key_names[0]]["S"], start[rows.key_names[1]]["S"])
        if forward:
            low = bisect_right(entries, at)
        else:
            high = bisect_left(entries, at)
    places = range(low, high) if forward else range(high - 1, low - 1, -1)
    for place in places:
        _, pk, sk = entries[place]
        yield rows.by_name[pk].by_name[sk]


# Writing ---------------------------------------------------------------------------------------------------------
def _write(tables: Any, actions: list[tuple[str, Wire]]) -> None:
    """All of these actions, or none and NotHere: every condition is looked at before anything is written."""
    changes: list[tuple[Any, Rows, Row | None, Row | None]] = []
    places: set[tuple[str, str, str]] = set()
    size = 0
    for kind, given in actions:
        if kind not in ("Put", "Delete", "ConditionCheck"):
            raise NotHere
        table, rows = _rows(tables, given["TableName"])
        new: Row | None = None
        if kind == "Put":
            item = given["Item"]
            pk, sk = _key(rows, {name: item[name] for name in rows.key_names})
            _check(table, item)
            before = rows.row(pk, sk)
            keys = (before.hash_key, before.range_key) if before is not None else _new_key(rows, pk, sk)
            new = Row(keys[0], keys[1], item)
            size += len(new.packed)
            if len(new.packed) > PLAIN_ITEM:
                raise NotHere
        else:
            pk, sk = _key(rows, given["Key"])
            before = rows.row(pk, sk)
        place = (table.name, pk, sk)
        if place in places:
            raise NotHere
        places.add(place)
        _holds(given, before, must=kind == "ConditionCheck")
        if kind != "ConditionCheck":
            changes.append((table, rows, before, new))
    if size > dynamodb.TRANSACTION_LIMIT:
        raise NotHere
    written = []
    for table, rows, before, new in changes:
        if new is not None:
            rows[new.hash_key][new.range_key] = new
        elif before is not None:
            rows[before.hash_key].pop(before.range_key)
        if table.stream_shard is not None and not (before is None and new is None):
            written.append((table, before, new))  # to delete what is not there changes nothing
    dynamodb.emit(written)


PLAIN_ITEM = 390_000  # bytes packed; larger items are measured and refused by moto


def _new_key(rows: Rows, pk: str, sk: str) -> tuple[Any, Any]:
    from moto.dynamodb.models.dynamo_type import DynamoType

    partition = rows.by_name.get(pk)
    known = next(iter(partition.by_name.values()), None) if partition is not None else None
    return known.hash_key if known is not None else DynamoType({"S": pk}), DynamoType({"S": sk})


def _check(table: Any, item: Wire) -> None:
    """What moto would refuse, it is given: values of other types than a key has, empty ones, numbers that are none."""
    for name, (kind, limit) in _key_kinds(table).items():
        if name in item and (kind != "S" or not item[name].get("S") or not _fits(item[name]["S"], limit)):
            raise NotHere
    for value in item.values():
        _check_value(value)


def _check_value(value: Wire) -> None:
    """NotHere for what moto or boto would refuse; nobody else looks at the values of an item that goes the short way."""
    ((kind, inner),) = value.items()
    if kind == "S":
        if type(inner) is not str:
            raise NotHere
    elif kind == "N":
        if _NUMBER.fullmatch(inner) is None:
            raise NotHere
    elif kind == "M":
        if type(inner) is not dict:
            raise NotHere
        for name, part in inner.items():
            if type(name) is not str:
                raise NotHere
            _check_value(part)
    elif kind == "L":
        if type(inner) is not list:
            raise NotHere
        for part in inner:
            _check_value(part)
    elif kind == "B":
        base64.b64decode(inner, validate=True)  # ValueError: moto says what is wrong with it
    elif not (kind == "BOOL" and type(inner) is bool) and not (kind == "NULL" and inner is True):
        raise NotHere  # sets are moto's


_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,19})?")


def _key_kinds(table: Any) -> dict[str, tuple[str, int]]:
    """Type of every key attribute of the table and its indexes, and whose limit of length is its."""
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table.attr}
    schemas = [table.schema, *(index.schema for index in table.global_indexes)]
    return {
        key["AttributeName"]: (kinds[key["AttributeName"]], 0 if key["KeyType"] == "HASH" else 1)
        for schema in schemas
        for key in schema
    }


# Conditions ------------------------------------------------------------------------------------------------------
CONDITION = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
_TOKEN = re.compile(r"\s*(?:([#:]?[A-Za-z_][A-Za-z0-9_]*)|(<=|>=|[=<>(),]))")
Test = Callable[[Wire | None, dict[str, str], Wire], bool]


def _tokens(expression: str) -> list[str]:
    found, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotHere
        found.append(match[1] or match[2])
        at = match.end()
    return found


@functools.lru_cache(maxsize=1024)
def _condition(expression: str) -> tuple[Test, frozenset[str]]:
    """A test of the attributes of an item (None: there is none), and the placeholders that it uses.

    Known: `attribute_exists(a)`, `attribute_not_exists(a)`, `a = :v`, AND, OR, parentheses.
    """
    tokens = _tokens(expression)
    used = frozenset(token for token in tokens if token[0] in "#:")
    place = 0

    def take(wanted: str | None = None) -> str:
        nonlocal place
        if place >= len(tokens) or (wanted is not None and tokens[place] != wanted):
            raise NotHere
        place += 1
        return tokens[place - 1]

    def joined(word: str, part: Callable[[], Test], together: Callable[[Any], bool]) -> Test:
        nonlocal place
        parts = [part()]
        while place < len(tokens) and tokens[place].upper() == word:
            place += 1
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return lambda item, names, values: together(test(item, names, values) for test in parts)

    def one() -> Test:
        token = take()
        if token == "(":  # noqa: S105 - a bracket
            inside = either()
            take(")")
            return inside
        if token in ("attribute_exists", "attribute_not_exists"):
            take("(")
            name, wanted = take(), token == "attribute_exists"  # noqa: S105 - a word of the language
            take(")")
            return lambda item, names, values: (  # noqa: ARG005
                (item is not None and _named(name, names) in item) is wanted
            )
        take("=")
        value = take()
        if not value.startswith(":"):
            raise NotHere
        return lambda item, names, values: (
            item is not None
            and (stored := item.get(_named(token, names))) is not None
            and same(stored, values[value])
        )

    def both() -> Test:
        return joined("AND", one, all)

    def either() -> Test:
        return joined("OR", both, any)

    test = either()
    if place != len(tokens):
        raise NotHere
    return test, used


def _named(token: str, names: dict[str, str]) -> str:
    if token.startswith("#"):
        return names[token]
    if token.startswith(":") or token.upper() in _WORDS:
        raise NotHere
    return token


_WORDS = {"AND", "OR", "NOT", "BETWEEN", "IN"}


def _holds(given: Wire, row: Row | None, *, must: bool = False) -> None:
    expression = given.get("ConditionExpression")
    names, values = given.get("ExpressionAttributeNames"), given.get("ExpressionAttributeValues")
    if expression is None:
        if must or names is not None or values is not None:
            raise NotHere
        return
    test, used = _condition(expression)
    if used != {*(names or ()), *(values or ())} or names == {} or values == {}:
        raise NotHere
    if not test(None if row is None else row.wire, names or {}, values or {}):
        raise NotHere


def same(one: Wire, other: Wire) -> bool:
    """Whether two attribute values are equal: numbers by their value, sets whatever their order."""
    if one == other:
        return True
    if one.keys() != other.keys():
        return False
    ((kind, first),), ((_, second),) = one.items(), other.items()
    match kind:
        case "N":
            return Decimal(first) == Decimal(second)
        case "M":
            return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
        case "L":
            return len(first) == len(second) and all(map(same, first, second))
        case "NS":
            return {Decimal(number) for number in first} == {Decimal(number) for number in second}
        case "SS" | "BS":
            return set(first) == set(second)
    return False


@functools.lru_cache(maxsize=256)
def _parsed_key_condition(expression: str) -> tuple[str, str, str | None, str | None, tuple[str, ...]]:
    """Partition name, its value, sort name, operator, values; NotHere for a form that is not known."""
    tokens = _tokens(expression)
    if len(tokens) < 3 or tokens[1] != "=" or not tokens[2].startswith(":"):
        raise NotHere
    first, rest = (tokens[0], tokens[2]), tokens[3:]
    if not rest:
        return (*first, None, None, ())
    if rest[0].upper() != "AND":
        raise NotHere
    match rest[1:]:
        case ["begins_with", "(", name, ",", value, ")"]:
            return (*first, name, "begins_with", (value,))
        case [name, "=" | "<" | "<=" | ">" | ">=" as operator, value]:
            return (*first, name, operator, (value,))
        case [name, between, low, both, high] if (between.upper(), both.upper()) == ("BETWEEN", "AND"):
            return (*first, name, "BETWEEN", (low, high))
    raise NotHere


def _key_condition(
    expression: str, names: dict[str, str] | None, values: Wire
) -> tuple[tuple[str, str], tuple[str, str] | None, list[str]]:
    name, value, sort, operator, sort_values = _parsed_key_condition(expression)
    used_names = {token for token in (name, sort) if token is not None and token.startswith("#")}
    if used_names != set(names or ()) or names == {} or {value, *sort_values} != set(values):
        raise NotHere
    comparison = None if sort is None or operator is None else (_named(sort, names or {}), operator)
    return (
        (_named(name, names or {}), values[value]["S"]),
        comparison,
        [values[one]["S"] for one in sort_values],
    )


DIRECT: dict[str, Callable[[Any, Wire], Answer]] = {
    "GetItem": _get_item, "PutItem": _put_item, "DeleteItem": _delete_item, "Query": _query,
    "TransactWriteItems": _transact, "BatchGetItem": _batch_get_item,
}  # fmt: skip


# The client ------------------------------------------------------------------------------------------------------
def plain_value(value: Any) -> bool:
    """Whether this is an attribute value as DynamoDB's model wants it, without binary: boto need not look closer."""
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, inner),) = value.items()
    if kind == "S" or kind == "N":
        return type(inner) is str
    if kind == "M":
        return type(inner) is dict and all(
            type(name) is str and plain_value(part) for name, part in inner.items()
        )
    if kind == "L":
        return type(inner) is list and all(map(plain_value, inner))
    return (kind == "BOOL" or kind == "NULL") and type(inner) is bool


def _client() -> None:
    """boto walks through every value twice, to check and to copy it; a plain one is seen to be fine in one glance."""
    from botocore.serialize import JSONSerializer
    from botocore.validate import ParamValidator

    check, write = ParamValidator._validate_structure, JSONSerializer._serialize

    def validate_structure(self: Any, params: Any, shape: Any, errors: Any, name: Any) -> None:
        if shape.name != "AttributeValue" or not plain_value(params):
            check(self, params, shape, errors, name)

    def serialize(self: Any, serialized: Any, value: Any, shape: Any, key: Any = None) -> None:
        if shape.name == "AttributeValue" and plain_value(value):
            serialized[key] = value
        else:
            write(self, serialized, value, shape, key)

    ParamValidator._validate_structure = validate_structure
    JSONSerializer._serialize = serialize


# moto's own handler ----------------------------------------------------------------------------------------------
def apply() -> None:
    """Puts the short ways in."""
    from moto.dynamodb.models import dynamodb_backends

    _backends[:] = [dynamodb_backends]
    _client()
    _handlers()
    _types()
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


def _queries() -> None:
    """moto's own query looks only at the rows that can match."""
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.table import Table

    plain_query, plain_all = Table.query, Table.all_items

    def candidates(table: Any, hash_key: Any, index_name: str | None) -> list[Any] | None:
        if not isinstance(table.items, Rows):
            return None
        if index_name is None:
            partition: Partition | dict[Any, Any] = table.items.get(hash_key, {})
            return list(partition.values())
        entries = table.items.index(index_name)
        if entries is None:
            return None
        return [table.items.by_name[pk].by_name[sk] for _, pk, sk in entries.get(hash_key.value, [])]

    def query(self: Any, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
        # Arguments in moto's order: range_comparison, range_objs, limit, exclusive_start_key, forward, projections, index.
        index_name = kwargs["index_name"] if "index_name" in kwargs else (args[6] if len(args) > 6 else None)
        self._candidates = None if hash_key is None else candidates(self, DynamoType(hash_key), index_name)
        try:
            return plain_query(self, hash_key, *args, **kwargs)
        finally:
            del self._candidates

    def all_items(self: Any) -> list[Any]:
        found: list[Any] | None = getattr(self, "_candidates", None)
        return plain_all(self) if found is None else found

    Table.query = query
    Table.all_items = all_items
