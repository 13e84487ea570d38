"""The pictures of the documentation are small, and made small without becoming others."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tests.support import palette
from tests.support.palette import LARGEST_PICTURE

ROOT = Path(__file__).resolve().parents[2]


def test_every_picture_of_the_documentation_is_small() -> None:
    pictures = [one for end in ("png", "jpg", "svg") for one in (ROOT / "docs").rglob(f"*.{end}")]
    assert len(pictures) >= 28
    assert {one.name: one.stat().st_size for one in pictures if one.stat().st_size > LARGEST_PICTURE} == {}


def test_a_reduced_picture_is_the_same_picture() -> None:
    """Two colours and every filter of the format, there and back."""
    rows = [bytes([kind]) + b"\x10\x20\x30" * 4 for kind in range(5)]
    head = struct.pack(">IIBBBBB", 4, 5, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    made = palette.reduced(png)
    assert made[16:29] == struct.pack(">IIBBBBB", 4, 5, 8, 3, 0, 0, 0)
    colours = made[made.index(b"PLTE") + 4 :][: struct.unpack(">I", made[made.index(b"PLTE") - 4 :][:4])[0]]
    places = palette._lines(palette._data(made), 4, 1)
    shown = [b"".join(colours[3 * one : 3 * one + 3] for one in line) for line in places]
    assert shown == palette._lines(palette._data(png), 12, 3)
    assert shown[0] == b"\x10\x20\x30" * 4
    assert shown[1] == bytes(b * n & 255 for n in range(1, 5) for b in (0x10, 0x20, 0x30)), (
        "each adds to its left"
    )
