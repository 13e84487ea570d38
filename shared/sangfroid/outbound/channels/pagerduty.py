"""`pagerduty`: pages through the Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/).

`dedup_key` is made from the delivery's key: PagerDuty makes one alert of any number of events with the same key, so a page
is simply sent again after a lost answer.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.http import HttpChannel, name_of
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings
from sangfroid.outbound.errors import AnswerLost, CannotLook
from sangfroid.outbound.letter import Letter, Receipt


class PagerDutySettings(Settings):
    """`severity` decides how PagerDuty calls; `source` is what the alert names as its origin."""

    severity: Literal["critical", "error", "warning", "info"] = "critical"
    source: str = Field(default="sangfroid", min_length=1, max_length=255)
    api: BaseUrl = "https://events.pagerduty.com"


class PagerDutySecret(Secret):
    """Integration key of an Events API v2 integration."""

    routing_key: str = Field(pattern=r"^[0-9A-Za-z]{32}$")


class PagerDuty(HttpChannel[PagerDutySettings, PagerDutySecret]):
    """One alert a letter."""

    platform = "PagerDuty"
    settings_model = PagerDutySettings
    secret_model = PagerDutySecret
    idempotent = True

    def limits(self) -> Limits:
        """1,024 characters of summary."""
        return Limits(1_024)

    def publish(self, letter: Letter) -> Receipt:
        """Trigger the alert."""
        (text,) = self.posts(letter)
        payload = {
            "summary": text,
            "source": self.settings.source,
            "severity": self.settings.severity,
            "component": letter.case_id,
            "class": letter.kind,
        }
        answer = self._send(letter, {"event_action": "trigger", "payload": payload})
        if answer.get("dedup_key") != name_of(letter):
            raise AnswerLost("PagerDuty answered for another alert")
        return Receipt(name_of(letter))

    def find(self, letter: Letter) -> Receipt | None:
        """The Events API takes events and shows none; sending again makes no second alert."""
        raise CannotLook("PagerDuty's Events API cannot be asked")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """PagerDuty's acceptance of the event under its key is its confirmation."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Resolve the alert."""
        self._send(letter, {"event_action": "resolve"})

    def _send(self, letter: Letter, event: dict[str, Any]) -> dict[str, Any]:
        line = self.line()
        body = {"routing_key": line.secret.routing_key, "dedup_key": name_of(letter), **event}
        return line.wire.call("POST", f"{self.settings.api}/v2/enqueue", json=body).document()
