"""The fetcher on real sockets, against servers that mean ill: nothing but the public is reached, and each refusal says why."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import time
import zlib
from contextlib import suppress
from pathlib import Path

import httpcore
import pytest

from sangfroid.tracing.fetch import Fetcher, Limits
from sangfroid.tracing.refusals import (
    BadUrl,
    FetchRefused,
    NotPublic,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    WrongContent,
)
from tests.tracing.conftest import PUBLIC, Behave, Internet, Server, answer, redirect

OTHER = "151.101.1.1"
PAGE = "<html><head><title>Panne</title></head><body>Rien ne marche</body></html>"


def test_a_page_is_fetched_from_exactly_the_address_that_was_checked(internet: Internet) -> None:
    server = internet.site("news.org", answer(PAGE))
    page = internet.fetcher().fetch("http://news.org/a?b=1#c")
    assert (page.status, page.text, page.address, page.url) == (200, PAGE, PUBLIC, "http://news.org/a?b=1")
    assert internet.reached == [PUBLIC]
    (request,) = server.requests
    assert request.startswith("GET /a?b=1 HTTP/1.1\r\n")
    assert "host: news.org\r\n" in request.lower()


def test_no_cookie_and_no_credential_is_ever_sent(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://user:secret@127.0.0.1:9")
    server = internet.site("news.org", answer("", "Location: /next", "Set-Cookie: id=1", status="302 Found"))
    with pytest.raises(TooManyRedirects):
        internet.fetcher().fetch("http://news.org/")
    for request in server.requests:
        names = {line.partition(":")[0].lower() for line in request.splitlines()[1:] if line}
        assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://[::1]/",
        "http://[::ffff:169.254.169.254]/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "//10.0.0.1/x", "http://inner.org/",
        "http://mapped.org/", "http://nat64.org/", "http://metadata.google.internal/",
    ],
)  # fmt: skip
def test_a_redirect_to_a_hostile_address_is_not_followed(internet: Internet, to: str) -> None:
    internet.site("news.org", redirect(to))
    internet.names |= {
        "inner.org": [["192.168.0.1"]],
        "mapped.org": [["::ffff:127.0.0.1"]],
        "nat64.org": [["64:ff9b::7f00:1"]],
    }
    with pytest.raises(NotPublic):
        internet.fetcher().fetch("http://news.org/")
    assert internet.reached == [PUBLIC]


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "gopher://news.org/",
        "http://news.org:6379/",
        "http://a:b@news.org/",
        "ftp://news.org/",
    ],
)
def test_a_redirect_to_another_scheme_port_or_credentials_is_not_followed(
    internet: Internet, to: str
) -> None:
    internet.site("news.org", redirect(to))
    with pytest.raises(BadUrl):
        internet.fetcher().fetch("http://news.org/")
    assert internet.reached == [PUBLIC]


def test_a_name_that_changes_its_answer_gains_nothing(internet: Internet) -> None:
    internet.site("rebind.org", answer(PAGE))
    internet.names["rebind.org"] = [[PUBLIC], ["169.254.169.254"]]
    assert internet.fetcher().fetch("http://rebind.org/").text == PAGE
    assert (internet.reached, internet.looked_up) == ([PUBLIC], ["rebind.org"]), (
        "one lookup, and its answer is used"
    )


def test_a_name_that_changes_its_answer_between_two_steps_is_refused(internet: Internet) -> None:
    internet.site("rebind.org", redirect("http://rebind.org/secret"))
    internet.names["rebind.org"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(NotPublic):
        internet.fetcher().fetch("http://rebind.org/")
    assert internet.reached == [PUBLIC]


def test_a_name_with_one_public_and_one_private_address_is_refused(internet: Internet) -> None:
    internet.names["mixed.org"] = [[PUBLIC, "10.0.0.7"]]
    with pytest.raises(NotPublic):
        internet.fetcher().fetch("http://mixed.org/")
    assert internet.reached == []


def test_a_hundred_redirects_end_after_five(internet: Internet) -> None:
    server = internet.site("news.org", redirect("/again"))
    with pytest.raises(TooManyRedirects):
        internet.fetcher().fetch("http://news.org/")
    assert len(server.requests) == 6


def test_redirects_are_followed_checked_and_on_record(internet: Internet) -> None:
    internet.site("short.org", redirect("http://news.org/long", 301))
    internet.site("news.org", answer(PAGE), OTHER)
    page = internet.fetcher().fetch("http://short.org/x")
    assert (page.asked, page.url, page.redirects) == (
        "http://short.org/x",
        "http://news.org/long",
        ["http://short.org/x"],
    )
    assert internet.reached == [PUBLIC, OTHER]


def packed(data: bytes, encoding: str) -> Behave:
    return answer(data, f"Content-Encoding: {encoding}")


@pytest.mark.parametrize(("pack", "encoding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_packed_pages_are_unpacked(internet: Internet, pack: object, encoding: str) -> None:
    internet.site("news.org", packed(pack(PAGE.encode()), encoding))  # type: ignore[operator]
    assert internet.fetcher().fetch("http://news.org/").text == PAGE


def test_a_gzip_bomb_is_stopped_at_the_limit(internet: Internet) -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    assert len(bomb) < 250_000
    internet.site("news.org", packed(bomb, "gzip"))
    began = time.monotonic()
    with pytest.raises(TooLarge):
        internet.fetcher(seconds=10).fetch("http://news.org/")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_packing_that_was_not_asked_for_is_refused(internet: Internet, encoding: str) -> None:
    internet.site("news.org", packed(gzip.compress(gzip.compress(b"x")), encoding))
    with pytest.raises(WrongContent):
        internet.fetcher().fetch("http://news.org/")


def test_what_is_not_packed_as_it_says_is_refused(internet: Internet) -> None:
    internet.site("news.org", packed(b"plain", "gzip"))
    with pytest.raises(WrongContent):
        internet.fetcher().fetch("http://news.org/")


def pouring(head: bytes, piece: bytes, pause: float = 0.0) -> Behave:
    """Sends the piece for ever."""

    def behave(connection: socket.socket, _: str) -> None:
        connection.sendall(head)
        until = time.monotonic() + 8
        while time.monotonic() < until:
            connection.sendall(piece)
            if pause:
                time.sleep(pause)

    return behave


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("head", [OK + b"\r\n", OK + b"Content-Length: 999999999999\r\n\r\n"])
def test_an_endless_body_is_cut_off(internet: Internet, head: bytes) -> None:
    internet.site("news.org", pouring(head, b"x" * 60_000))
    with pytest.raises(TooLarge):
        internet.fetcher(seconds=8, wire_bytes=500_000).fetch("http://news.org/")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (CHUNKED, b"1\r\nx\r\n"),
        (OK + b"\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b""),
    ],
    ids=["chunks", "body", "headers", "status line", "informational", "silence"],
)  # fmt: skip
def test_a_slow_answer_ends_with_the_time_limit(internet: Internet, head: bytes, piece: bytes) -> None:
    internet.site("news.org", pouring(head, piece, pause=0.05))
    began = time.monotonic()
    with pytest.raises((TooSlow, Unreachable)) as refused:
        internet.fetcher(seconds=0.6).fetch("http://news.org/")
    assert time.monotonic() - began < 1.5
    if head:
        assert isinstance(refused.value, TooSlow)


def test_slow_redirects_share_one_time_limit(internet: Internet) -> None:
    def slowly(connection: socket.socket, head: str) -> None:
        time.sleep(0.25)
        redirect("/on")(connection, head)

    internet.site("news.org", slowly)
    began = time.monotonic()
    with pytest.raises(TooSlow):
        internet.fetcher(seconds=0.6).fetch("http://news.org/")
    assert time.monotonic() - began < 1.5


def test_endless_headers_are_refused(internet: Internet) -> None:
    internet.site("news.org", pouring(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 60_000 + b"\r\n"))
    with pytest.raises((TooLarge, Unreachable)):
        internet.fetcher(seconds=5).fetch("http://news.org/")


@pytest.mark.parametrize(
    "kind",
    ["application/octet-stream", "image/png", "application/zip", "video/mp4", "", "text/html-sandboxed"],
)
def test_other_contents_are_refused(internet: Internet, kind: str) -> None:
    internet.site("news.org", answer(PAGE, kind=kind))
    with pytest.raises(WrongContent):
        internet.fetcher().fetch("http://news.org/")


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"\x00\x01\x02\r\n\r\n", b"HTTP/9.9 banana\r\n\r\n"]
)
def test_what_is_no_http_is_refused(internet: Internet, nonsense: bytes) -> None:
    internet.site("news.org", lambda connection, _: connection.sendall(nonsense))
    with pytest.raises(Unreachable):
        internet.fetcher().fetch("http://news.org/")


def test_nobody_there_and_no_such_name(internet: Internet) -> None:
    internet.names["gone.org"] = [["151.101.2.2"]]
    for name in ("gone.org", "never.org"):
        with pytest.raises(Unreachable):
            internet.fetcher().fetch(f"http://{name}/")


def test_a_page_that_is_gone_is_a_page(internet: Internet) -> None:
    internet.site("news.org", answer("deleted", status="410 Gone"))
    page = internet.fetcher().fetch("http://news.org/")
    assert (page.status, page.text) == (410, "deleted")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=iso-8859-1", "café".encode("latin-1")),
        ("text/html", b'<meta charset="windows-1252">' + "café".encode("cp1252")),
        ("text/html", "café".encode()),
        ("text/html; charset=utf-7", "café".encode()),
        ("text/html; charset=base64", "café".encode()),
        ("text/html; charset=\x80", "café".encode()),
    ],
)
def test_text_is_read_in_its_charset_and_no_odd_one_is_trusted(
    internet: Internet, kind: str, body: bytes
) -> None:
    internet.site("news.org", answer(body, kind=kind))
    assert internet.fetcher().fetch("http://news.org/").text.endswith("café")


# -- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for news.org that signs itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = subprocess.run(  # noqa: S603 - a fixed command
        [  # noqa: S607
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=news.org",
            "-addext", "subjectAltName=DNS:news.org", "-keyout", str(path.with_suffix(".key")), "-out", str(path),
        ],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl on this machine")
    path.write_text(path.read_text() + path.with_suffix(".key").read_text())
    return path


def over_tls(certificate: Path, behave: Behave) -> Server:
    """A server that speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(behave)

    def answer_over_tls(connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError), context.wrap_socket(connection, server_side=True) as secured:
            server.requests.append(secured.recv(65_536).decode("latin-1"))
            behave(secured, "")

    server._answer = answer_over_tls  # type: ignore[method-assign]
    return server


@pytest.mark.parametrize(("name", "trusted"), [("news.org", True), ("other.org", True), ("news.org", False)])
def test_tls_is_checked_for_the_name_although_the_connection_is_pinned(
    internet: Internet, certificate: Path, name: str, trusted: bool
) -> None:
    internet.names[name] = [[PUBLIC]]
    internet.servers[PUBLIC] = over_tls(certificate, answer(PAGE))
    context = ssl.create_default_context(cafile=str(certificate)) if trusted else None
    fetcher = Fetcher(internet.resolve, internet.connect, Limits(seconds=3), tls=context)
    if name == "news.org" and trusted:
        assert fetcher.fetch("https://news.org/").text == PAGE
    else:
        with pytest.raises(Unreachable):
            fetcher.fetch(f"https://{name}/")
        assert internet.servers[PUBLIC].requests == [], (
            "nothing was asked of whoever could not show who they are"
        )


def test_a_tls_handshake_that_never_ends_ends_with_the_time_limit(internet: Internet) -> None:
    internet.names["news.org"] = [[PUBLIC]]
    internet.servers[PUBLIC] = Server(pouring(b"", b"\x16", pause=0.05))
    began = time.monotonic()
    with pytest.raises(FetchRefused):
        internet.fetcher(seconds=0.5).fetch("https://news.org/")
    assert time.monotonic() - began < 1.5


def test_the_connection_is_refused_to_any_other_host() -> None:
    from sangfroid.tracing.addresses import parse
    from sangfroid.tracing.fetch import _Budget, _Pinned

    def never(*_: object) -> httpcore.NetworkStream:
        raise AssertionError

    pinned = _Pinned(parse("http://news.org/"), PUBLIC, never, _Budget(Limits(), time.monotonic), Limits())
    with pytest.raises(Unreachable):
        pinned.connect_tcp("127.0.0.1", 80)
