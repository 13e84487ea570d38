"""The alarms of the template: what each looks at, when it rings, and which runbook tells what to do.

An emulation of CloudWatch for static thresholds, as its user guide describes them ("How alarm state is evaluated"): the
statistic of each period against the threshold, as many periods as are evaluated all breaching, and missing periods taken
as `TreatMissingData` says.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RUNBOOKS = ROOT / "docs" / "runbooks"
OPERATORS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {"Sum": sum, "Maximum": max, "Minimum": min}
_FILLED_SUM = re.compile(r"FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*")


@dataclass(frozen=True)
class Metric:
    """One metric, with its dimensions sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Alarm:
    """One alarm with its references worked out."""

    name: str
    description: str
    metrics: tuple[Metric, ...]
    statistic: str
    threshold: float
    compare: str
    periods: int
    missing: str

    @property
    def own(self) -> bool:
        """Whether the desk counts it itself."""
        return self.metrics[0].namespace == "Sangfroid"

    @property
    def runbook(self) -> Path:
        """The file that the description names."""
        return ROOT / self.description.rpartition("Runbook: ")[2]

    def rings(self, seen: Sequence[Mapping[Metric, Sequence[float]]]) -> bool:
        """Whether it is in the state ALARM after these periods, the newest last; each has the values of each metric."""
        last = [self._breaching(period) for period in seen[-self.periods :]]
        return len(last) == self.periods and all(last)

    def _breaching(self, period: Mapping[Metric, Sequence[float]]) -> bool:
        values = [STATISTICS[self.statistic](period[one]) for one in self.metrics if period.get(one)]
        if not values:
            return self.missing == "breaching"
        # Several metrics stand in one alarm only as a sum of what each has, FILL(…, 0).
        return bool(OPERATORS[self.compare](sum(values), self.threshold))


def alarms(resources: Mapping[str, Any], resolve: Any) -> list[Alarm]:
    """The alarms of a template's resources, in its order; `resolve` works out references."""
    found = []
    for resource in resources.values():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        given = resolve(resource["Properties"])
        metrics, statistic = [_metric(given)], given.get("Statistic", "Sum")
        if "Metrics" in given:
            shown = next(entry for entry in given["Metrics"] if entry.get("ReturnData"))
            if not _FILLED_SUM.fullmatch(shown["Expression"]):
                raise ValueError(f"{given['AlarmName']}: the emulation does not know {shown['Expression']}")
            metrics = [
                _metric(entry["MetricStat"]["Metric"]) for entry in given["Metrics"] if "MetricStat" in entry
            ]
        found.append(
            Alarm(
                name=given["AlarmName"],
                description=given["AlarmDescription"],
                metrics=tuple(metrics),
                statistic=statistic,
                threshold=float(given["Threshold"]),
                compare=given["ComparisonOperator"],
                periods=int(given["EvaluationPeriods"]),
                missing=given["TreatMissingData"],
            )
        )
    return found


def _metric(given: Mapping[str, Any]) -> Metric:
    dimensions = tuple(sorted((one["Name"], str(one["Value"])) for one in given.get("Dimensions", [])))
    return Metric(given.get("Namespace", ""), given.get("MetricName", ""), dimensions)


def table(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """What `make alarms` prints: cause, alarm, how it was made to ring, runbook."""
    heads = ("cause", "alarm", "made to ring by", "runbook")
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]
    return "\n".join(lines)
