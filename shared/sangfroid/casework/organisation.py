"""The organisation as everybody in the desk holds it: always the one that is in force, with the overrides of the roster."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from sangfroid.organisation import Organisation
from sangfroid.staffing import Override
from sangfroid.store import overrides
from sangfroid.table import Table

SECONDS = 5.0
"""How long overrides that another Lambda made may go unseen."""


class _InForce:
    """Stands for an `Organisation`: whatever is asked of it is asked of the one in force at that moment."""

    def __init__(
        self, source: Callable[[], Organisation], table: Table, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._source, self._table, self._seconds = source, table, seconds
        self._known: list[Override] = []
        self._until, self._changes = float("-inf"), -1
        self._made: tuple[Organisation, list[Override], Organisation] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now(), name)

    def _now(self) -> Organisation:
        base, known = self._source(), self._overrides()
        if self._made is None or self._made[0] is not base or self._made[1] is not known:
            both = base.model_copy(update={"overrides": [*base.overrides, *known]}) if known else base
            self._made = (base, known, both)
        return self._made[2]

    def _overrides(self) -> list[Override]:
        if self._seconds() >= self._until or self._changes != overrides.changes():
            self._changes, self._until = overrides.changes(), self._seconds() + SECONDS
            found = overrides.read(self._table)
            if found != self._known:
                self._known = found
        return self._known


def in_force(source: Callable[[], Organisation] | Organisation, table: Table) -> Organisation:
    """The organisation that `source` gives at each moment, with the overrides of `table`. What is in force already stays so:
    who holds it shares what was read of the overrides."""
    held: object = source
    if isinstance(held, _InForce):
        return cast("Organisation", held)
    if isinstance(source, Organisation):
        fixed = source
        return cast("Organisation", _InForce(lambda: fixed, table))
    return cast("Organisation", _InForce(source, table))
