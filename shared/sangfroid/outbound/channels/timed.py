"""Connections whose every wait ends with a deadline, so that an answer given byte by byte cannot outlast it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

import httpcore
import httpx


class Deadline:
    """When an adapter call must have ended. Monotonic seconds: a clock that is set cannot move it."""

    def __init__(self, limit: timedelta) -> None:
        self._ends = time.monotonic() + limit.total_seconds()

    @property
    def left(self) -> float:
        """Seconds that are left, 0 when it is over."""
        return max(0.0, self._ends - time.monotonic())


@cache
def _trusted() -> ssl.SSLContext:
    # Reading the certificates takes longer than the rest of a call, so it is done once.
    return httpx.create_ssl_context(trust_env=False)


class TimedTransport(httpx.HTTPTransport):
    """One connection of httpx within a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(verify=_trusted(), retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(), max_connections=1, retries=0, network_backend=_TimedNetwork(deadline)
        )


class _TimedNetwork(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: Deadline, timeout: float | None, late: type[Exception]) -> float:
    left = deadline.left
    if left <= 0:
        raise late("the time limit is over")
    return left if timeout is None else min(timeout, left)
