"""Nested stratified cross-validation. An item is judged by models, calibration and thresholds that never saw it.

Outer folds hold untouched items and whole lines of the gate's banks. Within what is left an inner cross-validation gives the
scores on which calibration and thresholds are learnt.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from sangfroid.triage.linear import LEAK, ORDINARY
from sangfroid.triage.report import Report
from tools.triage import gate
from tools.triage.calibration import TRAINED, Calibration, Scored, Thresholds, calibrate, thresholds
from tools.triage.dataset import CLASSES, Composer, Item, labels, read_banks
from tools.triage.embeddings import Embeddings
from tools.triage.fitting import Fitted, FittedSentences, Table, fit, fit_sentences, zone_means
from tools.triage.measures import AUTHORS
from tools.triage.robustness import changed, typing_error

COMPOSED = 8_000
COMPOSED_AUTHORS = 1500
REAL_WEIGHT = 3.0  # of an item of the development set against a composed report
SENTENCE_WEIGHT = 2.0  # and once more where embeddings are fitted, which learn nothing by heart
ORDINARY_WEIGHT, LEAK_WEIGHT = 2.5, 1.0  # of a message of the gate
AUTHOR_WEIGHT = 0.5
NOTED = 0.4  # share of the gate's messages with a note that says nothing
SEED = 7
OUTER, INNER = 5, 4


def composed() -> list[Item]:
    """The training reports made from the banks; the same at every call."""
    return Composer(read_banks(), SEED).compose(COMPOSED)


def gate_items(lines: Sequence[gate.Line]) -> list[Item]:
    """The gate's messages as reports, some with a note that establishes nothing."""
    draw = random.Random(SEED)  # noqa: S311 training data, no secret
    notes = gate.notes()
    made: list[Item] = []
    for line in lines:
        note = draw.choice(notes["fr" if line.language == "fr" else "en"]) if draw.random() < NOTED else ""
        entry = {
            "brand": "-",
            "message": {"text": line.text, "platform": "other", "published_at": "2026-01-01T00:00:00Z"},
            "notes": note,
        }
        label = LEAK if line.leak else ORDINARY
        lines_of = (line.lines, (note,) if note else ())
        made.append(Item(Report.model_validate(entry), label, None, lines=lines_of))
    return made


@dataclass(frozen=True)
class Models:
    """The fitted models of the classes."""

    words: Fitted
    sentences: FittedSentences


@dataclass(frozen=True)
class Judged:
    """What a nested run says of the items: probabilities, thresholds by item, author scores; and of the gate's messages."""

    chances: Any
    limits: Any  # items × (sure_from, leak_from, suspect_from)
    author: Any
    lines: Any  # probabilities of the gate's messages
    line_limits: Any
    slips: Any  # probabilities of the items with one typing error


class Bench:
    """Items, composed reports and the gate's messages with their features, counted once, however many models are fitted.

    The rows of the table are the items, then the composed reports, then the gate's messages, then the items with a typing error.
    """

    def __init__(self, items: Sequence[Item], embeddings: Embeddings | None = None) -> None:
        self.known = known = embeddings or Embeddings()
        self.items = list(items)
        self.size = len(self.items)
        self.lines = gate.messages()
        made = composed()
        slips = [
            replace(item, report=changed(item.report, typing_error, at), id="")
            for at, item in enumerate(self.items)
        ]
        everything = [*self.items, *made, *gate_items(self.lines), *slips]
        self.table = Table(everything)
        self.embeddings = known.rows(everything)
        known.save()
        self.truth = labels(everything)
        self._made = list(range(self.size, self.size + len(made)))
        self._slips = len(everything) - self.size
        self.gate = list(range(self.size + len(made), self._slips))
        self._folds = np.array([line.fold for line in self.lines])
        self.means = zone_means(self.embeddings[self._made])

    def fit(self, known: Sequence[int], lines: Sequence[int]) -> Models:
        """The models of the classes from the items at `known`, all composed reports, and the gate's messages at `lines`."""
        rows = [*known, *self._made, *lines]
        targets = [self.truth[at] for at in rows]
        weights = np.array(
            [REAL_WEIGHT] * len(known)
            + [1.0] * len(self._made)
            + [LEAK_WEIGHT if self.truth[at] == LEAK else ORDINARY_WEIGHT for at in lines]
        )
        words = fit(self.table, rows, targets, ("words", "concepts"), weights.tolist())
        weights[: len(known)] *= SENTENCE_WEIGHT
        sentences = fit_sentences(self.embeddings[rows], self.means, targets, TRAINED, weights)
        return Models(words, sentences)

    def scores(self, models: Models, rows: Sequence[int]) -> Any:
        """Scores of the table's rows (models × rows × classes)."""
        return np.array(
            [models.words.scores(rows, TRAINED), models.sentences.scores(self.embeddings[list(rows)])]
        )

    def fit_author(self, known: Sequence[int]) -> Fitted:
        """The model of the author, from the items where the author is known."""
        real = [at for at in known if self.table.items[at].author]
        extra = [at for at in self._made if self.table.items[at].author][:COMPOSED_AUTHORS]
        weights = [1.0] * len(real) + [AUTHOR_WEIGHT] * len(extra)
        rows = [*real, *extra]
        targets = [self.table.items[at].author or "" for at in rows]
        return fit(self.table, rows, targets, ("words", "concepts", "profile"), weights)

    def held_out(self, known: Sequence[int], lines: Sequence[int], folds: int, seed: int) -> Scored:
        """Scores of the items at `known` and the gate's messages at `lines`, each by models that saw neither it nor its line."""
        rows = [*known, *lines]
        scores = np.zeros((2, len(rows), len(TRAINED)))
        place = {row: at for at, row in enumerate(rows)}
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
        fold_of = self._fold_of(lines)
        kept = sorted(set(fold_of.tolist()))
        for number, (train, test) in enumerate(splitter.split(known, [self.truth[at] for at in known])):
            mine = [
                line for line, fold in zip(lines, fold_of, strict=True) if kept.index(fold) % folds == number
            ]
            others = sorted(set(lines) - set(mine))
            models = self.fit([known[at] for at in train], others)
            tested = [*(known[at] for at in test), *mine]
            scores[:, [place[row] for row in tested]] = self.scores(models, tested)
        return Scored(scores, [self.truth[row] for row in rows], np.array([row < self.size for row in rows]))

    def _fold_of(self, lines: Sequence[int]) -> Any:
        return self._folds[[line - self.gate[0] for line in lines]]

    def nested(self, seed: int) -> dict[int, Judged]:
        """Every item, and every message of the gate, judged by what never saw it: with both models (2), by words alone (1)."""
        author = np.zeros((self.size, len(AUTHORS)))
        found = {
            count: Judged(
                np.zeros((self.size, len(CLASSES))),
                np.zeros((self.size, 3)),
                author,
                np.zeros((len(self.gate), len(CLASSES))),
                np.zeros((len(self.gate), 3)),
                np.zeros((self.size, len(CLASSES))),
            )
            for count in (2, 1)
        }
        for number, (train, test) in enumerate(folds(self.items, seed)):
            mine = [row for row, fold in zip(self.gate, self._folds, strict=True) if fold == number]
            others = [row for row, fold in zip(self.gate, self._folds, strict=True) if fold != number]
            held = self.held_out(train, others, INNER, seed + 50)
            tested = [*test, *mine, *(self._slips + at for at in test)]
            scores = self.scores(self.fit(train, others), tested)
            known = Scored(scores, [self.truth[row] for row in tested], np.ones(len(tested), dtype=bool))
            places = [row - self.gate[0] for row in mine]
            for count, judged in found.items():
                calibration, limit = calibrated(held.models(count))
                given = calibration.chances(known.models(count))
                cuts = (len(test), len(test) + len(mine))
                judged.chances[test], judged.lines[places], judged.slips[test] = np.split(given, cuts)
                row = (limit.sure_from, limit.leak_from, limit.suspect_from)
                judged.limits[test], judged.line_limits[places] = row, row
            author[test] = self.fit_author(train).scores(test, AUTHORS)
        return found


def calibrated(held: Scored) -> tuple[Calibration, Thresholds]:
    """Calibration and thresholds from held-out scores."""
    calibration = calibrate(held)
    return calibration, thresholds(calibration.chances(held), held)


def folds(items: Sequence[Item], seed: int) -> list[tuple[list[int], list[int]]]:
    """Five (train, test) pairs of positions, stratified by class."""
    splitter = StratifiedKFold(OUTER, shuffle=True, random_state=seed)
    pairs = splitter.split(np.zeros(len(items)), labels(items))
    return [([int(i) for i in train], [int(i) for i in test]) for train, test in pairs]


@lru_cache(maxsize=4)
def _texts(items: tuple[Item, ...]) -> list[str]:
    return [f"{item.report.message.text}\n{item.report.notes}" for item in items]


def baseline(items: Sequence[Item], seed: int) -> tuple[Any, Any]:
    """Plain TF-IDF + logistic regression on the same folds: probabilities of the classes, and author names."""
    texts = _texts(tuple(items))
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
