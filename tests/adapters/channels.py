"""Each adapter of a fake, built as the composition root builds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel, Parts
from sangfroid.outbound.letter import Letter
from tests.adapters import fakes
from tests.adapters.strict import Platform
from tests.support.memory_table import MemoryTable

LIMIT = timedelta(seconds=5)


@dataclass(frozen=True)
class Kind:
    """An adapter's type, its fake, and the configuration that fits it. `looks`: the platform can be asked for a publication."""

    type: str
    fake: type[Platform]
    settings: Mapping[str, Any]
    secret: Mapping[str, str]
    looks: bool
    longest: int
    threads: bool = False


KINDS = {
    kind.type: kind
    for kind in (
        Kind("x", fakes.FakeX, {"user_id": fakes.FakeX.user}, fakes.FakeX.secrets, True, 280, threads=True),
        Kind(
            "facebook_page",
            fakes.FakeFacebook,
            {"page_id": fakes.FakeFacebook.page},
            {"access_token": fakes.FakeFacebook.token},
            True,
            63_206,
        ),
        Kind(
            "instagram",
            fakes.FakeInstagram,
            {
                "user_id": fakes.FakeInstagram.user,
                "images": {"fr": "https://nuage.example/fr.jpg", "en": "https://nuage.example/en.jpg"},
                "alt_texts": {"fr": "Déclaration de Nuage", "en": "Statement of Nuage"},
            },
            {"access_token": fakes.FakeInstagram.token},
            True,
            2_200,
        ),
        Kind(
            "linkedin",
            fakes.FakeLinkedIn,
            {"organization": "5515715", "version": "202610"},
            {"access_token": fakes.FakeLinkedIn.token},
            True,
            3_000,
        ),
        Kind(
            "telegram",
            fakes.FakeTelegram,
            {"chat_id": fakes.FakeTelegram.chat},
            {"bot_token": fakes.FakeTelegram.token},
            False,
            4_096,
            threads=True,
        ),
        Kind(
            "discord",
            fakes.FakeDiscord,
            {"guild_id": "197038439483310086"},
            {"webhook_id": fakes.FakeDiscord.hook, "webhook_token": fakes.FakeDiscord.token},
            False,
            2_000,
        ),
        Kind("pagerduty", fakes.FakePagerDuty, {}, {"routing_key": fakes.FakePagerDuty.key}, False, 1_024),
    )
}


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
    settings = {**kind.settings, "api": f"{base}/{kind.fake.prefix}"}
    return ADAPTERS[kind.type](parts(kind.type, settings, {**kind.secret, **secret}, limit))


def letter(
    text: str = "Nous sommes désolés. (Voir #42 & <ici>)", key: str = "case-1:v1:c:fr", **more: Any
) -> Letter:
    """A letter of a response."""
    plain: dict[str, Any] = {
        "case_id": "case-1", "kind": "response", "channel": "c", "audience": "public", "language": "fr",
    }  # fmt: skip
    return Letter(key=key, text=text, **(plain | more))
