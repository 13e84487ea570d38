"""What a channel has stopped, on record before the first change, so that no crash between two changes loses what it was.

A channel may be stopped more than once in a freeze (something new was scheduled meanwhile): the record grows, and the first
thing known of an entry stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sangfroid.outbound.channels.base import Parts
from sangfroid.table import Delete, Put


class StoppedRecord:
    """The record of one channel in the desk's table: name of an entry -> what it was."""

    def __init__(self, parts: Parts) -> None:
        self._table = parts.table
        self._place = (f"CHANNEL#{parts.channel_id}", "STOPPED")

    def keep(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Add what was found now; answers everything that is on record."""
        kept = {**found, **self.entries()}
        self._table.transact([Put({"pk": self._place[0], "sk": self._place[1], "entries": kept})])
        return kept

    def entries(self, *others: Mapping[str, Any]) -> dict[str, Any]:
        """Everything on record, and what `others` name besides; the record is believed first."""
        item = self._table.get(*self._place)
        kept: dict[str, Any] = dict(item["entries"]) if item is not None else {}
        for other in others:
            kept = {**other, **kept}
        return kept

    def drop(self, names: Iterable[str] | None = None) -> None:
        """Forget the entries named, or all."""
        left = (
            {}
            if names is None
            else {name: was for name, was in self.entries().items() if name not in set(names)}
        )
        if left:
            self._table.transact([Put({"pk": self._place[0], "sk": self._place[1], "entries": left})])
        else:
            self._table.transact([Delete(*self._place)])
