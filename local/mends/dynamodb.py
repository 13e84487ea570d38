# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""DynamoDB: transactions that touch only their own items, ClientRequestToken, one stream record a changed item.

moto copies whole tables for every transaction, ignores the token, and writes two INSERT records for an Update that
creates an item; it also calls stream consumers inside the write.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal import mock_random

from local.mends.rows import Row, measure
from local.virtual_time import CLOCK

TOKEN_LIFE = 600 * 1_000_000  # ten minutes, in microseconds: how long DynamoDB remembers a ClientRequestToken
STREAM_LIFE = 24 * 3600 * 1_000_000  # a day, in microseconds
STREAM_LENGTH = 500  # records; each keeps the item as it was before and after
TRANSACTION_LIMIT = 4 * 1024 * 1024  # bytes of all items that one transaction writes

on_record: list[Callable[[str, dict[str, Any]], None]] = []
"""Called with table name and stream record after the write that made it is complete. A listener that has `wants` is asked first,
with the name and the record's head: what happened, and to which keys. Of most records nobody wants more."""

_batches: list[list[tuple[Any, Any, Any]]] = []
"""The changes of the write that is under way, if one is."""

_tokens: dict[str, tuple[int, bytes]] = {}


def forget() -> None:
    """Forgets the tokens of transactions."""
    _tokens.clear()


def known(token: str | None) -> bool:
    """Whether a transaction with this ClientRequestToken was carried out in the last ten minutes."""
    if token is None or token not in _tokens:
        return False
    return _tokens[token][0] > CLOCK.micros() - TOKEN_LIFE


def remember(token: str | None, body: dict[str, Any]) -> None:
    """Notes that a transaction (without its token) was carried out; forgets those that are too old."""
    if token is None:
        return
    _tokens.pop(token, None)
    _tokens[token] = (CLOCK.micros(), digest(body))
    oldest = CLOCK.micros() - TOKEN_LIFE
    while (first := next(iter(_tokens))) != token and _tokens[first][0] <= oldest:
        del _tokens[first]


def digest(body: dict[str, Any]) -> bytes:
    """What two requests with one token are compared by."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()


def _collect(table: Any, old: Any, new: Any) -> None:
    for row in (old, new):
        if isinstance(row, Row):
            row.reseal()
    if not _batches:
        emit([(table, old, new)])
    else:
        # No copies: moto hands over its own copy of the old item, and records are written before anything else changes.
        _batches[-1].append((table, old, new))


def emit(changes: list[tuple[Any, Any, Any]]) -> None:
    """Writes one record for each item that has changed, and hands it to the listeners: (table, old row, new row)."""
    merged: dict[Any, list[Any]] = {}
    for table, old, new in changes:
        item = old if old is not None else new
        merged.setdefault((table.name, item.hash_key, item.range_key), [table, old, new])[2] = new
    for table, old, new in merged.values():
        if old is new or (
            old is not None and new is not None and (old.packed == new.packed or old.wire == new.wire)
        ):
            continue
        shard = table.stream_shard
        number = shard.starting_sequence_number + len(shard.items)
        record = Record(table, old, new, number)
        shard.items.append(record)
        _trim(shard)
        if on_record:
            head, told = record.head(), None
            for listener in on_record:
                wants = getattr(listener, "wants", None)
                if wants is None or wants(table.name, head):
                    # One for all of them: it goes on as text, so that nobody writes into it.
                    told = told or record.to_json() | {"eventSourceARN": record.source}
                    listener(table.name, told)


class Record:
    """A stream record: the rows before and after, and its text made on demand, since few records are ever read twice."""

    __slots__ = ("_id", "_new", "_number", "_old", "_table", "at", "source")

    def __init__(self, table: Any, old: Any, new: Any, number: int) -> None:
        self.at = CLOCK.micros()
        self.source = f"{table.table_arn}/stream/{table.latest_stream_label}"
        self._table, self._old, self._new, self._number = table, old, new, number
        self._id = mock_random.uuid4().hex

    def head(self) -> dict[str, Any]:
        """What happened, and to which keys: as it stands in the record."""
        table, row = self._table, self._old if self._old is not None else self._new
        keys = zip(table.table_key_attrs, (row.hash_key, row.range_key), strict=False)
        return {
            "eventName": "INSERT" if self._old is None else "REMOVE" if self._new is None else "MODIFY",
            "dynamodb": {"Keys": {name: key.to_json() for name, key in keys}},
        }

    def to_json(self) -> dict[str, Any]:
        """The record as Lambda and the API of the stream hand it out; the reader's own."""
        table, old, new = self._table, self._old, self._new
        view, images = table.stream_specification["StreamViewType"], {}
        if new is not None and view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
            images["NewImage"] = new.wire
        if old is not None and view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
            images["OldImage"] = old.wire
        head = self.head()
        return {
            "eventID": self._id,
            "eventName": head["eventName"],
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.0",
            "awsRegion": table.region_name,
            "dynamodb": {
                "StreamViewType": view,
                "ApproximateCreationDateTime": self.at // 1_000_000,
                "SequenceNumber": str(self._number),
                # As moto: more than it is, which serves.
                "SizeBytes": sum(len(part.packed) for part in (old, new) if part is not None),
                "Keys": head["dynamodb"]["Keys"],
            }
            | images,
        }


def _trim(shard: Any) -> None:
    """A stream keeps its records for 24 hours; here no more than can be of use to somebody who looks."""
    oldest, gone = CLOCK.micros() - STREAM_LIFE, 0
    while gone < len(shard.items) and shard.items[gone].at < oldest:
        gone += 1
    if len(shard.items) > 2 * STREAM_LENGTH:
        gone = max(gone, len(shard.items) - STREAM_LENGTH)
    if gone:
        del shard.items[:gone]
        shard.starting_sequence_number += gone


def _as_one(original: Callable[..., Any]) -> Callable[..., Any]:
    """The records of one write come out together after it; none when it fails."""

    def write(*args: Any, **kwargs: Any) -> Any:
        if _batches:
            return original(*args, **kwargs)
        _batches.append([])
        try:
            answer = original(*args, **kwargs)
        except BaseException:
            _batches.pop()
            raise
        emit(_batches.pop())
        return answer

    return write


class _Undo:
    """Stands where moto keeps its copies of tables: restores the items that the transaction touches, nothing else."""

    def __init__(self, backend: Any, operations: list[dict[str, Any]]) -> None:
        self._before: list[tuple[Any, Any, Any, Any]] = []
        for operation in operations:
            kind, body = next(iter(operation.items()))
            table = backend.tables.get(body.get("TableName"))
            attributes = body.get("Item" if kind == "Put" else "Key", {})
            if table is None or table.hash_key_attr not in attributes:
                continue
            try:
                hash_key, range_key = backend.get_keys_value(table, attributes)
            except Exception:  # noqa: BLE001, S112 - the operation itself will say what is wrong with its key
                continue
            before = table.get_item(hash_key, range_key)
            # Only an Update changes an item in its place; the others put another one there.
            kept = copy.deepcopy(before) if kind == "Update" else before
            self._before.append((table, hash_key, range_key, kept))

    def restore(self) -> None:
        for table, hash_key, range_key, item in self._before:
            if item is not None:
                if range_key is not None:
                    table.items[hash_key][range_key] = item
                else:
                    table.items[hash_key] = item
            elif hash_key in table.items:
                if range_key is not None:
                    table.items[hash_key].pop(range_key, None)
                else:
                    table.items.pop(hash_key)


def apply() -> None:
    """Replaces the stream's recorder and the transaction."""
    from moto.core.responses import ActionResult
    from moto.dynamodb import responses
    from moto.dynamodb.exceptions import DynamodbException, MockValidationException
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import StreamShard

    class IdempotentParameterMismatchException(DynamodbException):
        def __init__(self) -> None:
            super().__init__(
                "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
                "Request parameters do not match those of the earlier request with the same client token",
            )

    StreamShard.add = lambda self, old, new: _collect(self.table, old, new)
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoDBBackend, name, _as_one(getattr(DynamoDBBackend, name)))

    # moto's own text of the transaction stays; only its copies of tables become an undo list.
    plain = DynamoDBBackend.transact_write_items

    def transact(self: Any, transact_items: list[dict[str, Any]]) -> None:
        undo = _Undo(self, transact_items)
        tables = list(self.tables.values())
        # Copying nothing: deepcopy of a table inside moto's transaction answers the table itself.
        for table in tables:
            table.__deepcopy__ = lambda memo, table=table: table  # noqa: ARG005
        try:
            plain(self, transact_items)
        except BaseException:
            undo.restore()
            raise
        finally:
            for table in tables:
                del table.__deepcopy__

    DynamoDBBackend.transact_write_items = _as_one(transact)

    answer = responses.DynamoHandler.transact_write_items

    def answer_transaction(self: Any) -> Any:
        content = dict(self.body)
        token = content.pop("ClientRequestToken", None)
        if known(token):
            if _tokens[token][1] != digest(content):
                raise IdempotentParameterMismatchException
            return ActionResult({})
        items = [action["Put"]["Item"] for action in content["TransactItems"] if "Put" in action]
        if sum(len(json.dumps(item)) for item in items) > TRANSACTION_LIMIT:
            size = sum(len(name.encode()) + measure(value) for item in items for name, value in item.items())
            if size > TRANSACTION_LIMIT:
                raise MockValidationException("Transaction request cannot exceed 4 MB of items in total")
        result = answer(self)
        remember(token, content)
        return result

    responses.DynamoHandler.transact_write_items = answer_transaction
