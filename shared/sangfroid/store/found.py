"""What a function that reads strangers' texts and pages has found, put aside for the one that enters it in the case.

`CASE#<id>#FOUND` / `VERDICT` of the classifier · `DRAFTS` that a model worded · `TRACE#<id>` of a look at a
page, which `relay` hears of by the table's stream.
The functions that read such texts write nothing else (decision 0108): whatever a text makes of them, no case, no approval, no
timeline and no freeze is in their reach. Whoever takes what was found checks its shape first, and it is taken once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sangfroid.store import case_key
from sangfroid.table import Delete, Put, Table

VERDICT = "VERDICT"
DRAFTS = "DRAFTS"
TRACE = "TRACE#"
KEPT_FOR = timedelta(days=7)
ENDING = "#FOUND"


def found_key(case_id: str) -> str:
    """Partition key of what was found about a case."""
    return case_key(case_id) + ENDING


def case_of(partition: str) -> str:
    """The case to which the partition belongs."""
    return partition.removeprefix(case_key("")).removesuffix(ENDING)


def put_aside(table: Table, case_id: str, sort: str, document: dict[str, Any], now: datetime) -> str:
    """Keep what was found under its sort key (`TRACE` gets a name of its own); answers the mark by which it is taken."""
    mark = uuid4().hex[:16]
    item = {
        "pk": found_key(case_id),
        "sk": f"{sort}{mark}" if sort == TRACE else sort,
        "mark": mark,
        "found": document,
        "expires_at": int((now + KEPT_FOR).timestamp()),
    }
    table.transact([Put(item)])
    return mark


def read(table: Table, case_id: str, sort: str) -> tuple[dict[str, Any], Delete] | None:
    """What was found and the write that takes it, once only; None where nothing lies there (any more)."""
    item = table.get(found_key(case_id), sort)
    if item is None:
        return None
    return item["found"], Delete(item["pk"], item["sk"], {"mark": item["mark"]})
