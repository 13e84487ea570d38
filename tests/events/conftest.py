"""A fresh stack: the real template, the real machines, virtual time."""

import pytest

from local.stack import Stack
from tests.support.crises import EIGHT


@pytest.fixture
def stack() -> Stack:
    """Empty, at eight o'clock, standing still."""
    return Stack.borrow(now=EIGHT)
