"""Repeated stratified 5-fold cross-validation. Test folds hold untouched items of the development set only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from tools.triage import calibration
from tools.triage.dataset import CLASSES, Composer, Item, labels, read_banks
from tools.triage.fitting import Fitted, Table, fit
from tools.triage.measures import AUTHORS

COMPOSED = 16_000
COMPOSED_AUTHORS = 1500
REAL_WEIGHT = 3.0  # of an item of the development set against a composed report
AUTHOR_WEIGHT = 0.5
SEED = 7


@dataclass(frozen=True)
class OutOfFold:
    """Scores before calibration: `case` (items × classes) and `author` (items × authors), one row per item."""

    case: Any
    author: Any


def composed() -> list[Item]:
    """The training reports made from the banks; the same at every call."""
    return Composer(read_banks(), SEED).compose(COMPOSED)


class Bench:
    """Items and composed reports with their features, counted once, however many models are then fitted on them.

    The first `size` rows of the table are the items, the others the composed reports.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.size = len(items)
        self.table = Table([*items, *composed()])
        self._made = list(range(self.size, len(self.table.items)))

    def fit_case(self, known: Sequence[int]) -> Fitted:
        """The model of the six classes, from the items at `known` and all composed reports."""
        rows = [*known, *self._made]
        weights = [REAL_WEIGHT] * len(known) + [1.0] * len(self._made)
        targets = labels(self.table.items[at] for at in rows)
        return fit(self.table, rows, targets, ("words", "concepts"), weights)

    def fit_author(self, known: Sequence[int]) -> Fitted:
        """The model of the author, from the items where the author is known."""
        real = [at for at in known if self.table.items[at].author]
        extra = [at for at in self._made if self.table.items[at].author][:COMPOSED_AUTHORS]
        weights = [1.0] * len(real) + [AUTHOR_WEIGHT] * len(extra)
        rows = [*real, *extra]
        targets = [self.table.items[at].author or "" for at in rows]
        return fit(self.table, rows, targets, ("words", "concepts", "profile"), weights)

    def out_of_fold(self, seed: int) -> OutOfFold:
        """Scores of every item by models that never saw it."""
        case = np.zeros((self.size, len(CLASSES)))
        author = np.zeros((self.size, len(AUTHORS)))
        for train, test in folds(self.table.items[: self.size], seed):
            case[test] = self.fit_case(train).scores(test, CLASSES)
            author[test] = self.fit_author(train).scores(test, AUTHORS)
        return OutOfFold(case, author)


def calibrated(items: Sequence[Item], scores: Any, seed: int) -> tuple[Any, Any]:
    """Probabilities of every item, and the leak threshold it is judged by, both calibrated on other items only."""
    chances = np.zeros_like(scores)
    limits = np.zeros(len(items))
    truth = labels(items)
    for train, test in folds(items, seed + 100):
        known = [truth[at] for at in train]
        scale = calibration.calibrate(scores[train], known)
        chances[test] = scale.chances(scores[test])
        limits[test] = calibration.leak_from(scale.chances(scores[train]), known)
    return chances, limits


def folds(items: Sequence[Item], seed: int) -> list[tuple[list[int], list[int]]]:
    """Five (train, test) pairs of positions, stratified by class."""
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    pairs = splitter.split(np.zeros(len(items)), labels(items))
    return [([int(i) for i in train], [int(i) for i in test]) for train, test in pairs]


def baseline(items: Sequence[Item], seed: int) -> tuple[Any, Any]:
    """Plain TF-IDF + logistic regression on the same folds: probabilities of the classes, and author names."""
    texts = [f"{item.report.message.text}\n{item.report.notes}" for item in items]
    case = np.zeros((len(items), len(CLASSES)))
    author = np.empty(len(items), dtype=object)
    for train, test in folds(items, seed):
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        matrix = words.fit_transform([texts[at] for at in train])
        unknown = words.transform([texts[at] for at in test])
        model = LogisticRegression(C=10.0, max_iter=300).fit(matrix, [items[at].label for at in train])
        order = [list(model.classes_).index(name) for name in CLASSES]
        case[test] = model.predict_proba(unknown)[:, order]
        scored = [place for place, at in enumerate(train) if items[at].author]
        writer = LogisticRegression(C=10.0, max_iter=300)
        writer.fit(matrix[scored], [items[train[place]].author for place in scored])
        author[test] = writer.predict(unknown)
    return case, author
