"""Parts of moto that its Step Functions interpreter imports and never uses here, kept out: most of a second of start-up.

`moto.batch` (for `batch:submitJob`) brings in all of `moto.ec2`; the desk's machines use neither.
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
    """Stand a small module in the place of `moto.batch.utils`, unless the real one is loaded already."""
    if "moto.batch" in sys.modules:
        return
    package, utils = ModuleType("moto.batch"), ModuleType("moto.batch.utils")
    package.__path__ = []
    setattr(utils, "JobStatus", _JobStatus)  # noqa: B010 - a module made here has no attributes that are known
    sys.modules["moto.batch"], sys.modules["moto.batch.utils"] = package, utils
