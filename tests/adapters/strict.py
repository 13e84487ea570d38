"""What every strict fake stands on: a real HTTP server of this machine, and rules that name every deviation.

A fake answers what its platform documents, errors too. What a call does that the documentation does not allow is a
violation, and every test ends by asserting that there is none.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Part:
    """One part of a multipart body; `name` is that of a file."""

    content: bytes
    name: str | None
    media_type: str | None

    @property
    def text(self) -> str:
        assert self.name is None
        return self.content.decode()


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `path` is decoded and without the fake's own prefix."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    url: str
    target: str = ""
    """Path and query as they came, not decoded."""

    @property
    def json(self) -> dict[str, Any]:
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))

    @property
    def is_multipart(self) -> bool:
        return self.headers.get("content-type", "").startswith("multipart/form-data; boundary=")

    @property
    def parts(self) -> dict[str, Part]:
        """The parts of a multipart/form-data body (RFC 7578), by name."""
        assert self.is_multipart
        boundary = b"--" + self.headers["content-type"].partition("boundary=")[2].encode()
        pieces = self.body.split(boundary)
        assert pieces[0] == b""
        assert pieces[-1] == b"--\r\n"
        found: dict[str, Part] = {}
        for piece in pieces[1:-1]:
            head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            named = re.search(r'name="([^"]+)"(?:; filename="([^"]+)")?', head.decode())
            typed = re.search(r"content-type: (\S+)", head.decode(), re.IGNORECASE)
            assert named is not None
            assert named[1] not in found
            found[named[1]] = Part(content.removesuffix(b"\r\n"), named[2], typed[1] if typed else None)
        return found


@dataclass(frozen=True)
class Reply:
    """What the platform answers."""

    status: int
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Fault = Callable[["Platform", Call], str | None]
"""Decides about a call that publishes: None, or `error`, `throttle` (nothing is done), `lost`, `slow` (done, no answer)."""


class Platform:
    """Base of the fakes. `published` is what stands on the platform, by id.

    Besides its text an item says, under names that are the same everywhere, `parent` (the id of what it answers) and `alt`
    (the alternative text of its image), where it has them.
    """

    prefix: ClassVar[str]
    throttled: ClassVar[Reply] = Reply(429, {}, {"retry-after": "7"})
    failing: ClassVar[Reply] = Reply(500, {})
    slowness: ClassVar[float] = 0.6

    def __init__(self) -> None:
        self.published: dict[str, dict[str, Any]] = {}
        self.violations: list[str] = []
        self.calls: list[Call] = []
        self.fault: Fault | None = None
        self.reading_fault: Fault | None = None
        self.lock = threading.RLock()
        self._number = 1000

    def answer(self, call: Call) -> Reply:
        raise NotImplementedError

    def publishes(self, call: Call) -> bool:
        """Whether the call is the one that makes something public."""
        raise NotImplementedError

    def rule(self, holds: object, what: str) -> None:
        """A rule of the documentation."""
        if not holds:
            self.violations.append(what)

    def picture(self, part: Part) -> None:
        """The rules for a file: it has a name, and is what it says it is."""
        starts = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
        self.rule(part.name, "a file has a name")
        self.rule(part.content.startswith(starts[str(part.media_type)]), "an image of the type that it says")

    def next_id(self) -> str:
        self._number += 1
        return str(self._number)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    platforms: dict[str, Platform]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: tests look at the platform."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        prefix, _, rest = parts.path.removeprefix("/").partition("/")
        platform = self.server.platforms[prefix]
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        call = Call(
            self.command,
            "/" + unquote(rest),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            f"http://{self.headers['host']}{parts.path}",
            self.path,
        )
        with platform.lock:
            platform.calls.append(call)
            asked = platform.fault if platform.publishes(call) else platform.reading_fault
            fault = asked(platform, call) if asked is not None else None
            if fault == "throttle":
                reply = platform.throttled
            elif fault == "error":
                reply = platform.failing
            else:
                reply = self._judged(platform, call)
        if fault == "lost":
            self.close_connection = True
            self.connection.close()
            return
        if fault == "slow":
            time.sleep(platform.slowness)
        self._send(reply)

    @staticmethod
    def _judged(platform: Platform, call: Call) -> Reply:
        try:
            return platform.answer(call)
        except Exception as error:  # noqa: BLE001 - whatever a call makes a fake stumble over is a violation
            platform.violations.append(f"{call.method} {call.path}: {error!r}")
            return Reply(400, {"error": {"message": "bad request", "code": 100}})

    def _send(self, reply: Reply) -> None:
        content = b"" if reply.document is None else json.dumps(reply.document).encode()
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # the caller has gone, which is what a time limit does

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815


@contextmanager
def serving(*platforms: Platform) -> Iterator[str]:
    """Serve the fakes; gives the base address, under which each stands at its prefix."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.platforms = {platform.prefix: platform for platform in platforms}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
