"""Linear models in plain Python: over tf-idf blocks, over embeddings, and what makes probabilities of their scores.

File format (gzip of JSON): see `tools/triage/train.py`, which writes it. Weights are thousandths.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import mul
from typing import Any, NamedTuple, Protocol

from sangfroid.triage.rows import Rows


class Share(NamedTuple):
    """One known feature of a report: its value, and its weights (after the idf, in thousandths)."""

    feature: str
    value: float
    row: list[int]

    def gain(self, at: int) -> float:
        """What the feature adds to the score of class `at` above the mean of all classes."""
        weights = self.row[1:]
        return self.value * (weights[at] - sum(weights) / len(weights))


class _Weights(Protocol):
    def get(self, name: str, /) -> list[int] | None: ...


def _weights(block: Mapping[str, Any]) -> _Weights:
    """Packed; a model that was made before they were packed holds plain lists, and serves all the same."""
    if "packed" in block:
        return Rows(block["packed"])
    plain: dict[str, list[int]] = block["weights"]
    return plain


class Linear:
    """Scores of a fixed list of classes from named blocks of features."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.classes: list[str] = list(data["classes"])
        self.intercept: list[float] = [float(value) for value in data["intercept"]]
        # block name -> (scale, {feature: [idf, weight per class …]})
        self._blocks: dict[str, tuple[float, _Weights]] = {
            name: (float(block["scale"]), _weights(block)) for name, block in data["blocks"].items()
        }

    def shares(self, block: str, counts: Iterable[tuple[str, int]]) -> list[Share]:
        """The share of each known feature of one block (sublinear tf-idf, length one, times the block's scale)."""
        scale, weights = self._blocks[block]
        known: list[tuple[str, float, list[int]]] = []
        total = 0.0
        for name, count in counts:
            row = weights.get(name)
            if row is not None:
                value = (1.0 + math.log(count)) * row[0] / 1000.0
                total += value * value
                known.append((name, value, row))
        if not known:
            return []
        norm = scale / math.sqrt(total) / 1000.0
        return [Share(name, value * norm, row) for name, value, row in known]

    def scores(self, shares: Iterable[Share]) -> list[float]:
        """Score of every class before the softmax."""
        found = list(shares)
        return [
            start + sum([share.value * share.row[at] for share in found])
            for at, start in enumerate(self.intercept, 1)
        ]


class Dense:
    """Scores of a fixed list of classes from the embeddings of message and notes."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._means: list[list[float]] = data["means"]
        self._weights: list[list[list[float]]] = data["weights"]  # zone, class, dimension
        self._intercept: list[float] = data["intercept"]

    def scores(self, embeddings: Sequence[Sequence[float] | None]) -> list[float]:
        """Score of every class; a zone in which nothing is said (None) speaks for none."""
        scores = list(self._intercept)
        for embedding, mean, rows in zip(embeddings, self._means, self._weights, strict=True):
            if embedding is None:
                continue
            centred = [value - middle for value, middle in zip(embedding, mean, strict=True)]
            for at, row in enumerate(rows):
                scores[at] += sum(map(mul, centred, row))
        return scores


class Mixture:
    """From the scores of one or two models to calibrated probabilities: of a leak by a gate of its own, then of the rest.

    The gate weighs, of each model, the leak's score, the best other score, and the best other score of a crisis or of no
    crisis. What is left of the probability is shared among the other classes by a softmax.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._gate: list[float] = data["gate"]
        self._gate_start: float = data["gate_start"]
        self._scales: list[float] = data["scales"]  # one a model
        self._biases: dict[str, float] = data["biases"]

    def probabilities(self, classes: Sequence[str], scores: Sequence[Sequence[float]]) -> dict[str, float]:
        """Probability of each of the six classes; `scores` are those of each model, over `classes`."""
        signs = [sign for row in scores for sign in gate_signs(classes, row)]
        leak = 1.0 / (1.0 + math.exp(-self._gate_start - sum(map(mul, self._gate, signs))))
        names = [name for name in classes if name in self._biases]
        mixed = [
            self._biases[name]
            + sum(scale * row[classes.index(name)] for scale, row in zip(self._scales, scores, strict=True))
            for name in names
        ]
        top = max(mixed)
        powers = [math.exp(value - top) for value in mixed]
        rest = (1.0 - leak) / sum(powers)
        chances = {name: power * rest for name, power in zip(names, powers, strict=True)}
        return {name: leak if name == LEAK else chances[name] for name in classes if name != ORDINARY}


LEAK = "3-leak"
ORDINARY = "ordinary"
"""What people write every day: a class of its own in training, never an answer."""


def gate_signs(classes: Sequence[str], row: Sequence[float]) -> tuple[float, float, float]:
    """What the gate looks at in the scores of one model."""
    others = [value for name, value in zip(classes, row, strict=True) if name not in (LEAK, ORDINARY)]
    best = max(others)
    return row[classes.index(LEAK)], max(best, row[classes.index(ORDINARY)]), best
