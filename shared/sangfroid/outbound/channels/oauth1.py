"""OAuth 1.0a signatures (RFC 5849, HMAC-SHA1), for platforms whose user tokens do not run out.

OAuth 2.0 user tokens of X run out after two hours and their refresh token changes with each use, which would need a channel
that may write its own secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


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
    given = {
        "oauth_consumer_key": keys.api_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_token": keys.access_token,
        "oauth_version": "1.0",
    }
    given["oauth_signature"] = signature(method, url, {**given, **query}, keys)
    return "OAuth " + ", ".join(
        f'{_escaped(name)}="{_escaped(value)}"' for name, value in sorted(given.items())
    )


def signature(method: str, url: str, parameters: Mapping[str, str], keys: Keys) -> str:
    """The signature over method, address without query, and all parameters (RFC 5849, 3.4)."""
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in parameters.items())
    normalised = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(map(_escaped, (method.upper(), url, normalised)))
    key = f"{_escaped(keys.api_secret)}&{_escaped(keys.access_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
