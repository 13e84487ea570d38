"""The `Table` protocol in memory: all-or-nothing writes under one lock, values copied through JSON like through a store.

The same contract tests run against it and against DynamoDB on the emulator (tests/unit/test_table.py).
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sangfroid.errors import Unavailable
from sangfroid.table import ABSENT, Check, ConditionFailed, Delete, Item, Page, Put, Write

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


def copied(value: Any) -> Any:
    """A copy of its own, as deep as `copy.deepcopy` makes, in a tenth of the time: what is stored are trees of plain values."""
    kind = type(value)
    if kind is dict:
        return {name: one if type(one) in _PLAIN else copied(one) for name, one in value.items()}
    if kind is list:
        return [one if type(one) in _PLAIN else copied(one) for one in value]
    return value if kind in _PLAIN else copy.deepcopy(value)


class MemoryTable:
    """A table for properties and for exploring interleavings; `snapshot` makes states comparable."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self._lock = threading.Lock()

    def get(self, pk: str, sk: str) -> Item | None:
        with self._lock:
            return copied(self.items.get((pk, sk)))

    def get_many(self, places: Sequence[tuple[str, str]]) -> list[Item | None]:
        with self._lock:
            return [copied(self.items.get(place)) for place in places]

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        with self._lock:
            keys = sorted(
                (key for key in self.items if key[0] == pk and key[1].startswith(prefix)),
                reverse=newest_first,
            )
            if after is not None:
                keys = [key for key in keys if (key[1] < after if newest_first else key[1] > after)]
            shown = keys if limit is None else keys[:limit]
            more = shown[-1][1] if len(shown) < len(keys) else None
            return Page([copied(self.items[key]) for key in shown], more)

    def listing(self, name: str, *, limit: int, after: str | None = None) -> Page:
        with self._lock:
            found = [item for item in self.items.values() if item.get("listing") == name]

        def cursor(item: Item) -> str:
            return f"{item['listed_at']}|{item['pk']}|{item['sk']}"

        found.sort(key=cursor, reverse=True)
        if after is not None:
            found = [item for item in found if cursor(item) < after]
        shown = found[:limit]
        return Page(copied(shown), cursor(shown[-1]) if len(found) > limit else None)

    def transact(self, writes: Sequence[Write]) -> None:
        if not writes:
            raise Unavailable("DynamoDB refuses an empty transaction.")
        with self._lock:
            failed = [_key(write) for write in writes if not self._holds(write)]
            if failed:
                raise ConditionFailed(failed)
            for write in writes:
                if isinstance(write, Put):
                    self.items[_key(write)] = copied(write.item)
                elif isinstance(write, Delete):
                    self.items.pop(_key(write), None)

    def _holds(self, write: Write) -> bool:
        stored = self.items.get(_key(write))
        expect: Mapping[str, Any] | None = write.expect
        if expect is None:
            return True
        if expect is ABSENT:
            return stored is None
        if stored is None:
            return isinstance(write, Check) and write.or_absent
        return all(stored.get(name) == value for name, value in expect.items())


def _key(write: Write) -> tuple[str, str]:
    return (write.item["pk"], write.item["sk"]) if isinstance(write, Put) else (write.pk, write.sk)
