"""Signing in with Cognito's managed login (PKCE): the API exchanges the code, so that the page talks to its own origin alone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sangfroid.errors import FieldError, Invalid, Refused, Unavailable

SECONDS = 5.0
LARGEST = 64 * 1024
"""Bytes of the answer of the token endpoint; three tokens are a few thousand."""


class SignInRefused(Refused):
    """The login does not know this code (401)."""

    status = 401
    title = "Who are you?"


@dataclass(frozen=True)
class SignInSettings:
    """`domain`: the managed login's address, `https://…`; `client`: its client; `console`: where the console stands."""

    domain: str
    client: str
    console: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> SignInSettings | None:
        """What the environment says (`SIGN_IN_DOMAIN`, `SIGN_IN_CLIENT`, `CONSOLE_ADDRESS`); None where one is missing."""
        domain, client, console = (
            env.get(name, "") for name in ("SIGN_IN_DOMAIN", "SIGN_IN_CLIENT", "CONSOLE_ADDRESS")
        )
        return cls(domain.rstrip("/"), client, console.rstrip("/")) if domain and client and console else None

    @property
    def redirect_uri(self) -> str:
        """The one place to which the login sends people back."""
        return f"{self.console}/"


class Posts(Protocol):
    """What is needed of an HTTP client."""

    def __call__(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        """Post a form, follow nothing; status and body. Raises OSError where nobody answers in time."""


@dataclass(frozen=True)
class Session:
    """Tokens of a person who has signed in; the refresh token is left behind."""

    access_token: str
    id_token: str | None
    expires_in: int


class SignIn:
    """Exchanges codes. Neither code nor token is ever logged."""

    def __init__(self, settings: SignInSettings | None, post: Posts | None = None) -> None:
        self._settings = settings
        self._post = post or _post

    def exchange(self, code: str, verifier: str, redirect_uri: str, nonce: str | None) -> Session:
        """The session for a code of the login. Raises Invalid, SignInRefused and Unavailable."""
        settings = self._settings
        if settings is None:
            raise Invalid(
                "This deployment has no sign-in page: give it the parameter ConsoleAddress, or use a token of your own."
            )
        if redirect_uri != settings.redirect_uri:
            raise Invalid(
                f"The console of this deployment stands at {settings.redirect_uri}.",
                errors=[FieldError("/redirect_uri", "the address of the console")],
            )
        form = {
            "grant_type": "authorization_code",
            "client_id": settings.client,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": settings.redirect_uri,
        }
        try:
            status, body = self._post(f"{settings.domain}/oauth2/token", form)
        except OSError:
            # Without its cause: an error of an HTTP client may hold what was sent.
            raise Unavailable("The login does not answer. Please try again.") from None
        if status >= 500 or status == 429:
            raise Unavailable("The login does not answer. Please try again.")
        document = _parsed(body) if status == 200 else {}
        access, identity = document.get("access_token"), document.get("id_token")
        if not isinstance(access, str) or not access:
            raise SignInRefused("This sign-in is over, or was not begun here. Sign in again.")
        if nonce is not None and _claim(identity, "nonce") != nonce:
            raise SignInRefused("This sign-in was begun elsewhere. Sign in again.")
        seconds = document.get("expires_in")
        return Session(
            access,
            identity if isinstance(identity, str) else None,
            seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 3600,
        )


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _claim(token: object, name: str) -> object:
    """A claim of a token that came straight from the login; TLS stands for its signature (OpenID Connect Core, 3.1.3.7)."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return None
    try:
        return _parsed(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))).get(name)
    except (binascii.Error, ValueError):
        return None


def _post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    import httpx  # few calls sign anybody in

    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, data=dict(form)) as answer,
        ):
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise OSError("too large")
            return answer.status_code, body
    except httpx.HTTPError:
        raise OSError("no answer") from None
