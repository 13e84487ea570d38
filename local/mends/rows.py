# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, no-untyped-call, index, arg-type, misc, override, return-value, union-attr"
"""How the items of a table are kept on this machine: as they came over the wire, packed, and in order.

moto keeps an item as a tree of objects, copies that tree at every look at it, and sorts a whole table for a query. Here
an item is its wire form and one packed copy of it; moto's tree is made where moto's own code asks for it. Partitions and
indexes keep their order as they change.
"""

from __future__ import annotations

import base64
import copy
import marshal
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

Wire = dict[str, Any]
ITEM_LIMIT = 405_000  # bytes; what moto takes for DynamoDB's 400 KB
BINARY = (b"\x01\x00\x00\x00B", b"\x02\x00\x00\x00BS")  # a type "B" or "BS" as `marshal` writes it
_VERSION = 2  # of `marshal`: no back references, so that what is packed is never shorter than the item


def measure(value: Wire) -> int:
    """Bytes of one attribute value, counted as moto counts them."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return sum(len(key.encode()) + measure(part) for key, part in inner.items())
    if kind == "L":
        return sum(measure(part) for part in inner)
    if kind in ("SS", "NS", "BS"):
        return sum(len(part.encode()) for part in inner)
    return 1 if isinstance(inner, bool) else len(str(inner).encode())


def decoded(value: Any) -> Any:
    """The wire form with its binary values as bytes, as boto hands them out; changes it in its place."""
    for kind, inner in value.items():
        if kind == "B" and isinstance(inner, str):
            value[kind] = base64.b64decode(inner)
        elif kind == "BS" and isinstance(inner, list):
            value[kind] = [base64.b64decode(part) for part in inner]
        elif isinstance(inner, dict):
            decoded(inner)
        elif isinstance(inner, list):
            for part in inner:
                if isinstance(part, dict):
                    decoded(part)
    return value


class Row(Item):
    """An item as it came over the wire, packed: a tenth of what its parts would take. `attrs` is moto's tree, made on demand."""

    def __init__(self, hash_key: Any, range_key: Any, attrs: Wire) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self._attrs: Any = None
        self._size: int | None = None
        self._keep(attrs)

    def _keep(self, wire: Wire) -> None:
        self.packed: bytes = marshal.dumps(wire, _VERSION)
        self._size = None
        if len(self.packed) > ITEM_LIMIT and self.size() > ITEM_LIMIT:
            raise ItemSizeTooLarge

    @property
    def wire(self) -> Wire:
        """The wire form, binary values in base64; a fresh copy each time."""
        wire: Wire = marshal.loads(self.packed)  # noqa: S302 - our own packing
        return wire

    def answer(self) -> Wire:
        """A copy as boto hands it out."""
        wire = self.wire
        marks = self.packed.count(BINARY[0])
        if not marks and BINARY[1] not in self.packed:
            return wire
        for value in wire.values():
            if "B" in value:
                value["B"] = base64.b64decode(value["B"])
                marks -= 1
        # Nearly always a whole attribute is binary, and nothing deeper.
        return wire if not marks and BINARY[1] not in self.packed else decoded(wire)

    @property
    def attrs(self) -> Any:
        """moto's tree of this item. What changes it calls `reseal` afterwards."""
        if self._attrs is None:
            tree = LimitedSizeDict()
            for name, value in self.wire.items():
                dict.__setitem__(tree, name, DynamoType(value))
            self._attrs = tree
        return self._attrs

    def reseal(self) -> None:
        """Takes over what moto's own code has changed in the tree."""
        if self._attrs is not None:
            tree, self._attrs = self._attrs, None
            self._keep({name: _plain(value) for name, value in tree.items()})

    def forget_tree(self) -> None:
        """What was changed in the tree does not count."""
        self._attrs = None

    def size(self) -> int:
        """Bytes, as moto counts them."""
        if self._size is None:
            self._size = sum(len(name.encode()) + measure(value) for name, value in self.wire.items())
        return self._size

    def to_json(self, root_attr_name: str = "Attributes") -> Wire:
        """The item in wire form under one name, as moto's own: what lies deeper than one level has bytes for binary."""
        wire = self.wire
        for value in wire.values():
            for inner in value.values():
                for part in (
                    inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
                ):
                    if isinstance(part, dict):
                        decoded(part)
        return {root_attr_name: wire}

    def __deepcopy__(self, memo: dict[int, Any]) -> Row:
        copied: Any = Row.__new__(Row)
        copied.hash_key, copied.range_key = self.hash_key, self.range_key
        copied.packed, copied._size = self.packed, self._size
        copied._attrs = None
        made: Row = copied
        return made


def _plain(value: Any) -> Wire:
    """The wire form of moto's tree."""
    inner = value.value
    if value.type == "M":
        inner = {name: _plain(part) for name, part in inner.items()}
    elif value.type == "L":
        inner = [_plain(part) for part in inner]
    elif isinstance(inner, (list, set, tuple)):
        inner = list(inner)
    elif isinstance(inner, bytes):
        inner = base64.b64encode(inner).decode()
    return {value.type: inner}


class Partition(dict[Any, Any]):
    """The rows under one partition key, by moto's range keys; `by_name` and `order` by the sort key itself."""

    def __init__(self, changed: Callable[[Any, Any], None]) -> None:
        super().__init__()
        self._changed = changed
        self.by_name: dict[str, Row] = {}
        self.order: list[str] = []

    def __setitem__(self, key: Any, row: Any) -> None:
        before = self.by_name.get(key.value)
        super().__setitem__(key, row)
        if before is None:
            if not self.order or self.order[-1] < key.value:
                self.order.append(key.value)
            else:
                insort(self.order, key.value)
        self.by_name[key.value] = row
        self._changed(before, row)

    def pop(self, key: Any, *default: Any) -> Any:
        if key not in self:
            return super().pop(key, *default)
        row = super().pop(key)
        del self.by_name[key.value]
        self.order.pop(bisect_left(self.order, key.value))
        self._changed(row, None)
        return row

    def __delitem__(self, key: Any) -> None:
        self.pop(key)


class Rows(dict[Any, Any]):
    """What stands in the place of a table's `items`: for a table whose two keys are strings."""

    def __init__(self, table: Any) -> None:
        super().__init__()
        self._table = table
        self.key_names = (table.hash_key_attr, table.range_key_attr)
        self.by_name: dict[str, Partition] = {}
        self._indexes: dict[str, dict[str, list[tuple[str, str, str]]]] = {}

    @staticmethod
    def fit(table: Any) -> bool:
        """Whether a table's keys are two strings; others are kept as moto keeps them."""
        return bool(table.hash_key_type == table.range_key_type == "S")

    def __missing__(self, key: Any) -> Partition:
        partition = self[key] = self.by_name[key.value] = Partition(self.row_changed)
        return partition

    def pop(self, key: Any, *default: Any) -> Any:
        partition = super().pop(key, *default)
        self.by_name.pop(key.value, None)
        self._indexes.clear()
        return partition

    def row(self, pk: str, sk: str) -> Row | None:
        """The row under a key, or None."""
        partition = self.by_name.get(pk)
        return None if partition is None else partition.by_name.get(sk)

    def index(self, name: str) -> dict[str, list[tuple[str, str, str]]] | None:
        """The entries (sort value, pk, sk) of an index by partition value, in order.

        None for an index that does not hold whole items under two strings.
        """
        if name not in self._indexes:
            keys = self.index_keys(name)
            if keys is None:
                return None
            found = self._indexes[name] = {}
            for partition in self.by_name.values():
                for row in partition.by_name.values():
                    entry = self._entry(row, keys)
                    if entry is not None:
                        found.setdefault(entry[0], []).append(entry[1])
            for entries in found.values():
                entries.sort()
        return self._indexes[name]

    def index_keys(self, name: str) -> tuple[str, str] | None:
        """The two attributes of an index, or None for one that does not hold whole items under two strings."""
        table = self._table
        index = next((one for one in table.global_indexes if one.name == name), None)
        if index is None or index.projection.get("ProjectionType") != "ALL":
            return None
        kinds = {one["AttributeName"]: one["AttributeType"] for one in table.attr}
        keys = {key["KeyType"]: key["AttributeName"] for key in index.schema}
        if len(index.schema) != 2 or {kinds[key] for key in keys.values()} != {"S"}:
            return None
        return keys["HASH"], keys["RANGE"]

    def _entry(self, row: Row, keys: tuple[str, str]) -> tuple[str, tuple[str, str, str]] | None:
        wire = row.wire
        listing, at = (wire.get(key, {}).get("S") for key in keys)
        if listing is None or at is None:
            return None
        return listing, (at, row.hash_key.value, str(row.range_key.value if row.range_key else ""))

    def row_changed(self, old: Row | None, new: Row | None) -> None:
        """Keeps the indexes in step: `old` stood there before, `new` stands there now."""
        for name, entries in self._indexes.items():
            keys = self.index_keys(name)
            if keys is None or not any(
                keys[0].encode() in row.packed for row in (old, new) if row is not None
            ):
                continue
            before = None if old is None else self._entry(old, keys)
            after = None if new is None else self._entry(new, keys)
            if before == after:
                continue
            if before is not None:
                listed = entries[before[0]]
                listed.pop(bisect_left(listed, before[1]))
            if after is not None:
                insort(entries.setdefault(after[0], []), after[1])

    def __deepcopy__(self, memo: dict[int, Any]) -> Rows:
        copied = Rows(self._table)
        for key, partition in self.items():
            for range_key, row in partition.items():
                copied[key][range_key] = row
        return copied


def apply() -> None:
    """Puts these rows where moto keeps its items, and lets go of what moto keeps for nobody."""
    from moto.core.common_models import BaseModel
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models import table as tables

    # moto remembers every instance of every model for a page that is not served here: no item was ever freed.
    BaseModel.__new__ = staticmethod(lambda cls, *args, **kwargs: object.__new__(cls))  # noqa: ARG005
    make, update = tables.Table.__init__, DynamoDBBackend.update_item

    def make_table(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        if Rows.fit(self):
            self.items = Rows(self)

    def update_item(self: Any, table_name: str, key: Wire, *args: Any, **kwargs: Any) -> Any:
        rows = self.get_table(table_name).items
        if not isinstance(rows, Rows):
            return _resealed(update(self, table_name, key, *args, **kwargs))
        place = [key.get(name, {}).get("S", "") for name in rows.key_names]
        before = rows.row(place[0], place[1])
        kept = None if before is None else copy.deepcopy(before)
        try:
            item = _resealed(update(self, table_name, key, *args, **kwargs))
        except BaseException:
            if before is not None:
                before.forget_tree()
            raise
        # The same row stands there with other contents, so its partition has not seen the change.
        if kept is None:
            kept = Row(item.hash_key, item.range_key, {name: key[name] for name in rows.key_names})
        rows.row_changed(kept, item)
        return item

    tables.Table.__init__ = make_table
    tables.Item = Row
    DynamoDBBackend.update_item = update_item


def _resealed(row: Any) -> Any:
    row.reseal()
    return row
