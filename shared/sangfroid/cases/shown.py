"""What the desk shows of a case (`GET /desk`), drawn from its header and versions alone, and written with every change of it."""

from __future__ import annotations

from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import waiting

OF_A_CASE = {
    "id", "brand", "status", "case", "leak", "leak_suspected", "severity", "author", "title", "first_published_at", "opened_at",
    "closed_at", "message_count",
}  # fmt: skip


def document(file: CaseFile) -> dict[str, Any] | None:
    """What the index holds of a case; None of a closed one."""
    case = file.case
    if case.status == "closed":
        return None
    shown = case.model_dump(mode="json", include=OF_A_CASE) | {
        "clocks": [one.model_dump(mode="json") for one in case.clocks],
        "open_duties": sum(1 for duty in case.duties if duty.state == "open"),
        "step": waiting.step(file),
        "restricted": False,
    }
    awaited = [one.model_dump(mode="json", exclude_defaults=True) for one in waiting.waits(file)]
    return {"case": shown, "awaited": awaited, "approved": approved(file)}


def approved(file: CaseFile) -> dict[str, Any] | None:
    """The approved response of the case, by which directors release it."""
    text = file.approved
    return {"version": text.version, "content_hash": text.content_hash} if text else None
