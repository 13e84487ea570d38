"""Parts of libraries that are imported and never used here, kept out: most of a second of start-up.

`moto.batch` (for `batch:submitJob`) brings in all of `moto.ec2`; the desk's machines use neither. `httpx._main` is httpx's
command for the terminal, which brings in `rich` where that is installed; in the Lambdas' layer it is not.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from types import ModuleType


class _JobStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    RUNNABLE = "RUNNABLE"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


def spare() -> None:
    """Stand a small module in the place of each, unless the real one is loaded already."""
    if "httpx" not in sys.modules:
        command = ModuleType("httpx._main")
        setattr(command, "main", _no_command)  # noqa: B010 - a module made here has no attributes that are known
        sys.modules["httpx._main"] = command
    if "moto.batch" in sys.modules:
        return
    package, utils = ModuleType("moto.batch"), ModuleType("moto.batch.utils")
    package.__path__ = []
    setattr(utils, "JobStatus", _JobStatus)  # noqa: B010 - a module made here has no attributes that are known
    sys.modules["moto.batch"], sys.modules["moto.batch.utils"] = package, utils


def _no_command() -> None:
    sys.exit("httpx's command cannot run inside the local stack")
