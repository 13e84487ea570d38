"""Waiting for a platform takes a moment here, not the seconds that it would."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sangfroid import wall_clock


@pytest.fixture(autouse=True)
def short_waits() -> Iterator[None]:
    wall_clock.install(sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    yield
    wall_clock.install()
