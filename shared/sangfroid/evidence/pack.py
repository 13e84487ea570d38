"""The evidence of a case as one ZIP for a platform, a host, a lawyer or a court (A9): files, manifest, timeline, verification.

Whoever gets it can check it without this product: `SHA256SUMS` by `sha256sum -c`, the timeline by the rule in `README.txt`.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime
from typing import Any

from sangfroid import timeline
from sangfroid.evidence.keeping import Evidence
from sangfroid.evidence.vault import Vault
from sangfroid.model import Case, Event, rfc3339

LARGEST = 4_300_000
"""Bytes of a pack: as base64 it must fit into the 6 MB that a Lambda may answer."""

README = """Evidence pack of case {case}, made {at}

manifest.json      what was kept, when, by whom, with SHA-256, and where it lies under lock until when
evidence/…         the files themselves
timeline.json      what happened in the case; each event carries the hash of the one before
verification.json  what the check of files and timeline said when this pack was made
SHA256SUMS         check with: sha256sum -c SHA256SUMS

The hash of an event is "sha256:" + SHA-256 over the canonical JSON (UTF-8, sorted keys, no spaces) of its fields seq, at,
kind, by, data and previous_hash. The event "evidence_kept" holds the hashes of the files, so the chain vouches for them.
"""


def build(case: Case, entries: list[Evidence], events: list[Event], vault: Vault, now: datetime) -> bytes:
    """The ZIP. Files that no longer fit are named in the manifest as left out, with the place where they lie."""
    shown = [timeline.shown(event) for event in events if event.seq <= case.timeline_seq]
    verdict = timeline.verify(shown, (case.timeline_seq, case.timeline_hash))
    vouched = {
        (event["data"]["evidence"], one["name"]): one["sha256"]
        for event in shown
        if event["kind"] == "evidence_kept"
        for one in event["data"]["files"]
    }
    packed: dict[str, bytes] = {}
    room = LARGEST
    manifest: list[dict[str, Any]] = []
    faults: list[str] = []
    for entry in entries:
        listed = entry.model_dump(mode="json")
        for one, shown_file in zip(entry.files, listed["files"], strict=True):
            place = f"evidence/{entry.id}/{one.name}"
            if one.size > room:
                shown_file["included"] = False
                continue
            data = vault.read(one.key, one.version)
            state = _state(data, one.sha256, vouched.get((entry.id, one.name)))
            shown_file |= {"included": data is not None, "path": place, "check": state}
            if state != "intact":
                faults.append(f"{place}: {state}")
            if data is not None:
                packed[place] = data
                room -= len(data)
        manifest.append(listed)
    head = {"seq": case.timeline_seq, "hash": case.timeline_hash}
    checked = {
        "at": rfc3339(now),
        "timeline": {
            "events": verdict.events,
            "intact": verdict.intact,
            "fault": verdict.fault,
            "head": head,
        },
        "files": {"checked": len(packed), "faults": faults},
        "intact": verdict.intact and not faults,
    }
    packed["manifest.json"] = _json(
        {"case_id": case.id, "brand": case.brand, "made_at": rfc3339(now), "evidence": manifest}
    )
    packed["timeline.json"] = _json({"events": shown, "head": head})
    packed["verification.json"] = _json(checked)
    packed["README.txt"] = README.format(case=case.id, at=rfc3339(now)).encode()
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in packed.items()]
    packed["SHA256SUMS"] = ("\n".join(sums) + "\n").encode()
    return _zipped(packed, now)


def _state(data: bytes | None, kept: str, vouched: str | None) -> str:
    if data is None:
        return "the file is gone from the store"
    digest = hashlib.sha256(data).hexdigest()
    if digest != kept:
        return "the file is not the one that was kept"
    return "intact" if vouched == kept else "the timeline does not vouch for it"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _zipped(files: dict[str, bytes], now: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()
