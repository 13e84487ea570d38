"""Settings and secrets of a channel, validated where they are used, with errors that name the channel and never a value."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
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

    def scrub(self, text: str) -> str:
        """`text` without any value of the secret, in plain, URL-encoded or Base64 form."""
        for value in self._forms():
            text = text.replace(value, HIDDEN)
        return text

    def _forms(self) -> Iterable[str]:
        values = [
            str(value) for value in self.model_dump().values() if value is not None and len(str(value)) >= 4
        ]
        pairs = [f"{one}:{other}" for one in values for other in values if one != other]
        forms = {*values, *map(quote, values), *map(quote_plus, values)}
        forms |= {base64.b64encode(value.encode()).decode() for value in (*values, *pairs)}
        # The longest first: a short value may be part of a longer one.
        return sorted(forms, key=len, reverse=True)


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
