"""Train, calibrate and write the embedded models: `python -m tools.triage.train` (needs scikit-learn and the sentence model).

Writes `model.json.gz`, `salience.txt` and `words.txt` in `shared/sangfroid/triage/data`; the same data give the same bytes on
one architecture.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sangfroid.triage import spelling
from sangfroid.triage.embedded import Embedded
from sangfroid.triage.lexicon import shipped as lexicon
from sangfroid.triage.reading import salience
from sangfroid.triage.text import words
from tools.triage import gate
from tools.triage.calibration import TRAINED, Scored
from tools.triage.crossvalidation import Bench, calibrated, composed
from tools.triage.dataset import CLASSES, DEV, Item, bank_lines, read_banks, read_items
from tools.triage.fitting import Table, fit
from tools.triage.measures import AUTHORS

DATA = Path(__file__).resolve().parents[2] / "shared" / "sangfroid" / "triage" / "data"
MODEL = DATA / "model.json.gz"
SALIENCE = DATA / "salience.txt"
WORDS = DATA / "words.txt"
SEED = 0
FOLDS = 5


def weigh_concepts() -> str:
    """The lines of `salience.txt`: how far each concept moves the classes apart, learnt from the composed reports alone."""
    made = composed()
    fitted = fit(
        Table(made), range(len(made)), [item.label for item in made], ("concepts",), [1.0] * len(made)
    )
    names = fitted.table.blocks["concepts"].names
    moved = fitted.weights - fitted.weights.mean(axis=0)
    weights: dict[str, float] = {}
    for place, column in enumerate(fitted.blocks[0].columns):
        name = names[column]
        if name.startswith("a@"):
            weights[name[2:]] = float(np.linalg.norm(moved[:, place]))
    top = max(weights.values())
    return "".join(f"{name} {weights[name] / top:.3f}\n" for name in sorted(weights))


def known_words() -> str:
    """The lines of `words.txt`: the words of our own sentences, the most frequent first, then those of the lexicon's cues."""
    counts: Counter[str] = Counter()
    for line in (*bank_lines(read_banks()), *(message.text for message in gate.messages())):
        counts.update(word for word in words(line) if word.isalpha())
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    cues = sorted({word for word in lexicon().words() if word.isalpha()} - set(counts))
    return "".join(f"{word}\n" for word in (*ordered, *cues))


def train(items: Sequence[Item]) -> dict[str, Any]:
    """The content of the model file. Calibration and thresholds come from scores of items that the scoring model never saw."""
    bench = Bench(items)
    everything = list(range(bench.size))
    held = bench.held_out(everything, bench.gate, FOLDS, SEED)
    models = bench.fit(everything, bench.gate)
    data: dict[str, Any] = {
        "case": models.words.export(TRAINED),
        "sentence": models.sentences.export(),
        "author": bench.fit_author(everything).export(AUTHORS),
    }
    expected: dict[int, Any] = {}
    for name, count in (("with sentences", 2), ("words alone", 1)):
        calibration, limits = calibrated(held.models(count))
        data[name] = {**calibration.export(), "thresholds": limits.export()}
        known = Scored(
            bench.scores(models, everything)[:count],
            bench.truth[: bench.size],
            np.ones(bench.size, dtype=bool),
        )
        expected[count] = calibration.chances(known)
    for count, rows in expected.items():
        _check(Embedded(data, bench.known if count == 2 else None), items, rows)
    return data


def _check(shipped: Embedded, items: Sequence[Item], expected: Any) -> None:
    """The plain-Python model must say what the trained one says; only rounding may differ."""
    for item, row in list(zip(items, expected, strict=True))[::5]:
        given = shipped.probabilities(item.report)
        if max(abs(given[name] - chance) for name, chance in zip(CLASSES, row, strict=True)) > 0.02:
            raise AssertionError(f"{item.id}: the exported model differs from the trained one")


def write(data: dict[str, Any], path: Path) -> None:
    """Write the model file; the same content gives the same bytes."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main() -> None:
    """Entry point; see the module."""
    WORDS.write_text(known_words(), encoding="utf-8")
    spelling.shipped.cache_clear()
    SALIENCE.write_text(weigh_concepts(), encoding="utf-8")
    salience.cache_clear()
    content = train(read_items(DEV))
    write(content, MODEL)
    print(
        f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB, sha256 {hashlib.sha256(MODEL.read_bytes()).hexdigest()}"
    )
    for name in ("with sentences", "words alone"):
        print(
            f"  {name}: {content[name]['thresholds']}, gate {content[name]['gate']}, scales {content[name]['scales']}"
        )


if __name__ == "__main__":
    main()
