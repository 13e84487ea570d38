"""Settings and secrets of a channel, validated where they are used, with errors that name the channel and never a value."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, quote_plus, urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sangfroid.outbound.channels.base import Parts
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.rendering import RenderingSettings

Model = TypeVar("Model", bound=BaseModel)

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HIDDEN = "•••"


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must be an https:// address (plain http only to this machine)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold neither credentials nor a query")
    return url.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_https)]
"""Where a platform's interface stands, without a slash at the end. Encrypted, because credentials go there."""


class Settings(RenderingSettings):
    """Base of the settings of an adapter; an unknown name is a fault, so that a typing error does not go unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Secret(BaseModel):
    """Base of what an adapter reads from the channel's secret. More may stand there: secrets are shared with rotation."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    def values(self) -> Iterator[str]:
        """Everything that may be seen nowhere."""
        yield from (str(value) for value in self.model_dump().values() if value is not None)

    def scrub(self, text: str) -> str:
        """`text` without any value of the secret: plain, URL-encoded, or anywhere within something that is Base64."""
        for value in self._forms():
            text = text.replace(value, HIDDEN)
        return text

    def _forms(self) -> Iterable[str]:
        # A line end at the end of a value is lost on the way, so the value is looked for without it.
        values = [value for value in (one.strip() for one in self.values()) if len(value) >= 4]
        forms: set[str] = set()
        for value in values:
            forms |= {value, quote(value), quote(value, safe=""), quote_plus(value), *_within_base64(value)}
        # The longest first: a short value may be part of a longer one.
        return sorted(forms, key=len, reverse=True)


def _within_base64(value: str) -> Iterator[str]:
    """What Base64 makes of a value, wherever it begins among other bytes (`user:password`, `\\0user\\0password`)."""
    content = value.encode()
    for before, first in enumerate((0, 2, 3)):
        # The characters at either end that also hold bits of what stands beside the value are left out.
        yield base64.b64encode(b"\0" * before + content).decode()[first : 8 * (before + len(content)) // 6]


Token = Annotated[str, Field(min_length=1, pattern=r"^[\x21-\x7e]+$")]
"""One value that goes into a header or an address: printable ASCII without spaces or line ends."""


def settings_of(parts: Parts, model: type[Model]) -> Model:
    """The channel's settings as `model`; raises ChannelRefused (permanent) that names the channel and the setting."""
    return _validated(parts.channel_id, "settings", model, parts.settings, permanent=True)


def secret_of(parts: Parts, model: type[Model]) -> Model:
    """The channel's secret as `model`, read now; raises ChannelRefused, not permanent: a person can mend the secret."""
    fault: str | None = None
    content: Mapping[str, Any] = {}
    try:
        content = parts.credentials()
    except ClientError as error:
        fault = str(error.response["Error"]["Code"])
    except (BotoCoreError, LookupError, ValueError, TypeError, OSError) as error:
        fault = type(error).__name__
    if fault is not None:
        # Raised outside the handler: what the error holds (a piece of the secret) must not hang on this one.
        raise ChannelRefused(f"channel {parts.channel_id}: its credentials cannot be read ({fault})")
    return _validated(parts.channel_id, "credentials", model, content, permanent=False)


def _validated(
    channel: str, what: str, model: type[Model], content: Mapping[str, Any], *, permanent: bool
) -> Model:
    try:
        return model.model_validate(dict(content))
    except (ValidationError, TypeError, ValueError) as error:
        faults = _faults(error)
    raise ChannelRefused(f"channel {channel}: {what}: {faults}", permanent=permanent)


def _faults(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "not a mapping of names to values"
    places = (
        (".".join(map(str, fault["loc"])) or "as a whole", fault["msg"])
        for fault in error.errors(include_input=False)
    )
    return "; ".join(f"`{place}`: {message}" for place, message in places)
