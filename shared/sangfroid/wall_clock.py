"""The one place where the system asks for the time or waits.

No rule reads the wall clock: a handler asks once, here, and passes the time on. The local stack installs its virtual
clock; on AWS nothing is installed and the real clock answers. ``install`` may be called from any thread at any time:
both functions change together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


def _real_now() -> datetime:
    return datetime.now(UTC)


# One tuple, replaced as a whole, so that no thread sees the clock of one and the sleep of another.
_installed: tuple[Callable[[], datetime], Callable[[float], None]] = (_real_now, time.sleep)


def now() -> datetime:
    """The present time, aware, in UTC."""
    return _installed[0]()


def sleep(seconds: float) -> None:
    """Waits for so many seconds, a real number from 0 upwards."""
    _installed[1](seconds)


def install(now: Callable[[], datetime] | None = None, sleep: Callable[[float], None] | None = None) -> None:
    """Puts another clock in the place of the real one; without arguments the real one is back.

    ``now`` must answer aware datetimes in UTC; ``sleep`` takes seconds.
    """
    global _installed  # noqa: PLW0603 - one clock for the process is the purpose
    _installed = (now or _real_now, sleep or time.sleep)
