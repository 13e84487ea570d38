"""No stranger's text costs more than its length (I15, S1), counted: the same on every machine.

Every function that reads a foreign text gets every pattern at 500 and 1,000 characters, and the lines of Python that it runs are
counted. Where they grow by more, the text is doubled until they do not. What compiled code does within one call is not seen
here but by `test_linear.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest

from sangfroid.cases import acknowledging, authorship, joining, promises, substance
from sangfroid.cases.charter import checking, personal, phrases, readability
from sangfroid.cases.charter import moments as charter_moments
from sangfroid.http import wire
from sangfroid.listening import webhooks
from sangfroid.outbound import rendering
from sangfroid.outbound.channels import discord, discourse_markdown, hypertext, mastodon
from sangfroid.text import (
    addresses,
    blank,
    differences,
    folding,
    identity,
    leftovers,
    lines,
    links,
    mail_address,
    moments,
)
from sangfroid.tracing import addresses as tracing_addresses
from sangfroid.tracing import decoding, linked_data, metadata, tree
from sangfroid.triage import reading, sentences
from sangfroid.triage import text as triage_text
from tests.hostile.patterns import PATTERNS
from tests.hostile.readers import READERS
from tests.support.steps import steps

LENGTH = 500
GROWTH = 2.5
NOTHING = 400
"""Lines: below this for the longer text a ratio says nothing."""
LONGEST = 8_000
"""A function may do more a character up to a limit of its own; at this length it must have met it."""
MOST = 400
"""Lines a character, whatever the length."""

TEXTS = {kind: (made(LENGTH), made(2 * LENGTH)) for kind, made in PATTERNS.items()}


@pytest.mark.parametrize("name", READERS)
def test_twice_the_text_is_twice_the_steps(name: str) -> None:
    reads = READERS[name]
    for short, long in TEXTS.values():  # tables that are learnt once are no text's cost
        reads(short)
        reads(long)
    worst = []
    for kind, (short, long) in TEXTS.items():
        more = steps(lambda text=long: reads(text))
        if more > MOST * len(long):
            worst.append(f"{kind}: {more} lines for {len(long)} characters")
        elif more > NOTHING and more > GROWTH * (few := steps(lambda text=short: reads(text))):
            worst += sustained(reads, kind, few, more)
    assert not worst, "\n".join(worst)


def sustained(reads: Callable[[str], object], kind: str, few: int, more: int) -> list[str]:
    """What is wrong where the work grows faster than the text however often that is doubled."""
    length = 2 * LENGTH
    while length < LONGEST:
        length *= 2
        text = PATTERNS[kind](length)
        few, more = more, steps(lambda text=text: reads(text))
        if more > MOST * length:
            break
        if more <= GROWTH * few:
            return []
    return [f"{kind}: {more} lines for {length} characters, and {few} for half of them"]


READING: tuple[ModuleType, ...] = (
    addresses, blank, differences, folding, identity, leftovers, lines, links, mail_address, moments, tracing_addresses, decoding,
    linked_data, metadata, tree, reading, sentences, triage_text, acknowledging, authorship, joining, promises, substance,
    checking, charter_moments, personal, phrases, readability, wire, webhooks, rendering, discord, discourse_markdown, hypertext,
    mastodon,
)  # fmt: skip
"""The modules that are made of functions that read what strangers, tools or platforms wrote."""

NOT_OF_STRANGERS: dict[str, str] = {
    "sangfroid.cases.acknowledging.approve": "an id and a hash",
    "sangfroid.cases.acknowledging.refuse_unusable": "a hash",
    "sangfroid.cases.acknowledging.revoke": "a reason of ours, a body's field",
    "sangfroid.cases.authorship.may_approve": "an id",
    "sangfroid.cases.charter.moments.month_name": "a language",
    "sangfroid.cases.charter.moments.promised": "what of a text names a time; no pattern promises anything",
    "sangfroid.cases.charter.personal.plain": "one contact, found already",
    "sangfroid.cases.charter.phrases.folded_alike": "phrases of the organisation",
    "sangfroid.cases.charter.phrases.pattern": "phrases of the organisation",
    "sangfroid.tracing.addresses.checked": "an address of IP that the resolver gave",
    "sangfroid.tracing.addresses.system_resolver": "asks the network",
}
"""Functions of these modules that take a text and read none of a stranger, and why."""


def functions_with_a_text(module: ModuleType) -> dict[CodeType, str]:
    """Public functions of the module that take a text or bytes."""
    found = {}
    for name, wrapped in vars(module).items():
        one = getattr(wrapped, "__wrapped__", wrapped)
        if isinstance(one, FunctionType) and one.__module__ == module.__name__ and not name.startswith("_"):
            kinds = " ".join(
                str(kind) for parameter, kind in one.__annotations__.items() if parameter != "return"
            )
            if re.search(r"\b(?:str|bytes|Readable)\b", kinds):
                found[one.__code__] = f"{module.__name__}.{name}"
    return found


def test_no_function_that_reads_a_foreign_text_is_forgotten() -> None:
    wanted = {code: name for module in READING for code, name in functions_with_a_text(module).items()}
    seen: set[CodeType] = set()

    def called(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(called)
    try:
        for reads in READERS.values():
            for kind in (
                "links",
                "tags of HTML",
                "words that are all different",
                "dates",
                "JSON",
                "sentences",
            ):
                reads(TEXTS[kind][0])
    finally:
        sys.setprofile(None)
    forgotten = sorted(name for code, name in wanted.items() if code not in seen)
    assert [name for name in forgotten if name not in NOT_OF_STRANGERS] == []


def test_there_are_patterns_enough() -> None:
    assert len(PATTERNS) >= 30
    assert len(READERS) >= 75


def test_the_count_sees_a_square() -> None:
    def square(text: str) -> int:
        return sum(1 for one in text for other in text if one == other)

    few, more = (steps(lambda size=size: square("a" * size)) for size in (50, 100))
    assert more > GROWTH * few
