"""A table in memory that counts what is asked of it."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sangfroid.table import Delete, Item, Page, Put, Write
from tests.support.desks import RelayedTable
from tests.support.memory_table import copied


class CountingTable(RelayedTable):
    """`calls` by kind, and `read`, the items that queries gave back.

    Queries go through an index of the sort keys: the plain one looks at every item, too slow beside ten thousand messages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.read = 0
        self.largest_write = 0
        self._sorted: dict[str, list[str]] = {}

    def get(self, pk: str, sk: str) -> Item | None:
        self.calls["get"] += 1
        return super().get(pk, sk)

    def get_many(self, places: Sequence[tuple[str, str]]) -> list[Item | None]:
        self.calls["get_many"] += 1
        return super().get_many(places)

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        assert not newest_first
        self.calls["query"] += 1
        with self._lock:
            keys = self._sorted.get(pk, [])
            begin = bisect.bisect_left(keys, prefix) if after is None else bisect.bisect_right(keys, after)
            found = [sk for sk in keys[begin:] if sk.startswith(prefix)]
            shown = found if limit is None else found[:limit]
            self.read += len(shown)
            items = [copied(self.items[pk, sk]) for sk in shown]
        return Page(items, shown[-1] if len(shown) < len(found) else None)

    def listing(self, name: str, *, limit: int, after: str | None = None) -> Page:
        self.calls["listing"] += 1
        return super().listing(name, limit=limit, after=after)

    def transact(self, writes: Sequence[Write]) -> None:
        self.calls["transact"] += 1
        self.largest_write = max(self.largest_write, len(writes))
        super().transact(writes)
        with self._lock:
            for write in writes:
                self._note(write)

    def _note(self, write: Write) -> None:
        place: dict[str, Any] = write.item if isinstance(write, Put) else {"pk": write.pk, "sk": write.sk}
        keys = self._sorted.setdefault(place["pk"], [])
        at = bisect.bisect_left(keys, place["sk"])
        known = at < len(keys) and keys[at] == place["sk"]
        if isinstance(write, Put) and not known:
            keys.insert(at, place["sk"])
        elif isinstance(write, Delete) and known:
            keys.pop(at)

    @property
    def total(self) -> int:
        """Calls of every kind."""
        return self.calls.total()
