"""Base of the adapters that talk HTTP: settings, secret, limits and wire put together, and what most platforms share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from sangfroid.outbound.channels.base import Limits, Parts, Plain, Suspension
from sangfroid.outbound.channels.settings import Secret, Settings, secret_of, settings_of
from sangfroid.outbound.channels.timed import Deadline
from sangfroid.outbound.channels.wire import Wire
from sangfroid.outbound.errors import AnswerLost, ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt, named
from sangfroid.outbound.rendering import render

S = TypeVar("S", bound=Settings)
C = TypeVar("C", bound=Secret)


@dataclass(frozen=True)
class Line(Generic[C]):
    """One adapter call under way: the secret as it stands now, and the wire with what is left of the time limit."""

    secret: C
    wire: Wire


class HttpChannel(Plain, Generic[S, C]):
    """What an adapter over HTTP starts from. The secret is read at the start of each call, never kept."""

    platform: ClassVar[str]
    settings_model: ClassVar[type[Settings]]
    secret_model: ClassVar[type[Secret]]
    idempotent: bool = False
    by_hand: ClassVar[str] = ""
    """What a person must stop on the platform when the channel is suspended; empty where it sends nothing by itself."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settings: S = settings_of(parts, self.settings_model)  # type: ignore[assignment]

    def limits(self) -> Limits:
        """What fits on the platform."""
        return Limits()

    def suspend(self) -> Suspension:
        """Nothing of its own, or what a person must stop because the platform has no interface for it."""
        if self.by_hand:
            return Suspension("by_person", f"{self.platform}: {self.by_hand}")
        return Suspension("nothing", "sends only what passes the desk")

    def resume(self, suspension: Suspension) -> None:
        """Nothing was stopped by the desk."""

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """As `Channel.read_back`."""
        raise NotImplementedError

    def edited(self, letter: Letter) -> Receipt | None:
        """For `find` of an edit: the publication that the letter corrects, where it says the letter's words by now."""
        if letter.corrects is None:
            return None
        try:
            return self.read_back(letter, letter.corrects)
        except AnswerLost:
            return None  # gone, or not to be read at present: an edit that is asked for again makes no second
        except ChannelRefused as refused:
            if refused.permanent:
                return None  # the old words stand there
            raise

    def line(self) -> Line[C]:
        """Start one adapter call: the time limit runs from here."""
        deadline = Deadline(self.parts.time_limit)
        secret: C = secret_of(self.parts, self.secret_model)  # type: ignore[assignment]
        return Line(secret, Wire(self.platform, deadline, secret.scrub))

    def posts(self, letter: Letter) -> tuple[str, ...]:
        """The posts of the letter as they were shown for approval; raises ChannelRefused where they do not fit."""
        rendering = render(letter.text, letter.language, self.parts.settings, self.limits())
        if not rendering.fits:
            faults = "; ".join(finding.message for finding in rendering.findings)
            raise ChannelRefused(f"{self.platform}: {faults}", permanent=True)
        return rendering.parts


@contextmanager
def reading_back(platform: str) -> Iterator[None]:
    """Around a look at what was just published: a passing fault there must not look like a publication that failed."""
    fault: str | None = None
    try:
        yield
    except ChannelThrottled:
        fault = "asks to slow down"
    except ChannelRefused as error:
        if error.permanent:
            raise
        fault = str(error)
    if fault is not None:
        raise AnswerLost(f"{platform}: published, but not read back yet ({fault})")


def name_of(letter: Letter, place: int = 0) -> str:
    """Name of one post of a letter: 64 hexadecimal digits, the same on every attempt and for nothing else."""
    return named(letter.channel, letter.key, place)


def same(found: str, sent: str, tidy: Callable[[str], str] = str.split) -> bool:  # type: ignore[assignment]
    """Whether a platform shows what was sent, apart from white space, which platforms fold."""
    return tidy(found) == tidy(sent)


def missing(platform: str) -> ChannelRefused:
    """The publication is not there any more."""
    return ChannelRefused(f"{platform} does not have the publication", permanent=False)


def gone(platform: str, what: str = "the publication that the text corrects") -> ChannelRefused:
    """What a text corrects or answers is not there any more: a person decides what becomes of the text."""
    return ChannelRefused(f"{what} no longer stands on {platform}", permanent=True)


def unanswerable(platform: str) -> ChannelRefused:
    """The address of what the text answers is none of the platform's."""
    return ChannelRefused(f"the message at this address cannot be answered on {platform}", permanent=True)


def altered(platform: str) -> ChannelRefused:
    """What stands there is not what was approved."""
    return ChannelRefused(f"what stands on {platform} is not what was sent", permanent=True)
