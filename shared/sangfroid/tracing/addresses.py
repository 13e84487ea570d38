"""Which addresses of the network may be asked: public ones alone, however they are written.

A reporter chooses the URL, so it may lead anywhere: to this function's own machine, to the metadata service of the cloud, into a
company network. A name is looked up once, every answer is checked, and only a checked address is connected to.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import idna

from sangfroid.tracing.refusals import BadUrl, NotPublic, Unreachable

Resolver = Callable[[str, int, float], list[str]]
"""Host, port, seconds -> addresses as text. Raises Unreachable."""

LONGEST_URL = 2_000
PORTS = {"http": 80, "https": 443}

# What is not the public internet although it is not all marked so by every list (IANA special-purpose registries, RFC 6890).
_CLOSED_4 = [
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # the metadata service of another cloud has an address that looks public
    )
]  # fmt: skip
# Only global unicast is public; of it not the ranges that carry an IPv4 address inside (Teredo, 6to4) or are examples.
_OPEN_6 = ip_network("2000::/3")
_CLOSED_6 = [
    ip_network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]

_CLOSED_NAMES = (
    "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "test", "example", "invalid",
    "onion", "alt", "arpa",
)  # fmt: skip
"""Names that never are public (RFC 6761, 6762, 8375, 9476, and the customary ones of inner networks)."""

_PRINTABLE = re.compile(r"[\x21-\x7e\u0080-\U0010ffff]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Place:
    """A URL that may be asked: its parts, without fragment. `host` is ASCII, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The URL as it is asked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{self.target}"


def parse(url: str) -> Place:
    """The parts of a URL; raises BadUrl or NotPublic for anything but an ordinary public address of the web."""
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise BadUrl("The address is too long, or holds blanks, control characters or backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrl("The address cannot be read.") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise BadUrl(f"Only http and https are fetched, not {scheme[:20] or 'an address without scheme'}.")
    if "@" in parts.netloc:
        raise BadUrl("The address carries a user name or a password.")
    if port not in (None, PORTS[scheme]):
        raise BadUrl(f"Only the usual ports are fetched, not {port}.")
    host = _host(parts.hostname or "", bracketed=parts.netloc.startswith("["))
    path = "".join(_quoted(char) for char in parts.path) or "/"
    query = "".join(_quoted(char) for char in parts.query)
    return Place(scheme, host, PORTS[scheme], f"{path}?{query}" if parts.query else path)


def _quoted(char: str) -> str:
    return char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _host(host: str, *, bracketed: bool) -> str:
    if bracketed:
        if "%" in host:
            raise BadUrl("The address names a network interface.")
        return str(checked(host))
    try:
        # Full-width digits, dots of other scripts and the like become what a browser would make of them; then it is checked.
        plain = host if host.isascii() else idna.encode(host, uts46=True, std3_rules=False).decode()
    except (idna.IDNAError, UnicodeError):
        raise BadUrl("The host is not a name of the internet.") from None
    plain = plain.lower().removesuffix(".")
    labels = plain.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # A host that ends in a number is an IPv4 address in one of many spellings (2130706433, 0177.0.0.1, 0x7f.1): only
        # the plain one is taken, for two programs may read the others differently.
        return str(checked(plain))
    if len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl("The host is not a name of the internet.")
    if len(labels) < 2 or labels[-1] in _CLOSED_NAMES:
        raise NotPublic(f"The name {plain[:80]} is not one of the public internet.")
    return plain


def checked(address: str) -> IPv4Address | IPv6Address:
    """The address, if it is a public one in its plain spelling; raises NotPublic otherwise."""
    try:
        found = ip_address(address)
    except ValueError:
        raise NotPublic(f"{address[:80]} is an unusual spelling of an address.") from None
    if isinstance(found, IPv4Address):
        public = found.is_global and not any(found in block for block in _CLOSED_4)
    else:
        public = (
            found.is_global
            and found in _OPEN_6
            and found.scope_id is None
            and not any(found in block for block in _CLOSED_6)
        )
    if not public or found.is_multicast:
        raise NotPublic(f"{found} is not an address of the public internet.")
    return found


def public_addresses(place: Place, resolve: Resolver, seconds: float) -> list[str]:
    """Every address of the host, all of them public; raises NotPublic where a single one is not, and Unreachable."""
    try:
        return [str(ip_address(place.host))]  # checked when it was parsed
    except ValueError:
        pass
    found = list(dict.fromkeys(resolve(place.host, place.port, seconds)))
    if not found:
        raise Unreachable(f"{place.host} has no address.")
    return [str(checked(address)) for address in found]


_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")


def system_resolver(host: str, port: int, seconds: float) -> list[str]:
    """The machine's own resolver, waited for no longer than `seconds`: it knows no time limit itself."""
    pending = _lookups.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = pending.result(timeout=max(0.0, seconds))
    except Late:
        raise Unreachable(f"Looking up {host} took too long.") from None
    except (OSError, UnicodeError):
        raise Unreachable(f"{host} is not known.") from None
    return [str(entry[4][0]) for entry in found]
