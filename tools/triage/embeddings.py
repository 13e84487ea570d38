"""Embeddings of the training sentences, made once: a file in `.cache/`, keyed by model and words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sangfroid.triage import sentences
from sangfroid.triage.features import Zone
from sangfroid.triage.reading import read
from tools.triage.dataset import Item

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "triage-embeddings.npz"


class Embeddings:
    """Looks embeddings up, and makes those that are missing. `save` keeps them for the next run."""

    def __init__(self, path: Path = CACHE) -> None:
        """Raises RuntimeError where the sentence model is not installed."""
        model = sentences.load()
        if model is None:
            raise RuntimeError("the sentence model is not installed: make .venv/.dev")
        self._model = model
        self._path = path
        self._known: dict[str, Any] = {}
        self._new = 0
        if path.is_file():
            kept = np.load(path)
            self._known = dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))

    def of(self, text: str, zone: Zone = "text") -> Any:
        """The embedding of a text as it is read (zeros where nothing is said)."""
        return self._row(sentences.window(read(text).said, sentences.WINDOWS[zone]))

    def embed(self, said: str, limit: int) -> list[float] | None:
        """As `SentenceModel.embed`, remembered: to measure the same reports again costs little."""
        row = self._row(sentences.window(said, limit))
        return [float(value) for value in row] if row.any() else None

    def _row(self, said: str) -> Any:
        key = hashlib.sha256(said.encode()).hexdigest()[:24]
        row = self._known.get(key)
        if row is None:
            vector = self._model.embed(said, len(said))  # cut already
            row = np.array(vector if vector is not None else [0.0] * sentences.SIZE, dtype=np.float32)
            self._known[key] = row
            self._new += 1
        return row

    def of_lines(self, lines: Sequence[str]) -> Any:
        """Nearly the embedding of several lines said together: their mean by length. (E5 pools its tokens so.)"""
        if not lines:
            return np.zeros(sentences.SIZE, dtype=np.float32)
        if len(lines) == 1:
            return self.of(lines[0])
        total = np.sum([self.of(line) * len(line) for line in lines], axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-9)

    def rows(self, items: Iterable[Item]) -> Any:
        """(items × zones × dimensions): message and notes of every item."""
        found = []
        for item in items:
            if item.lines[0]:
                found.append([self.of_lines(item.lines[0]), self.of_lines(item.lines[1])])
            else:
                found.append([self.of(item.report.message.text), self.of(item.report.notes, "notes")])
        return np.array(found, dtype=np.float32)

    def save(self) -> None:
        """Keep what was made new."""
        if self._new:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            keys = sorted(self._known)
            np.savez(self._path, keys=np.array(keys), rows=np.array([self._known[key] for key in keys]))
            self._new = 0
