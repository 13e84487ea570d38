"""Look at the page of a message and find out where it began: author, time, and the earliest message that it answers or quotes.

The looks are few and short, each through the fetcher that refuses all that is not public. What a page says is a claim;
a person decides.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from sangfroid.cases.joining import canonical_url, fold
from sangfroid.tracing import platforms
from sangfroid.tracing.fetch import Page
from sangfroid.tracing.metadata import Metadata, parsed, read_oembed, read_page
from sangfroid.tracing.platforms import Post
from sangfroid.tracing.refusals import FetchRefused

Relation = Literal["this", "answered", "quoted", "linked", "canonical"]
SOURCES_FOLLOWED = 3
_POSTS = re.compile(
    r"https?://(?:[\w-]+\.)*(?:bsky\.app/profile/[^/]+/post/|(?:x|twitter)\.com/\w+/status/\d|reddit\.com/r/\w+/comments/|"
    r"youtube\.com/watch|youtu\.be/|tiktok\.com/@[^/]+/video/|facebook\.com/[^/]+/posts/|instagram\.com/p/|linkedin\.com/posts/|"
    r"[\w.-]+/@[^/]+/\d{10,})"
)


class Fetches(Protocol):
    """What the tracer needs of a fetcher."""

    def fetch(self, url: str) -> Page:
        """The page; raises FetchRefused."""


@dataclass(frozen=True)
class Sighting:
    """One message seen on the way, and how it is connected with the one that was reported."""

    relation: Relation
    url: str
    author: str
    published_at: datetime | None


@dataclass
class Trace:
    """What was found. `refusal` tells why the page itself was not read; the rest may be known all the same."""

    url: str
    page: Page | None = None
    refusal: FetchRefused | None = None
    author: str = ""
    handle: str = ""
    author_url: str = ""
    bio: str = ""
    since: datetime | None = None
    title: str = ""
    canonical_url: str = ""
    readable: str = ""
    said: str = ""
    """The words of the post itself, where its platform gives them."""
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def published_at(self) -> datetime | None:
        """When the message itself says it was published."""
        return next((seen.published_at for seen in self.sightings if seen.relation == "this"), None)

    @property
    def earliest(self) -> Sighting | None:
        """The earliest message seen, of those with a time."""
        dated = [
            (seen.published_at, number) for number, seen in enumerate(self.sightings) if seen.published_at
        ]
        return self.sightings[min(dated)[1]] if dated else None


class Tracer:
    """Traces messages with a fetcher."""

    def __init__(self, fetcher: Fetches) -> None:
        self._fetcher = fetcher

    def trace(self, url: str, *, sources: bool = True) -> Trace:
        """Everything that the page, its platform and (if wanted) its sources say; never raises for what the network does."""
        found = Trace(url)
        posts = self._posts(url)
        try:
            found.page = self._fetcher.fetch(url)
        except FetchRefused as refused:
            found.refusal = refused
        meta = self._page(found) if found.page is not None and found.page.status < 400 else Metadata()
        if posts:
            self._author(found, posts[0])
            found.sightings = [
                _sighting(post, "this" if number == 0 else "answered") for number, post in enumerate(posts)
            ]
        elif meta.published_at or meta.author or meta.author_handle:
            found.sightings.append(
                Sighting(
                    "this", meta.canonical_url or url, meta.author or meta.author_handle, meta.published_at
                )
            )
        if not sources:
            return found
        known = {canonical_url(seen.url) for seen in found.sightings} | {canonical_url(url)}
        found.sightings += self._sources(meta, known)
        return found

    def _posts(self, url: str) -> list[Post]:
        """The post and those above it, through the open interface of its platform; none where it has none."""
        try:
            if asked := platforms.bluesky_thread(url):
                return platforms.bluesky_posts(self._json(asked))
            if asked := platforms.mastodon_status(url):
                answer = self._json(asked)
                posts = platforms.mastodon_posts(answer)
                if posts and platforms.mastodon_answers(answer):
                    with suppress(FetchRefused):  # what is above may be hidden; the post itself is known
                        posts += platforms.mastodon_ancestors(self._json(f"{asked}/context"))
                return posts
        except FetchRefused:
            pass  # an address that only looks like a post; its page is read all the same
        return []

    def _json(self, url: str) -> object:
        page = self._fetcher.fetch(url)
        return parsed(page.text) if page.status < 400 and "json" in page.content_type else None

    def _page(self, found: Trace) -> Metadata:
        page = found.page
        if page is None or "html" not in page.content_type:
            found.readable = page.text[:100_000] if page is not None else ""
            return Metadata()
        meta = read_page(page.text, page.url)
        if meta.oembed and not (meta.author and meta.author_url):
            with suppress(FetchRefused):
                read_oembed(self._fetcher.fetch(meta.oembed).text, meta)
        found.author, found.handle, found.author_url = meta.author, meta.author_handle, meta.author_url
        found.bio, found.title, found.readable = meta.author_bio, meta.title, meta.text
        found.canonical_url = meta.canonical_url
        return meta

    @staticmethod
    def _author(found: Trace, post: Post) -> None:
        found.author, found.handle = post.author or found.author, post.handle or found.handle
        found.bio, found.since = post.bio or found.bio, post.since
        found.canonical_url, found.said = post.url, post.text

    def _sources(self, meta: Metadata, known: set[str]) -> list[Sighting]:
        """Messages that the page quotes, stands for or links to, each with what it says of itself."""
        candidates: list[tuple[Relation, str]] = [("quoted", link) for link in meta.sources]
        candidates.append(("canonical", meta.canonical_url))
        candidates += [("linked", link) for link in meta.links if _POSTS.match(link)]
        seen: list[Sighting] = []
        for relation, link in candidates:
            if not link or canonical_url(link) in known:
                continue
            if len(seen) >= SOURCES_FOLLOWED:
                break
            known.add(canonical_url(link))
            if sighting := self._look(relation, link):
                seen.append(sighting)
        return seen

    def _look(self, relation: Relation, link: str) -> Sighting | None:
        if posts := self._posts(link):
            return _sighting(posts[0], relation)
        try:
            page = self._fetcher.fetch(link)
        except FetchRefused:
            return Sighting(relation, link, "", None)
        if page.status >= 400 or "html" not in page.content_type:
            return Sighting(relation, link, "", None)
        meta = read_page(page.text, page.url)
        return Sighting(relation, link, meta.author or meta.author_handle, meta.published_at)


def _sighting(post: Post, relation: Relation) -> Sighting:
    return Sighting(relation, post.url, post.handle or post.author, post.published_at)


def rivals_in(rivals: list[str], *said: str) -> list[str]:
    """The rivals whose name stands in what an author says of themselves: as words, or written together in a handle or address."""
    found = []
    words = " ".join(" ".join(re.findall(r"\w+", fold(text))) for text in said)
    together = [re.sub(r"[\W_]+", "", fold(text)) for text in said]
    for rival in rivals:
        parts = re.findall(r"\w+", fold(rival))
        name, joined = " ".join(parts), "".join(parts)
        if not joined:
            continue
        # A short name written together would be found in the middle of other words.
        if f" {name} " in f" {words} " or (len(joined) >= 8 and any(joined in text for text in together)):
            found.append(rival)
    return found
