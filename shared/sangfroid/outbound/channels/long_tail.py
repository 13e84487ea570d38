"""`apprise`: alerts to the team on any of the services that Apprise knows (https://github.com/caronc/apprise).

For the team only: Apprise gives no id, no address and no way to look or delete, so it cannot carry a response. Several
services are several sendings, and Apprise says only whether all of them worked: each channel has exactly one address.
"""

from __future__ import annotations

import logging
from importlib import import_module

from sangfroid.outbound.channels.base import Limits, NothingOfItsOwn, Parts
from sangfroid.outbound.channels.http import name_of
from sangfroid.outbound.channels.settings import Secret, Settings, secret_of, settings_of
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

LOG_ADDRESSES = ("urllib3", "requests")
"""Libraries under Apprise's plugins that log paths and addresses, which hold the credentials of many services."""


class LongTailSettings(Settings):
    """`max_characters` of the service behind the address; Apprise would cut a longer text silently."""

    max_characters: int | None = None


class LongTailSecret(Secret):
    """One Apprise address, such as `ntfys://user:password@host/topic`; it holds the credentials."""

    url: str


class LongTail(NothingOfItsOwn):
    """One notification a letter."""

    takes_back = False
    idempotent = False

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = settings_of(parts, LongTailSettings)

    def limits(self) -> Limits:
        """What the settings say."""
        return Limits(self._settings.max_characters)

    def publish(self, letter: Letter) -> Receipt:
        """Notify; Apprise says no more than yes or no, and a no may come from a lost answer."""
        if letter.audience != "team":
            raise ChannelRefused("Apprise carries alerts to the team, nothing else", permanent=True)
        most = self._settings.max_characters
        if most is not None and len(letter.text) > most:
            raise ChannelRefused(f"longer than {most} characters", permanent=True)
        try:
            # Not in the layer: who has such a channel adds the requirement group `long-tail`.
            apprise = import_module("apprise")
        except ImportError:
            raise ChannelRefused("the package `apprise` is not installed", permanent=True) from None
        # Apprise logs addresses, and bodies of answers, at several levels.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        for name in LOG_ADDRESSES:
            logging.getLogger(name).setLevel(logging.ERROR)
        secret = secret_of(self._parts, LongTailSecret)
        limit = max(0.5, self._parts.time_limit.total_seconds() / 2)
        fault: str | None = None
        confirmed = False
        try:
            target = apprise.Apprise.instantiate(secret.url, suppress_exceptions=True)
            if target is not None:
                target.socket_connect_timeout = target.socket_read_timeout = limit
                confirmed = bool(target.notify(body=letter.text, title=letter.subject, body_format="text"))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, with the address in it
            fault = type(error).__name__
        if fault is not None:
            raise AnswerLost(f"the service did not confirm the notification ({fault})")
        if target is None:
            raise ChannelRefused(
                f"channel {self._parts.channel_id}: credentials: `url` is no address that Apprise knows"
            )
        if not confirmed:
            raise AnswerLost("the service did not confirm the notification")
        return Receipt(name_of(letter)[:32])

    def find(self, letter: Letter) -> Receipt | None:
        """Apprise only sends."""
        raise CannotLook("Apprise cannot look whether a notification was sent")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The service's acceptance is all that Apprise passes on."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """A notification cannot be taken back."""
        raise ChannelRefused("a notification cannot be taken back", permanent=True)
