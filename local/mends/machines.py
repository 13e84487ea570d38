# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, arg-type"
"""A machine's definition is parsed once on this machine, not once a process: its program is kept on disk.

Parsing takes longer than most executions run. A program holds no state of an execution, and nothing but the engine's
own objects, so it can be written down and read again; the definition, moto and the grammar's library name it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import io
import pickle
from typing import Any

from local import kept

KIND = "machines"
_ENGINE = "moto.stepfunctions.parser."
SHORT = 1000
"""Characters; what is shorter is parsed as quickly as it is read."""

_PLAIN = {("builtins", "set"), ("builtins", "frozenset"), ("datetime", "datetime")}


class _Reader(pickle.Unpickler):
    """Makes objects of the engine and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(_ENGINE) or (module, name) in _PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a program")


@functools.cache
def _versions() -> str:
    return " ".join(importlib.metadata.version(name) for name in ("moto", "antlr4-python3-runtime"))


def read(content: bytes) -> Any:
    """The program that was written down; None if it cannot be read, whatever the reason."""
    try:
        return _Reader(io.BytesIO(content)).load()
    except Exception:  # noqa: BLE001 - a damaged pickle may raise anything, and parsing again is always right
        return None


@functools.lru_cache(maxsize=256)
def program(definition: str) -> Any:
    """The program of a definition. Raises what the engine's parser raises."""
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

    if len(definition) < SHORT:
        return AmazonStateLanguageParser.parse(definition)[0]
    name = kept.key(_versions(), definition)
    found = kept.find(KIND, name)
    parsed = None if found is None else read(found)
    if parsed is None:
        parsed = AmazonStateLanguageParser.parse(definition)[0]
        content = pickle.dumps(parsed)
        if read(content) is not None:
            kept.keep(KIND, name, content)
    return parsed


def apply() -> None:
    """An execution takes its program from here."""
    from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

    def entrypoint(self: Any) -> Any:
        return program(self._evaluation_details.state_machine_details.definition)

    ExecutionWorker._get_evaluation_entrypoint = entrypoint
