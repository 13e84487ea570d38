"""The look at the page of a case's message (C1.1, C2.1, A11): what it says of author, time and source, and a capture of it.

It reads pages of strangers, so it enters nothing: what it found is put aside, and `taking` enters it (decision 0108).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from sangfroid.casework import Casework
from sangfroid.errors import Refused
from sangfroid.evidence.keeping import Evidence, EvidenceKeeper
from sangfroid.model import Case, Message, Sighted, SourceTrace, TracedAuthor
from sangfroid.store import found
from sangfroid.tracing.taking import Found, Taking
from sangfroid.tracing.tracer import Sighting, Trace, Tracer, rivals_in

Outcome = Literal["traced", "refused", "skipped"]
MESSAGES_LOOKED_AT = 20


@dataclass(frozen=True)
class _Author:
    """Who wrote it: what is shown of them, the rivals that they name, under which name they are known."""

    shown: TracedAuthor
    rivals: list[str]
    handle: str


class Tracing:
    """The step `trace` of the procedure."""

    def __init__(self, casework: Casework, evidence: EvidenceKeeper, tracer: Tracer) -> None:
        self._casework, self._store = casework, casework.store
        self._evidence, self._tracer = evidence, tracer

    def trace(self, case_id: str) -> dict[str, str]:
        """Look and enter what was found, for whoever may do both; tracing again replaces the findings."""
        answer = self.look(case_id)
        Taking(self._casework).take(case_id, found.TRACE + answer.pop("found"))
        return answer

    def look(self, case_id: str) -> dict[str, str]:
        """Look at the page and put aside what was found; answers `{"case_id", "outcome", "found"}`: ids and a choice (I13)."""
        case = self._casework.read(case_id).case
        messages = [
            message
            for message in self._store.messages(case.id, limit=MESSAGES_LOOKED_AT)
            if not message.withdrawn
        ]
        first = messages[0] if messages else None
        chosen = next((message for message in messages if message.url), None)
        reason = self._why_not(case, chosen)
        trace, kept = None, None
        if reason is None and chosen is not None:
            trace = self._tracer.trace(str(chosen.url))
            kept = self._capture(case.id, trace)
        written_by = chosen or first
        author = self._author(written_by, trace)
        looked = Found(
            findings=_findings(trace, author, reason, kept.id if kept else None),
            platform=written_by.platform if written_by is not None else "",
            handle=author.handle if written_by is not None else "",
            earliest=_sighted(trace.earliest) if trace and trace.earliest else None,
            evidence=kept,
        )
        mark = found.put_aside(
            self._casework.table, case_id, found.TRACE, looked.model_dump(mode="json"), self._casework.now()
        )
        return {"case_id": case_id, "outcome": looked.findings.outcome, "found": mark}

    def _why_not(self, case: Case, message: Message | None) -> str | None:
        """Why nothing is fetched, or None."""
        if not self._casework.organisation.thresholds.trace:
            return "tracing is switched off in the organisation file"
        if message is None:
            return "no message of the case has an address"
        leaked = case.leak or case.asserted.get("confidential_leak") or case.freeze_epoch is not None
        if leaked or case.leak_suspected or case.suspicion == "pending":
            # Whoever serves the document would see who asks for it, and when the company knew.
            return "a leak is at stake: fetching the page would tell its host that we know. Look by hand, from outside"
        return None

    def _capture(self, case_id: str, trace: Trace) -> Evidence | None:
        if trace.page is None:
            return None
        with suppress(Refused):  # without a store, or past its limit, the findings count all the same
            return self._evidence.captured(case_id, trace.page, trace.readable, "sangfroid")
        return None

    def _author(self, message: Message | None, trace: Trace | None) -> _Author:
        """Who wrote it, and whether they have to do with a rival (A11)."""
        profile = message.author if message is not None else {}
        handle = (trace.handle if trace else "") or str(profile.get("handle") or "")
        said = [handle, str(profile.get("handle") or ""), str(profile.get("bio") or "")]
        if trace is not None:
            said += [trace.author, trace.bio, trace.author_url]
        shown = TracedAuthor(
            name=trace.author[:200] if trace else "",
            handle=handle[:200],
            url=trace.author_url[:500] if trace else "",
            since=trace.since if trace else None,
        )
        rivals = rivals_in(self._casework.organisation.rivals, *filter(None, said))
        return _Author(shown, rivals, handle[:1_000])


def _findings(trace: Trace | None, author: _Author, reason: str | None, kept: str | None) -> SourceTrace:
    outcome: Outcome = "skipped" if trace is None else "refused" if trace.page is None else "traced"
    if trace is not None and trace.refusal is not None:
        reason = f"{trace.refusal.kind}: {trace.refusal}"
    if trace is not None and trace.sightings:
        outcome = "traced"
    return SourceTrace(
        outcome=outcome,
        reason=reason,
        url=trace.url if trace else None,
        canonical_url=trace.canonical_url if trace else None,
        title=trace.title[:300] if trace else "",
        status=trace.page.status if trace and trace.page else None,
        published_at=trace.published_at if trace else None,
        author=author.shown,
        rivals=author.rivals,
        earlier_cases=[],
        sightings=[_sighted(seen) for seen in (trace.sightings[:20] if trace else [])],
        evidence=kept,
    )


def _sighted(seen: Sighting) -> Sighted:
    return Sighted(
        relation=seen.relation, url=seen.url[:500], author=seen.author[:200], published_at=seen.published_at
    )
