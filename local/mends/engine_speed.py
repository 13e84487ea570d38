# What is replaced here belongs to moto, whose types say little of it.
# mypy: disable-error-code="assignment, attr-defined, typeddict-item, no-untyped-call, call-overload, index, method-assign"
"""What moto works out anew at every step, and it comes out the same: copies of JSON, lists of names, places of backends."""

from __future__ import annotations

import copy
import functools
from types import SimpleNamespace
from typing import Any

from local.mends.virtual import engine_modules

_ATOMS = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A deep copy; of JSON, which is nearly all that the engine copies, without looking for what stands in it twice."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: inner if type(inner) in _ATOMS else copied(inner) for key, inner in value.items()}
    if kind is list:
        return [inner if type(inner) in _ATOMS else copied(inner) for inner in value]
    return copy.deepcopy(value)


def apply() -> None:
    """Puts the shorter ways in."""
    _copies()
    _names()
    _identifiers()


def _copies() -> None:
    from moto.stepfunctions.parser import models
    from moto.stepfunctions.parser.asl.eval import environment
    from moto.stepfunctions.parser.asl.eval.program_state import ProgramState

    def of_environment(value: Any) -> Any:
        # It holds a few words and an error, of which none is written into.
        return copy.copy(value) if isinstance(value, ProgramState) else copied(value)

    def of_machine(value: Any, memo: Any = None) -> Any:
        """A machine as an execution keeps it: a new definition takes the place of the old one, never changes it."""
        if memo is None:
            return copied(value)
        snapshot = copy.copy(value)
        snapshot.executions = []
        return snapshot

    for module in engine_modules():
        if getattr(module, "copy", None) is copy:
            module.copy = SimpleNamespace(deepcopy=copied, copy=copy.copy)
    environment.copy = SimpleNamespace(deepcopy=of_environment, copy=copy.copy)
    models.copy = SimpleNamespace(deepcopy=of_machine, copy=copy.copy)


def _names() -> None:
    from moto.core import responses
    from moto.core.base_backend import AccountSpecificBackend, BackendDict

    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    plain_dict, plain_specific = BackendDict.__getitem__, AccountSpecificBackend.__getitem__
    plain_reset, used = BackendDict.reset, set()

    def of_account(self: Any, account_id: str) -> Any:
        # moto looks through all services in use at each look at one, to know which to empty one day.
        found = dict.get(self, account_id) if self._id in used else None
        if found is None:
            found = plain_dict(self, account_id)
            used.add(self._id)
        return found

    def reset() -> None:
        used.clear()
        plain_reset()
        used.clear()  # while they were emptied they may have looked at each other

    def of_region(self: Any, region_name: str) -> Any:
        found = dict.get(self, region_name)
        return plain_specific(self, region_name) if found is None else found

    BackendDict.__getitem__ = of_account
    BackendDict.reset = reset
    AccountSpecificBackend.__getitem__ = of_region


def _identifiers() -> None:
    """Random letters drawn together, not one by one."""
    import string

    from moto.moto_api._internal.moto_random import MotoRandom

    def get_random_hex(self: Any, length: int = 8) -> str:
        return f"{self.getrandbits(4 * length):0{length}x}" if length else ""

    def get_random_string(
        self: Any, length: int = 20, include_digits: bool = True, lower_case: bool = False
    ) -> str:
        pool = string.ascii_letters + (string.digits if include_digits else "")
        drawn = "".join(self.choices(pool, k=length))
        return drawn.lower() if lower_case else drawn

    MotoRandom.get_random_hex = get_random_hex
    MotoRandom.get_random_string = get_random_string
