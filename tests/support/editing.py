"""A platform that edits, and a case whose response stands there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sangfroid.model import Picture
from sangfroid.outbound.channels.base import Correction
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter, Receipt
from tests.support.desks import Platform, TestDesk

FIRST = {"fr": "400 clients sont touchés.", "en": "400 customers are affected."}


SECOND = {"fr": "Correction : 40 clients.", "en": "Correction: 40 customers."}


THIRD = {"fr": "Correction : 41 clients.", "en": "Correction: 41 customers."}


@dataclass
class Editing(Platform):
    """A platform on which a text takes the place of the one that it corrects; `standing` is what readers see, by id."""

    def __post_init__(self) -> None:
        self.standing: dict[str, str] = {}
        self.edits = 0

    def correction(self, letter: Letter) -> Correction:
        return "edit"

    def publish_for_real(self, letter: Letter) -> Receipt:
        if letter.corrects is None:
            receipt = super().publish_for_real(letter)
        else:
            if letter.corrects.external_id not in self.standing:
                raise ChannelRefused("what it corrects is gone", permanent=True)
            receipt, self.edits = letter.corrects, self.edits + 1
        self.standing[receipt.external_id] = letter.text
        return receipt

    def find(self, letter: Letter) -> Receipt | None:
        if letter.corrects is not None:
            return letter.corrects if self.standing.get(letter.corrects.external_id) == letter.text else None
        return super().find(letter)

    def read_back(self, letter: Letter, receipt: Receipt) -> Receipt:
        if self.standing.get(receipt.external_id) != letter.text:
            raise ChannelRefused("something else stands there", permanent=True)
        return receipt

    def retract(self, letter: Letter, receipt: Receipt) -> None:
        self.standing.pop(receipt.external_id, None)


def world_with(platform: Platform) -> tuple[TestDesk, str]:
    world = TestDesk()
    world.platforms[platform.channel] = platform
    case = world.report()
    world.triage(case, 1)
    out(world, case, FIRST)
    assert world.desk.casework.read(case).case.status == "published"
    return world, case


def out(world: TestDesk, case: str, texts: dict[str, str]) -> int:
    version = world.write(case, texts)
    world.review(case, version)
    world.publish(case, version.version)
    return version.version


def key(case: str, version: int, channel: str = "newsroom") -> str:
    return f"{case}:v{version}:{channel}:fr"


DATA = b"\x89PNG\r\n\x1a\n image"


def drawn(world: TestDesk, data: bytes | None) -> Picture:
    picture = Picture(
        evidence="ev-1", media_type="image/png", name="a.png", sha256=hashlib.sha256(DATA).hexdigest(),
        key="cases/a.png", object_version="1", alt={"fr": "Une courbe", "en": "A curve"},
    )  # fmt: skip
    world.desk.door._picture = lambda asked: data if asked == picture else None  # the bucket
    return picture
