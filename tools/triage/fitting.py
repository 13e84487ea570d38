"""Fitting the linear models with scikit-learn and numpy, and turning them into the file that the Lambda reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sparse  # type: ignore[import-untyped]
from sklearn.feature_extraction import DictVectorizer
from sklearn.svm import LinearSVC

from sangfroid.triage.features import Features, extract, zone_words
from sangfroid.triage.rows import pack
from sangfroid.triage.text import tokens
from tools.triage import gate
from tools.triage.dataset import Item, bank_lines, read_banks

BLOCKS = {"words": 1.0, "concepts": 0.45, "profile": 0.6}
PENALTY = 0.3
RIDGE = 0.5


@lru_cache(maxsize=1)
def _bank_counts() -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in [*bank_lines(read_banks()), *gate.sources()]:
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
    """A fitted model of words and concepts: blocks, and a weight for each column and class."""

    table: Table
    blocks: list[Block]
    classes: list[str]
    weights: Any
    intercept: Any

    def matrix(self, rows: Any) -> Any:
        return sparse.hstack([block.matrix(self.table, rows) for block in self.blocks]).tocsr()

    def scores(self, rows: Any, classes: Sequence[str]) -> Any:
        """Scores of the table's `rows`."""
        order = [self.classes.index(name) for name in classes]
        return self.matrix(rows) @ self.weights[order].T + self.intercept[order]

    def export(self, classes: Sequence[str]) -> dict[str, Any]:
        """The model as plain numbers; weights and idf in thousandths."""
        order = [self.classes.index(name) for name in classes]
        weights = np.rint(self.weights[order] * 1000).astype(int)
        at = 0
        blocks: dict[str, Any] = {}
        for block in self.blocks:
            names = self.table.blocks[block.name].names
            entries: dict[str, list[int]] = {}
            for place, column in enumerate(block.columns):
                row = [int(weights[line, at + place]) for line in range(len(order))]
                entries[names[column]] = [round(float(block.idf[place]) * 1000), *row]
            at += len(block.columns)
            blocks[block.name] = {"scale": block.scale, "packed": pack(entries)}
        return {
            "classes": list(classes),
            "intercept": [round(float(self.intercept[row]), 4) for row in order],
            "blocks": blocks,
        }


def fit(
    table: Table, rows: Any, targets: Sequence[str], blocks: Sequence[str], weights: Sequence[float]
) -> Fitted:
    """One linear separation a class (each against all others) over the named blocks of the table's `rows`."""
    rows = np.asarray(rows)
    built = [Block.fit(table, name, rows) for name in blocks]
    fitted = Fitted(table, built, [], None, None)
    model = LinearSVC(C=PENALTY, tol=1e-2, random_state=0)
    model.fit(fitted.matrix(rows), list(targets), sample_weight=list(weights))
    fitted.classes, fitted.weights, fitted.intercept = list(model.classes_), model.coef_, model.intercept_
    return fitted


@dataclass
class FittedSentences:
    """A fitted model of the embeddings of message and notes."""

    means: Any
    weights: Any  # zone × class × dimension
    intercept: Any

    def scores(self, embeddings: Any) -> Any:
        """Scores of (items × zones × dimensions), over the classes that it was fitted for."""
        return np.einsum("izd,zcd->ic", centred(embeddings, self.means), self.weights) + self.intercept

    def export(self) -> dict[str, Any]:
        """The model as plain numbers."""
        return {
            "means": np.round(self.means, 5).tolist(),
            "weights": np.round(self.weights, 4).tolist(),
            "intercept": np.round(self.intercept, 4).tolist(),
        }


def centred(embeddings: Any, means: Any) -> Any:
    """Embeddings about their mean; a zone in which nothing is said is zero."""
    said = np.abs(embeddings).sum(axis=2, keepdims=True) > 0
    return np.where(said, embeddings - means[None], 0.0)


def zone_means(embeddings: Any) -> Any:
    """Mean of each zone over the rows that say something there (E5's embeddings share a large part)."""
    said = np.abs(embeddings).sum(axis=2) > 0
    return np.array([embeddings[said[:, zone], zone].mean(axis=0) for zone in range(embeddings.shape[1])])


def fit_sentences(
    embeddings: Any, means: Any, targets: Sequence[str], classes: Sequence[str], weights: Any
) -> FittedSentences:
    """A ridge regression on the class (1, else -1): exact, the same on every run, half a second for 10,000 rows."""
    rows = centred(embeddings, means).reshape(len(embeddings), -1).astype(np.float64)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    wanted = np.array([[1.0 if name == target else -1.0 for name in classes] for target in targets])
    weighted = rows * np.asarray(weights)[:, None]
    penalty = np.eye(rows.shape[1]) * RIDGE
    penalty[-1, -1] = 1e-6
    solved = np.linalg.solve(weighted.T @ rows + penalty, weighted.T @ wanted)
    zones, size = embeddings.shape[1:]
    return FittedSentences(
        means, solved[:-1].reshape(zones, size, len(classes)).transpose(0, 2, 1), solved[-1]
    )
