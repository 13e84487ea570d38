"""A call under an Idempotency-Key is carried out once: a mark that is written in the very transaction of the act.

`IDEMPOTENCY#<caller> <route> <key>` / `CALL`: the fingerprint of what was sent, and what was answered once that is known.
The mark travels beside the act, not through its arguments: no act needs to know of it.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sangfroid.model import rfc3339
from sangfroid.table import ABSENT, ConditionFailed, Put, Table, Write

KEPT = timedelta(days=30)
LONGEST_ANSWER = 300_000
"""Bytes of a compressed answer that fit into an item of DynamoDB, with room for the rest."""


class Repeated(Exception):
    """The same call under the same key was carried out by somebody else in the meantime; nothing was written here."""


@dataclass
class Once:
    """One running call. `by` is the caller: only what they change themselves counts as the act."""

    place: tuple[str, str]
    fingerprint: str
    by: str
    now: datetime
    marked: bool = False

    def mark(self) -> Put:
        """The write that says: carried out; fails where it was."""
        return Put(self._item(), ABSENT)

    def keep(self, table: Table, status: int, content_type: str, body: str, *, known: bool) -> None:
        """Keep the answer; `known` where a mark stands already. Raises ConditionFailed where another call was faster."""
        packed = base64.b64encode(zlib.compress(body.encode("utf-8"))).decode()
        item = self._item()
        if len(packed) <= LONGEST_ANSWER:
            item |= {"status": status, "content_type": content_type, "answer": packed}
        table.transact([Put(item, {"fingerprint": self.fingerprint} if known or self.marked else ABSENT)])

    def _item(self) -> dict[str, Any]:
        return {
            "pk": self.place[0],
            "sk": self.place[1],
            "fingerprint": self.fingerprint,
            "at": rfc3339(self.now),
            "expires_at": int((self.now + KEPT).timestamp()),
        }


def space(by: str, route: str, key: str) -> str:
    """The key in the space of its caller and route. No part holds a blank but the route, which is one of ours."""
    return f"{by} {route} {key}"


def place(by: str, route: str, key: str) -> tuple[str, str]:
    """Primary key of the mark of a call."""
    return f"IDEMPOTENCY#{space(by, route, key)}", "CALL"


def answered(item: dict[str, Any]) -> tuple[int, str, str] | None:
    """Status, media type and body that were answered, or None where only the mark stands."""
    if "answer" not in item:
        return None
    body = zlib.decompress(base64.b64decode(item["answer"])).decode("utf-8")
    return int(item["status"]), str(item["content_type"]), body


_running: ContextVar[Once | None] = ContextVar("once", default=None)


@contextmanager
def running(once: Once | None) -> Iterator[None]:
    """While this lasts, the first change that the caller makes carries the mark."""
    before = _running.set(once)
    try:
        yield
    finally:
        _running.reset(before)


def transact(table: Table, writes: list[Write], by: str) -> None:
    """Write, with the mark of the running call if `by` is its caller; raises Repeated where the call was carried out before."""
    once = _running.get()
    if once is None or once.marked or once.by != by:
        table.transact(writes)
        return
    try:
        table.transact([*writes, once.mark()])
    except ConditionFailed as conflict:
        if once.place in conflict.keys and table.get(*once.place) is not None:
            raise Repeated from None
        raise
    once.marked = True
