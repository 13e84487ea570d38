"""Calibration on out-of-fold scores: the temperature, and the two thresholds with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tools.triage.dataset import CLASSES

# 0.95 is what is asked on unseen items; the development set is kinder than those (docs/triage.md), hence the margin.
PRECISION = 0.97
# The alarm aims above the 0.95 that is asked of it, because an unseen leak is worded less kindly than a known one.
ALARM_RECALL = 0.98
ALARM_PRECISION = 0.62


def softmax(scores: Any, temperature: float) -> Any:
    """Probabilities of rows of scores."""
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def temperature(scores: Any, truth: Sequence[str]) -> float:
    """The temperature with the least log-loss on scores of items that the models never saw."""
    columns = [CLASSES.index(name) for name in truth]
    rows = np.arange(len(columns))

    def loss(value: float) -> float:
        return float(-np.log(softmax(scores, value)[rows, columns] + 1e-9).mean())

    return float(min(np.geomspace(0.2, 5.0, 120), key=loss))


def sure_from(chances: Any, truth: Sequence[str]) -> float:
    """The lowest confidence from which the answers are right `PRECISION` of the time."""
    confidence = chances.max(axis=1)
    right = np.array([CLASSES[at] == name for at, name in zip(chances.argmax(axis=1), truth, strict=True)])
    order = np.argsort(-confidence)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def suspect_from(chances: Any, truth: Sequence[str]) -> float:
    """The leak alarm's threshold: recall `ALARM_RECALL`, or as near to it as `ALARM_PRECISION` allows."""
    leak = chances[:, CLASSES.index("3-leak")]
    real = np.array([name == "3-leak" for name in truth])
    chosen = 1.0
    for limit in sorted(set(leak.tolist()), reverse=True):
        alarm = leak >= limit
        if real[alarm].mean() < ALARM_PRECISION:
            continue
        chosen = limit
        if real[alarm].sum() >= ALARM_RECALL * real.sum():
            break
    return float(chosen)
