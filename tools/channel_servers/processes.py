"""Starting and stopping of servers: each in a process group of its own, so that nothing outlives the tests."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx


class NotStarted(Exception):
    """A server did not come up; the message holds the end of its log."""


_given: set[int] = set()


def free_port() -> int:
    """A port of this machine that nothing listens on now; never the same twice.

    It lies below those from which systems take the near end of a connection (Linux: from 32768 on): such a port could be
    taken by anybody's connection before the server comes to listen.
    """
    for _ in range(200):
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            if port not in _given:
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port
    raise NotStarted("no free port between 20000 and 32000")


@contextmanager
def process(
    command: Sequence[object],
    log: Path,
    ready: Callable[[], bool],
    *,
    seconds: float = 60.0,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it is `ready`, and stop its process group at the end."""
    with log.open("ab") as out:
        running = subprocess.Popen(  # noqa: S603 - commands of the tests
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        wait_until(ready, seconds, lambda: _fault(running, log))
        yield running
    finally:
        stop(running)


def wait_until(
    ready: Callable[[], bool], seconds: float, fault: Callable[[], str | None] = lambda: None
) -> None:
    """Ask every 50 ms; raises NotStarted with what `fault` says when it says something or the time is over."""
    ends = time.monotonic() + seconds
    while not ready():
        if (said := fault()) is not None:
            raise NotStarted(said)
        if time.monotonic() > ends:
            raise NotStarted(fault() or f"not ready after {seconds} s")
        time.sleep(0.05)


def answers(url: str) -> Callable[[], bool]:
    """Whether anything but a server error comes back from `url`."""

    def ask() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url, timeout=5, trust_env=False).status_code < 500
        return False

    return ask


def listens(port: int) -> Callable[[], bool]:
    """Whether something takes connections on the port."""

    def ask() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    return ask


def stop(running: subprocess.Popen[bytes]) -> None:
    """End the process group: first kindly, after five seconds for certain."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            running.wait(5)
            break
    with suppress(ProcessLookupError):
        # Children that outlived their parent are still in its group.
        os.killpg(running.pid, signal.SIGKILL)


def _fault(running: subprocess.Popen[bytes], log: Path) -> str | None:
    if running.poll() is None:
        return None
    return f"{running.args!r} ended with {running.returncode}:\n{log.read_text('utf-8', 'replace')[-2000:]}"
