"""Pages that can be answered where they ring: what each is about, under the name by which the platform knows it.

Keys (partition / sort): `PAGE#<name of the letter>` / `PAGE`
Ids alone: no content, and nobody's number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sangfroid.model import Delivery
from sangfroid.table import Item, Put, Table

ANSWERED_FOR = timedelta(hours=24)
"""After that a page is answered no more: whoever sends its answer again later changes nothing."""


@dataclass(frozen=True)
class Page:
    """A page that rang: on which channel, whom, in which language, and what waits in the desk."""

    channel: str
    person: str
    language: str
    waiting: str


def rung(name: str, delivery: Delivery, now: datetime) -> Put:
    """The write that goes with the claim of the letter; the same for every attempt."""
    item: Item = {
        "pk": f"PAGE#{name}", "sk": "PAGE", "channel": delivery.channel, "person": delivery.person or "",
        "language": delivery.language, "waiting": delivery.waiting or "",
        "expires_at": int((now + ANSWERED_FOR).timestamp()),
    }  # fmt: skip
    return Put(item)


def page(table: Table, name: str, now: datetime) -> Page | None:
    """The page of that name, or None where there is none, or it rang too long ago."""
    item = table.get(f"PAGE#{name}", "PAGE")
    # DynamoDB removes what has expired when it comes to it.
    if item is None or item["expires_at"] <= now.timestamp():
        return None
    return Page(item["channel"], item["person"], item["language"], item["waiting"])
