"""A fresh stack for every crisis: the real template, the real machines, virtual time."""

from collections.abc import Iterator

import pytest

from local.stack import Stack
from tests.support.crises import EIGHT


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Empty, at eight o'clock, standing still. No fault is left to whoever comes next in this process."""
    borrowed = Stack.borrow(now=EIGHT)
    yield borrowed
    borrowed.faults.clear()
