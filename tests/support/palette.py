"""A screenshot with at most 256 colours: a third of its bytes, and nothing that a reader of the documentation would see."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

COLOURS = 256
LARGEST_PICTURE = 120_000
"""Bytes of a picture of the documentation: a page of it comes over a telephone, too."""


def reduced(png: bytes) -> bytes:
    """The same picture with a palette: the commonest colours, and for each other one the nearest of them.

    Takes what Chromium makes (RFC 2083: 8 bits, RGB or RGBA, not interlaced); transparency is not kept.
    """
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, interlaced) == (8, 0)
    size = {2: 3, 6: 4}[kind]
    pixels = [
        line[at : at + 3]
        for line in _lines(_data(png), width * size, size)
        for at in range(0, len(line), size)
    ]
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    place = {colour: number for number, colour in enumerate(palette)}
    for colour in counted:
        if colour not in place:
            place[colour] = min(range(len(palette)), key=lambda one: _apart(palette[one], colour))
    rows = b"".join(
        b"\0" + bytes(place[one] for one in pixels[row * width : (row + 1) * width]) for row in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return png[:8] + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _data(png: bytes) -> bytes:
    found, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            found += png[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(found)


def _lines(data: bytes, length: int, size: int) -> list[bytes]:
    """The lines of the picture, their filters undone."""
    lines, above = [], bytes(length)
    for start in range(0, len(data), length + 1):
        kind, line = data[start], bytearray(data[start + 1 : start + 1 + length])
        for at in range(length if kind else 0):
            left = line[at - size] if at >= size else 0
            corner = above[at - size] if at >= size else 0
            line[at] = (
                line[at]
                + (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
            ) & 255
        above = bytes(line)
        lines.append(above)
    return lines


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))


def _apart(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
