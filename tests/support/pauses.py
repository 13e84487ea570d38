"""Short pauses of the product that take no time in a test.

`patch("sangfroid.store.time.sleep")` takes the sleep of the whole process away: `sangfroid.store.time` is Python's own module.
A thread that looks once every half second then looks without end, and a mock in place of the sleep keeps every call: gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from unittest.mock import patch


@contextmanager
def without_pauses(*modules: str) -> Iterator[None]:
    """In these modules alone `time.sleep` takes no time; they may use nothing else of `time`."""
    awake = SimpleNamespace(sleep=lambda _: None)
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch(f"{module}.time", awake))
        yield
