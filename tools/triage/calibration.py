"""Calibration on out-of-fold scores: temperature and biases, and the thresholds with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]

from tools.triage.dataset import CLASSES

# 0.95 is what is asked on unseen items; the development set is kinder than those (docs/triage.md), hence the margin.
PRECISION = 0.97
# The leak threshold aims above what is asked (0.95 and 0.60), because an unseen leak is worded less kindly than a known one.
LEAK_RECALL = 0.97
LEAK_PRECISION = 0.62
# Suspicion pages a director long before the verdict says leak (I8).
SUSPICION = 0.5
_PULL = 0.02  # keeps the biases small: there are few items to learn them from


@dataclass(frozen=True)
class Scale:
    """How scores become probabilities: divided by a temperature, then a bias for each class (composed reports are balanced,
    real ones are not)."""

    temperature: float
    bias: list[float]

    def chances(self, scores: Any) -> Any:
        """Probabilities of rows of scores."""
        shifted = scores / self.temperature + np.array(self.bias)
        powers = np.exp(shifted - shifted.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def calibrate(scores: Any, truth: Sequence[str]) -> Scale:
    """The scale with the least log-loss on scores of items that the models never saw."""
    columns = [CLASSES.index(name) for name in truth]
    rows = np.arange(len(columns))

    def scale(values: Any) -> Scale:
        return Scale(float(np.exp(values[0])), [float(value) for value in values[1:]])

    def loss(values: Any) -> float:
        chances = scale(values).chances(scores)[rows, columns]
        return float(-np.log(chances + 1e-9).mean() + _PULL * (values[1:] ** 2).sum())

    return scale(minimize(loss, np.zeros(len(CLASSES) + 1), method="BFGS").x)


def verdicts(chances: Any, limits: Any) -> tuple[Any, Any]:
    """Column and confidence of each row's verdict: a leak from `limits` on (one, or one a row), else the likeliest class."""
    leak = CLASSES.index("3-leak")
    given = np.where(chances[:, leak] >= limits, leak, chances.argmax(axis=1))
    return given, chances[np.arange(len(chances)), given]


def sure_from(chances: Any, limit: float, truth: Sequence[str]) -> float:
    """The lowest confidence from which the verdicts are right `PRECISION` of the time."""
    given, confidence = verdicts(chances, limit)
    right = np.array([CLASSES[at] == name for at, name in zip(given, truth, strict=True)])
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def leak_from(chances: Any, truth: Sequence[str]) -> float:
    """The probability from which the verdict is a leak: recall `LEAK_RECALL`, or as near as `LEAK_PRECISION` allows."""
    leak = chances[:, CLASSES.index("3-leak")]
    real = np.array([name == "3-leak" for name in truth])
    chosen = 1.0
    for limit in sorted(set(leak.tolist()), reverse=True):
        called = leak >= limit
        if real[called].mean() < LEAK_PRECISION:
            continue
        chosen = limit
        if real[called].sum() >= LEAK_RECALL * real.sum():
            break
    return float(chosen)
