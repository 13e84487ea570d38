"""OAuth 1.0a signatures (RFC 5849, HMAC-SHA1) by oauthlib, for platforms whose user tokens do not run out.

OAuth 2.0 user tokens of X run out after two hours and their refresh token changes with each use, which would need a channel
that may write its own secret.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from oauthlib.oauth1 import Client

# What it signs with stands in its notes for developers.
logging.getLogger("oauthlib").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Keys:
    """The four values of an app and a user."""

    api_key: str
    api_secret: str
    access_token: str
    access_secret: str


def authorization(
    method: str, url: str, query: Mapping[str, str], keys: Keys, *, nonce: str, timestamp: int
) -> str:
    """The `Authorization` header of a request whose body is JSON or multipart (RFC 5849 3.4.1.3.1: it takes no part)."""
    client = Client(
        keys.api_key,
        keys.api_secret,
        keys.access_token,
        keys.access_secret,
        nonce=nonce,
        timestamp=str(timestamp),
    )
    address = f"{url}?{urlencode(query)}" if query else url
    _, headers, _ = client.sign(address, method)
    return str(headers["Authorization"])
