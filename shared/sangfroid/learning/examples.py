"""One labelled report, made of a closed case: its first message and notes, and what a person said that it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sangfroid.model import Author, Case, CaseNumber, Event, Message
from sangfroid.triage.report import Profile, Report, ReportedMessage

DECISIONS = frozenset({"classified", "reclassified", "classification_confirmed"})
"""Kinds of events by which somebody says what a case is."""
_NOBODY = frozenset({"", "sangfroid", "model", "rules"})


class Example(BaseModel):
    """A report as triage saw it, and its label by a person. Handle, address and biography of the author are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    report: Report
    case: CaseNumber | None
    leak: bool
    author: Author | None = Field(description="None: nobody has confirmed who wrote it")
    machine: tuple[CaseNumber | None, bool] | None = Field(
        default=None, description="case and leak as triage had decided alone; None: it had asked"
    )
    decided_by: str
    decided_at: AwareDatetime

    @property
    def corrected(self) -> bool:
        """Whether a person said otherwise than triage had."""
        return self.machine is not None and self.machine != (self.case, self.leak)


def example_of(case: Case, first: Message, events: Sequence[Event]) -> Example | None:
    """The example of a closed case; None while it is open, and where no person has said what it was.

    The last word of a person counts. What an insider asserted in a report is no such word: it is evidence of the report.
    """
    if case.status != "closed":
        return None
    decisions = [event for event in events if event.kind in DECISIONS]
    said = [event for event in decisions if _by_person(event)]
    if not said:
        return None
    last = said[-1]
    machine = next((event for event in decisions if event.data.get("by") == "model"), None)
    return Example(
        case_id=case.id,
        report=_report(case, first),
        case=last.data.get("case"),
        leak=bool(last.data.get("leak")),
        author=None,
        machine=None if machine is None else (machine.data.get("case"), bool(machine.data.get("leak"))),
        decided_by=last.by,
        decided_at=last.at,
    )


def _by_person(event: Event) -> bool:
    return event.data.get("by", event.by) == event.by and not (
        event.by in _NOBODY or event.by.startswith("webhook:")
    )


def _report(case: Case, first: Message) -> Report:
    known: dict[str, Any] = first.author if isinstance(first.author, dict) else first.author.model_dump()
    message = ReportedMessage(
        text=first.text,
        language=first.language,
        platform=first.platform,
        author=Profile(followers=known.get("followers") or 0, account_age_days=known.get("account_age_days")),
        published_at=first.published_at,
        on_own_platform=first.on_own_platform,
    )
    return Report(brand=case.brand, message=message, notes=first.notes)
