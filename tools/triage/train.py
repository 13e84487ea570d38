"""Train, calibrate and write the embedded models: `python -m tools.triage.train` (needs scikit-learn).

Writes `shared/sangfroid/triage/data/model.json.gz`; the same data give the same file, byte for byte.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sangfroid.triage.embedded import Embedded
from tools.triage import calibration
from tools.triage.crossvalidation import Bench
from tools.triage.dataset import CLASSES, DEV, Item, labels, read_items
from tools.triage.measures import AUTHORS

MODEL = Path(__file__).resolve().parents[2] / "shared" / "sangfroid" / "triage" / "data" / "model.json.gz"
SEEDS = (0, 1, 2)


def train(items: Sequence[Item], seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """The content of the model file, calibrated on `len(seeds)` repetitions of the cross-validation."""
    truth = labels(items) * len(seeds)
    bench = Bench(items)
    scores = np.vstack([bench.out_of_fold(seed).case for seed in seeds])
    scale = calibration.calibrate(scores, truth)
    chances = scale.chances(scores)
    limit = calibration.leak_from(chances, truth)
    everything = range(len(items))
    case = bench.fit_case(everything)
    data = {
        "case": case.export(CLASSES, scale.temperature, scale.bias),
        "author": bench.fit_author(everything).export(AUTHORS, 1.0, [0.0] * len(AUTHORS)),
        "thresholds": {
            "sure_from": round(calibration.sure_from(chances, limit, truth), 4),
            "leak_from": round(limit, 4),
            "suspect_from": round(limit * calibration.SUSPICION, 4),
        },
    }
    _check(data, items, scale.chances(case.scores(list(everything), CLASSES)))
    return data


def _check(data: dict[str, Any], items: Sequence[Item], expected: Any) -> None:
    """The plain-Python model must say what the trained one says; only rounding may differ."""
    shipped = Embedded(data)
    for item, row in zip(items, expected, strict=True):
        given = list(shipped.probabilities(item.report).values())
        if float(np.abs(np.array(given) - row).max()) > 0.02:
            raise AssertionError(f"{item.id}: the exported model differs from the trained one")


def write(data: dict[str, Any], path: Path) -> None:
    """Write the model file; the same content gives the same bytes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    content = train(read_items(DEV))
    write(content, MODEL)
    print(
        f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB",
        content["thresholds"],
        content["case"]["temperature"],
    )
