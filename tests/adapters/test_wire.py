"""The wire: the time limit holds whatever the other side does, and every failure is told apart."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from sangfroid import wall_clock
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.channels.wire import Wire, retry_after
from sangfroid.outbound.errors import AnswerLost, ChannelFault, ChannelRefused

LIMIT = timedelta(seconds=0.5)


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does to one connection what `serve` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):  # the caller never came, or has gone
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                serve(client)

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()


def drip(head: bytes) -> Callable[[socket.socket], None]:
    """Sends a byte every 50 ms for five seconds."""

    def serve(client: socket.socket) -> None:
        client.sendall(head)
        for _ in range(100):
            client.sendall(b"a")
            time.sleep(0.05)

    return serve


@pytest.mark.parametrize(
    "serve",
    [
        drip(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nx: "),
        lambda _: time.sleep(5),
        lambda client: client.close(),
        lambda client: client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
        lambda client: client.sendall(b"not http at all\r\n\r\n"),
    ],
    ids=["body byte by byte", "header byte by byte", "silence", "broken off", "half an answer", "nonsense"],
)
@pytest.mark.parametrize(("method", "kind"), [("POST", AnswerLost), ("GET", ChannelRefused)])
def test_an_answer_that_does_not_come_is_lost_within_the_limit(
    serve: Callable[[socket.socket], None], method: str, kind: type[ChannelFault]
) -> None:
    with server(serve) as url:
        begun = time.monotonic()
        with pytest.raises(kind):
            Wire("Platform", Deadline(LIMIT), str).call(method, url)
        assert time.monotonic() - begun < LIMIT.total_seconds() + 0.4


def test_nothing_is_sent_when_the_time_is_over() -> None:
    seen: list[bytes] = []
    with (
        server(lambda _: seen.append(b"called")) as url,
        pytest.raises(ChannelRefused, match="not reached"),
    ):
        Wire("Platform", Deadline(timedelta(0)), str).call("POST", url)
    assert seen == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": "Sat, 21 Nov 2026 10:01:00 GMT"}, 60),
        ({"x-rate-limit-reset": "1795255290"}, 90),
        ({"x-ratelimit-reset": "2026-11-21T10:05:00.000Z"}, 300),
        ({"retry-after": "nonsense"}, 30),
        ({"retry-after": "nan"}, 30),
        ({"retry-after": "-5"}, 1),
        ({"retry-after": "99999999"}, 86_400),
        ({}, 30),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: float) -> None:
    wall_clock.install(lambda: datetime(2026, 11, 21, 10, 0, tzinfo=UTC))
    try:
        assert retry_after(headers) == pytest.approx(seconds)
    finally:
        wall_clock.install()


def test_who_sends_an_e_mail_loads_no_other_platform() -> None:
    program = (
        "import sys; from sangfroid.outbound.channels import ADAPTERS; ADAPTERS['ses'];"
        "print([name for name in sys.modules if 'channels.' in name and name.rsplit('.', 1)[1] in ADAPTERS],"
        " [name for name in ('apprise', 'httpx', 'smtplib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "['sangfroid.outbound.channels.ses'] []"
