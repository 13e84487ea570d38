"""No stranger's text costs more than its length (I15, S1): twice the text, at most about twice the work.

Every function that reads a foreign text gets every pattern at 10,000 and 20,000 characters. What takes next to nothing at
20,000 is linear enough; of the rest, the best of up to fifteen timings of the processor must not grow by more than 2.5.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sangfroid.cases import authorship, charter, joining
from sangfroid.cases.no_response import checked
from sangfroid.errors import Refused
from sangfroid.listening.webhooks import Pointers
from sangfroid.organisation import load
from sangfroid.outbound.channels.base import Limits
from sangfroid.outbound.channels.bluesky import facets
from sangfroid.outbound.channels.discourse import as_markdown
from sangfroid.outbound.channels.hypertext import as_html
from sangfroid.outbound.rendering import render
from sangfroid.playbooks import playbook
from sangfroid.text import addresses, blank, folding, identity, leftovers, lines, links, moments
from sangfroid.tracing import decoding, metadata, platforms, tracer
from sangfroid.tracing.addresses import parse
from sangfroid.tracing.refusals import FetchRefused
from sangfroid.triage import features, lexicon
from sangfroid.triage.report import Profile, Report, ReportedMessage
from sangfroid.triage.text import tokens
from tests.hostile.patterns import PATTERNS
from tests.support.desks import EXAMPLE

LENGTH = 10_000
GROWTH = 2.5
CLEAR = 2.2
NOTHING = 0.012
"""Seconds of the processor: below this for 20,000 characters a ratio says nothing, and nothing is lost."""

MAPPING = {"message.text": "a.b", "message.url": "c"}
TEXTS = {kind: (made(LENGTH), made(2 * LENGTH)) for kind, made in PATTERNS.items()}
ORGANISATION = load(EXAMPLE)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def message(text: str) -> ReportedMessage:
    return ReportedMessage.model_construct(text=text, platform="x", published_at=AT, url=None)


def features_of(text: str) -> object:
    said = ReportedMessage.model_construct(
        text=text,
        platform="x",
        published_at=AT,
        url=None,
        author=Profile(bio=text[:2_000]),
        on_own_platform=False,
    )
    return features.extract(Report.model_construct(brand="Nuage", message=said, notes=text[:10_000]))


def allowing(refused: type[Exception], function: Callable[[str], object]) -> Callable[[str], object]:
    def tried(text: str) -> object:
        try:
            return function(text)
        except refused:
            return None

    return tried


READERS: dict[str, Callable[[str], object]] = {
    "folded": folding.folded,
    "folded with places": folding.Folded,
    "bare": folding.bare,
    "skeleton": folding.skeleton,
    "visible": folding.visible,
    "blank": blank.is_blank,
    "links": links.find_links,
    "words of": identity.words_of,
    "an id": allowing(ValueError, identity.plain_id),
    "an address": addresses.canonical_address,
    "an address of the web": lambda text: addresses.canonical_address(
        "https://a.example/" + text[: addresses.LONGEST - 50]
    ),
    "one line": allowing(ValueError, lines.one_line),
    "as one line": lines.as_one_line,
    "address of a report": allowing(ValueError, lines.web_address),
    "a moment": lambda text: moments.moment_of(text[: moments.LONGEST]),
    "placeholders": leftovers.placeholders,
    "escapes": leftovers.escapes,
    "turned": leftovers.turned,
    "hidden": leftovers.hidden,
    "mixed": leftovers.mixed,
    "doubtful": leftovers.doubtful,
    "charter": lambda text: charter.check(
        {"fr": text}, "closing_announcement", "Nuage SA", playbook(2), ORGANISATION
    ),
    "authorship": lambda text: authorship.digests({"fr": text}),
    "joining: words": joining.words,
    "joining: bands": joining.bands,
    "joining: a copy": lambda text: joining.same_text(text, text + " non"),
    "joining: another text": lambda text: joining.same_text(text, text[1:] + "!" + text[:500]),
    "joining: topic": lambda text: joining.topic(text, "Nuage"),
    "joining: labels": joining.labels,
    "joining: links": lambda text: joining.linked_prints(message(text)),
    "joining: address": joining.url_print,
    "triage: tokens": tokens,
    "triage: lexicon": lambda text: lexicon.shipped().find(tokens(text)),
    "triage: features": features_of,
    "conditions": allowing(Refused, lambda text: checked([text])),
    "a page": lambda text: metadata.read_page(text, "https://a.example/"),
    "a page with a head": lambda text: metadata.read_page(
        f"<html><head><title>x</title></head><body>{text}</body></html>", "https://a.example/"
    ),
    "an attribute of a page": lambda text: metadata.read_page(
        f'<meta name="author" content="{text}">', "https://a.example/"
    ),
    "linked data": lambda text: metadata.read_page(
        f'<script type="application/ld+json">{text}</script>', "https://a.example/"
    ),
    "plain text of a page": metadata.plain_text,
    "oEmbed": lambda text: metadata.read_oembed(text, metadata.Metadata()),
    "bytes of a page": lambda text: decoding.decoded(text.encode("utf-8", "replace"), text[:1_000]),
    "bytes of another": lambda text: decoding.decoded(text.encode("utf-8", "replace"), "charset=gbk"),
    "a post of Bluesky": allowing(ValueError, platforms.bluesky_thread),
    "a post of Mastodon": allowing(ValueError, platforms.mastodon_status),
    "an address to fetch": allowing(FetchRefused, parse),
    "rivals": lambda text: tracer.rivals_in(["Cirrus Cloud", "Stratus"], text, text),
    "pointers": lambda text: Pointers("", MAPPING).of(text),
    "HTML": as_html,
    "Markdown": as_markdown,
    "facets": facets,
    "a post": lambda text: render(text, "fr", {}, Limits(max_characters=None)),
    "a post that is too long": lambda text: render(text, "fr", {}, Limits(max_characters=500)),
}


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
        grown = growth(reads, short, long)
        if grown > GROWTH:
            worst.append(f"{kind}: {grown:.2f} times for twice the text ({took * 1000:.0f} ms)")
    record_property("slowest", f"{slowest[0]} {slowest[1] * 1000:.1f} ms")
    said = f"{slowest[0]}, {slowest[1] * 1000:.1f} ms"
    sys.stdout.write(f"{name}: {len(PATTERNS)} patterns; the slowest of 20,000 characters: {said}\n")
    assert not worst, "\n".join(worst)


def test_there_are_patterns_enough() -> None:
    assert len(PATTERNS) >= 30
    assert all((len(short), len(long)) == (LENGTH, 2 * LENGTH) for short, long in TEXTS.values())
