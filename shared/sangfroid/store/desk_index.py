"""The index of the desk: what `GET /desk` shows, one small item for each open case.

Keys (partition / sort):
`DESK` / `VERSION` a tag that is another one after every change of the index
`DESK#OPEN` / `<case id>` what is shown of an open case · `DESK#OPEN` / `!FREEZE` what is shown of the freeze

What is shown of a case is written in the transaction that changes the case; the freeze, and the tag, come by the table's stream.
Each holds compressed JSON, so that one query reads hundreds. Nothing here is the truth: every item is made anew from the case
or the freeze, whatever it said before.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
import zlib
from typing import Any

from sangfroid.errors import Unavailable
from sangfroid.table import ConditionFailed, Delete, Put, Table, Write

VERSION_PLACE = ("DESK", "VERSION")
OPEN = "DESK#OPEN"
FREEZE_SORT = "!FREEZE"
ATTEMPTS = 12
Document = dict[str, Any]


def version(table: Table) -> str | None:
    """The tag of the index as it stands (one read of one item); None where nothing was ever indexed."""
    item = table.get(*VERSION_PLACE)
    return str(item["tag"]) if item else None


def read(table: Table) -> tuple[list[Document], Document | None]:
    """Everything that the desk shows: the open cases, and the freeze (None where none was ever raised)."""
    cases: list[Document] = []
    freeze = None
    for item in table.query(OPEN).items:
        document: Document = json.loads(zlib.decompress(item["shown"]))
        if item["sk"] == FREEZE_SORT:
            freeze = document
        else:
            cases.append(document)
    return cases, freeze


def show(table: Table, sort: str, document: Document | None) -> None:
    """Put what is shown of a case (its id) or of the freeze in the place of what was shown; None takes it away."""
    _write(table, showing(sort, document))


def digest(document: Document | None) -> str:
    """Tells apart what is shown."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def showing(sort: str, document: Document | None) -> Write:
    """The write by which what is shown changes together with what it is drawn from."""
    if document is None:
        return Delete(OPEN, sort)
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Put({"pk": OPEN, "sk": sort, "shown": zlib.compress(plain, 6)})


def move(table: Table) -> None:
    """Give the index another tag. After the changes that it tells of: who sees the tag finds them."""
    _write(table, Put({"pk": VERSION_PLACE[0], "sk": VERSION_PLACE[1], "tag": uuid.uuid4().hex[:16]}))


def _write(table: Table, write: Write) -> None:
    """Without a condition; only another transaction on the same item at the same moment can be in its way."""
    for attempt in range(ATTEMPTS):
        try:
            table.transact([write])
        except ConditionFailed:
            # Real time, not the clock of the rules: this only lets the other writer finish.
            time.sleep(0.002 * attempt)
        else:
            return
    raise Unavailable("The index of the desk is contended.")
