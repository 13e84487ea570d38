"""`webhook`: a signed call to a partner or scheduling tool, in the Standard Webhooks format.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: headers `webhook-id` (our key: the
receiver's idempotency key), `webhook-timestamp`, `webhook-signature` = `v1,` + base64(HMAC-SHA256(id.timestamp.body)).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits, Parts, Plain, Suspension
from sangfroid.outbound.errors import AnswerLost, CannotLook, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Signature of one message under a `whsec_…` secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def genuine(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = 300.0
) -> bool:
    """Whether a message was signed with the secret within `tolerance` seconds of `now` (POSIX seconds)."""
    try:
        message_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        given = headers["webhook-signature"].split(" ")
    except (KeyError, ValueError):
        return False
    if abs(now - timestamp) > tolerance:
        return False
    wanted = sign(secret, message_id, timestamp, body)
    return any(hmac.compare_digest(wanted, one) for one in given)


class Webhook(Plain):
    """Posts to the `url` of the channel's secret, signed with its `secret`; the receiver must de-duplicate by `webhook-id`."""

    idempotent = True

    def __init__(self, parts: Parts) -> None:
        self._credentials = parts.credentials
        self._timeout = parts.time_limit.total_seconds()

    def limits(self) -> Limits:
        """No limit."""
        return Limits()

    def publish(self, letter: Letter) -> Receipt:
        """Deliver `{"type": "response.published", "data": {…}}`; the receipt is the receiver's `url`/`id` where it gives one."""
        answer = self._post(letter.key, {"type": f"{letter.kind}.published", "data": letter.shown()})
        return Receipt(external_id=str(answer.get("id") or letter.key), url=answer.get("url"))

    def find(self, letter: Letter) -> Receipt | None:
        """Not needed: the receiver de-duplicates by `webhook-id`."""
        raise CannotLook("a webhook receiver cannot be asked")

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """The receiver's 2xx answer is its confirmation."""
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Tell the receiver to take it back."""
        self._post(f"{letter.key}:retract", {"type": f"{letter.kind}.retracted", "data": {"key": letter.key}})

    def suspend(self) -> Suspension:
        """Tell the receiver to stop its queues and campaigns; its answer must be signed and say `suspended`.

        What it says that it stopped is kept, and is what `resume` names again. Asked again, the receiver must name all
        that stands still on our behalf, not only what it stopped this time: an answer may have been lost.
        """
        answer = self._post(
            self._moment("suspend"), {"type": "communication.suspend", "data": {}}, signed_answer=True
        )
        if answer.get("state") != "suspended":
            raise ChannelRefused("the receiver did not confirm that it stopped")
        return Suspension("stopped", "the receiver confirmed, signed", {"stopped": answer.get("stopped", [])})

    def is_suspended(self, suspension: Suspension) -> bool:
        """Ask the receiver how it stands (`communication.status`); its answer must be signed."""
        answer = self._post(
            self._moment("status"), {"type": "communication.status", "data": {}}, signed_answer=True
        )
        return answer.get("state") == "suspended"

    def resume(self, suspension: Suspension) -> None:
        """Tell the receiver to resume exactly what it stopped."""
        data = {"resume": suspension.state.get("stopped", [])}
        answer = self._post(
            self._moment("resume"), {"type": "communication.resume", "data": data}, signed_answer=True
        )
        if answer.get("state") != "resumed":
            raise ChannelRefused("the receiver did not confirm that it resumed")

    @staticmethod
    def _moment(what: str) -> str:
        return f"{what}:{int(wall_clock.now().timestamp())}"

    def _post(
        self, message_id: str, document: dict[str, Any], *, signed_answer: bool = False
    ) -> dict[str, Any]:
        credentials = self._credentials()
        timestamp = int(wall_clock.now().timestamp())
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(credentials["secret"], message_id, timestamp, body),
        }
        try:
            answer = httpx.post(credentials["url"], content=body, headers=headers, timeout=self._timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ChannelRefused("the receiver was not reached") from error
        except httpx.HTTPError as error:
            raise AnswerLost("the receiver did not answer") from error
        if answer.status_code == 429:
            raise ChannelThrottled(retry_after=_seconds(answer.headers.get("retry-after")))
        if answer.status_code >= 500:
            raise AnswerLost(f"the receiver answered {answer.status_code}")
        if answer.status_code >= 300:
            # 410 Gone and every other refusal: repeating the same call cannot help.
            raise ChannelRefused(f"the receiver answered {answer.status_code}", permanent=True)
        if signed_answer and not genuine(
            credentials["secret"], answer.headers, answer.content, wall_clock.now().timestamp()
        ):
            raise ChannelRefused("the receiver's answer is not signed")
        try:
            document = answer.json() if answer.content else {}
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


def _seconds(retry_after: str | None) -> float:
    try:
        return max(1.0, float(retry_after or "30"))
    except ValueError:
        return 30.0
