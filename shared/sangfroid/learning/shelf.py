"""Where the examples stand: a partition of their own, erasable one by one and altogether.

Keys: `LEARNING` / `EXAMPLE#<case id>` an example; `LEARNING` / `ERASED#<case id>` that one was erased, without content, so that
gathering does not bring it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sangfroid.learning.examples import Example, example_of
from sangfroid.store import CaseStore
from sangfroid.table import Delete, Put, Table

PARTITION = "LEARNING"
_PAGE = 100


class Shelf:
    """The organisation's examples."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def keep(self, example: Example) -> None:
        """Put an example there; a later decision about the same case takes its place."""
        document = example.model_dump(mode="json")
        self._table.transact([Put({"pk": PARTITION, "sk": _kept(example.case_id), **document})])

    def __iter__(self) -> Iterator[Example]:
        after: str | None = None
        while True:
            page = self._table.query(PARTITION, "EXAMPLE#", limit=_PAGE, after=after)
            for item in page.items:
                yield Example.model_validate(
                    {name: value for name, value in item.items() if name in Example.model_fields}
                )
            if page.next is None:
                return
            after = page.next

    def erased(self, case_id: str) -> bool:
        """Whether the example of a case was erased for good."""
        return self._table.get(PARTITION, _gone(case_id)) is not None

    def erase(self, case_id: str) -> bool:
        """Erase the example of one case, for good; False where there was none."""
        there = self._table.get(PARTITION, _kept(case_id)) is not None
        mark = Put({"pk": PARTITION, "sk": _gone(case_id)})
        self._table.transact([mark, *([Delete(PARTITION, _kept(case_id))] if there else [])])
        return there

    def erase_all(self) -> int:
        """Erase every example, for good; returns how many there were."""
        found = [example.case_id for example in self]
        for case_id in found:
            self.erase(case_id)
        return len(found)


@dataclass(frozen=True)
class Gathered:
    """What a gathering did: new or changed examples, and closed cases without a word of a person."""

    kept: int
    without: int
    erased: int


def gather(store: CaseStore, shelf: Shelf) -> Gathered:
    """Look through the closed cases and keep what people decided. Safe to repeat; what was erased stays erased."""
    kept = without = erased = 0
    known = {example.case_id: example for example in shelf}
    cursor: str | None = None
    while True:
        cases, cursor = store.listed("closed", _PAGE, cursor)
        for case in cases:
            if shelf.erased(case.id):
                erased += 1
                continue
            messages = store.messages(case.id, limit=1)
            example = example_of(case, messages[0], store.events(case.id)) if messages else None
            if example is None:
                without += 1
            elif known.get(case.id) != example:
                shelf.keep(example)
                kept += 1
        if cursor is None:
            return Gathered(kept, without, erased)


def _kept(case_id: str) -> str:
    return f"EXAMPLE#{case_id}"


def _gone(case_id: str) -> str:
    return f"ERASED#{case_id}"
