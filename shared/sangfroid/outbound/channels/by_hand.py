"""`by_hand`: a place where a named person publishes: a press list in an agency's tool, a notice on a door, a phone round.

The desk sends nothing there. Once the text is approved and no freeze holds it, the delivery is that person's task (state
`manual`); it counts as published when somebody says so, with the address where it stands.
"""

from __future__ import annotations

from pydantic import Field

from sangfroid.outbound.channels.base import Limits, NothingOfItsOwn, Parts
from sangfroid.outbound.channels.settings import Settings, settings_of
from sangfroid.outbound.errors import CannotLook, ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt

NOT_BY_A_MACHINE = "a person publishes here; the desk has no way of its own"


class ByHandSettings(Settings):
    """`person`: id of whoever publishes there; `max_characters`: what fits."""

    person: str = Field(min_length=1)
    max_characters: int | None = Field(default=None, ge=1)


class ByHand(NothingOfItsOwn):
    """Says what fits, for the preview; every call to a platform is refused."""

    settings_model = ByHandSettings
    idempotent = False

    def __init__(self, parts: Parts) -> None:
        self._settings = settings_of(parts, ByHandSettings)

    def limits(self) -> Limits:
        """What the settings say."""
        return Limits(self._settings.max_characters)

    def answers(self, url: str) -> bool:
        """A person can answer anything."""
        return True

    def publish(self, letter: Letter) -> Receipt:
        """Never: the door makes a task of it."""
        raise ChannelRefused(NOT_BY_A_MACHINE, permanent=True)

    def find(self, letter: Letter) -> Receipt | None:
        """Nobody but the person knows."""
        raise CannotLook(NOT_BY_A_MACHINE)

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        """Nothing was published by the desk."""
        raise ChannelRefused(NOT_BY_A_MACHINE, permanent=True)

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        """Whoever published it takes it down."""
        raise ChannelRefused(NOT_BY_A_MACHINE, permanent=True)
