"""What was held is looked at again: nothing goes out by itself when a freeze ends (I4).

A held text whose version still stands approved goes back to review; it leaves once it is approved again. What is out of date is
dropped with a note: a notice was about a moment that has passed, and people are told anew.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import retractions
from sangfroid.cases.asking import ask_for_decision
from sangfroid.cases.held import FOR_REVIEW, release
from sangfroid.casework import Casework
from sangfroid.model import Delivery, ResponseVersion
from sangfroid.store import content, notice_place, put_delivery
from sangfroid.store import freeze as freezing
from sangfroid.table import Item

CASES_AT_ONCE, ENTRIES_AT_ONCE = 10, 25
UPDATE_EXPIRES_AFTER = timedelta(hours=24)
"""A progress update that was held for longer tells of yesterday; a new one is written. The response itself is owed for ever."""


class HeldReview:
    """The held deliveries after the last release."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._table = casework.table

    def step(self, epoch: int) -> dict[str, Any]:
        """Look at what some cases hold. `{"outcome": "more" | "done" | "superseded", "returned": […], "told_anew": […]}`.

        `returned` are `{case_id, version}` that must be reviewed again; `told_anew` the cases whose notices were dropped.
        """
        freeze = freezing.read(self._table)
        if freeze.active or freeze.raised_epoch != epoch:
            return {"outcome": "superseded", "returned": [], "told_anew": []}
        # What waits for its second approval stays on the list, so that everything held can always be seen.
        entries = [item for item in self._table.query(freezing.HELD).items if item["reason"] != FOR_REVIEW]
        by_case: dict[str, list[Item]] = {}
        for entry in entries:
            by_case.setdefault(entry["case_id"], []).append(entry)
        returned: list[dict[str, Any]] = []
        told_anew: list[str] = []
        looked_at = 0
        for case_id, held in list(by_case.items())[:CASES_AT_ONCE]:
            batch = held[:ENTRIES_AT_ONCE]
            looked_at += len(batch)
            versions, tell = self._casework.change(case_id, "sangfroid", partial(self._look, entries=batch))
            returned += [{"case_id": case_id, "version": number} for number in versions]
            told_anew += [case_id] if tell else []
        more = looked_at < len(entries)
        return {"outcome": "more" if more else "done", "returned": returned, "told_anew": told_anew}

    def _look(self, file: CaseFile, entries: list[Item]) -> tuple[list[int], bool]:
        """Decide over these held entries of a case: the versions that go back to review, and whether to tell its people anew."""
        returned: list[int] = []
        expired: list[str] = []
        notices = 0
        for entry in entries:
            key = entry["delivery"]
            if entry["notice"]:
                notices += self._drop_notice(file, key)
                continue
            delivery = file.deliveries.get(key)
            version = file.version(delivery.version or 0) if delivery is not None else None
            if delivery is None or delivery.state != "held" or version is None:
                file.extra_writes.append(freezing.no_longer_held(file.case.id, key))
                continue
            why = self._expired(file, delivery, version)
            if why is not None:
                delivery.state, delivery.reason = "cancelled", f"held by a freeze and dropped: {why}"
                if delivery.act == "retract":
                    retractions.decide_anew(file, delivery)
                file.extra_writes.append(freezing.no_longer_held(file.case.id, key))
                expired.append(key)
                continue
            delivery.reason = FOR_REVIEW
            file.extra_writes.append(freezing.held(delivery, file.now))
            if version.state == "approved":
                version.state, version.approvals = "in_review", []
                file.note("returned_to_review", version=version.version, content_hash=version.content_hash)
                if version.kind == "response":
                    returned.append(version.version)
                else:
                    ask_for_decision(file, f"review_decided:{version.version}", version.version)
        if expired or notices:
            file.note("held_dropped", deliveries=expired, notices=notices)
        return returned, bool(notices) and file.case.status != "closed"

    def _drop_notice(self, file: CaseFile, key: str) -> int:
        file.extra_writes.append(freezing.no_longer_held(file.case.id, key))
        item = self._table.get(*notice_place(file.case.id, key))
        if item is None or item["state"] != "held":
            return 0
        notice = Delivery.kept(content(item))
        notice.state, notice.reason = "cancelled", "held by a freeze and dropped: its moment has passed"
        file.extra_writes.append(put_delivery(notice))
        return 1

    @staticmethod
    def _expired(file: CaseFile, delivery: Delivery, version: ResponseVersion) -> str | None:
        if file.case.status == "closed":
            return "the case is closed"
        if delivery.act == "retract":
            return "whether to take it back is decided anew"
        if version.state not in ("approved", "in_review"):
            return f"version {version.version} is {version.state}"
        if version.kind == "update" and file.now - delivery.created_at > UPDATE_EXPIRES_AFTER:
            return "a progress update that is out of date"
        return None

    def let_statement_out(self, epoch: int) -> dict[str, Any]:
        """Once its channels are open again: the held deliveries of the released statements may be sent."""
        freeze = freezing.read(self._table)
        if freeze.state != "statement" or freeze.raised_epoch != epoch:
            return {"outcome": "superseded", "waiting": 0}
        waiting = 0
        for case_id, content_hash in freeze.statements.items():
            waiting += self._casework.change(
                case_id, "sangfroid", partial(self._let_out, content_hash=content_hash)
            )
        return {"outcome": "let_out", "waiting": waiting}

    def _let_out(self, file: CaseFile, content_hash: str) -> int:
        let_out = 0
        for delivery in file.deliveries.values():
            if delivery.state != "held" or delivery.content_hash != content_hash:
                continue
            if self._casework.organisation.channel(delivery.channel).statement_during_freeze:
                release(file, delivery)
                let_out += 1
        return let_out
