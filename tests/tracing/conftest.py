"""A small internet: names with public addresses that lead, behind the connector, to servers on this machine.

The fetcher runs its real path (names, addresses, sockets, TLS, HTTP); only the last step, from a public address to a socket, is
mapped. Every address that was connected to is on record.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpcore
import pytest

from sangfroid.tracing.fetch import Fetcher, Limits
from sangfroid.tracing.refusals import Unreachable

PUBLIC = "93.184.216.34"
Behave = Callable[[socket.socket, str], None]
"""What a server does with a connection: the socket, and the head of the request."""


class Server:
    """A server on loopback; `requests` are the heads that it got."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.requests: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head and (piece := connection.recv(65_536)):
                head += piece
            self.requests.append(head.decode("latin-1"))
            self.behave(connection, head.decode("latin-1"))

    def close(self) -> None:
        self._socket.close()


class Internet:
    """Names, and who answers behind each address."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.servers: dict[str, Server] = {}
        self.reached: list[str] = []
        self.looked_up: list[str] = []

    def site(self, name: str, behave: Behave, address: str = PUBLIC) -> Server:
        """A name with an address at which a server behaves so."""
        self.names[name] = [[address]]
        self.servers[address] = Server(behave)
        return self.servers[address]

    def resolve(self, host: str, port: int, seconds: float) -> list[str]:
        """Each lookup takes the next answer; the last one stays."""
        self.looked_up.append(host)
        if host not in self.names:
            raise Unreachable(f"{host} is not known.")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        self.reached.append(address)
        if address not in self.servers:
            raise httpcore.ConnectError("nobody there")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.servers[address].port, timeout=seconds)

    def fetcher(self, **limits: Any) -> Fetcher:
        return Fetcher(self.resolve, self.connect, Limits(**({"seconds": 2.0} | limits)))


@pytest.fixture
def internet() -> Iterator[Internet]:
    """An empty one."""
    made = Internet()
    yield made
    for server in made.servers.values():
        server.close()


def answer(
    body: bytes | str, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8"
) -> Behave:
    """A server that answers so."""
    data = body.encode() if isinstance(body, str) else body

    def behave(connection: socket.socket, _: str) -> None:
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(data)}",
            "Connection: close",
            *headers,
        ]
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data)

    return behave


def redirect(to: str, status: int = 302) -> Behave:
    """A server that leads on."""
    return answer("", f"Location: {to}", status=f"{status} Found")
