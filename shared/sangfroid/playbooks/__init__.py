"""The playbooks: the duties of each case type as data (C1.x to C4.x), validated when they are loaded."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sangfroid.model import CaseNumber, ClockId

ClosesWhen = Literal[
    "response_approved",
    "response_decided",
    "community_published",
    "published",
    "update_published",
    "closing_announcement_published",
    "frozen",
    "suspended",
]
OnlyIf = Literal["leak", "identified_customer", "responding"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaybookDuty(_Part):
    """One row. `automatic` rows are closed by the machine alone; `closes_when` names the fact that closes a row."""

    id: str
    title: dict[str, str]
    role: str
    consulted: list[str] = Field(default_factory=list, description="Roles that are asked before it is done.")
    informed: list[str] = Field(default_factory=list, description="Roles that hear of it.")
    due: ClockId | None = None
    automatic: bool = False
    evidence_required: bool = False
    waivable: bool = True
    every_hours: int | None = None
    only_if: OnlyIf | None = None
    closes_when: ClosesWhen | None = None


class Publishing(_Part):
    """The order of publication; `after_duty` must be closed before the wave `all` (C2.3 before C2.4, C4.3 before C4.4)."""

    waves: list[Literal["community", "all"]] = Field(min_length=1)
    after_duty: str | None = None


class Playbook(_Part):
    """The plan of one case type (R1)."""

    case: CaseNumber
    title: dict[str, str]
    approvals_needed: int = Field(ge=1)
    apology_expected: bool
    no_response_allowed: Literal["always", "provokers"]
    publish: Publishing
    duties: list[PlaybookDuty]

    def duty(self, duty_id: str) -> PlaybookDuty | None:
        """The row of that id, or None."""
        return next((duty for duty in self.duties if duty.id == duty_id), None)


@cache
def playbook(case: CaseNumber) -> Playbook:
    """The playbook of a case type; the file is validated on first use."""
    text = files(__package__).joinpath(f"case_{case}.yaml").read_text("utf-8")
    return Playbook.model_validate(yaml.safe_load(text))
