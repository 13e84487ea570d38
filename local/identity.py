"""Stands in for Cognito: makes and checks RS256 tokens with a key that lives as long as the process."""

from __future__ import annotations

import base64
import functools
import json
from datetime import datetime, timedelta
from typing import Any

LIFE = timedelta(days=3650)


class BadToken(ValueError):
    """The token is not valid; the message says why."""


@functools.cache
def _key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def make(
    sub: str, roles: list[str], issuer: str, audience: str, now: datetime, life: timedelta = LIFE
) -> str:
    """A JWT as Cognito's access tokens are, with ``aud`` beside ``client_id``; valid for ten virtual years, or for ``life``."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    claims = {
        "sub": sub, "username": sub, "cognito:groups": roles, "iss": issuer, "client_id": audience, "aud": audience,
        "token_use": "access", "iat": int(now.timestamp()), "auth_time": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }  # fmt: skip
    head = _encode(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "local"}).encode())
    body = _encode(json.dumps(claims, ensure_ascii=False).encode())
    signature = _key().sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{body}.{_encode(signature)}"


def check(header: str | None, issuer: str, audiences: list[str], now: datetime) -> dict[str, Any]:
    """The claims of an ``Authorization`` header, after the checks of API Gateway's JWT authorizer. Raises BadToken."""
    if not header:
        raise BadToken("no Authorization header; send `Authorization: Bearer <token>`")
    token = header.split(" ", 1)[1].strip() if header.lower().startswith("bearer ") else header
    if token.count(".") != 2:
        raise BadToken("the token is no JWT")
    head_text, body_text, signature_text = token.split(".")
    try:
        head, claims, signature = (
            json.loads(_decode(head_text)),
            json.loads(_decode(body_text)),
            _decode(signature_text),
        )
    except ValueError as error:
        raise BadToken("the token cannot be read") from error
    if not isinstance(head, dict) or not isinstance(claims, dict) or head.get("alg") != "RS256":
        raise BadToken("the token is not signed with RS256")
    _verify(f"{head_text}.{body_text}".encode(), signature)
    if claims.get("iss") != issuer:
        raise BadToken("the token was issued elsewhere")
    named = claims.get("aud", claims.get("client_id"))
    if audiences and not set(named if isinstance(named, list) else [named]) & set(audiences):
        raise BadToken("the token is for another audience")
    seconds = now.timestamp()
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= seconds:
        raise BadToken("the token has expired")
    if any(
        isinstance(claims.get(name), (int, float)) and claims[name] > seconds + 60 for name in ("nbf", "iat")
    ):
        raise BadToken("the token is not valid yet")
    return claims


@functools.lru_cache(maxsize=256)  # what is refused is not remembered
def _verify(signed: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        _key().public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadToken("the signature of the token is wrong") from error


def as_event_claims(claims: dict[str, Any]) -> dict[str, str]:
    """How API Gateway writes claims into the event: everything a string, lists as ``[a b]``."""

    def text(value: Any) -> str:
        if isinstance(value, list):
            return "[" + " ".join(str(item) for item in value) + "]"
        if isinstance(value, bool):
            return str(value).lower()
        return json.dumps(value) if isinstance(value, dict) else str(value)

    return {name: text(value) for name, value in claims.items()}
