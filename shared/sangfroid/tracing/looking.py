"""Look at a page before it is reported: what a person would otherwise copy by hand, for them to correct. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid
from sangfroid.store import freeze as freezing
from sangfroid.triage.report import Platform

if TYPE_CHECKING:
    from sangfroid.tracing.tracer import Trace, Tracer

LONGEST = 5_000
"""Characters of what is shown of a page."""

HOSTS: dict[str, Platform] = {
    "x.com": "x", "twitter.com": "x", "facebook.com": "facebook", "fb.com": "facebook", "instagram.com": "instagram",
    "linkedin.com": "linkedin", "tiktok.com": "tiktok", "youtube.com": "youtube", "youtu.be": "youtube",
    "reddit.com": "reddit", "bsky.app": "bluesky", "trustpilot.com": "review", "tripadvisor.com": "review",
    "apps.apple.com": "app_store", "play.google.com": "app_store", "medium.com": "blog", "substack.com": "blog",
}  # fmt: skip
"""Host -> platform, with everything beneath the host."""


@dataclass(frozen=True)
class Looked:
    """What the page says of itself; `sure` names what it said, everything else is for the person to fill in."""

    url: str
    text: str
    handle: str
    platform: Platform
    published_at: datetime | None
    sure: list[str]


class Looking:
    """Looks at pages. `tracer` is made when it is first needed."""

    def __init__(self, casework: Casework, tracer: Callable[[], Tracer]) -> None:
        self._casework = casework
        self._tracer = tracer

    def look(self, url: str) -> Looked:
        """The page behind an address. Raises IllegalTransition (in a freeze, or where tracing is switched off) and Invalid."""
        if freezing.read(self._casework.table).active:
            # Whoever serves the page would see who asks for it, and when the company knew.
            raise IllegalTransition(
                "Communication is frozen: no page is fetched now. Copy the text by hand, from outside the company."
            )
        if not self._casework.organisation.thresholds.trace:
            raise IllegalTransition(
                "Looking at pages is switched off in the organisation file. Copy the text by hand."
            )
        trace = self._tracer().trace(url, sources=False)
        if trace.page is None and not trace.sightings:
            why = str(trace.refusal) if trace.refusal else "it says nothing."
            raise Invalid(
                f"The page could not be read: {why} Copy the text by hand.", errors=[FieldError("/url", why)]
            )
        if trace.page is not None and trace.page.status >= 400 and not trace.sightings:
            why = f"its server answered {trace.page.status}."
            raise Invalid(
                f"The page could not be read: {why} Copy the text by hand.", errors=[FieldError("/url", why)]
            )
        return _looked(url, trace)


def _looked(url: str, trace: Trace) -> Looked:
    platform = platform_of(url)
    text = trace.said or "\n\n".join(part for part in (trace.title, trace.readable) if part)
    handle = trace.handle or trace.author
    found = {
        # A page around a post holds more than its words; only the platform's own interface gives them alone.
        "text": bool(trace.said),
        "author": bool(handle),
        "published_at": trace.published_at is not None,
        "platform": platform != "other",
    }
    return Looked(
        url=trace.canonical_url or url,
        text=text[:LONGEST],
        handle=handle[:200],
        platform=platform,
        published_at=trace.published_at,
        sure=[name for name, sure in found.items() if sure],
    )


def platform_of(url: str) -> Platform:
    """The platform of an address, as far as its host tells; `other` else."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return "other"
    for known, platform in HOSTS.items():
        if host == known or host.endswith(f".{known}"):
            return platform
    from sangfroid.tracing import platforms  # with the readers of pages, which few calls need

    return "mastodon" if platforms.mastodon_status(url) else "other"
