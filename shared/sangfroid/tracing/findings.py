"""What a trace means for its case (C1.1, C2.1, A11): a note on the duty, a proposed earlier origin, an author who is known.

Nothing here decides: the duty stays a person's to close, and an origin moves only when a person adds the message.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases.classification import TRACED
from sangfroid.cases.joining import fold
from sangfroid.casework import Casework
from sangfroid.errors import Refused
from sangfroid.evidence.keeping import EvidenceKeeper
from sangfroid.model import Case, Message, ProposedOrigin, Sighted, SourceTrace, TracedAuthor, rfc3339
from sangfroid.table import ABSENT, ConditionFailed, Put
from sangfroid.tracing.tracer import Trace, Tracer, rivals_in

Outcome = Literal["traced", "refused", "skipped"]
CASES_SHOWN = 10
MESSAGES_LOOKED_AT = 20


@dataclass(frozen=True)
class _Author:
    """Who wrote it: what is shown of them, the rivals that they name, the earlier cases in which they stand."""

    shown: TracedAuthor
    rivals: list[str]
    earlier_cases: list[str]


class Tracing:
    """The step `trace` of the procedure."""

    def __init__(self, casework: Casework, evidence: EvidenceKeeper, tracer: Tracer) -> None:
        self._casework, self._store = casework, casework.store
        self._evidence, self._tracer = evidence, tracer

    def trace(self, case_id: str) -> dict[str, str]:
        """Trace the source of the case; answers `{"case_id", "outcome"}` (I13). Tracing again replaces the findings."""
        file = self._casework.read(case_id)
        case = file.case
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
        author = self._author(case, chosen or first, trace)
        findings = _findings(trace, author, reason, kept)
        findings.note = note(findings)

        def enter(changing: CaseFile) -> None:
            stands = changing.case
            if stands.status == "closed":
                return
            stands.trace = findings
            changing.note(
                "source_traced",
                outcome=findings.outcome,
                reason=findings.reason,
                evidence=findings.evidence,
                rivals=findings.rivals,
                earlier_cases=findings.earlier_cases,
            )
            for duty in stands.duties:
                if duty.id in TRACED and duty.state == "open":
                    duty.note = findings.note
            _propose(changing, trace, kept)

        self._casework.change(case.id, "sangfroid", enter, seen=file)
        return {"case_id": case.id, "outcome": findings.outcome}

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

    def _capture(self, case_id: str, trace: Trace) -> str | None:
        if trace.page is None:
            return None
        with suppress(Refused):  # without a store, or past its limit, the findings count all the same
            return self._evidence.capture(case_id, trace.page, trace.readable, "sangfroid").id
        return None

    def _author(self, case: Case, message: Message | None, trace: Trace | None) -> _Author:
        """Who wrote it, whether they have to do with a rival, and whether they stand in earlier cases of the brand (A11)."""
        profile = message.author if message is not None else {}
        handle = (trace.handle if trace else "") or str(profile.get("handle") or "")
        said = [handle, str(profile.get("handle") or ""), str(profile.get("bio") or "")]
        if trace is not None:
            said += [trace.author, trace.bio, trace.author_url]
        earlier: list[str] = []
        if message is not None and handle:
            earlier = self._remember(case, message.platform, handle)
        shown = TracedAuthor(
            name=trace.author[:200] if trace else "",
            handle=handle[:200],
            url=trace.author_url[:500] if trace else "",
            since=trace.since if trace else None,
        )
        return _Author(shown, rivals_in(self._casework.organisation.rivals, *filter(None, said)), earlier)

    def _remember(self, case: Case, platform: str, handle: str) -> list[str]:
        """Enter the case under its author; the cases that stood there before, newest last."""
        name = hashlib.sha256(f"{platform}:{fold(handle).lstrip('@')}".encode()).hexdigest()[:32]
        for _ in range(5):
            key = f"AUTHOR#{name}"
            before = self._store.indexed(case.brand, [key])[key]
            known = list(before["case_ids"]) if before else []
            if case.id in known:
                return [one for one in known if one != case.id]
            entry = self._store.index(
                case.brand, key, {"case_ids": [*known, case.id][-CASES_SHOWN:]}, None, None
            )
            with suppress(ConditionFailed):
                expect = ABSENT if before is None else {"case_ids": before["case_ids"]}
                self._store.table.transact([Put(entry.item, expect)])
                return known
        return []


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
        earlier_cases=author.earlier_cases,
        sightings=[
            Sighted(
                relation=seen.relation,
                url=seen.url[:500],
                author=seen.author[:200],
                published_at=seen.published_at,
            )
            for seen in (trace.sightings[:20] if trace else [])
        ],
        evidence=kept,
    )


def _propose(file: CaseFile, trace: Trace | None, kept: str | None) -> None:
    """Propose an earlier origin, where a message earlier than the known one was seen."""
    case, earliest = file.case, trace.earliest if trace else None
    known = case.first_published_at
    if earliest is None or earliest.published_at is None or known is None or earliest.published_at >= known:
        return
    case.proposed_origin = ProposedOrigin(
        state="proposed",
        url=earliest.url[:500],
        author=earliest.author[:200],
        published_at=earliest.published_at,
        relation=earliest.relation,
        evidence=kept,
        at=file.now,
    )
    file.note(
        "origin_proposed",
        published_at=rfc3339(earliest.published_at),
        relation=earliest.relation,
        known=rfc3339(known),
        evidence=kept,
    )


def note(findings: SourceTrace) -> str:
    """The findings in a sentence or two, for the duty."""
    if findings.outcome == "skipped":
        parts = [f"Not traced: {findings.reason}."]
    elif findings.outcome == "refused":
        parts = [f"The page was not read ({findings.reason})."]
    else:
        who = findings.author.handle or findings.author.name or "unknown"
        when = rfc3339(findings.published_at) if findings.published_at else "at an unknown time"
        parts = [f"Author {who}; published {when}."]
    dated = [
        (seen.published_at, seen.url)
        for seen in findings.sightings
        if seen.published_at is not None and seen.relation != "this"
    ]
    if dated:
        moment, url = min(dated, key=lambda seen: seen[0])
        parts.append(f"Earliest message seen: {url} ({rfc3339(moment)}).")
    if findings.rivals:
        parts.append(f"The author names a rival: {', '.join(findings.rivals)}.")
    if findings.earlier_cases:
        parts.append(f"The author stands in earlier cases: {', '.join(findings.earlier_cases)}.")
    if findings.evidence:
        parts.append(f"Capture: {findings.evidence}.")
    parts.append("To be confirmed by a person.")
    return " ".join(parts)[:1_500]
