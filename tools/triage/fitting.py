"""Fitting the two linear models with scikit-learn, and turning them into the file that the Lambda reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sparse  # type: ignore[import-untyped]
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from sangfroid.triage.features import Features, extract, zone_words
from sangfroid.triage.text import tokens
from tools.triage.dataset import Item, bank_lines, read_banks

BLOCKS = {"words": 1.0, "concepts": 0.45, "profile": 0.6}
PENALTY = 10.0


@lru_cache(maxsize=1)
def _bank_counts() -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in bank_lines(read_banks()):
        counts.update({name[2:] for name in zone_words("text", tokens(line))})
    return counts


@dataclass
class Column:
    """Raw counts of one block for every item of a table, with the name of each column."""

    names: list[str]
    counts: Any


class Table:
    """The features of a list of items, counted once; every fold weighs its own rows of it."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = list(items)
        found = [extract(item.report) for item in self.items]
        self.blocks = {name: self._count(name, found) for name in BLOCKS}
        self._real = np.array([bool(item.id) for item in self.items])
        # A word counts for the vocabulary whichever zone it stands in.
        bare = [name[2:] for name in self.blocks["words"].names]
        self._bases, self._base_of = np.unique(np.array(bare, dtype=object), return_inverse=True)
        known = _bank_counts()
        self._in_banks = np.array([known[name] for name in self._bases])

    @staticmethod
    def _count(block: str, found: Sequence[Features]) -> Column:
        def rows() -> Iterator[dict[str, float]]:
            for features in found:
                if block == "words":
                    yield {name: 1.0 + float(np.log(count)) for name, count in features.words.items()}
                else:
                    names = features.concepts if block == "concepts" else features.profile
                    yield dict.fromkeys(sorted(names), 1.0)

        vectorizer = DictVectorizer()
        counts = vectorizer.fit_transform(rows()).tocsr()
        return Column(list(vectorizer.feature_names_), counts)

    def vocabulary(self, rows: Any) -> Any:
        """Mask of the word columns that stand in at least two sources (bank lines, real items): one alone is chance."""
        real = rows[self._real[rows]]
        present = np.asarray((self.blocks["words"].counts[real] > 0).sum(axis=0)).ravel()
        sources = self._in_banks + np.bincount(self._base_of, weights=present, minlength=len(self._bases))
        return (sources >= 2)[self._base_of]


@dataclass
class Block:
    """One block of a fitted model: which columns it keeps, their idf, its scale."""

    name: str
    columns: Any
    idf: Any
    scale: float

    @classmethod
    def fit(cls, table: Table, name: str, rows: Any) -> Block:
        counts = table.blocks[name].counts[rows]
        seen = np.asarray((counts > 0).sum(axis=0)).ravel()
        kept = seen > 0
        if name == "words":
            kept &= table.vocabulary(rows)
        columns = np.flatnonzero(kept)
        return cls(name, columns, np.log((1 + len(rows)) / (1 + seen[columns])) + 1.0, BLOCKS[name])

    def matrix(self, table: Table, rows: Any) -> Any:
        weighted = table.blocks[self.name].counts[rows][:, self.columns] @ sparse.diags(self.idf)
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        return sparse.diags(self.scale / norms) @ weighted


@dataclass
class Fitted:
    """A fitted model: blocks and the regression."""

    table: Table
    blocks: list[Block]
    model: LogisticRegression

    def matrix(self, rows: Any) -> Any:
        return sparse.hstack([block.matrix(self.table, rows) for block in self.blocks]).tocsr()

    def scores(self, rows: Any, classes: Sequence[str]) -> Any:
        """Scores before calibration of the table's `rows`."""
        order = [list(self.model.classes_).index(name) for name in classes]
        return self.model.decision_function(self.matrix(rows))[:, order]

    def export(self, classes: Sequence[str], temperature: float, bias: Sequence[float]) -> dict[str, Any]:
        """The model as plain numbers; weights and idf in thousandths; the bias joins the intercept."""
        order = [list(self.model.classes_).index(name) for name in classes]
        weights = np.rint(self.model.coef_[order] * 1000).astype(int)
        at = 0
        blocks: dict[str, Any] = {}
        for block in self.blocks:
            names = self.table.blocks[block.name].names
            entries: dict[str, list[int]] = {}
            for place, column in enumerate(block.columns):
                row = [int(weights[line, at + place]) for line in range(len(order))]
                entries[names[column]] = [round(float(block.idf[place]) * 1000), *row]
            at += len(block.columns)
            blocks[block.name] = {"scale": block.scale, "weights": entries}
        starts = [
            float(self.model.intercept_[row]) + shift * temperature
            for row, shift in zip(order, bias, strict=True)
        ]
        return {
            "classes": list(classes),
            "intercept": [round(start, 4) for start in starts],
            "temperature": round(temperature, 4),
            "blocks": blocks,
        }


def fit(
    table: Table, rows: Any, targets: Sequence[str], blocks: Sequence[str], weights: Sequence[float]
) -> Fitted:
    """A multinomial logistic regression over the named blocks of the table's `rows`."""
    rows = np.asarray(rows)
    built = [Block.fit(table, name, rows) for name in blocks]
    fitted = Fitted(table, built, LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3))
    fitted.model.fit(fitted.matrix(rows), list(targets), sample_weight=list(weights))
    return fitted
