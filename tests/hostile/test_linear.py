"""No stranger's text costs more than its length (I15, S1): twice the text, at most about twice the time of the processor.

Every function that reads a foreign text gets every pattern at 10,000 and 20,000 characters. What takes next to nothing at
20,000 is linear enough; of the rest, the best of up to fifteen timings must not grow by more than 2.5. What seems to grow faster
is timed again over eight times the length, where busy neighbours of the machine cannot be mistaken for a square: that is what
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


def over_eight_times(reads: Callable[[str], object], kind: str) -> float:
    """How much longer 20,000 characters take than 2,500: the best of five each."""
    short, long = PATTERNS[kind](2_500), PATTERNS[kind](20_000)
    return min(once(reads, long) for _ in range(5)) / max(min(once(reads, short) for _ in range(20)), 1e-6)


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
        if growth(reads, short, long) > GROWTH and (grown := over_eight_times(reads, kind)) > EIGHT_TIMES:
            worst.append(f"{kind}: {grown:.1f} times for eight times the text ({took * 1000:.0f} ms)")
    record_property("slowest", f"{slowest[0]} {slowest[1] * 1000:.1f} ms")
    said = f"{slowest[0]}, {slowest[1] * 1000:.1f} ms"
    sys.stdout.write(f"{name}: {len(PATTERNS)} patterns; the slowest of 20,000 characters: {said}\n")
    assert not worst, "\n".join(worst)


def test_there_are_patterns_enough() -> None:
    assert len(PATTERNS) >= 30
    assert all((len(short), len(long)) == (LENGTH, 2 * LENGTH) for short, long in TEXTS.values())


@pytest.mark.parametrize(
    "page", ["<![", "<!", "<!--", "</", "<?", "<a <a ", "<![CDATA[", "&#", "<p>Bonjour<![x <b>à tous</b>"]
)
def test_what_is_no_markup_is_read_all_the_same(page: str) -> None:
    assert "Bonjour" in hypertext.read(f"<p>Bonjour</p>{page}")
