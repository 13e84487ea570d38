"""How a text looks on a channel: one post, or a thread of posts. Pure; the preview and the publication use the same function.

The words are never changed. A text longer than the platform's limit is cut between paragraphs, sentences or words (never
inside a link, never at a blank that holds together, as in 12 500 €), and each post says which one of how many it is. Where
words are written without blanks, sentences end after their own full stop. What does not fit is a finding at writing time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import regex
from pydantic import BaseModel, ConfigDict, Field

from sangfroid.model import Finding
from sangfroid.text.blank import is_blank
from sangfroid.text.links import find_links

if TYPE_CHECKING:
    from sangfroid.outbound.channels.base import Limits

BLANKS = regex.compile(r"[\s\u2060\uFEFF]+")
HOLDS_TOGETHER = regex.compile(r"[\u00A0\u2007\u202F\u2060\uFEFF]")
"""Blanks at which nothing is cut (Unicode, UAX 14, class GL and WJ): in numbers, before French signs, in names."""

NEW_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n")
SENTENCE_ENDS = regex.compile(r"[.!?…。！？｡][»”\"')\]」』）】》’]*$")
WITHOUT_BLANKS = regex.compile(
    r"[。！？｡]+[」』）】》”’]*+(?<sentence>)(?![\s」』）】》”’。！？｡、，]|$)"
    r"|[、，；：]+(?<clause>)(?=[\p{Han}\p{Hiragana}\p{Katakana}])"
    r"|[\p{Han}\p{Hiragana}\p{Katakana}](?<letter>)(?=[[\p{Han}\p{Hiragana}\p{Katakana}]--[ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮー々]])",
    regex.V1,
)
"""Where a text without blanks may be cut: after a sentence, after a clause, at last between two letters."""

PARAGRAPH, SENTENCE, WORD, LETTER = range(4)
"""Kinds of breaks, the best first."""

WORTH = 0.5
"""A better break is taken where the post is then still at least this full; else the thread grows for nothing."""


class RenderingSettings(BaseModel):
    """What a channel's settings say about how texts look there. Other settings of the channel are not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    hashtags: dict[str, list[str]] = Field(
        default_factory=dict, description="Language -> hashtags that close the text there; none by default."
    )
    numbering: bool = Field(
        default=True, description="Whether each post of a thread ends with its number, as in 2/3."
    )


@dataclass(frozen=True)
class Rendering:
    """What would stand on the platform, post by post, and the platform's count of each. Findings: why it cannot go out."""

    parts: tuple[str, ...]
    lengths: tuple[int, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def fits(self) -> bool:
        """True where nothing keeps it from going out."""
        return not any(finding.severity == "blocking" for finding in self.findings)


def render(text: str, language: str, settings: Mapping[str, Any], limits: Limits) -> Rendering:
    """The posts that `text` makes on a channel with these settings and limits."""
    chosen = RenderingSettings.model_validate(
        {name: settings[name] for name in RenderingSettings.model_fields if name in settings}
    )
    tags = " ".join(f"#{tag.lstrip('#')}" for tag in chosen.hashtags.get(language, []))
    whole = f"{text}\n\n{tags}" if tags else text
    if is_blank(text):
        return Rendering((), (), (_finding("empty", language, "There is no text."),))
    most = limits.max_characters
    said = tuple(_finding("shown_otherwise", language, one, severity="info") for one in limits.remarks(whole))
    if most is None or limits.count(whole) <= most:
        return _measured((whole,), limits, said)
    if limits.max_parts <= 1:
        message = f"{limits.count(whole)} {limits.unit}; at most {most} fit here."
        return _measured((whole,), limits, (_finding("too_long", language, message),))
    thread = _thread(whole, language, limits, most, numbering=chosen.numbering)
    return replace(thread, findings=(*thread.findings, *said))


def _thread(text: str, language: str, limits: Limits, most: int, *, numbering: bool) -> Rendering:
    total = 1
    parts: tuple[str, ...] = (text,)
    # The number of posts stands in each of them, so it is guessed and the text is cut again until the guess is right.
    for _ in range(8):
        mark = f"\n{total}/{total}" if numbering else ""
        parts = tuple(_cut(text, limits, most - limits.count(mark)))
        if len(str(len(parts))) <= len(str(total)):
            break
        total = len(parts)
    if numbering:
        parts = tuple(f"{part}\n{place}/{len(parts)}" for place, part in enumerate(parts, 1))
    findings: list[Finding] = []
    if len(parts) > limits.max_parts:
        message = f"The thread has {len(parts)} posts; at most {limits.max_parts} are allowed here."
        findings.append(_finding("thread_too_long", language, message))
    for part in parts:
        if limits.count(part) > most:
            message = f"A link or word is longer than {most} {limits.unit} and cannot be cut."
            findings.append(_finding("cannot_be_cut", language, message, part[:80]))
    return _measured(parts, limits, tuple(findings))


class _Break(NamedTuple):
    """Where one post ends and where the next one begins."""

    end: int
    after: int
    kind: int


def _cut(text: str, limits: Limits, most: int) -> Iterator[str]:
    text = text.strip()
    breaks = _breaks(text)
    place, first = 0, 0
    while True:
        chosen = _last_that_fits(text, place, breaks, first, limits, most)
        if chosen is None:
            yield text[place:]
            return
        found = breaks[chosen]
        yield text[place : found.end]
        place, first = found.after, chosen + 1


def _breaks(text: str) -> list[_Break]:
    """Every place where the text may be cut, in order."""
    found = [
        _Break(blanks.start(), blanks.end(), _kind(text, blanks))
        for blanks in BLANKS.finditer(text)
        if "\n" in blanks[0] or not HOLDS_TOGETHER.search(blanks[0])
    ]
    kinds = {"sentence": SENTENCE, "clause": WORD, "letter": LETTER}
    found += [
        _Break(seam.end(), seam.end(), kinds[str(seam.lastgroup)]) for seam in WITHOUT_BLANKS.finditer(text)
    ]
    links = iter(find_links(text))
    link = next(links, None)
    free: list[_Break] = []
    for one in sorted(found):
        while link is not None and link.end <= one.end:
            link = next(links, None)
        if link is None or one.end <= link.start:
            free.append(one)
    return free


def _kind(text: str, blanks: regex.Match[str]) -> int:
    if NEW_PARAGRAPH.search(blanks[0]):
        return PARAGRAPH
    before = text[max(0, blanks.start() - 8) : blanks.start()]
    return SENTENCE if SENTENCE_ENDS.search(before) else WORD


def _last_that_fits(
    text: str, place: int, breaks: Sequence[_Break], first: int, limits: Limits, most: int
) -> int | None:
    """Which break ends the post that begins at `place`; None where all the rest fits, or cannot be cut."""

    def size(number: int) -> int:
        return limits.count(text[place : breaks[number].end if number < len(breaks) else len(text)])

    # In steps that double, then by halves: the rest of a long text is not counted again for every post.
    low, step = first, 1
    while low < len(breaks) and size(min(low + step - 1, len(breaks) - 1)) <= most:
        low, step = min(low + step, len(breaks)), step * 2
    if low >= len(breaks) and size(len(breaks)) <= most:
        return None
    high = min(low + step - 1, len(breaks))
    while low < high:
        middle = (low + high) // 2
        if size(middle) <= most:
            low = middle + 1
        else:
            high = middle
    if low == first:
        # Not even one word fits: it stands alone, and the finding says so.
        return first if first < len(breaks) else None
    best: dict[int, int] = {}
    for number in range(low - 1, first - 1, -1):
        best.setdefault(breaks[number].kind, number)
    for kind in (PARAGRAPH, SENTENCE, WORD, LETTER):
        if kind in best and size(best[kind]) >= most * WORTH:
            return best[kind]
    return low - 1


def _measured(parts: tuple[str, ...], limits: Limits, findings: tuple[Finding, ...] = ()) -> Rendering:
    return Rendering(parts, tuple(limits.count(part) for part in parts), findings)


def _finding(
    code: str, language: str, message: str, quote: str | None = None, severity: str = "blocking"
) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": severity, "language": language, "message": message, "quote": quote}
    )
