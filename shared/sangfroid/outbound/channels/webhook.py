"""`webhook`: a signed call to a partner or scheduling tool, in the Standard Webhooks format.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: headers `webhook-id` (our key: the
receiver's idempotency key), `webhook-timestamp`, `webhook-signature` = `v1,` + base64(HMAC-SHA256(id.timestamp.body)).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from sangfroid import wall_clock
from sangfroid.outbound.channels.base import Limits, Parts, Plain, Suspension
from sangfroid.outbound.channels.settings import Secret, secret_of
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.channels.wire import Wire
from sangfroid.outbound.errors import CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

REFUSALS = range(300, 600)
LONGEST_ID = 200
WEB = re.compile(r"https://[A-Za-z0-9.-]+(?:[/?][!-~]*)?")
WORD = re.compile(r"[a-z_-]*|v[0-9]+")
SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
"""A moment in seconds since 1970, as far as a clock can be wrong."""


def _address(url: str) -> str:
    try:
        urlsplit(url).port  # noqa: B018 - read to see whether it is one
    except ValueError:
        # What the library says is not passed on: it holds the piece that it stumbled over.
        raise ValueError("must be an http:// or https:// address") from None
    return url


def _decodes(secret: str) -> str:
    try:
        _key(secret)
    except ValueError:
        raise ValueError("must be Base64 after `whsec_`, and not empty") from None
    return secret


class WebhookSecret(Secret):
    """`url` of the receiver, which may hold its own credentials, and the `whsec_…` secret that both sign with."""

    url: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]+$"), AfterValidator(_address)]
    secret: Annotated[str, AfterValidator(_decodes)]

    def values(self) -> Iterator[str]:
        """Also what an address is made of, where that looks like a token and not like a word."""
        yield from super().values()
        parts = urlsplit(self.url)
        yield self.secret.removeprefix("whsec_")
        yield from filter(None, (parts.username, parts.password))
        yield from (value for _, value in parse_qsl(parts.query))
        yield from (piece for piece in parts.path.split("/") if not WORD.fullmatch(piece))


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Signature of one message under a `whsec_…` secret."""
    return _signature(_key(secret), message_id, str(timestamp), body)


def genuine(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = 300.0
) -> bool:
    """Whether a message was signed with the secret within `tolerance` seconds of `now` (POSIX seconds).

    Nothing that a stranger can send in the headers raises. Raises ValueError where the secret itself is none.
    """
    key = _key(secret)
    message_id, sent_at, given = (
        headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not message_id or not SECONDS.fullmatch(sent_at) or abs(now - int(sent_at)) > tolerance:
        return False
    wanted = _signature(key, message_id, sent_at, body).encode()
    return any(
        hmac.compare_digest(wanted, one.encode("utf-8", "surrogateescape")) for one in given.split(" ")
    )


def _key(secret: str) -> bytes:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if not key:
        raise ValueError("an empty secret proves nothing")
    return key


def _signature(key: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    content = f"{message_id}.{sent_at}.".encode("utf-8", "surrogateescape") + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


class Webhook(Plain):
    """Posts to the `url` of the channel's secret, signed with its `secret`; the receiver must de-duplicate by `webhook-id`."""

    idempotent = True

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def limits(self) -> Limits:
        """No limit."""
        return Limits()

    def answers(self, url: str) -> bool:
        """Whatever stands on the web: the receiver gets its address."""
        return WEB.fullmatch(url) is not None

    def publish(self, letter: Letter) -> Receipt:
        """Deliver `{"type": "response.published", "data": {…}}`; the receipt is the receiver's `url`/`id` where it gives one.

        `data.corrects` is `{"id": …, "url": …}` of the publication that the text puts right, `data.answers` the address of
        the message that it answers. What becomes of the old text there is the receiver's business.
        """
        data: dict[str, Any] = dict(letter.shown())
        if letter.corrects is not None:
            data["corrects"] = {"id": letter.corrects.external_id, "url": letter.corrects.url}
        if letter.answers is not None:
            data["answers"] = letter.answers
        answer = self._post(letter.key, {"type": f"{letter.kind}.published", "data": data})
        given, url = answer.get("id"), answer.get("url")
        named = isinstance(given, str | int) and 0 < len(str(given)) <= LONGEST_ID
        return Receipt(
            external_id=str(given) if named else letter.key, url=url if isinstance(url, str) else None
        )

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
        deadline = Deadline(self._parts.time_limit)
        secret = secret_of(self._parts, WebhookSecret)
        wire = Wire("the receiver", deadline, secret.scrub)
        timestamp = int(wall_clock.now().timestamp())
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret.secret, message_id, timestamp, body),
        }
        answer = wire.call("POST", secret.url, content=body, headers=headers, ok=REFUSALS)
        if answer.status in REFUSALS:
            # What the receiver says is not repeated: its address is the secret, and no piece of one can be told from words.
            raise wire.fault(answer, detail="")
        if signed_answer and not genuine(
            secret.secret, answer.headers, answer.body, wall_clock.now().timestamp()
        ):
            raise ChannelRefused("the receiver's answer is not signed")
        found = answer.document()
        return {name: value for name, value in found.items() if not _holds(value, secret)}


def _holds(value: Any, secret: WebhookSecret) -> bool:
    """Whether a value of an answer repeats the secret: it would be kept as the address of a publication."""
    text = json.dumps(value, ensure_ascii=False)
    return secret.scrub(text) != text
