"""What a trace means for its case (C1.1, C2.1, A11): a note on the duty, a proposed earlier origin, an author who is known.

Nothing here decides: the duty stays a person's to close, and an origin moves only when a person adds the message. Nothing here
reads a page either: what the look found comes as `Found`, checked, from the function that did (decision 0108).
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from pydantic import Field, ValidationError

from sangfroid.casefile import CaseFile
from sangfroid.cases.classification import TRACED
from sangfroid.cases.joining import fold
from sangfroid.casework import Casework
from sangfroid.evidence.keeping import Evidence, enter
from sangfroid.model import Case, Model, ProposedOrigin, Sighted, SourceTrace, rfc3339
from sangfroid.store import found
from sangfroid.table import ABSENT, ConditionFailed, Put

CASES_SHOWN = 10


class Found(Model):
    """What the look at a page gave, as it is put aside: the findings, the earliest message seen, what was put under lock."""

    findings: SourceTrace
    platform: str = Field(default="", max_length=100)
    handle: str = Field(
        default="", max_length=1_000, description="Of the author; empty where it is not known."
    )
    earliest: Sighted | None = None
    evidence: Evidence | None = None


class Taking:
    """Enters what was found in the case."""

    def __init__(self, casework: Casework) -> None:
        self._casework, self._store = casework, casework.store

    def take(self, case_id: str, sort: str) -> str | None:
        """Enter what lies under the sort key, once. Answers the outcome; None where it was taken, or is no finding at all."""
        lying = found.read(self._casework.table, case_id, sort)
        if lying is None:
            return None
        document, taken = lying
        try:
            looked: Found | None = Found.kept(document)
        except ValidationError:
            looked = None  # whoever wrote it is not the look that we know: nothing of it is entered
        if looked is not None and looked.evidence is not None and not _ours(looked.evidence, case_id):
            looked = None
        if looked is None:
            self._casework.table.transact([taken])
            return None
        read = self._casework.read(case_id)
        case = read.case
        findings = looked.findings
        findings.earlier_cases = self._remember(case, looked.platform, looked.handle) if looked.handle else []
        findings.note = note(findings)

        def work(file: CaseFile) -> None:
            file.extra_writes.append(taken)
            if looked.evidence is not None:
                enter(
                    file, looked.evidence
                )  # what is under lock is entered also where the case closed meanwhile
            stands = file.case
            if stands.status == "closed":
                return
            stands.trace = findings
            file.note(
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
            _propose(file, looked.earliest, findings.evidence)

        self._casework.change(case_id, "sangfroid", work, seen=read)
        return findings.outcome

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


def _ours(evidence: Evidence, case_id: str) -> bool:
    """Whether the piece is a capture of this case, lying where captures of this case lie."""
    return (
        evidence.case_id == case_id
        and evidence.kind == "capture"
        and evidence.by == "sangfroid"
        and all(one.key.startswith(f"cases/{case_id}/{evidence.id}/") for one in evidence.files)
    )


def _propose(file: CaseFile, earliest: Sighted | None, kept: str | None) -> None:
    """Propose an earlier origin, where a message earlier than the known one was seen."""
    case = file.case
    known = case.first_published_at
    if earliest is None or earliest.published_at is None or known is None or earliest.published_at >= known:
        return
    case.proposed_origin = ProposedOrigin(
        state="proposed",
        url=earliest.url,
        author=earliest.author,
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
