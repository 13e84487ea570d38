"""How often a desk asks its table for something."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.support.desks import TestDesk

READS = ("get", "get_many", "query", "listing")


class Counted:
    """Counts the calls of a desk's table from now on, by the name of the method."""

    def __init__(self, desk: TestDesk) -> None:
        self.calls: Counter[str] = Counter()
        self._table = desk.table
        for name in (*READS, "transact"):
            setattr(desk.table, name, self._counting(name, getattr(desk.table, name)))

    def end(self) -> None:
        """Count no longer."""
        for name in (*READS, "transact"):
            delattr(self._table, name)

    def _counting(self, name: str, call: Any) -> Any:
        def counting(*given: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return call(*given, **named)

        return counting

    @property
    def reads(self) -> int:
        """Calls that read."""
        return sum(self.calls[name] for name in READS)
