"""Which timelines are to be anchored, and how far each is (evidence/anchors.py).

`CASE#<id>#ANCHOR` / `OWED`: listed under `ANCHORS` in the index from the first event of the case until its last one is anchored
`ANCHORED` / `<case>`: `seq` and `hash` of the newest event that was; `reconcile` alone may write it
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sangfroid.table import ConditionFailed, Delete, Put, Table, Write

LISTING = "ANCHORS"
SORT = "OWED"
STATE = "ANCHORED"
ENDING = "#ANCHOR"
AT_ONCE = 100


@dataclass(frozen=True)
class Owed:
    """A timeline to anchor: the case, and the newest event that was anchored (0 and empty where none was)."""

    case_id: str
    seq: int
    hash: str
    listed: tuple[str, str]


def anchor_key(case_key: str) -> str:
    """Partition key of what is known of the anchors of a case."""
    return case_key + ENDING


def owed(case_key: str, case_id: str, since: str) -> Put:
    """The write by which a timeline is anchored from now on; what was anchored of it before is not forgotten for long."""
    place = {"pk": anchor_key(case_key), "sk": SORT, "case_id": case_id}
    return Put(place | {"listing": LISTING, "listed_at": since})


def every(table: Table) -> list[Owed]:
    """The timelines to anchor."""
    found: list[Owed] = []
    after: str | None = None
    while True:
        page = table.listing(LISTING, limit=AT_ONCE, after=after)
        listed = [
            item
            for item in page.items
            if item["pk"].endswith(f"#{item.get('case_id')}{ENDING}") and item["sk"] == SORT
        ]
        known = table.get_many([(STATE, item["case_id"]) for item in listed]) if listed else []
        for item, state in zip(listed, known, strict=True):
            seq, hash_ = (int(state["seq"]), str(state["hash"])) if state else (0, "")
            found.append(Owed(item["case_id"], seq, hash_, (item["pk"], item["listed_at"])))
        after = page.next
        if after is None:
            return found


def anchored(table: Table, was: Owed, seq: int, hash_: str, *, last: bool) -> None:
    """Remember how far the timeline is anchored; `last`: nothing more is to come, it is no longer listed."""
    writes: list[Write] = [Put({"pk": STATE, "sk": was.case_id, "seq": seq, "hash": hash_})]
    if last:
        writes.append(Delete(was.listed[0], SORT, {"listed_at": was.listed[1]}))
    with suppress(
        ConditionFailed
    ):  # the case has moved on just now: it is owed anew, and the next look finds it
        table.transact(writes)
