"""What an adapter gets to send, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from sangfroid.model import Audience
from sangfroid.outbound import hooks


@dataclass(frozen=True)
class Letter:
    """One text for one place. `key` is the idempotency key: the same key is never published twice (I6)."""

    key: str
    case_id: str
    kind: str
    channel: str
    audience: Audience
    language: str
    text: str
    subject: str = ""
    recipient: str | None = None

    def shown(self) -> hooks.Letter:
        """What the record of everything that left keeps of it."""
        return {
            "case_id": self.case_id,
            "kind": self.kind,
            "language": self.language,
            "text": self.text,
            "key": self.key,
        }


@dataclass(frozen=True)
class Receipt:
    """Proof of publication: the platform's id, and the public URL where there is one."""

    external_id: str
    url: str | None = None
