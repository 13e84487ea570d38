"""Repeated stratified 5-fold cross-validation. Test folds hold untouched items of the development set only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from tools.triage.dataset import CLASSES, Composer, Item, labels, read_banks
from tools.triage.fitting import Fitted, fit
from tools.triage.measures import AUTHORS

COMPOSED = 6000
COMPOSED_AUTHORS = 1500
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


def fit_case(items: Sequence[Item], made: Sequence[Item]) -> Fitted:
    """The model of the six classes."""
    both = [*items, *made]
    return fit(both, labels(both), ("words", "concepts"), [1.0] * len(both))


def fit_author(items: Sequence[Item], made: Sequence[Item]) -> Fitted:
    """The model of the author, from the items where the author is known."""
    real = [item for item in items if item.author]
    extra = [item for item in made if item.author][:COMPOSED_AUTHORS]
    weights = [1.0] * len(real) + [AUTHOR_WEIGHT] * len(extra)
    both = [*real, *extra]
    return fit(both, [item.author or "" for item in both], ("words", "concepts", "profile"), weights)


def folds(items: Sequence[Item], seed: int) -> list[tuple[list[int], list[int]]]:
    """Five (train, test) pairs of positions, stratified by class."""
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    pairs = splitter.split(np.zeros(len(items)), labels(items))
    return [([int(i) for i in train], [int(i) for i in test]) for train, test in pairs]


def out_of_fold(items: Sequence[Item], seed: int) -> OutOfFold:
    """Scores of every item by models that never saw it."""
    made = composed()
    case = np.zeros((len(items), len(CLASSES)))
    author = np.zeros((len(items), len(AUTHORS)))
    for train, test in folds(items, seed):
        known = [items[at] for at in train]
        unknown = [items[at] for at in test]
        case[test] = fit_case(known, made).scores(unknown, CLASSES)
        author[test] = fit_author(known, made).scores(unknown, AUTHORS)
    return OutOfFold(case, author)


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
