"""Which addresses are asked: the public ones, in their plain spelling, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.tracing.addresses import checked, parse, public_addresses, system_resolver
from sangfroid.tracing.refusals import BadUrl, FetchRefused, NotPublic, Unreachable

CLOSED = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.254", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:93.184.216.34", "::127.0.0.1", "::169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "2001:0:7f00:1::",
    "2001:db8::1", "3fff::1", "100::1", "5f00::1",
]  # fmt: skip

OPEN = [
    "93.184.216.34",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(NotPublic):
        checked(address)
    with pytest.raises(FetchRefused):
        parse(f"http://[{address}]/" if ":" in address else f"http://{address}/")


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_pass(address: str) -> None:
    assert str(checked(address)) == address
    url = f"https://[{address}]/a?b" if ":" in address else f"https://{address}/a?b"
    assert parse(url).url == url


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0x0.0x0.0x1",
        "127.0.0.1.",
        "127.0.0.01", "1.2.3.4.5", "0", "0x", "425.510.425.510", "93.184.216.034", "1572395042", "0xa9fea9fe", "2852039166",
        "１２７.０.０.１", "127。0。0。1", "⑯⑨。②⑤④。⑯⑨。②⑤④", "①②⑦.0.0.1", "169.254.169.254", "[::ffff:7f00:1]", "[::1]",
        "[fe80::1%25lo]",
        "[::ffff:0x7f000001]", "[127.0.0.1]", "%31%32%37.0.0.1", "news.org;127.0.0.1", "news.org,127.0.0.1",
    ],
)  # fmt: skip
def test_every_unusual_spelling_of_an_address_is_refused(host: str) -> None:
    with pytest.raises(FetchRefused):
        parse(f"http://{host}/latest/meta-data/")


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "//host.org/", "ftp://news.org/", "file:///etc/passwd", "gopher://news.org/",
        "data:text/html,x", "javascript:alert(1)",
        "http://", "http:///path", "http://user@news.org/", "http://user:secret@news.org/", "http://@news.org/",
        "http://news.org:22/", "http://news.org:8080/", "https://news.org:80/", "http://news.org:443/",
        "http://news.org:99999/", "http://news.org:0x50/",
        "http://news.org\\@127.0.0.1/", "http://127.0.0.1\\.news.org/", "http://news.org/a b",
        "http://news.org/\r\nHost: x", "http://news.org\t/", "http://ne ws.org/",
        "http://news%2eorg/", "http://-news.org/", "http://news..org/", "http://.news.org/", "http://" + "a" * 64 + ".org/",
        "http://[::1/", "http://[zz]/", "http://" + "a." * 130 + "org/", "http://news.org/" + "a" * 3_000,
        "http://news.org/\x00", "http://ne\u0000ws.org/",

    ],
)  # fmt: skip
def test_what_is_no_ordinary_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        parse(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST.", "printer.local", "metadata.google.internal", "db.corp", "nas.lan",
        "router.home.arpa", "a.test",
        "x.example", "a.invalid", "hidden.onion", "intranet", "1.0.0.127.in-addr.arpa", "box.localdomain",
    ],
)  # fmt: skip
def test_names_of_inner_networks_are_refused_without_a_lookup(host: str) -> None:
    with pytest.raises(NotPublic):
        parse(f"http://{host}/")


def test_one_closed_address_among_the_answers_closes_the_name() -> None:
    place = parse("https://news.org/")
    with pytest.raises(NotPublic):
        public_addresses(place, lambda *_: ["93.184.216.34", "169.254.169.254"], 1)
    with pytest.raises(NotPublic):
        public_addresses(place, lambda *_: ["93.184.216.34", "::ffff:10.0.0.1"], 1)
    assert public_addresses(place, lambda *_: ["93.184.216.34", "1.1.1.1"], 1) == ["93.184.216.34", "1.1.1.1"]
    with pytest.raises(Unreachable):
        public_addresses(place, lambda *_: [], 1)


def test_a_public_address_is_not_looked_up() -> None:
    def never(*_: object) -> list[str]:
        raise AssertionError

    assert public_addresses(parse("http://93.184.216.34/"), never, 1) == ["93.184.216.34"]


def test_a_lookup_ends_with_its_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    gate = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: gate.wait(5) and [])
    with pytest.raises(Unreachable, match="too long"):
        system_resolver("news.org", 443, 0.05)
    gate.set()


def test_what_is_asked_is_what_was_read() -> None:
    assert (
        parse("HTTPS://Bücher.News.ORG./a/ü?q=é#top").url
        == "https://xn--bcher-kva.news.org/a/%C3%BC?q=%C3%A9"
    )
    assert parse("http://news.org").target == "/"


@given(
    st.text(max_size=60)
    | st.tuples(st.sampled_from(["http://", "https://"]), st.text(max_size=40)).map("".join)
)
def test_no_text_whatever_makes_it_fail_otherwise(text: str) -> None:
    try:
        place = parse(text)
    except FetchRefused as refused:
        kind = refused.kind
    else:
        kind = "public" if place.host and place.target.isascii() else "wrong"
    assert kind in ("bad_url", "not_public", "public")
