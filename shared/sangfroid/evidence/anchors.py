"""Heads of timelines under Object Lock: whoever could write over a timeline and its case cannot write over what was anchored.

`anchors/<case>/<seq>.json` in the evidence bucket: `case_id`, `seq`, `hash` of the newest event and `at`. Only `reconcile` may
put one there, hourly while cases are open and once more after a case has closed; nobody may take one away before its time.
A timeline is anchored only where it continues what was anchored before, so one that was changed rings within the hour (I9).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sangfroid import timeline
from sangfroid.casework import Casework
from sangfroid.evidence.vault import Vault
from sangfroid.model import rfc3339
from sangfroid.store import anchors

PREFIX = "anchors"


@dataclass
class Anchored:
    """What one look did: the cases whose heads were anchored, and those that do not continue what was, with the fault."""

    cases: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def place(case_id: str, seq: int) -> str:
    """Key of the anchor in the bucket."""
    return f"{PREFIX}/{case_id}/{seq:08d}.json"


def document(case_id: str, seq: int, hash_: str, at: datetime) -> bytes:
    """What stands in an anchor."""
    said = {"case_id": case_id, "seq": seq, "hash": hash_, "at": rfc3339(at)}
    return json.dumps(said, sort_keys=True).encode()


def anchor(casework: Casework, vault: Vault) -> Anchored:
    """One look over the timelines that have moved since the last one. Raises Unavailable where the vault does not answer."""
    done, now = Anchored(), casework.now()
    for owed in anchors.every(casework.table):
        case = casework.store.head(owed.case_id)
        if case is None:
            done.broken[owed.case_id] = "the case is gone"
            continue
        new = list(casework.store.events_from(case.id, owed.seq))
        shown = [timeline.shown(event) for event in new if event.seq <= case.timeline_seq]
        fault = timeline.continues(shown, (owed.seq, owed.hash), (case.timeline_seq, case.timeline_hash))
        if fault is not None:
            done.broken[case.id] = fault
            continue
        if case.timeline_seq != owed.seq:
            data = document(case.id, case.timeline_seq, case.timeline_hash, now)
            digest = hashlib.sha256(data).hexdigest()
            vault.keep(place(case.id, case.timeline_seq), data, "application/json", digest, now)
            done.cases.append(case.id)
        last = case.status == "closed"
        if last or case.timeline_seq != owed.seq:
            anchors.anchored(casework.table, owed, case.timeline_seq, case.timeline_hash, last=last)
    return done


def heads(documents: Iterable[bytes]) -> list[tuple[int, str]]:
    """The heads that anchors hold, for `timeline.verify`. Raises ValueError for what is no anchor."""
    found = []
    for data in documents:
        said = json.loads(data)
        if not isinstance(said, dict) or not {"seq", "hash"} <= said.keys():
            raise ValueError("not an anchor")
        found.append((int(said["seq"]), str(said["hash"])))
    return found
