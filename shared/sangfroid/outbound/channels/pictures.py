"""What adapters need to know of a picture, and waiting until a platform has processed one."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from sangfroid import wall_clock
from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image

if TYPE_CHECKING:
    # E-mail alone loads no HTTP library.
    from sangfroid.outbound.channels.timed import Deadline

PAUSE = 0.5
ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that begin a frame, which says width and height (ITU-T T.81, B.2.2)."""


def file_name(image: Image, stem: str) -> str:
    """A name that says what the file is, made by us: platforms judge by the ending, and people's names hold anything."""
    return f"{stem}.{ENDINGS[image.media_type]}"


def pixels(image: Image) -> tuple[int, int] | None:
    """Width and height, where the file says them; clients keep room for a picture by these."""
    data = image.data
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return (width, height) if width and height else None
    place = 2
    while data[:2] == b"\xff\xd8" and place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return (width, height) if width and height else None
        place += 2 + length
    return None


def whole(data: bytes) -> bool:
    """Whether a PNG or JPEG has its end: one that was cut off would be refused, or shown in half, by the platforms."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return data[12:16] == b"IHDR" and b"IEND" in data[-64:]
    return data[:3] == b"\xff\xd8\xff" and b"\xff\xd9" in data[-64:]


def wait_until(ready: Callable[[], bool], deadline: Deadline, platform: str) -> None:
    """Wait until the platform has processed a picture that nothing shows yet; raises ChannelRefused where it takes too long."""
    while not ready():
        if deadline.left <= 2 * PAUSE:
            raise ChannelRefused(
                f"{platform} has not processed the image in time; nothing was published by this call"
            )
        wall_clock.sleep(PAUSE)
