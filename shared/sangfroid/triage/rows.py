"""The rows of numbers of a model's features, packed: a process opens them at once and makes only those that it looks up.

As lists in JSON, 200,000 rows cost a cold Lambda half a second and 70 MB.
"""

from __future__ import annotations

import sys
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

KEPT = 8192
"""Look-ups of a model that are remembered, those that found nothing too: half of what a text asks for, the one before asked."""

_TYPES = ("h", "i")  # numbers of 16 bits, or of 32 where one of them needs it


def pack(rows: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """What `Rows` reads, as JSON can hold it. ValueError for rows of different lengths or a name with a line end."""
    names = sorted(rows)
    width = len(rows[names[0]]) if names else 0
    if any(len(row) != width for row in rows.values()) or any("\n" in name for name in names):
        raise ValueError("the rows are not all of one length, or a name ends a line")
    flat = [number for name in names for number in rows[name]]
    kind = _TYPES[0] if all(-(2**15) <= number < 2**15 for number in flat) else _TYPES[1]
    return {
        "names": "\n".join(names),
        "numbers": b64encode(_little(array(kind, flat)).tobytes()).decode(),
        "type": kind,
        "width": width,
    }


class Rows:
    """The rows by the name of their feature."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        """Raises ValueError for what `pack` has not made."""
        kind, self._width = packed["type"], int(packed["width"])
        if kind not in _TYPES:
            raise ValueError(f"numbers of an unknown type: {kind}")
        self._names: list[str] = packed["names"].split("\n") if packed["names"] else []
        self._numbers = array(kind)
        self._numbers.frombytes(b64decode(packed["numbers"], validate=True))
        self._numbers = _little(self._numbers)
        if len(self._numbers) != self._width * len(self._names):
            raise ValueError("there is not a row for each name")
        self._known = lru_cache(maxsize=KEPT)(self._found)

    def __len__(self) -> int:
        return len(self._names)

    def get(self, name: str) -> list[int] | None:
        """The row of a feature; None where there is none. Whoever asks for the same one shares it."""
        return self._known(name)

    def _found(self, name: str) -> list[int] | None:
        at = bisect_left(self._names, name)
        if at == len(self._names) or self._names[at] != name:
            return None
        return self._numbers[at * self._width : (at + 1) * self._width].tolist()


def _little(numbers: array[int]) -> array[int]:
    """Between this machine's order of bytes and the file's, in which the lowest stands first."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
