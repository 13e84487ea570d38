"""What the tests have to know of a platform, and each adapter built as the composition root builds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel, Correction, Parts
from sangfroid.outbound.letter import Image, Letter
from tests.adapters.strict import Platform
from tests.support.memory_table import MemoryTable

IMAGE = Image(
    "image/png", b"\x89PNG\r\n\x1a\n--not a picture\r\n", "Un graphique : 3 heures d'arrêt", "étapes.png"
)
LIMIT = timedelta(seconds=5)
LONG = "\n\n".join(
    f"Point {number} : nous réparons ce qui est cassé, et nous disons quand. " * 3 for number in range(1, 5)
)


@dataclass(frozen=True, kw_only=True)
class _Truths:
    """What is true of a platform; the defaults are what is true of most."""

    settings: Mapping[str, Any]
    """Settings of the channel, without its address."""
    secret: Mapping[str, str]
    public: tuple[str, ...] = ()
    """Names in the secret whose values may be seen."""
    address: str = "api"
    """The setting that says where the platform stands."""
    words: str
    """The field of `Platform.published` that holds the text."""
    longest: int
    """What fits in one post."""
    shortest: int = 1
    """What a post needs at least."""
    looks: bool
    """The platform can be asked whether a letter was published."""
    threads: bool = False
    """A longer text becomes several posts."""
    throttled_for: float
    """Seconds after which the fake's `throttled` says to come back."""
    retracts: bool = True
    shows: bool = True
    """What somebody changed is seen when it is read back."""
    wrong_secret_is_final: bool = False
    suspends: str = "by_person"
    """Mode of the suspension."""
    corrects: Correction = "anew"
    """How a short text goes out that corrects a short one."""
    images: bool = False
    """A letter's image stands there, with its alternative text in `alt` of `Platform.published`."""
    answered: tuple[str, str] | None = None
    """Address and id of a message of somebody else, which stands on the fake and may be answered."""


@dataclass(frozen=True)
class Kind(_Truths):
    """A type of channel, its strict fake, and what is true of both."""

    type: str
    fake: type[Platform]


def parts(
    kind: str,
    settings: Mapping[str, Any],
    secret: Mapping[str, Any],
    limit: timedelta = LIMIT,
    table: Any = None,
) -> Parts:
    """What an adapter is built from."""

    def no_client(service: str) -> Any:
        raise AssertionError(f"{kind} must not use AWS ({service})")

    return Parts(kind.replace("_", "-"), settings, limit, lambda: secret, table or MemoryTable(), no_client)


def adapter(kind: Kind, base: str, limit: timedelta = LIMIT, **secret: str) -> Channel:
    """The adapter, pointed at its fake."""
    settings = {**kind.settings, kind.address: f"{base}/{kind.fake.prefix}"}
    return ADAPTERS[kind.type](parts(kind.type, settings, {**kind.secret, **secret}, limit))


def letter(
    text: str = "Nous sommes désolés. (Voir #42 & <ici>)", key: str = "case-1:v1:c:fr", **more: Any
) -> Letter:
    """A letter of a response."""
    plain: dict[str, Any] = {
        "case_id": "case-1", "kind": "response", "channel": "c", "audience": "public", "language": "fr",
    }  # fmt: skip
    return Letter(key=key, text=text, **(plain | more))
