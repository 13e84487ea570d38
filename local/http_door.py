"""The real HTTP door: one thread a connection, HTTP/1.1, every answer that it makes itself a problem document."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.answers import Request, Response, problem
from local.http_api import BODY_LIMIT

HOST = "127.0.0.1"
IDLE_LIMIT = 60.0  # real seconds that a connection may stay silent
CHUNK_LINE = 1024
DRAIN_LIMIT = 64 * 1024 * 1024
"""Bytes of a refused body that are read away, so that its sender comes to read the answer."""
DRAIN_PAUSE = 2.0  # real seconds without another byte, and it is left


class BadRequest(Exception):
    """What the client sent is no HTTP that can be answered."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.answer = problem(status, detail)


class Server:
    """Serves a handler on 127.0.0.1. The port is taken at once (OSError if it is not free); ``start`` serves."""

    def __init__(self, port: int, handle: Callable[[Request], Response]) -> None:
        self._http = _ThreadingServer((HOST, port), _Connection)
        self._http.handle = handle
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="http-door", daemon=True
        )

    @property
    def port(self) -> int:
        """The port; the one that was chosen if 0 was asked for."""
        return int(self._http.server_address[1])

    def start(self) -> None:
        """Starts to answer. Connections that came before have waited."""
        self._thread.start()

    def stop(self) -> None:
        """Stops; connections are cut."""
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()
        self._http.cut()


class _ThreadingServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True
    handle: Callable[[Request], Response]

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no error of ours."""

    def cut(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sangfroid"
    sys_version = ""
    timeout = IDLE_LIMIT
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Reads one request, whatever its method, and answers it."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
                return
            if len(self.raw_requestline) > 65536:
                self.requestline, self.request_version, self.command = "", "HTTP/1.1", ""
                self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
                return
            if not self.parse_request():
                return
            self._answer_request()
        except (TimeoutError, ConnectionError, BrokenPipeError):
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the parser refuses. It calls an unknown HTTP version 505; what a client sends is never our failure."""
        status = 400 if int(code) >= 500 else int(code)
        self.close_connection = True
        # Without a readable version the parser takes the client for one of HTTP/0.9, which would get no status.
        self.request_version = "HTTP/1.1"
        self._send(
            problem(status, f"no request that can be read: {explain or message or HTTPStatus(code).phrase}")
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The terminal belongs to the product, not to the access log."""

    def _answer_request(self) -> None:
        try:
            request = self._read()
        except BadRequest as error:
            # The rest of the connection cannot be told apart from the body that was not read.
            self.close_connection = True
            self._send(error.answer)
            self._drain()
            return
        server: Any = self.server
        try:
            answer = server.handle(request)
        except Exception:
            import logging

            logging.getLogger(__name__).exception("%s %s", request.method, request.path)
            answer = problem(500, "the local stack failed; its terminal says why")
        self._send(answer)

    def _drain(self) -> None:
        self.wfile.flush()
        self.connection.settimeout(DRAIN_PAUSE)
        left = DRAIN_LIMIT
        with contextlib.suppress(OSError):
            while left > 0 and (piece := self.rfile.read1(1 << 20)):
                left -= len(piece)

    def _read(self) -> Request:
        target = self.path
        if "://" in target.split("?")[0]:
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        if not target.startswith("/") and target != "*":
            raise BadRequest(400, "the request target must begin with /")
        path, _, query = target.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            text = value.encode("latin-1", "replace").decode("utf-8", "replace").strip()
            if lower in headers and lower in ("host", "content-length", "transfer-encoding", "authorization"):
                raise BadRequest(400, f"the header {lower} came twice")
            joint = "; " if lower == "cookie" else ","
            headers[lower] = headers[lower] + joint + text if lower in headers else text
        if "host" not in headers and self.request_version == "HTTP/1.1":
            raise BadRequest(400, "the header host is missing")
        return Request(self.command, path, query, headers, self._read_body(headers), self.client_address[0])

    def _read_body(self, headers: dict[str, str]) -> bytes:
        coding = headers.get("transfer-encoding")
        if coding is not None:
            if coding.lower() != "chunked" or "content-length" in headers:
                raise BadRequest(
                    400, "of transfer codings only chunked is understood, and it excludes content-length"
                )
            return self._read_chunks()
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 18:
            raise BadRequest(400, "content-length must be a whole number")
        if int(length) > BODY_LIMIT:
            raise BadRequest(413, "the body is larger than 10 MB")
        body = self.rfile.read(int(length)) if int(length) else b""
        if len(body) < int(length):
            raise BadRequest(400, "the body is shorter than content-length says")
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            size_text = self.rfile.readline(CHUNK_LINE).split(b";")[0].strip()
            try:
                size = int(size_text, 16) if size_text and size_text[:1] not in b"+-" else -1
            except ValueError:
                size = -1
            if size < 0:
                raise BadRequest(400, "a chunk has no size")
            if len(body) + size > BODY_LIMIT:
                raise BadRequest(413, "the body is larger than 10 MB")
            if size == 0:
                while self.rfile.readline(CHUNK_LINE).strip():
                    pass
                return bytes(body)
            chunk = self.rfile.read(size)
            if len(chunk) < size or self.rfile.readline(CHUNK_LINE).strip():
                raise BadRequest(400, "a chunk is not as long as it says")
            body += chunk

    def _send(self, answer: Response) -> None:
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value.replace("\r", " ").replace("\n", " "))
            for cookie in answer.cookies:
                self.send_header("set-cookie", cookie)
            empty = answer.status in (204, 304) or 100 <= answer.status < 200
            if not empty:
                self.send_header("content-length", str(len(answer.body)))
            if self.close_connection:
                self.send_header("connection", "close")
            self.end_headers()
            if not empty and self.command != "HEAD":
                self.wfile.write(answer.body)
