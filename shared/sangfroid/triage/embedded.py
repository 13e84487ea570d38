"""The embedded classifier: no network, no cost, explains itself."""

from __future__ import annotations

import math
import re
import unicodedata

from sangfroid.model import CaseNumber
from sangfroid.triage.report import Candidate, Reason, Report, Verdict
from sangfroid.triage.severity import assess

_CUES: dict[str, str] = {
    "1": r"provider|supplier|fournisseur|prestataire|operateur|prefecture|prefet|storm|tempete|cable|substation|landlord|bailleur|ddos|radar|gestionnaire",
    "2": r"\bbug|mise a jour|update|certificat|certificate|recall|rappel\w*|defaut|faulty|migration|our config|capacity|allerg|listeria",
    "3": r"ceo|patron|manager|licenci|sexis|racis|price|prix|promise|promis|mepris|ignored|humili|dismiss",
    "3-leak": r"leaked|fuite de donnees|donnees|data|password|mots? de passe|records|dossiers|spreadsheet|fichier|breach of data|exposed|bucket",
    "4": r"fake|faux|fausse|hoax|rumou?r|rumeur|competitor|concurrent|deepfake|impost|usurp|not us|pas nous|homonym|boycott",
    "none": r"merci|thank|love|bravo|question|how do i|comment faire|\?$|promo|coupon|job|candidat",
}


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


class Embedded:
    """First working version: counts of cues."""

    sure_from = 0.9

    @classmethod
    def load(cls) -> Embedded:
        """The shipped classifier."""
        return cls()

    def classify(self, report: Report) -> Verdict:
        """Verdict from cue counts in text and notes."""
        scores = dict.fromkeys(_CUES, 0.0)
        reasons: dict[str, list[Reason]] = {name: [] for name in _CUES}
        for field, text, weight in (("text", report.message.text, 0.7), ("notes", report.notes, 1.4)):
            for name, pattern in _CUES.items():
                for found in re.finditer(pattern, fold(text)):
                    scores[name] += weight
                    start, end = found.span()
                    reasons[name].append(
                        Reason(
                            kind="cue",
                            label=name,
                            quote=text[start:end],
                            field="notes" if field == "notes" else "text",
                            start=start,
                            end=end,
                            weight=weight,
                        )
                    )
        total = sum(math.exp(s) for s in scores.values())
        ranked = sorted(((math.exp(s) / total, n) for n, s in scores.items()), reverse=True)
        candidates = [
            Candidate(case=_case(n), leak=n == "3-leak", probability=p, reasons=reasons[n]) for p, n in ranked
        ]
        best = candidates[0]
        suspected = any(c.leak and c.probability > 0.15 for c in candidates)
        return Verdict(
            case=best.case,
            leak=best.leak,
            leak_suspected=suspected,
            author="customer",
            severity=assess(report, best.case, leak=best.leak, leak_suspected=suspected),
            confidence=best.probability,
            by="model",
            why=f"Most evidence points to {ranked[0][1]}.",
            reasons=best.reasons,
            alternatives=candidates[:2],
        )


def _case(name: str) -> CaseNumber | None:
    cases: dict[str, CaseNumber] = {"1": 1, "2": 2, "3": 3, "3-leak": 3, "4": 4}
    return cases.get(name)
