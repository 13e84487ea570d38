"""The channel adapters. Adding one is a file of its own here and one line in `ADAPTERS`."""

from __future__ import annotations

from collections.abc import Callable

from sangfroid.outbound.channels.base import Channel, Parts
from sangfroid.outbound.channels.outbox import Outbox
from sangfroid.outbound.channels.ses import Ses
from sangfroid.outbound.channels.webhook import Webhook

ADAPTERS: dict[str, Callable[[Parts], Channel]] = {
    "outbox": Outbox,
    "ses": Ses,
    "webhook": Webhook,
}
