"""The playbooks: the duties of each case type as data (C1.x to C4.x), validated when they are loaded."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sangfroid.data_files import data
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
    "announced",
    "news_published",
]
ShownBy = Literal["delivery", "version", "decision", "file", "finding"]
FindingField = Literal["who", "where", "when", "what", "address"]
OnlyIf = Literal["leak", "identified_customer", "responding"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaybookDuty(_Part):
    """One row. `automatic` rows are closed by the machine alone; `closes_when` names the fact that closes a row.

    `shown_by` says what shows that it was done. A row shown by a delivery or a version is never ticked; where the organisation
    has no channel to show it, a person's `finding` does, with each of the named fields. `words_do`: words of evidence do, too.
    `substance`: what the row is about, whatever the case type calls it, so that a reclassification keeps what was done.
    `rounds_end_when`: the fact after which a repeating row is owed no more. `keeps_open`: whether a round that is not due yet
    keeps the case open.
    """

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
    shown_by: ShownBy = "finding"
    finding: list[FindingField] = Field(default_factory=list)
    words_do: bool = True
    substance: str | None = None
    rounds_end_when: ClosesWhen | None = None
    keeps_open: bool = True


class Publishing(_Part):
    """The order of publication; `after_duty` must be closed before the wave `all` (C2.3 before C2.4, C4.3 before C4.4).

    `head_start`: how long before everybody else the community hears it; never at the price of a clock.
    """

    waves: list[Literal["community", "all"]] = Field(min_length=1)
    after_duty: str | None = None
    head_start: timedelta = timedelta(0)


class AgencyPace(_Part):
    """How long the agency's silence is borne after the file was sent: until it is reminded, until others hear of it (C4.1)."""

    remind_after: timedelta = Field(gt=timedelta(0))
    escalate_after: timedelta

    @model_validator(mode="after")
    def _reminded_first(self) -> Self:
        if self.escalate_after <= self.remind_after:
            raise ValueError("the agency is reminded before others hear of its silence")
        return self


class Playbook(_Part):
    """The plan of one case type (R1)."""

    case: CaseNumber
    title: dict[str, str]
    approvals_needed: int = Field(ge=1)
    apology_expected: bool
    no_response_allowed: Literal["always", "provokers"]
    publish: Publishing
    agency: AgencyPace | None = None
    duties: list[PlaybookDuty]

    def duty(self, duty_id: str) -> PlaybookDuty | None:
        """The row of that id, or None."""
        return next((duty for duty in self.duties if duty.id == duty_id), None)


@cache
def playbook(case: CaseNumber) -> Playbook:
    """The playbook of a case type; the file is validated on first use."""
    return Playbook.model_validate(data(__package__, f"case_{case}.yaml"))
