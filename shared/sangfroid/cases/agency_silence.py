"""The agency has the file and says nothing: who hears of it, and when the next one does (C4.1). Pure.

The pace is the playbook's: the agency is reminded, then the case's pilot and the directors hear of it, once a day from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.cases.cell import PILOT

DUTY = "C4.1"

ONCE_ESCALATED = timedelta(days=1)
"""How often those who were called in hear that the agency is still silent."""

SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True)
class Chase:
    """What is told next, to which roles, and how long after it the next time comes."""

    kind: Literal["agency_chased", "agency_silent"]
    roles: list[str]
    again_after: timedelta


def chase(file: CaseFile) -> Chase | None:
    """Whom to tell now of the agency's silence; None where nothing is asked of it any more.

    Counted from when the duty was opened, which is when the file was sent.
    """
    duty, plan = file.case.duty(DUTY), facts.current_playbook(file)
    if file.case.status == "closed" or duty is None or duty.state != "open":
        return None
    if plan is None or plan.agency is None:
        return None
    climbs_at = duty.opened_at + plan.agency.escalate_after
    if file.now < climbs_at:
        return Chase("agency_chased", ["pr_agency"], max(climbs_at - file.now, SHORTEST))
    pilot = file.case.cell.get(PILOT)
    return Chase(
        "agency_silent", ["director", *([f"person:{pilot}"] if pilot is not None else [])], ONCE_ESCALATED
    )
