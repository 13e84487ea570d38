"""Chasing the agency (C4.1): a reminder with a fresh link to reply by, then those who decide without it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sangfroid.acts.agency import Agency
from sangfroid.cases import agency_silence
from sangfroid.casework import Casework
from sangfroid.errors import IllegalTransition
from sangfroid.store import freeze as freezing

SILENT = "agency_silent"
"""The reminder by which the wait for the agency names this; whom it goes to is decided when it is due."""


def link(casework: Casework, case_id: str) -> dict[str, Any] | None:
    """A new link to reply by; None while the freeze holds, or once the case is closed."""
    with suppress(IllegalTransition):
        return Agency(casework).link(case_id)
    return None


def chase(
    casework: Casework, tell: Callable[..., dict[str, Any]], case_id: str, occasion: str
) -> dict[str, Any]:
    """Tell who is to hear of the silence now: as `tell`, and `again_after`, in seconds.

    Nobody hears of it once the agency has replied or the case is closed. While the freeze holds nobody outside is asked and
    nobody inside is called for that; it is looked at again at the same pace.
    """
    due = agency_silence.chase(casework.read(case_id))
    if due is None:
        return {"told": 0, "waiting": 0}
    again = {"again_after": int(due.again_after.total_seconds())}
    if freezing.read(casework.table).active:
        return {"told": 0, "waiting": 0} | again
    details: dict[str, Any] = {"duty": agency_silence.DUTY}
    if due.kind == "agency_chased":
        reply = link(casework, case_id)
        details["file"] = f"{reply['url']} ({reply['expires_at']})" if reply is not None else ""
    return tell(case_id, due.kind, occasion, due.roles, "team", details, room=False) | again
