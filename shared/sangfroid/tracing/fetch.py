"""Fetch a page that a stranger named, without being led anywhere else.

Each step of a chain of redirects is checked like the first: scheme, port and host, then every address of its name, then the
connection goes to exactly the address that was checked (a name that changes its answer in between gains nothing), while
TLS and the Host header keep the name. No cookies, no credentials, no proxy of the environment. Bytes are counted as they come and
once more as they are unpacked; one deadline ends every wait, so that an answer given byte by byte ends as well.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx

from sangfroid.tracing.addresses import Place, Resolver, parse, public_addresses, system_resolver
from sangfroid.tracing.decoding import decoded
from sangfroid.tracing.refusals import (
    BadUrl,
    FetchRefused,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    WrongContent,
)

READABLE = (
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "application/json",
    "application/ld+json",
    "application/activity+json",
)
AGENT = "sangfroid-source-tracing/1 (crisis desk; reads one page; no indexing)"
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE = 65_536

Connect = Callable[[str, int, float], httpcore.NetworkStream]
"""Checked address, port, seconds -> an open connection."""


@dataclass(frozen=True)
class Limits:
    """`seconds` for everything together, `wire_bytes` as sent, `page_bytes` once unpacked, `redirects` followed."""

    seconds: float = 10.0
    connect_seconds: float = 3.0
    wire_bytes: int = 2_000_000
    page_bytes: int = 5_000_000
    redirects: int = 5


@dataclass(frozen=True)
class Page:
    """What came: the first answer that is no redirect. `url` is where it stood, `asked` what was asked for."""

    asked: str
    url: str
    address: str
    status: int
    headers: list[tuple[str, str]]
    content_type: str
    body: bytes
    redirects: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The body as text, as browsers read it (see `decoding`); faults are replaced."""
        return decoded(self.body, _first(self.headers, "content-type"))


def open_connection(address: str, port: int, seconds: float) -> httpcore.NetworkStream:
    """A TCP connection to an address."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)


class Fetcher:
    """Fetches pages. Everything that touches the network can be given by a test."""

    def __init__(
        self,
        resolve: Resolver = system_resolver,
        connect: Connect = open_connection,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolve = resolve
        self._connect = connect
        self._limits = limits or Limits()
        self._tls = tls
        self._monotonic = monotonic

    def fetch(self, url: str, accept: tuple[str, ...] = READABLE) -> Page:
        """The page behind `url`; raises FetchRefused, in the class that tells why. A status of 400 and more is a page too."""
        budget = _Budget(self._limits, self._monotonic)
        asked = url
        followed: list[str] = []
        while True:
            place = parse(url)
            addresses = public_addresses(place, self._resolve, min(budget.left, self._limits.connect_seconds))
            page, location = self._ask(place, addresses[0], asked, followed, accept, budget)
            if page is not None:
                return page
            if len(followed) >= self._limits.redirects:
                raise TooManyRedirects(f"It leads on more than {self._limits.redirects} times.")
            followed = [*followed, place.url]
            url = _next(place, location)

    def _ask(
        self,
        place: Place,
        address: str,
        asked: str,
        followed: list[str],
        accept: tuple[str, ...],
        budget: _Budget,
    ) -> tuple[Page | None, str]:
        backend = _Pinned(place, address, self._connect, budget, self._limits)
        tls = (self._tls or _trusted()) if place.scheme == "https" else None
        host = f"[{place.host}]" if ":" in place.host else place.host
        headers = [
            ("Host", host), ("User-Agent", AGENT), ("Accept", ", ".join(accept)), ("Accept-Encoding", "gzip, deflate"),
            ("Connection", "close"),
        ]  # fmt: skip
        # Parts, not a text: nothing reads the address a second time.
        url = httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=tls, network_backend=backend, max_connections=1) as pool,
                pool.stream("GET", url, headers=headers) as response,
            ):
                found = [
                    (name.decode("latin-1").lower(), value.decode("latin-1"))
                    for name, value in response.headers
                ]
                location = _first(found, "location")
                if response.status in _REDIRECTS and location:
                    return None, location
                kind = _first(found, "content-type").partition(";")[0].strip().lower()
                if kind not in accept:
                    raise WrongContent(f"It is {kind[:60] or 'of an unknown kind'}, not a text of the web.")
                unpack = _unpacker(_first(found, "content-encoding"), self._limits.page_bytes)
                body = b"".join(unpack(piece) for piece in response.iter_stream())
        except (httpcore.TimeoutException, ssl.SSLWantReadError):
            raise TooSlow("It did not come within the time limit.") from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ssl.SSLError,
        ) as error:
            raise Unreachable(f"It could not be read ({type(error).__name__}).") from None
        except (ValueError, LookupError) as error:
            # Whatever a stranger's server says, the tracer goes on with a refusal (our own are none of these).
            raise Unreachable(f"It could not be understood ({type(error).__name__}).") from None
        return Page(asked, place.url, address, response.status, found, kind, body, followed), ""


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Budget:
    """What is left of time and bytes over all steps of one fetch."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ends = monotonic() + limits.seconds
        self._bytes = limits.wire_bytes

    @property
    def left(self) -> float:
        """Seconds; raises TooSlow when there are none."""
        left = self._ends - self._monotonic()
        if left <= 0:
            raise TooSlow("It did not come within the time limit.")
        return left

    def take(self, count: int) -> None:
        """Count bytes that came; raises TooLarge."""
        self._bytes -= count
        if self._bytes < 0:
            raise TooLarge("It is larger than a page may be.")


class _Pinned(httpcore.NetworkBackend):
    """Connects to the checked address alone, whatever host it is asked for."""

    def __init__(self, place: Place, address: str, connect: Connect, budget: _Budget, limits: Limits) -> None:
        self._place, self._address = place, address
        self._connect, self._budget, self._limits = connect, budget, limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if (host, port) != (self._place.host, self._place.port):
            raise Unreachable("It was led to another host.")
        seconds = min(self._budget.left, self._limits.connect_seconds)
        return _Metered(self._connect(self._address, port, seconds), self._budget)


class _Metered(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline and whose every byte is counted."""

    def __init__(self, inner: httpcore.NetworkStream, budget: _Budget) -> None:
        self._inner, self._budget = inner, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._budget.left)
        self._budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._budget.left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Metered(self._inner.start_tls(ssl_context, server_hostname, self._budget.left), self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _first(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for known, value in headers if known == name), "")


def _unpacker(encoding: str, limit: int) -> Callable[[bytes], bytes]:
    """Unpacks piece by piece and never holds more than the limit: a small parcel may hold a mountain."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise WrongContent(f"It is packed as {encoding[:40]}, which was not asked for.")
    room = [limit]
    plain = encoding in ("", "identity")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(piece: bytes) -> bytes:
        out = bytearray()
        while piece:
            if plain:
                got, piece = piece, b""
            else:
                try:
                    got = inflate.decompress(piece, min(_PIECE, room[0] + 1))
                except zlib.error:
                    raise WrongContent("It is not packed as it says.") from None
                piece = inflate.unconsumed_tail
                if inflate.eof:
                    piece = b""
            out += got
            room[0] -= len(got)
            if room[0] < 0:
                raise TooLarge("Unpacked, it is larger than a page may be.")
        return bytes(out)

    return unpack


def _next(place: Place, location: str) -> str:
    """Where a redirect leads, as browsers read it: UTF-8 as bytes, blanks that should have been escaped; raises BadUrl."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(place.url, location.strip().replace(" ", "%20")).partition("#")[0]
    except ValueError:
        raise BadUrl("It leads to an address that cannot be read.") from None


__all__ = ["FetchRefused", "Fetcher", "Limits", "Page"]
