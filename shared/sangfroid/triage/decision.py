"""From a classifier's verdict to what the desk does: insider facts first, then the threshold.

Order: `asserted` outweighs the text; a contradiction between the two is listed, never hidden; below the threshold a
person is asked with the two best candidates.
"""

from __future__ import annotations

from sangfroid.model import CaseNumber
from sangfroid.triage.report import Candidate, Classifier, Reason, Report, Verdict
from sangfroid.triage.severity import Spike, assess

# For a classifier without a measured `sure_from` of its own (Bedrock reports its own confidence, not a calibrated one).
SURE = 0.90

_INSIDER = 6.0  # log-odds: far above what any wording of a text reaches


def decide(
    report: Report, classifier: Classifier, threshold: float | None = None, arrivals: Spike | None = None
) -> Verdict:
    """The verdict that the desk acts on. `sure` False = ask a person.

    `threshold` is a confidence in [0, 1]; None takes the classifier's own `sure_from`, else `SURE`.
    """
    limit = threshold if threshold is not None else float(getattr(classifier, "sure_from", SURE))
    verdict = classifier.classify(report)
    verdict = _insider(report, verdict)
    sure = verdict.confidence >= limit
    if verdict.contradictions and not (verdict.by == "insider" and verdict.leak):
        sure = False
    if verdict.leak_suspected and not verdict.leak:
        sure = False
    severity = verdict.severity
    if arrivals is not None or verdict.by == "insider":
        kinds = {reason.kind for reason in verdict.reasons}
        severity = assess(
            report,
            verdict.case,
            leak=verdict.leak,
            leak_suspected=verdict.leak_suspected,
            safety="safety" in kinds,
            legal="legal" in kinds,
            arrivals=arrivals,
        )
    return verdict.model_copy(update={"sure": sure, "severity": severity})


def _insider(report: Report, verdict: Verdict) -> Verdict:
    asserted = report.asserted
    if asserted.confidential_leak:
        return _leak(verdict)
    changed = verdict
    if verdict.leak and "confidential_leak" in asserted.model_fields_set:
        changed = _no_leak(changed)
    if asserted.at_fault != "unknown":
        changed = _fault(changed, company=asserted.at_fault == "company")
    return changed


def _fact(label: str) -> Reason:
    return Reason(kind="insider", label=label, field="asserted", weight=_INSIDER)


def _leak(verdict: Verdict) -> Verdict:
    contradictions = list(verdict.contradictions)
    if not verdict.leak and not verdict.leak_suspected:
        contradictions.append(
            f"An insider vouches for a confidential leak; the text reads as {_name(verdict)}."
        )
    fact = _fact("an insider vouches for a leak of confidential data")
    return verdict.model_copy(
        update={
            "case": 3,
            "leak": True,
            "leak_suspected": True,
            "suspicion": 1.0,
            "confidence": 1.0,
            "by": "insider",
            "why": "An insider vouches for a leak of confidential data.",
            "reasons": [fact, *verdict.reasons],
            "contradictions": contradictions,
        }
    )


def _no_leak(verdict: Verdict) -> Verdict:
    # The suspicion stays: a box left unticked is weaker than evidence of a leak (I8), so a director is still paged.
    other = next((c for c in verdict.alternatives if not c.leak), None)
    return verdict.model_copy(
        update={
            "case": other.case if other is not None else 3,
            "leak": False,
            "leak_suspected": True,
            "confidence": other.probability if other is not None else 0.0,
            "contradictions": [
                *verdict.contradictions,
                "The report says that nothing confidential leaked; the text reads as a leak.",
            ],
        }
    )


def _fault(verdict: Verdict, *, company: bool) -> Verdict:
    if verdict.leak:
        return verdict  # whose fault it was does not change that data are out: a leak stays case 3
    fact = _fact(
        "an insider says the company is at fault" if company else "an insider says the cause is external"
    )
    swap: dict[CaseNumber, CaseNumber] = {1: 2, 4: 3} if company else {2: 1, 3: 4}
    agrees = verdict.case in ((2, 3) if company else (1, 4))
    if verdict.case is None:
        # At fault for something: the text alone looked harmless, the insider knows of an event.
        target = _best(verdict, (2, 3) if company else (1, 4))
    elif agrees:
        target = verdict.case
    else:
        target = _best(verdict, (2, 3) if company else (1, 4)) or swap[verdict.case]
    contradictions = list(verdict.contradictions)
    if not agrees:
        whose = "the company is at fault" if company else "the cause is outside the company's control"
        contradictions.append(f"An insider says that {whose}; the text reads as {_name(verdict)}.")
    if target is None:
        return verdict.model_copy(
            update={"contradictions": contradictions, "reasons": [fact, *verdict.reasons]}
        )
    confidence = max(verdict.confidence, _share(verdict, company)) if agrees else min(verdict.confidence, 0.5)
    return verdict.model_copy(
        update={
            "case": target,
            "confidence": confidence,
            "by": "insider",
            "why": f"{fact.label[0].upper()}{fact.label[1:]}.",
            "reasons": [fact, *verdict.reasons],
            "contradictions": contradictions,
        }
    )


def _best(verdict: Verdict, wanted: tuple[int, int]) -> CaseNumber | None:
    """The likelier of the two cases: among the candidates, else the technical twin of a technical reading."""
    found = [c for c in verdict.alternatives if c.case in wanted and not c.leak]
    if found:
        return max(found, key=_probability).case
    return None


def _share(verdict: Verdict, company: bool) -> float:
    """Probability of the verdict's case once the cases that the insider rules out are struck."""
    ruled_out = (1, 4) if company else (2, 3)
    left = [c for c in verdict.alternatives if c.case not in ruled_out and not c.leak]
    total = sum(c.probability for c in left)
    own = sum(c.probability for c in left if c.case == verdict.case)
    return own / total if total > 0 else verdict.confidence


def _probability(candidate: Candidate) -> float:
    return candidate.probability


def _name(verdict: Verdict) -> str:
    if verdict.leak:
        return "a leak"
    return "no crisis" if verdict.case is None else f"case {verdict.case}"
