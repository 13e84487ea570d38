"""The embedded classifier: no network, no cost a call, explains itself by spans of text and notes.

Linear models over words and concepts, one for the classes (1, 2, 3, 3-leak, 4, none), one for the author; beside them one
over the embeddings of a sentence model. A gate of its own says how likely a leak is. They are
 trained by `python -m tools.triage.train`; how well they do stands in `docs/triage.md`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, get_args

from sangfroid.model import Author, CaseNumber
from sangfroid.triage.features import Features, concept_name, extractions, stem
from sangfroid.triage.linear import LEAK, Dense, Linear, Mixture, Share
from sangfroid.triage.report import Candidate, Reason, Report, Verdict
from sangfroid.triage.sentences import WINDOWS, Sentences
from sangfroid.triage.sentences import load as load_sentences
from sangfroid.triage.severity import assess, reach

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
_CALM = 0.9


def case_of(name: str) -> CaseNumber | None:
    """The case number of a class name; None for `none`."""
    cases: dict[str, CaseNumber] = {"1": 1, "2": 2, "3": 3, "3-leak": 3, "4": 4}
    return cases.get(name)


class Embedded:
    """Classifies a report from words, concepts and, where it is installed, a sentence model. Make it with `load`.

    It holds no state between reports. Without the sentence model the words decide alone, with thresholds of their own.
    """

    def __init__(self, data: Mapping[str, Any], sentences: Sentences | None = None) -> None:
        self._case = Linear(data["case"])
        self._author = Linear(data["author"])
        self._dense = Dense(data["sentence"])
        self._sentences = sentences
        chosen = data["with sentences" if sentences is not None else "words alone"]
        self._mixture = Mixture(chosen)
        self._words = Mixture(data["words alone"])
        thresholds = chosen["thresholds"]
        self.sure_from = float(thresholds["sure_from"])
        self.leak_from = float(thresholds["leak_from"])
        self.suspect_from = float(thresholds["suspect_from"])

    @classmethod
    def load(cls) -> Embedded:
        """The shipped models; read once per process."""
        return _shipped()

    def probabilities(self, report: Report) -> dict[str, float]:
        """Calibrated probability of each of the six classes."""
        features, shares = self._read(report)
        return self._judge(features, shares)

    def _read(self, report: Report) -> tuple[Features, list[Share]]:
        """The features that are judged; of a very long message those of the part that the words find loudest."""
        found = [(features, _shares(self._case, features)) for features in extractions(report)]
        return found[0] if len(found) == 1 else max(found, key=lambda one: self._loudness(one[1]))

    def _loudness(self, shares: list[Share]) -> float:
        """How clearly the words say something; a crisis is louder than thanks."""
        chances = self._words.probabilities(self._case.classes, [self._case.scores(shares)])
        calm = chances.pop("none") * _CALM
        return max(calm, *chances.values())

    def _judge(self, features: Features, shares: list[Share]) -> dict[str, float]:
        scores = [self._case.scores(shares)]
        if self._sentences is not None:
            embed = self._sentences.embed
            scores.append(
                self._dense.scores([embed(features.said[zone], limit) for zone, limit in WINDOWS.items()])
            )
        return self._mixture.probabilities(self._case.classes, scores)

    def classify(self, report: Report) -> Verdict:
        """Verdict with the two best candidates and the spans that speak for each."""
        features, shares = self._read(report)
        chances = self._judge(features, shares)
        order = sorted(chances, key=lambda name: -chances[name])
        others = [name for name in order if name != LEAK]
        if chances[LEAK] >= self.leak_from:
            # A leak that is missed costs more than one that a person strikes out: it comes first, with its low confidence.
            order = [LEAK, *others]
        elif order[0] == LEAK:
            # Likeliest of many unlikely ones: shown as the second candidate, not called.
            order = [others[0], LEAK, *others[1:]]
        candidates = [
            Candidate(
                case=case_of(name),
                leak=name == LEAK,
                probability=chances[name],
                reasons=_reasons(report, features, shares, self._case.classes.index(name)),
            )
            for name in order[:2]
        ]
        best = candidates[0]
        suspected = best.leak or chances[LEAK] >= self.suspect_from
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
            why=_why(order[0], best.reasons),
            reasons=reasons,
            alternatives=candidates,
            suspicion=chances[LEAK],
            danger=_danger(report, reasons, chances),
        )

    def _write(self, features: Features) -> Author:
        shares = _shares(self._author, features)
        shares += self._author.shares("profile", ((name, 1) for name in features.profile))
        scores = self._author.scores(shares)
        name = self._author.classes[max(range(len(scores)), key=lambda at: scores[at])]
        return next(author for author in AUTHORS if author == name)


def model_data() -> dict[str, Any]:
    """The content of the shipped model file."""
    packed = resources.files("sangfroid.triage").joinpath("data", "model.json.gz").read_bytes()
    data: dict[str, Any] = json.loads(gzip.decompress(packed))
    return data


@lru_cache(maxsize=1)
def _shipped() -> Embedded:
    return Embedded(model_data(), load_sentences())


def _danger(report: Report, reasons: Sequence[Reason], chances: Mapping[str, float]) -> float:
    """How likely it is that people may be hurt: one voice is no proof, many readers or the reporter's own word weigh more."""
    fields = {reason.field for reason in reasons if reason.kind == "safety"}
    if not fields:
        return 0.0
    certain = 0.4 + 0.1 * reach(report) + (0.2 if "notes" in fields else 0.0)
    return round(min(0.95, certain) * (1 - chances["none"] - 0.7 * chances["4"]), 4)


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
