"""Saved drafts: a person's own, one a case, beside the case and no part of it.

Keys (partition / sort): `CASE#<id>#DRAFTS` / `<person>`
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sangfroid.store import case_key
from sangfroid.table import Delete, Put, Table

KEPT_FOR = timedelta(days=30)
"""After the last change; a draft is for the crisis, not for the archive."""


def _place(case_id: str, person: str) -> tuple[str, str]:
    return f"{case_key(case_id)}#DRAFTS", person


def read(table: Table, case_id: str, person: str) -> dict[str, Any] | None:
    """The draft that the person saved, or None."""
    item = table.get(*_place(case_id, person))
    return item["draft"] if item is not None else None


def save(table: Table, case_id: str, person: str, draft: dict[str, Any], now: datetime) -> None:
    """Keep the draft in the place of the person's earlier one."""
    pk, sk = _place(case_id, person)
    table.transact(
        [Put({"pk": pk, "sk": sk, "draft": draft, "expires_at": int((now + KEPT_FOR).timestamp())})]
    )


def forget(table: Table, case_id: str, person: str) -> None:
    """Delete the draft; nothing happens where there is none."""
    table.transact([Delete(*_place(case_id, person))])
