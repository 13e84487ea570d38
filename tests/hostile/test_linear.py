"""No stranger's text costs more than its length (I15, S1): twice the text, at most about twice the time of the processor.

Every function that reads a foreign text gets every pattern at 10,000 and 20,000 characters. What takes next to nothing at
20,000 is linear enough; of the rest, the best of up to fifteen timings must not grow by more than 2.5. What seems to grow faster
is timed again over eight times the length, shorter and longer than that: a square shows at both, a reader that changes its way
of working at some length (deep pages are read more carefully) and busy neighbours of the machine at one of them. A square
fails. This sees what compiled code does within one call: `make test-hostile`. `test_counted.py` counts instead.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from sangfroid.outbound.channels import hypertext
from tests.hostile.patterns import PATTERNS
from tests.hostile.readers import READERS

pytestmark = pytest.mark.timed

LENGTH = 10_000
GROWTH = 2.5
CLEAR = 2.2
NOTHING = 0.012
"""Seconds of the processor: below this for 20,000 characters a ratio says nothing, and nothing is lost."""

EIGHT_TIMES = 20.0
"""Eight times the text: 8 times the work where it is linear, 64 where it is a square, and caches that grow small in between."""

SQUARE = 40.0
"""Eight times the text: a square, whatever is longer; a reader may stop at 20,000 characters."""

TEXTS = {kind: (made(LENGTH), made(2 * LENGTH)) for kind, made in PATTERNS.items()}


def once(reads: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    reads(text)
    return time.process_time() - started


def growth(reads: Callable[[str], object], short: str, long: str) -> float:
    """How much longer the long text takes: by the best of five, ten, fifteen, or of fewer where that is clear."""
    mine: list[float] = []
    theirs: list[float] = []
    grown = 0.0
    for _ in range(15):
        mine.append(once(reads, short))
        theirs.append(once(reads, long))
        grown = min(theirs) / max(min(mine), 1e-6)
        if grown <= (GROWTH if len(mine) % 5 == 0 else CLEAR):
            break
    return grown


def over_eight_times(reads: Callable[[str], object], kind: str, length: int) -> float:
    """How much longer eight times `length` characters take: the best of five each."""
    short, long = PATTERNS[kind](length), PATTERNS[kind](8 * length)
    return min(once(reads, long) for _ in range(5)) / max(min(once(reads, short) for _ in range(20)), 1e-6)


def a_square(reads: Callable[[str], object], kind: str) -> bool:
    """Whether the work grows clearly faster than the text, by whatever lengths it is measured."""
    up_to_here = over_eight_times(reads, kind, LENGTH // 4)
    return up_to_here > SQUARE or (
        up_to_here > EIGHT_TIMES and over_eight_times(reads, kind, 2 * LENGTH) > EIGHT_TIMES
    )


@pytest.mark.parametrize("name", READERS)
def test_twice_the_text_is_twice_the_work(name: str, record_property: Callable[[str, object], None]) -> None:
    reads = READERS[name]
    reads("warm up: é, аe")  # tables that are loaded once are no text's cost
    slowest, worst = ("", 0.0), []
    for kind, (short, long) in TEXTS.items():
        took = once(reads, long)
        slowest = max(slowest, (kind, took), key=lambda one: one[1])
        if took < NOTHING:
            continue
        if (grown := growth(reads, short, long)) > GROWTH and all(a_square(reads, kind) for _ in range(2)):
            worst.append(
                f"{kind}: {grown:.1f} times for twice the text ({took * 1000:.0f} ms), more over eight times"
            )
    record_property("slowest", f"{slowest[0]} {slowest[1] * 1000:.1f} ms")
    said = f"{slowest[0]}, {slowest[1] * 1000:.1f} ms"
    sys.stdout.write(f"{name}: {len(PATTERNS)} patterns; the slowest of 20,000 characters: {said}\n")
    assert not worst, "\n".join(worst)


def test_a_square_is_seen_and_a_change_of_pace_is_none() -> None:
    def square(text: str) -> None:
        for start in range(0, len(text), 50):
            sum(map(ord, text[start:]))  # the rest of the text, at each place

    def careful_when_long(text: str) -> None:
        sum(map(ord, text * (4 if len(text) > 6_000 else 1)))

    assert a_square(square, "angles")
    assert not a_square(careful_when_long, "angles")


def test_there_are_patterns_enough() -> None:
    assert len(PATTERNS) >= 30
    assert all((len(short), len(long)) == (LENGTH, 2 * LENGTH) for short, long in TEXTS.values())


@pytest.mark.parametrize(
    "page", ["<![", "<!", "<!--", "</", "<?", "<a <a ", "<![CDATA[", "&#", "<p>Bonjour<![x <b>à tous</b>"]
)
def test_what_is_no_markup_is_read_all_the_same(page: str) -> None:
    assert "Bonjour" in hypertext.read(f"<p>Bonjour</p>{page}")
