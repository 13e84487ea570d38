"""What `make eval-triage` prints: plain Python, so that a file can be measured with the packages of the Lambda alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tools.triage.dataset import CLASSES

AUTHORS = ("customer", "provoker", "malicious", "other")


@dataclass(frozen=True)
class Answer:
    """One expected and one given answer. `author` None = not scored (no crisis expected)."""

    label: str
    given: str
    confidence: float
    suspected: bool
    author: str | None
    author_given: str
    language: str | None = None
    sure: bool = False


def macro_f1(pairs: Sequence[tuple[str, str]], classes: Sequence[str]) -> float:
    """Mean F1 of the classes that occur among the expected or the given answers."""
    scores: list[float] = []
    for name in classes:
        right = sum(1 for wanted, given in pairs if wanted == given == name)
        wanted = sum(1 for w, _ in pairs if w == name)
        given = sum(1 for _, g in pairs if g == name)
        if wanted + given:
            scores.append(2 * right / (wanted + given))
    return sum(scores) / len(scores) if scores else 0.0


def coverage(answers: Sequence[Answer], precision: float = 0.95) -> float:
    """Largest share of the items, most confident first, that is answered with at least this precision."""
    ranked = sorted(answers, key=lambda answer: -answer.confidence)
    right, best = 0, 0
    for place, answer in enumerate(ranked, 1):
        right += answer.label == answer.given
        tied = place < len(ranked) and ranked[place].confidence == answer.confidence
        if right >= precision * place and not tied:
            best = place
    return best / len(ranked) if ranked else 0.0


def ratio(part: int, whole: int) -> float:
    """part / whole; 0 where there is no whole."""
    return part / whole if whole else 0.0


def measure(answers: Sequence[Answer], ms_per_report: float) -> dict[str, float | int]:
    """The figures by their names in the contract.

    `leak_recall` and `leak_precision` are those of the verdict: reports answered with the class 3-leak. The wider
    suspicion that pages a director (`leak_suspected`, I8) is measured by `alarm`.
    """
    pairs = [(a.label, a.given) for a in answers]
    wanted = sum(w == "3-leak" for w, _ in pairs)
    called = sum(g == "3-leak" for _, g in pairs)
    caught = sum(w == g == "3-leak" for w, g in pairs)
    authors = [(a.author, a.author_given) for a in answers if a.author is not None]
    return {
        "macro_f1": round(macro_f1(pairs, CLASSES), 4),
        "accuracy": round(ratio(sum(w == g for w, g in pairs), len(pairs)), 4),
        "leak_recall": round(ratio(caught, wanted), 4),
        "leak_precision": round(ratio(caught, called), 4),
        "author_macro_f1": round(macro_f1(authors, AUTHORS), 4),
        "coverage_at_95": round(coverage(answers), 4),
        "ms_per_report": round(ms_per_report, 3),
        "n": len(answers),
    }


def alarm(answers: Sequence[Answer]) -> tuple[float, float]:
    """Recall and precision of `leak_suspected`."""
    caught = sum(a.suspected and a.label == "3-leak" for a in answers)
    leaks = sum(a.label == "3-leak" for a in answers)
    return ratio(caught, leaks), ratio(caught, sum(a.suspected for a in answers))


def confusion(answers: Sequence[Answer]) -> str:
    """The confusion table: expected down, given across."""
    counts = Counter((a.label, a.given) for a in answers)
    lines = ["expected \\ given " + "".join(f"{name:>8}" for name in CLASSES)]
    lines += [f"{row:<17}" + "".join(f"{counts[row, given]:>8}" for given in CLASSES) for row in CLASSES]
    return "\n".join(lines)
