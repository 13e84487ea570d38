"""What every channel adapter does: one narrow protocol, one file an adapter.

An adapter knows how its platform works and nothing of freeze, approval or claims: those stand in the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

from sangfroid.outbound.letter import Letter, Receipt


@dataclass(frozen=True)
class Limits:
    """What fits: `max_characters` by the platform's own counting (`count`), None = no limit.

    `unit` names what is counted, for people. `max_parts` above 1 means that a longer text goes out as a thread of at
    most so many posts, each within the limit. `remarks` says, in sentences for the preview, what readers will see or get
    otherwise than it is written, where the platform leaves no way around it.
    """

    max_characters: int | None = None
    count: Callable[[str], int] = len
    unit: str = "characters"
    max_parts: int = 1
    remarks: Callable[[str], Sequence[str]] = lambda _: ()


@dataclass(frozen=True)
class Suspension:
    """Result of stopping what a channel would send by itself.

    `mode` is `stopped` (the platform confirms it), `by_person` (there is no interface: a person must do it and attach a
    proof), or `nothing` (the channel sends nothing by itself). `state` is what `resume` needs to restore exactly this.
    """

    mode: str
    detail: str
    state: Mapping[str, Any] = field(default_factory=dict)


Correction = Literal["edit", "reply", "anew"]
"""How a correction reaches the readers: in the place of what it corrects, as an answer beneath it, or as a post of its own."""


class Channel(Protocol):
    """One place where texts go. Every call ends within the channel's time limit."""

    idempotent: bool
    """True where publishing the same key twice makes one publication on the platform by itself."""

    takes_back: bool
    """False where what was sent can never be taken back (an e-mail, a text message)."""

    images: bool
    """True where the letter's image stands on the platform with its alternative text; elsewhere the text goes out alone."""

    def limits(self) -> Limits:
        """What fits on the platform."""

    def correction(self, letter: Letter) -> Correction:
        """How a letter goes out that corrects something (`letter.corrects` is set). Asks nobody: the preview shows it."""

    def answers(self, url: str) -> bool:
        """Whether a message at this address can be answered on this channel. Asks nobody."""

    def publish(self, letter: Letter) -> Receipt:
        """Publish, or edit what the letter corrects; raises ChannelRefused, ChannelThrottled, or AnswerLost where it may
        have happened."""

    def find(self, letter: Letter) -> Receipt | None:
        """Look whether the letter was published before; raises CannotLook where the platform has no way."""

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """Read the publication again.

        Raises ChannelRefused (permanent) where what stands there is not the letter, and AnswerLost where it cannot be read
        at present: it was published, so nothing may be sent again before somebody has looked.
        """

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Take the publication back; raises ChannelRefused where the platform does not allow it."""

    def suspend(self) -> Suspension:
        """Stop what the channel would send by itself (queues, scheduled posts, campaigns)."""

    def resume(self, suspension: Suspension) -> None:
        """Restore exactly what `suspend` stopped."""


@dataclass(frozen=True)
class Parts:
    """What an adapter is built from. `credentials` reads the channel's secret when it is needed, never earlier.

    `email_set`: the deployment's own configuration set of SES, for the e-mail channels that name none.
    """

    channel_id: str
    settings: Mapping[str, Any]
    time_limit: timedelta
    credentials: Callable[[], Mapping[str, Any]]
    table: Any
    client: Callable[[str], Any]
    email_set: str | None = None


class Plain:
    """What holds for a channel that does not say otherwise: text alone, each letter a publication of its own."""

    images: bool = False
    takes_back: bool = True

    def correction(self, letter: Letter) -> Correction:
        """A correction is a publication of its own."""
        return "anew"

    def answers(self, url: str) -> bool:
        """No message can be answered here."""
        return False


class NothingOfItsOwn(Plain):
    """Base for channels that hold no queue: there is nothing to suspend, and nothing can be taken back."""

    def limits(self) -> Limits:
        """No limit."""
        return Limits()

    def suspend(self) -> Suspension:
        """Nothing to stop: this channel sends only what the door lets through."""
        return Suspension("nothing", "sends only what passes the desk")

    def resume(self, suspension: Suspension) -> None:
        """Nothing was stopped."""
