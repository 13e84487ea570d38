"""What one attempt has read of the table: each item once, and what is thought to be needed in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sangfroid.table import Item, Table

Place = tuple[str, str]
T = TypeVar("T")


class Seen:
    """Items by their primary keys, as they stood when they were first asked for. Whoever writes checks them again."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._items: dict[Place, Item | None] = {}
        self._others: dict[str, Any] = {}

    def know(self, items: Mapping[Place, Item | None]) -> None:
        """These were read a moment ago."""
        self._items.update(items)

    def fetch(self, places: Iterable[Place]) -> None:
        """Read what is not known yet, in one call."""
        missing = [place for place in dict.fromkeys(places) if place not in self._items]
        if len(missing) == 1:
            self._items[missing[0]] = self._table.get(*missing[0])
        elif missing:
            self._items.update(zip(missing, self._table.get_many(missing), strict=True))

    def get(self, place: Place) -> Item | None:
        """The item, or None where there is none."""
        self.fetch([place])
        return self._items[place]

    def once(self, name: str, read: Callable[[], T]) -> T:
        """What stands elsewhere under this name, read once."""
        if name not in self._others:
            self._others[name] = read()
        found: T = self._others[name]
        return found
