"""What an adapter gets to send, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from sangfroid.model import Audience, Panel
from sangfroid.outbound import hooks


@dataclass(frozen=True)
class Receipt:
    """Proof of publication: the platform's id, and the public URL where there is one."""

    external_id: str
    url: str | None = None


@dataclass(frozen=True)
class Image:
    """A picture that goes with a text; `alt` is what it shows, in the letter's language, for those who cannot see it."""

    media_type: Literal["image/png", "image/jpeg"]
    data: bytes = field(repr=False)
    alt: str
    name: str


@dataclass(frozen=True)
class Letter:
    """One text for one place. `key` is the idempotency key: the same key is never published twice (I6).

    `corrects` is an earlier publication on the same channel that the text puts right; `answers` the URL of somebody's
    message that it answers. How a channel does either is the adapter's (`Channel.correction`, `Channel.answers`).
    Where what it corrects was a correction itself, `before` are the publications which that one put right, oldest first;
    `began` is the headline of the first of all. `keys_to` is where a key pressed on the call is sent, where it has an answer.
    """

    key: str
    case_id: str
    kind: str
    channel: str
    audience: Audience
    language: str
    text: str
    subject: str = ""
    recipient: str | None = None
    corrects: Receipt | None = None
    before: tuple[Receipt, ...] = ()
    began: str = ""
    answers: str | None = None
    image: Image | None = None
    panel: Panel | None = None
    keys_to: str | None = None

    @property
    def headline(self) -> str:
        """The subject; where there is none, the first line of the text, cut after a word where it is too long for one."""
        return headline(self.subject or self.text)

    def shown(self) -> hooks.Letter:
        """What the record of everything that left keeps of it."""
        return {
            "case_id": self.case_id,
            "kind": self.kind,
            "language": self.language,
            "text": self.text,
            "key": self.key,
        }


def named(channel: str, key: str, place: int = 0) -> str:
    """Name of one post of the letter of this key: 64 hexadecimal digits, the same on every attempt and for nothing else."""
    return sha256(f"{channel}\n{key}\n{place}".encode()).hexdigest()


LONGEST_HEADLINE = 120


def headline(text: str) -> str:
    """The first line of a text that shows something, on one line, at most 120 characters."""
    line = next((" ".join(one.split()) for one in text.splitlines() if one.strip()), "")
    return line if len(line) <= LONGEST_HEADLINE else line[: LONGEST_HEADLINE - 1].rsplit(" ", 1)[0] + "…"
