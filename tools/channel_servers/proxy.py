"""A proxy that loses answers: it passes the request on, waits until the server has answered, and then breaks the connection."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Stands before one server. `lose` arms it for one answer."""

    port: int
    lost: int = 0
    _pattern: re.Pattern[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Address of the proxy for HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def lose(self, pattern: bytes) -> None:
        """Lose the answer to the next request in which `pattern` is found."""
        with self._lock:
            self._pattern = re.compile(pattern)

    def takes(self, sent: bytes) -> bool:
        """Whether the answer to this is the one to lose; true once."""
        with self._lock:
            if self._pattern is None or not self._pattern.search(sent):
                return False
            self._pattern = None
            return True


@contextmanager
def proxy(to: int) -> Iterator[Proxy]:
    """A proxy before the server on port `to` of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    found = Proxy(int(listener.getsockname()[1]))

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_serve, args=(client, to, found), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _serve(client: socket.socket, to: int, found: Proxy) -> None:
    losing = threading.Event()
    with client, socket.create_connection(("127.0.0.1", to)) as server:

        def forward() -> None:
            sent = b""
            with suppress(OSError):
                while piece := client.recv(65536):
                    sent += piece
                    if not losing.is_set() and found.takes(sent):
                        losing.set()
                    server.sendall(piece)
                server.shutdown(socket.SHUT_WR)

        threading.Thread(target=forward, daemon=True).start()
        with suppress(OSError):
            while piece := server.recv(65536):
                if losing.is_set():
                    # The server has done it and says so; nobody hears it.
                    found.lost += 1
                    break
                client.sendall(piece)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
