"""How a text looks on a channel: one post, or a thread of posts. Pure; the preview and the publication use the same function.

The words are never changed. A text longer than the platform's limit is cut between paragraphs, sentences or words (never
inside a link), and each post says which one of how many it is. What does not fit is a finding at writing time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from sangfroid.model import Finding
from sangfroid.text.blank import is_blank

if TYPE_CHECKING:
    from sangfroid.outbound.channels.base import Limits

BREAKS = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][»”\"')]))\s+"),
    re.compile(r"\s+"),
)
"""Where a text may be cut, the best first: after a paragraph, after a sentence, between words."""

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
    if most is None or limits.count(whole) <= most:
        return _measured((whole,), limits)
    if limits.max_parts <= 1:
        message = f"{limits.count(whole)} {limits.unit}; at most {most} fit here."
        return _measured((whole,), limits, (_finding("too_long", language, message),))
    return _thread(whole, language, limits, most, numbering=chosen.numbering)


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


def _cut(text: str, limits: Limits, most: int) -> Iterator[str]:
    rest = text.strip()
    while limits.count(rest) > most:
        end, after = _break(rest, limits, most)
        if after >= len(rest):
            break
        yield rest[:end]
        rest = rest[after:]
    yield rest


def _break(text: str, limits: Limits, most: int) -> tuple[int, int]:
    """Where the first post ends and where the next one begins."""
    last: tuple[int, int] | None = None
    for breaks in BREAKS:
        last = None
        for found in breaks.finditer(text):
            if found.start() == 0:
                continue
            if limits.count(text[: found.start()]) > most:
                break
            last = found.span()
        if last is not None and (limits.count(text[: last[0]]) >= most * WORTH or breaks is BREAKS[-1]):
            return last
    # Not even one word fits: it stands alone, and the finding says so.
    first = BREAKS[-1].search(text, 1)
    return first.span() if first else (len(text), len(text))


def _measured(parts: tuple[str, ...], limits: Limits, findings: tuple[Finding, ...] = ()) -> Rendering:
    return Rendering(parts, tuple(limits.count(part) for part in parts), findings)


def _finding(code: str, language: str, message: str, quote: str | None = None) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": "blocking", "language": language, "message": message, "quote": quote}
    )
