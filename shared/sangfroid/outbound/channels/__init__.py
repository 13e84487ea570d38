"""The channel adapters. Adding one is a file of its own here and one line in `ADAPTERS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from sangfroid.outbound.channels.base import Channel, Parts

Adapter = Callable[[Parts], Channel]


class _Adapters(Mapping[str, Adapter]):
    """Type of a channel -> its adapter, loaded when it is first asked for: who sends an e-mail loads no other platform."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> Adapter:
        module, _, adapter = self._places[name].partition(":")
        found: Adapter = getattr(import_module(f"{__name__}.{module}"), adapter)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


ADAPTERS: Mapping[str, Adapter] = _Adapters(
    {
        "apprise": "long_tail:LongTail",
        "bluesky": "bluesky:Bluesky",
        "by_hand": "by_hand:ByHand",
        "discord": "discord:Discord",
        "discourse": "discourse:Discourse",
        "facebook_page": "facebook_page:FacebookPage",
        "instagram": "instagram:Instagram",
        "kannel_sms": "kannel_sms:KannelSms",
        "linkedin": "linkedin:LinkedIn",
        "mastodon": "mastodon:Mastodon",
        "matrix": "matrix:Matrix",
        "outbox": "outbox:Outbox",
        "pagerduty": "pagerduty:PagerDuty",
        "ses": "ses:Ses",
        "slack": "slack:Slack",
        "smtp": "smtp:Smtp",
        "sns_sms": "sns_sms:SnsSms",
        "telegram": "telegram:Telegram",
        "twilio_voice": "twilio_voice:TwilioVoice",
        "webhook": "webhook:Webhook",
        "wordpress": "wordpress:WordPress",
        "x": "x:X",
    }
)
"""One line an adapter: the `type` of a channel in the organisation file, then file and class."""
