"""From scores to calibrated probabilities and thresholds, on scores of items that no fitted model saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]

from sangfroid.triage.linear import LEAK, ORDINARY, gate_signs
from tools.triage.dataset import CLASSES

TRAINED = (*CLASSES, ORDINARY)
"""The classes of the fitted models: the six answers, and what people write every day."""
REST = tuple(name for name in CLASSES if name != LEAK)
# 0.95 is what is asked on unseen items; the development set is kinder than those (docs/triage.md), hence the margin.
PRECISION = 0.97
LEAK_RECALL = 0.975
LEAK_PRECISION = 0.67
LEAST_SUSPICION = 0.35
"""A leak is neither called nor suspected below this probability: of ordinary messages, which are many, nearly every question
would be put in vain. Chosen with a look at the figures on real ordinary messages (docs/triage.md)."""
FALSE_SUSPICIONS = 0.03
"""Of our own ordinary sentences, which are harder than what people write: some sound like a leak on purpose."""
LINE_WEIGHT = 0.15  # of a sentence of the gate against an item
_PULL = 0.02  # keeps scales and biases small: there are few items to learn them from


@dataclass(frozen=True)
class Scored:
    """Scores of rows by each model (models × rows × classes), and what is true of the rows."""

    scores: Any
    truth: list[str]
    item: Any  # whether a row is a labelled item, or a sentence of the gate

    def part(self, rows: Any) -> Scored:
        return Scored(self.scores[:, rows], [self.truth[at] for at in rows], self.item[rows])

    def models(self, count: int) -> Scored:
        """The same by the first `count` models alone."""
        return Scored(self.scores[:count], self.truth, self.item)


@dataclass(frozen=True)
class Calibration:
    """What `sangfroid.triage.linear.Mixture` reads."""

    gate: list[float]
    gate_start: float
    scales: list[float]
    biases: dict[str, float]

    def chances(self, scored: Scored) -> Any:
        """Probabilities of the six classes, in the order of `CLASSES`."""
        leak = 1 / (1 + np.exp(-self.gate_start - _signs(scored.scores) @ np.array(self.gate)))
        mixed = sum(scale * rows for scale, rows in zip(self.scales, _rest(scored.scores), strict=True))
        mixed = mixed + np.array([self.biases[name] for name in REST])
        powers = np.exp(mixed - mixed.max(axis=1, keepdims=True))
        rest = powers / powers.sum(axis=1, keepdims=True) * (1 - leak)[:, None]
        found = np.zeros((len(leak), len(CLASSES)))
        found[:, CLASSES.index(LEAK)] = leak
        for at, name in enumerate(REST):
            found[:, CLASSES.index(name)] = rest[:, at]
        return found

    def export(self) -> dict[str, Any]:
        return {
            "gate": [round(value, 5) for value in self.gate],
            "gate_start": round(self.gate_start, 5),
            "scales": [round(value, 5) for value in self.scales],
            "biases": {name: round(value, 5) for name, value in self.biases.items()},
        }


def _signs(scores: Any) -> Any:
    return np.array(
        [
            [sign for row in rows for sign in gate_signs(TRAINED, row)]
            for rows in scores.transpose(1, 0, 2).tolist()
        ]
    )


def _rest(scores: Any) -> Any:
    return scores[:, :, [TRAINED.index(name) for name in REST]]


def calibrate(scored: Scored) -> Calibration:
    """The gate and the shares of the rest with the least log-loss."""
    signs = _signs(scored.scores)
    leak = np.array([name == LEAK for name in scored.truth], dtype=float)
    weights = np.where(scored.item, 1.0, LINE_WEIGHT)
    weights = weights / weights.sum()

    def gate_loss(values: Any) -> float:
        margin = values[0] + signs @ values[1:]
        loss = np.logaddexp(0, margin) - leak * margin
        return float((weights * loss).sum() + _PULL / 10 * (values[1:] ** 2).mean())

    gate = minimize(gate_loss, np.zeros(signs.shape[1] + 1), method="BFGS").x
    rows = np.flatnonzero(scored.item & (leak == 0))
    columns = [REST.index(scored.truth[at]) for at in rows]
    rest = _rest(scored.scores)[:, rows]
    count = len(rest)

    def rest_loss(values: Any) -> float:
        mixed = np.tensordot(np.exp(values[:count]), rest, axes=1) + values[count:]
        top = mixed.max(axis=1, keepdims=True)
        log = mixed - top - np.log(np.exp(mixed - top).sum(axis=1, keepdims=True))
        return float(-log[np.arange(len(rows)), columns].mean() + _PULL * (values[count:] ** 2).sum())

    shares = minimize(rest_loss, np.zeros(count + len(REST)), method="BFGS").x
    return Calibration(
        [float(value) for value in gate[1:]],
        float(gate[0]),
        [float(np.exp(value)) for value in shares[:count]],
        {name: float(value) for name, value in zip(REST, shares[count:], strict=True)},
    )


def verdicts(chances: Any, limits: Any) -> tuple[Any, Any]:
    """Column and confidence of each row's verdict: a leak from `limits` on (one, or one a row), else the likeliest other."""
    leak = CLASSES.index(LEAK)
    others = chances.copy()
    others[
        :, leak
    ] = -1.0  # below its own threshold a leak is not called, even where it is the likeliest of many
    given = np.where(chances[:, leak] >= limits, leak, others.argmax(axis=1))
    return given, chances[np.arange(len(chances)), given]


@dataclass(frozen=True)
class Thresholds:
    """From which probability on a verdict is sure, says leak, or suspects one."""

    sure_from: float
    leak_from: float
    suspect_from: float

    def export(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in self.__dict__.items()}


def thresholds(chances: Any, scored: Scored) -> Thresholds:
    """All three, from probabilities of rows that the models never saw."""
    items = np.flatnonzero(scored.item)
    truth = [scored.truth[at] for at in items]
    limit = max(LEAST_SUSPICION, leak_from(chances[items], truth))
    ordinary = np.array(
        [not item and name != LEAK for item, name in zip(scored.item, scored.truth, strict=True)]
    )
    return Thresholds(sure_from(chances[items], limit, truth), limit, suspect_from(chances[ordinary], limit))


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
    leak = chances[:, CLASSES.index(LEAK)]
    real = np.array([name == LEAK for name in truth])
    chosen = 1.0
    for limit in sorted(set(leak.tolist()), reverse=True):
        called = leak >= limit
        if real[called].mean() < LEAK_PRECISION:
            continue
        chosen = limit
        if real[called].sum() >= LEAK_RECALL * real.sum():
            break
    return float(chosen)


def suspect_from(ordinary: Any, limit: float) -> float:
    """The lowest probability that suspects no more than `FALSE_SUSPICIONS` of ordinary sentences; never above `limit`."""
    leak = np.sort(ordinary[:, CLASSES.index(LEAK)])
    quantile = float(leak[min(len(leak) - 1, int(np.ceil(len(leak) * (1 - FALSE_SUSPICIONS))))])
    return min(limit, max(LEAST_SUSPICION, quantile))
