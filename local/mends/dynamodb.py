# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""DynamoDB: transactions that touch only their own items, ClientRequestToken, one stream record a changed item.

moto copies whole tables for every transaction, ignores the token, and writes two INSERT records for an Update that
creates an item; it also calls stream consumers inside the write.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from local.virtual_time import CLOCK

TOKEN_LIFE = 600 * 1_000_000  # ten minutes, in microseconds: how long DynamoDB remembers a ClientRequestToken

on_record: list[Callable[[str, dict[str, Any]], None]] = []
"""Called with table name and stream record after the write that made it is complete."""

_batches: list[list[tuple[Any, Any, Any]]] = []
"""The changes of the write that is under way, if one is."""

_tokens: dict[str, tuple[int, str]] = {}


def forget() -> None:
    """Forgets the tokens of transactions."""
    _tokens.clear()


def _collect(table: Any, old: Any, new: Any) -> None:
    if not _batches:
        _emit([(table, old, new)])
    else:
        # No copies: moto hands over its own copy of the old item, and records are written before anything else changes.
        _batches[-1].append((table, old, new))


def _emit(changes: list[tuple[Any, Any, Any]]) -> None:
    from moto.dynamodb.models.table import StreamRecord

    merged: dict[Any, list[Any]] = {}
    for table, old, new in changes:
        item = old if old is not None else new
        merged.setdefault((table.name, item.hash_key, item.range_key), [table, old, new])[2] = new
    for table, old, new in merged.values():
        if old is None and new is None:
            continue
        if old is not None and new is not None and old.to_json() == new.to_json():
            continue
        event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        shard, view = table.stream_shard, table.stream_specification["StreamViewType"]
        number = shard.starting_sequence_number + len(shard.items)
        record = StreamRecord(table, view, event, old, new, number)
        record.record["awsRegion"] = table.region_name
        record.record["dynamodb"]["ApproximateCreationDateTime"] = CLOCK.micros() // 1_000_000
        shard.items.append(record)
        source = f"{table.table_arn}/stream/{table.latest_stream_label}"
        event_record = copy.deepcopy(record.record) | {"eventSourceARN": source}
        for listener in on_record:
            listener(table.name, event_record)


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
        _emit(_batches.pop())
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
    from moto.dynamodb import responses
    from moto.dynamodb.exceptions import DynamodbException
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
        token = self.body.get("ClientRequestToken")
        if token is None:
            return answer(self)
        content = json.dumps(
            {k: v for k, v in self.body.items() if k != "ClientRequestToken"}, sort_keys=True
        )
        known = _tokens.get(token)
        if known is not None and known[0] > CLOCK.micros() - TOKEN_LIFE:
            if known[1] != content:
                raise IdempotentParameterMismatchException
            from moto.core.responses import ActionResult

            return ActionResult({})
        result = answer(self)
        _tokens[token] = (CLOCK.micros(), content)
        return result

    responses.DynamoHandler.transact_write_items = answer_transaction
