"""What moto 5.2.5 lacks or does differently from AWS, made good. Each mend has a canary in tests/engine/test_mends.py.

Applied once a process, before the first stack; they hold for the life of the process.
"""

from __future__ import annotations

import importlib.metadata
import threading

MOTO = "5.2.5"
_applied = threading.Event()


def apply() -> None:
    """Applies every mend. RuntimeError with another moto than the one they were written for."""
    if _applied.is_set():
        return
    found = importlib.metadata.version("moto")
    if found != MOTO:
        raise RuntimeError(f"the local stack is written for moto {MOTO}, found {found}")
    from local.mends import imports

    imports.spare()  # before anything of the interpreter is loaded
    from local import calls_made
    from local.mends import (
        aliases,
        calls,
        clients,
        dynamodb,
        dynamodb_speed,
        email,
        engine_speed,
        executions,
        expressions,
        keys,
        loading,
        machines,
        rows,
        short_way,
        tokens,
        virtual,
        waits,
    )

    # In this order: the tokens' attempt stands around the clean-up of the executions' parts.
    for module in (
        loading,
        virtual,
        waits,
        expressions,
        executions,
        machines,
        tokens,
        aliases,
        calls,
        rows,
        dynamodb,
        dynamodb_speed,
        email,
        keys,
        short_way,
        engine_speed,
        clients,
        calls_made,
    ):
        module.apply()
    _applied.set()
