"""A desk whose table dies after its nth write, as a function that is ended there: what was written stands."""

from __future__ import annotations

from typing import Any

from tests.support.desks import TestDesk


class Crash(BaseException):
    """The function was ended."""


class Dying:
    """Ends the function right after its nth write; counts the writes."""

    def __init__(self, desk: TestDesk, after: int | None) -> None:
        self.writes = 0
        self._after = after
        self._transact = desk.table.transact
        desk.table.transact = self.transact  # type: ignore[method-assign]
        self._desk = desk

    def transact(self, writes: Any) -> None:
        self._transact(writes)
        self.writes += 1
        if self.writes == self._after:
            raise Crash

    def end(self) -> None:
        self._desk.table.transact = self._transact  # type: ignore[method-assign]
