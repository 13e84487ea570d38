"""Fitting the two linear models with scikit-learn, and turning them into the file that the Lambda reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sparse  # type: ignore[import-untyped]
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from sangfroid.triage.features import Features, extract, zone_words
from sangfroid.triage.report import Report
from sangfroid.triage.text import tokens
from tools.triage.dataset import Item, bank_lines, read_banks

BLOCKS = {"words": 1.0, "concepts": 0.6, "profile": 0.6}
PENALTY = 10.0


@lru_cache(maxsize=20_000)
def features_of(report: Report) -> Features:
    """Features of a report, remembered: cross-validation meets each one many times."""
    return extract(report)


@lru_cache(maxsize=1)
def _bank_counts() -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in bank_lines(read_banks()):
        counts.update({name[2:] for name in zone_words("text", tokens(line))})
    return counts


def _vocabulary(items: Sequence[Item]) -> set[str]:
    """Words and letter groups (without zone) that stand in at least two different sources: one alone is chance."""
    counts = Counter(_bank_counts())
    for item in items:
        if item.id:
            counts.update({name[2:] for name in features_of(item.report).words})
    return {name for name, count in counts.items() if count >= 2}


def _rows(items: Sequence[Item], block: str, allowed: set[str]) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    for item in items:
        features = features_of(item.report)
        if block == "words":
            rows.append({n: 1.0 + float(np.log(c)) for n, c in features.words.items() if n[2:] in allowed})
        else:
            names = features.concepts if block == "concepts" else features.profile
            rows.append(dict.fromkeys(sorted(names), 1.0))
    return rows


@dataclass
class Block:
    """One block of features with its idf and its scale."""

    name: str
    vectorizer: DictVectorizer
    idf: Any
    scale: float

    @classmethod
    def fit(cls, name: str, rows: list[dict[str, float]], scale: float) -> Block:
        vectorizer = DictVectorizer()
        counted = vectorizer.fit_transform(rows)
        seen = np.asarray((counted > 0).sum(axis=0)).ravel()
        return cls(name, vectorizer, np.log((1 + len(rows)) / (1 + seen)) + 1.0, scale)

    def matrix(self, rows: list[dict[str, float]]) -> Any:
        weighted = self.vectorizer.transform(rows) @ sparse.diags(self.idf)
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        return sparse.diags(self.scale / norms) @ weighted


@dataclass
class Fitted:
    """A fitted model: classes, blocks and the regression."""

    blocks: list[Block]
    allowed: set[str]
    model: LogisticRegression

    def matrix(self, items: Sequence[Item]) -> Any:
        return sparse.hstack([b.matrix(_rows(items, b.name, self.allowed)) for b in self.blocks]).tocsr()

    def scores(self, items: Sequence[Item], classes: Sequence[str]) -> Any:
        order = [list(self.model.classes_).index(name) for name in classes]
        return self.model.decision_function(self.matrix(items))[:, order]

    def export(self, classes: Sequence[str], temperature: float) -> dict[str, Any]:
        """The model as plain numbers; weights and idf in thousandths."""
        order = [list(self.model.classes_).index(name) for name in classes]
        weights = np.rint(self.model.coef_[order] * 1000).astype(int)
        at = 0
        blocks: dict[str, Any] = {}
        for block in self.blocks:
            table: dict[str, list[int]] = {}
            for place, name in enumerate(block.vectorizer.feature_names_):
                idf = round(float(block.idf[place]) * 1000)
                table[name] = [idf, *(int(weights[row, at + place]) for row in range(len(order)))]
            at += len(table)
            blocks[block.name] = {"scale": block.scale, "weights": table}
        return {
            "classes": list(classes),
            "intercept": [round(float(self.model.intercept_[row]), 4) for row in order],
            "temperature": round(temperature, 4),
            "blocks": blocks,
        }


def fit(
    items: Sequence[Item], targets: Sequence[str], blocks: Sequence[str], weights: Sequence[float]
) -> Fitted:
    """A multinomial logistic regression over the named blocks."""
    allowed = _vocabulary(items)
    built = [Block.fit(name, _rows(items, name, allowed), BLOCKS[name]) for name in blocks]
    fitted = Fitted(built, allowed, LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3))
    fitted.model.fit(fitted.matrix(items), list(targets), sample_weight=list(weights))
    return fitted
