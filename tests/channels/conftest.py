"""Starts every server once for the whole lane, and stops all of them at its end."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sangfroid.model import Delivery
from sangfroid.organisation import Organisation
from sangfroid.outbound.channels import ADAPTERS
from sangfroid.outbound.channels.base import Channel, Parts
from sangfroid.outbound.errors import NotConnected
from sangfroid.outbound.letter import Letter
from tests.channels import places
from tests.channels.places import Place
from tests.support.desks import TestDesk
from tools.channel_servers import bluesky, emulators, install, kannel, mail, proxy, synapse, wordpress

EVERY = {
    "newsroom": (wordpress.running, places.wordpress_place),
    "matrix": (synapse.running, places.matrix_place),
    "bluesky": (bluesky.running, places.bluesky_place),
    "mastodon-emulator": (emulators.mastodon, places.mastodon_place),
    "slack-emulator": (emulators.slack, places.slack_place),
    "mail": (mail.running, places.mail_place),
    "sms": (kannel.running, places.kannel_place),
    "voice-emulator": (emulators.twilio, places.twilio_place),
}
WANTED = os.environ.get("CHANNELS", "").split(",")
LINES = [line for name, line in EVERY.items() if name in WANTED] or list(EVERY.values())
"""All of them, or those that CHANNELS names: `CHANNELS=newsroom,matrix make test-channels ARGS=tests/channels/test_texts.py`."""


class Servers:
    """Every server with its place, by the channel's id."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.servers: dict[str, Any] = {}


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    begun = time.monotonic()
    install.everything()
    installed = time.monotonic()
    found = Servers()
    with ExitStack() as stack:
        # Not pytest's own folder: the mail servers drop root, and must be able to reach theirs.
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="channels-")))
        home.chmod(0o755)

        def begin(number: int) -> Any:
            folder = home / str(number)
            folder.mkdir()
            return stack.enter_context(LINES[number][0](folder))  # type: ignore[operator]

        with ThreadPoolExecutor() as pool:
            started = list(pool.map(begin, range(len(LINES))))
        for server, (_, place_of) in zip(started, LINES, strict=True):
            port = server.smtp if hasattr(server, "smtp") else server.port
            place = place_of(server, stack.enter_context(proxy.proxy(port)))  # type: ignore[operator]
            found.places[place.id], found.servers[place.id] = place, server
        print(f"\ninstalled in {installed - begun:.0f} s, started in {time.monotonic() - installed:.0f} s")  # noqa: T201
        yield found


class RealDesk(TestDesk):
    """A desk whose channels are the adapters, on the servers."""

    __test__ = False

    def __init__(self, places_of: dict[str, Place]) -> None:
        organisation = {
            "name": "Nuage SA",
            "brands": [{"name": "Nuage SA", "languages": ["fr", "en"]}],
            # Whoever approves does not steer.
            "people": [
                {"id": "ben", "name": "Ben", "access": ["responder"], "duties": ["on_call"]},
                {"id": "emma", "name": "Emma", "access": ["approver"], "duties": ["approver"]},
            ],
            "channels": [place.channel for place in places_of.values()],
            "escalation": {"ladder": [{"role": "on_call"}]},
        }
        super().__init__(Organisation.model_validate(organisation), case=1)
        self.places = places_of
        self.adapters: dict[str, Channel] = {id_: self.adapter(id_) for id_ in places_of}
        self.platforms = self.adapters  # type: ignore[assignment]

    def adapter(self, channel_id: str) -> Channel:
        """The adapter of a channel, as the composition root builds it."""
        place = self.places[channel_id]
        settings = self.organisation.channel(channel_id)

        def no_client(service: str) -> Any:
            raise NotConnected(service)

        parts = Parts(
            channel_id, place.settings, settings.time_limit, lambda: place.credentials, self.table, no_client
        )
        return ADAPTERS[place.type](parts)

    @staticmethod
    def letter(delivery: Delivery, text: str) -> Letter:
        """The letter of a delivery, as the door makes it."""
        return Letter(
            delivery.key,
            delivery.case_id,
            delivery.kind,
            delivery.channel,
            delivery.audience,
            delivery.language,
            text,
        )


@pytest.fixture
def desk(servers: Servers) -> RealDesk:
    return RealDesk(servers.places)
