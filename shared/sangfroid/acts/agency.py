"""The agency (C4.1): a link by which its evaluation and strategy come back, for one case, write only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sangfroid.casefile import CaseFile
from sangfroid.cases.procedure import close_duty
from sangfroid.cases.substance import required
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition, NotFound, Refused
from sangfroid.model import rfc3339
from sangfroid.store import freeze as freezing
from sangfroid.store import replies
from sangfroid.table import ConditionFailed

LASTS = timedelta(hours=72)
MOST = 20
"""Replies over one link."""
APART = timedelta(seconds=30)
DUTY = "C4.1"
BY = "agency"


class TooMany(Refused):
    """More than the link takes (429)."""

    status = 429
    title = "Too many"


class Agency:
    """Links for replies, and the replies."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework

    def link(self, case_id: str) -> dict[str, Any]:
        """A new link for the case: `{"url", "expires_at"}`; the token stands behind `#`, which no server and no log ever sees."""
        case = self._casework.read(case_id).case
        now = self._casework.now()
        if case.status == "closed":
            raise IllegalTransition("The case is closed: nobody is asked any more.")
        if freezing.read(self._casework.table).active:
            raise IllegalTransition("During a freeze nobody outside is asked for anything.")
        token, until = secrets.token_urlsafe(32), now + LASTS
        replies.make(self._casework.table, token, case_id, now, until)
        console = (self._casework.organisation.console or "").rstrip("/")
        return {"url": f"{console}/reply#{token}", "expires_at": rfc3339(until)}

    def reply(self, token: str, text: str) -> str:
        """Keep what came over the link; it shows C4.1. Returns the id of the reply.

        Raises NotFound for a link that never was, has expired, or was revoked by the end of its case or by a freeze: always the
        same answer. Invalid where the text says nothing, TooMany where the link has had its share.
        """
        casework = self._casework
        now, table = casework.now(), casework.table
        found = replies.link(table, token)
        if found is None or not self._holds(found, now):
            raise NotFound("This link holds no longer. Ask the desk for another one.")
        text = required(text, "/text", "what you advise", least=3)
        if found["used"] >= MOST:
            raise TooMany("This link has taken all the replies that it takes. Ask the desk for another one.")
        last = found["last_at"]
        if last is not None and now - datetime.fromisoformat(last) < APART:
            raise TooMany("A reply came a moment ago. Wait half a minute, then send this one again.")
        reply_id = f"r-{uuid4().hex[:12]}"

        def act(file: CaseFile) -> str:
            digest = "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            file.extra_writes += [
                replies.used(found, now),
                replies.reply(file.case.id, reply_id, text, now),
            ]
            file.note("agency_replied", reply=reply_id, content_hash=digest, characters=len(text))
            duty = file.case.duty(DUTY)
            if duty is not None and duty.state == "open":
                close_duty(file, duty, evidence=f"reply {reply_id}, {digest}", by=BY)
            return reply_id

        try:
            return casework.change(found["case_id"], BY, act)
        except ConditionFailed:
            raise TooMany("Another reply came at the same moment. Send this one again.") from None

    def _holds(self, found: dict[str, Any], now: datetime) -> bool:
        case = self._casework.store.head(found["case_id"])
        freeze = freezing.read(self._casework.table)
        made = datetime.fromisoformat(found["made_at"])
        frozen_since = freeze.active or (freeze.raised_at is not None and freeze.raised_at >= made)
        return (
            case is not None
            and case.status != "closed"
            and not frozen_since
            and now < datetime.fromisoformat(found["until"])
        )

    def replies(self, case_id: str) -> list[dict[str, Any]]:
        """What the agency wrote, oldest first: the words of others, to be judged."""
        self._casework.read(case_id)
        return replies.every(self._casework.table, case_id)
