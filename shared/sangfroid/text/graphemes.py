"""Characters as a reader counts them (grapheme clusters, UAX #29)."""

from __future__ import annotations

import regex

_CLUSTER = regex.compile(r"\X")
_FLAG = regex.compile(r"\p{RI}\p{RI}")


def counted(text: str) -> int:
    """How many characters a reader sees in `text`."""
    # Where a row of flags is cut depends on all of it, and the library looks back over all of it at each: a pair as one letter,
    # which joins what is beside it as a flag does, is counted the same.
    return sum(1 for _ in _CLUSTER.finditer(_FLAG.sub("x", text)))
