"""Acknowledgements approved beforehand, of the whole organisation.

Keys (partition / sort): `ACKNOWLEDGEMENTS` / `<id>`
"""

from __future__ import annotations

from typing import Any

from sangfroid.table import ABSENT, ConditionFailed, Put, Table

PLACE = "ACKNOWLEDGEMENTS"


def read(table: Table, template_id: str) -> dict[str, Any] | None:
    """The template as it is kept, or None."""
    item = table.get(PLACE, template_id)
    return item["template"] if item is not None else None


def every(table: Table) -> list[dict[str, Any]]:
    """Every template, revoked and expired ones among them."""
    return [item["template"] for item in table.query(PLACE).items]


def write(table: Table, template: dict[str, Any]) -> bool:
    """Keep the template, whose `revision` is the one that was read (0: new); False where somebody else was faster."""
    was = int(template["revision"])
    item = {
        "pk": PLACE, "sk": template["id"], "revision": was + 1, "template": template | {"revision": was + 1},
    }  # fmt: skip
    try:
        table.transact([Put(item, ABSENT if was == 0 else {"revision": was})])
    except ConditionFailed:
        return False
    return True
