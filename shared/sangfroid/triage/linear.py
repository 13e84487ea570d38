"""A linear model in plain Python: tf-idf blocks, one weight per feature and class, a temperature.

File format (gzip of JSON): see `tools/triage/train.py`, which writes it. Weights are thousandths.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Share(NamedTuple):
    """One known feature of a report: its value, and its weights (after the idf, in thousandths)."""

    feature: str
    value: float
    row: list[int]

    def gain(self, at: int) -> float:
        """What the feature adds to the score of class `at` above the mean of all classes."""
        weights = self.row[1:]
        return self.value * (weights[at] - sum(weights) / len(weights))


class Linear:
    """Scores of a fixed list of classes from named blocks of features."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.classes: list[str] = list(data["classes"])
        self.intercept: list[float] = [float(value) for value in data["intercept"]]
        self.temperature = float(data["temperature"])
        # block name -> (scale, {feature: [idf, weight per class …]})
        self._blocks: dict[str, tuple[float, dict[str, list[int]]]] = {
            name: (float(block["scale"]), block["weights"]) for name, block in data["blocks"].items()
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

    def probabilities(self, scores: list[float]) -> list[float]:
        """Calibrated probabilities of the classes."""
        top = max(scores)
        powers = [math.exp((score - top) / self.temperature) for score in scores]
        total = sum(powers)
        return [power / total for power in powers]
