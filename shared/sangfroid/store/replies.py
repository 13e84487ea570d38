"""Reply links of the agency, and what came back over them.

Keys (partition / sort): `REPLY#<SHA-256 of the token>` / `LINK` · `CASE#<id>#REPLIES` / `<at>#<id>`
A token itself is kept nowhere here.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sangfroid.model import rfc3339
from sangfroid.store import case_key
from sangfroid.table import ABSENT, Item, Put, Table


def _place(token: str) -> str:
    return "REPLY#" + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(table: Table, token: str, case_id: str, now: datetime, until: datetime) -> None:
    """Keep a new link."""
    item = {
        "pk": _place(token), "sk": "LINK", "case_id": case_id, "made_at": rfc3339(now), "until": rfc3339(until), "used": 0,
        "last_at": None, "expires_at": int((until + timedelta(days=1)).timestamp()),
    }  # fmt: skip
    table.transact([Put(item, ABSENT)])


def link(table: Table, token: str) -> Item | None:
    """The link of this token, or None."""
    return table.get(_place(token), "LINK")


def used(found: Item, now: datetime) -> Put:
    """The write that counts one more reply; fails where another came at the same moment."""
    return Put(found | {"used": found["used"] + 1, "last_at": rfc3339(now)}, {"used": found["used"]})


def reply(case_id: str, reply_id: str, text: str, now: datetime) -> Put:
    """The write that keeps a reply with its case."""
    place = {"pk": f"{case_key(case_id)}#REPLIES", "sk": f"{rfc3339(now)}#{reply_id}"}
    return Put(place | {"id": reply_id, "at": rfc3339(now), "text": text}, ABSENT)


def every(table: Table, case_id: str) -> list[dict[str, Any]]:
    """The replies of a case, oldest first."""
    items = table.query(f"{case_key(case_id)}#REPLIES").items
    return [{"id": item["id"], "at": item["at"], "text": item["text"]} for item in items]
