"""The embedded classifier: no network, no cost, plain Python, explains itself by spans of text and notes.

Two linear models over the same features: one for the six classes (1, 2, 3, 3-leak, 4, none), one for the author.
They are trained by `python -m tools.triage.train`; how well they do stands in `docs/triage.md`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, get_args

from sangfroid.model import Author, CaseNumber
from sangfroid.triage.features import Features, concept_name, extract, stem
from sangfroid.triage.linear import Linear, Share
from sangfroid.triage.report import Candidate, Reason, Report, Verdict
from sangfroid.triage.severity import assess

CLASSES = ("1", "2", "3", "3-leak", "4", "none")
AUTHORS: tuple[Author, ...] = get_args(Author)

_MEANING = {
    "1": "a technical problem whose cause lies outside the company",
    "2": "a technical problem or defect of the company's own making",
    "3": "conduct of the company or its people",
    "3-leak": "a leak of confidential or personal data",
    "4": "an attack, a falsehood or a confusion from outside",
    "none": "no crisis",
}
_SAFETY = frozenset({"injury", "hazard", "contamination"})
_MOST_REASONS = 6
_LEAST_WEIGHT = 0.02


def case_of(name: str) -> CaseNumber | None:
    """The case number of a class name; None for `none`."""
    cases: dict[str, CaseNumber] = {"1": 1, "2": 2, "3": 3, "3-leak": 3, "4": 4}
    return cases.get(name)


class Embedded:
    """Classifies a report from words and concepts. Make it with `load`; it holds no state between reports."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._case = Linear(data["case"])
        self._author = Linear(data["author"])
        thresholds = data["thresholds"]
        self.sure_from = float(thresholds["sure_from"])
        self.leak_from = float(thresholds["leak_from"])
        self.suspect_from = float(thresholds["suspect_from"])
        self.temperature = self._case.temperature

    @classmethod
    def load(cls) -> Embedded:
        """The shipped models; read once per process."""
        return _shipped()

    def probabilities(self, report: Report) -> dict[str, float]:
        """Calibrated probability of each of the six classes."""
        features = extract(report)
        chances = self._case.probabilities(self._case.scores(_shares(self._case, features)))
        return dict(zip(self._case.classes, chances, strict=True))

    def classify(self, report: Report) -> Verdict:
        """Verdict with the two best candidates and the spans that speak for each."""
        features = extract(report)
        shares = _shares(self._case, features)
        chances = self._case.probabilities(self._case.scores(shares))
        order = sorted(range(len(chances)), key=lambda at: -chances[at])
        leak = self._case.classes.index("3-leak")
        if chances[leak] >= self.leak_from and order[0] != leak:
            # A leak that is missed costs more than one that a person strikes out: it comes first, with its low confidence.
            order = [leak, *(at for at in order if at != leak)]
        candidates = [
            Candidate(
                case=case_of(self._case.classes[at]),
                leak=self._case.classes[at] == "3-leak",
                probability=chances[at],
                reasons=_reasons(report, features, shares, at),
            )
            for at in order[:2]
        ]
        best = candidates[0]
        name = self._case.classes[order[0]]
        suspected = best.leak or chances[leak] >= self.suspect_from
        reasons = [*best.reasons, *_alarms(report, features)]
        kinds = {reason.kind for reason in reasons}
        return Verdict(
            case=best.case,
            leak=best.leak,
            leak_suspected=suspected,
            author=self._write(features),
            severity=assess(
                report,
                best.case,
                leak=best.leak,
                leak_suspected=suspected,
                safety="safety" in kinds,
                legal="legal" in kinds,
            ),
            confidence=best.probability,
            by="model",
            why=_why(name, best.reasons),
            reasons=reasons,
            alternatives=candidates,
        )

    def _write(self, features: Features) -> Author:
        shares = _shares(self._author, features)
        shares += self._author.shares("profile", ((name, 1) for name in features.profile))
        scores = self._author.scores(shares)
        name = self._author.classes[max(range(len(scores)), key=lambda at: scores[at])]
        return next(author for author in AUTHORS if author == name)


@lru_cache(maxsize=1)
def _shipped() -> Embedded:
    packed = resources.files("sangfroid.triage").joinpath("data", "model.json.gz").read_bytes()
    return Embedded(json.loads(gzip.decompress(packed)))


def _shares(model: Linear, features: Features) -> list[Share]:
    shares = model.shares("words", features.words.items())
    return shares + model.shares("concepts", ((name, 1) for name in features.concepts))


def _reasons(report: Report, features: Features, shares: list[Share], at: int) -> list[Reason]:
    """The spans that raise class `at` most above the other classes."""
    by_name = {share.feature: share for share in shares}

    def gain(name: str) -> float:
        share = by_name.get(name)
        return 0.0 if share is None else share.gain(at)

    found: list[Reason] = []
    for evidence in features.evidence:
        source = report.message.text if evidence.zone == "text" else report.notes
        seen: set[str] = set()
        for hit in evidence.hits:
            name = concept_name(evidence.zone, hit)
            weight = gain(name) + gain("a" + name[1:])
            if weight >= _LEAST_WEIGHT and name not in seen:
                seen.add(name)
                label = ("not: " if hit.negated else "") + hit.concept.replace("_", " ")
                quote = source[hit.start : hit.end]
                found.append(_span("concept", label, quote, evidence.zone, hit.start, hit.end, weight))
        mark = evidence.zone[0] + ":"
        for token in evidence.tokens:
            word = mark + stem(token.word)
            weight = gain(word)
            if weight >= _LEAST_WEIGHT and word not in seen and len(token.word) > 2:
                seen.add(word)
                quote = source[token.start : token.end]
                found.append(_span("word", "wording", quote, evidence.zone, token.start, token.end, weight))
    found.sort(key=lambda reason: -reason.weight)
    kept: list[Reason] = []
    for reason in found:
        if not any(_overlap(reason, other) for other in kept):
            kept.append(reason)
        if len(kept) == _MOST_REASONS:
            break
    return kept


def _span(kind: str, label: str, quote: str, zone: str, start: int, end: int, weight: float) -> Reason:
    return Reason(
        kind=kind,
        label=label,
        quote=quote,
        field="text" if zone == "text" else "notes",
        start=start,
        end=end,
        weight=round(weight, 4),
    )


def _overlap(one: Reason, other: Reason) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end


def _alarms(report: Report, features: Features) -> list[Reason]:
    """Signs of danger to people and of legal steps, which raise the severity; they carry no weight for the case."""
    found: list[Reason] = []
    for evidence in features.evidence:
        source = report.message.text if evidence.zone == "text" else report.notes
        concepts = {hit.concept for hit in evidence.hits if not hit.negated}
        # One word of danger is often a figure of speech; two different kinds of sign seldom are.
        safety = "injury" in concepts and bool(
            concepts & (_SAFETY - {"injury"} | {"defect", "pests_hygiene"})
        )
        for kind, wanted in (("safety", _SAFETY if safety else frozenset()), ("legal", frozenset({"legal"}))):
            for hit in evidence.hits:
                if hit.concept in wanted and not hit.negated:
                    quote = source[hit.start : hit.end]
                    found.append(_span(kind, kind, quote, evidence.zone, hit.start, hit.end, 0.0))
                    break
    return found


def _why(name: str, reasons: list[Reason]) -> str:
    label = "No crisis" if name == "none" else f"Reads as {_MEANING[name]}"
    if not reasons:
        return f"{label}."
    quotes = ", ".join(f"“{' '.join(reason.quote.split())}” ({reason.field})" for reason in reasons[:3])
    return f"{label}: {quotes}."
