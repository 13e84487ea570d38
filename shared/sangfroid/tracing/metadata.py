"""What a page says of itself: author, time, canonical address, what it quotes and links to, and its readable text.

Read from meta tags (Open Graph, `article:published_time`, Twitter cards), JSON-LD, `<time>`, `rel=canonical` and the oEmbed link.
Everything is a claim of whoever wrote the page: it is shown to a person, never acted on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

MAX_LINKS = 400
MAX_TEXT = 100_000
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head", "title"})
_BREAKS = frozenset(
    {
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "blockquote",
        "header",
        "footer",
    }
)
_ARTICLES = (
    "article",
    "newsarticle",
    "socialmediaposting",
    "blogposting",
    "report",
    "discussionforumposting",
    "review",
    "videoobject",
)
_TIMES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "date", "dc.date",
    "dc.date.issued",
    "dcterms.created", "dcterms.issued", "parsely-pub-date", "sailthru.date", "publication_date", "pubdate", "video:release_date",
    "og:pubdate", "og:video:release_date",
)  # fmt: skip


@dataclass
class Metadata:
    """What was found; None and "" where the page does not say. Times are aware, in UTC."""

    author: str = ""
    author_handle: str = ""
    author_url: str = ""
    author_bio: str = ""
    author_since: datetime | None = None
    published_at: datetime | None = None
    canonical_url: str = ""
    site: str = ""
    title: str = ""
    text: str = ""
    oembed: str = ""
    sources: list[str] = field(default_factory=list)
    """Addresses that it quotes or answers, most explicit first."""
    links: list[str] = field(default_factory=list)


def moment(value: Any) -> datetime | None:
    """A time as pages write it: ISO 8601. Without a zone it is not known which moment it is, so it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip()[:40].replace("Z", "+00:00"))
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def read_page(html: str, url: str) -> Metadata:
    """Everything that an HTML page says; a broken page says less, and never fails."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        pass  # what was read until here is kept
    meta, found = reader.meta, Metadata()
    for node in reader.linked_data():
        _from_linked_data(node, found, url)
    found.title = found.title or meta.get("og:title", "") or _plain("".join(reader.title))
    found.site = found.site or meta.get("og:site_name", "")
    author = meta.get("author", "") or meta.get("article:author", "") or meta.get("parsely-author", "")
    if author.startswith(("http://", "https://")):
        found.author_url = found.author_url or author
    else:
        found.author = found.author or author
    found.author_handle = found.author_handle or meta.get("twitter:creator", "")
    if found.published_at is None:
        stated = (moment(meta[name]) for name in _TIMES if name in meta)
        found.published_at = next(filter(None, stated), None) or next(
            filter(None, map(moment, reader.times)), None
        )
    canonical = reader.canonical or meta.get("og:url", "") or found.canonical_url
    found.canonical_url = _absolute(url, canonical)
    found.oembed = _absolute(url, reader.oembed)
    found.sources += [_absolute(url, cite) for cite in reader.cited]
    found.links = list(dict.fromkeys(filter(None, (_absolute(url, link) for link in reader.links))))[
        :MAX_LINKS
    ]
    found.sources = list(dict.fromkeys(filter(None, found.sources)))[:20]
    found.text = reader.readable()
    for name in ("author", "author_handle", "author_bio", "title", "site"):
        setattr(found, name, _plain(getattr(found, name))[:500])
    return found


def read_oembed(text: str, found: Metadata) -> None:
    """Fill in what an oEmbed answer (oembed.com) adds: the author."""
    answer = parsed(text)
    if isinstance(answer, dict):
        found.author = found.author or str(answer.get("author_name") or "")[:500]
        found.author_url = found.author_url or str(answer.get("author_url") or "")[:2_000]
        found.site = found.site or str(answer.get("provider_name") or "")[:200]


def parsed(text: str) -> Any:
    """JSON, or None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def plain_text(html: str) -> str:
    """The readable text of a piece of HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.readable()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _absolute(base: str, link: str) -> str:
    try:
        url = urljoin(base, link.strip()) if link else ""
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) and len(url) <= 2_000 else ""


def _from_linked_data(node: dict[str, Any], found: Metadata, url: str) -> None:
    kinds = node.get("@type")
    names = [str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if not any(name in _ARTICLES for name in names):
        return
    author = node.get("author")
    author = author[0] if isinstance(author, list) and author else author
    if isinstance(author, dict):
        found.author = found.author or _text(author.get("name"))
        found.author_url = found.author_url or _text(author.get("url"))
        found.author_handle = found.author_handle or _text(author.get("alternateName"))
        found.author_bio = found.author_bio or _text(author.get("description"))
    else:
        found.author = found.author or _text(author)
    found.published_at = found.published_at or moment(node.get("datePublished") or node.get("dateCreated"))
    found.title = found.title or _text(node.get("headline"))
    found.canonical_url = found.canonical_url or _text(node.get("url"))
    for name in ("isBasedOn", "citation", "sharedContent", "about"):
        for source in node[name] if isinstance(node.get(name), list) else [node.get(name)]:
            link = source.get("url") if isinstance(source, dict) else source
            if isinstance(link, str) and link.startswith(("http", "/")):
                found.sources.append(_absolute(url, link))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class _Reader(HTMLParser):
    """Collects what is looked for; unknown and broken markup is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.canonical = self.oembed = ""
        self.links: list[str] = []
        self.cited: list[str] = []
        self.times: list[str] = []
        self.title: list[str] = []
        self._json: list[list[str]] = []
        self._said: list[str] = []
        self._length = 0
        self._silent: list[str] = []
        self._in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "meta":
            name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
            self.meta.setdefault(name, given.get("content", "")[:2_000])
        elif tag == "link":
            self._link(given)
        elif tag == "a" and given.get("href") and len(self.links) < MAX_LINKS:
            self.links.append(given["href"])
        elif tag == "time" and given.get("datetime"):
            self.times.append(given["datetime"])
        if given.get("cite") and tag in ("blockquote", "q"):
            self.cited.append(given["cite"])
        self._in_json = tag == "script" and given.get("type", "").lower() == "application/ld+json"
        if self._in_json:
            self._json.append([])
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BREAKS:
            self._say("\n")

    def _link(self, given: dict[str, str]) -> None:
        relations = given.get("rel", "").lower().split()
        if "canonical" in relations:
            self.canonical = self.canonical or given.get("href", "")
        if "alternate" in relations and given.get("type", "").lower() == "application/json+oembed":
            self.oembed = self.oembed or given.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_json = False
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BREAKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        if self._in_json:
            self._json[-1].append(data)
        elif self._silent and self._silent[-1] == "title" and len(self.title) < 5:
            self.title.append(data[:500])
        elif not self._silent:
            self._say(data)

    def _say(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._said.append(text[: MAX_TEXT - self._length])
            self._length += len(text)

    def readable(self) -> str:
        """The text of the page, one paragraph a line."""
        lines = (_plain(line) for line in "".join(self._said).splitlines())
        return "\n".join(line for line in lines if line)

    def linked_data(self) -> Iterator[dict[str, Any]]:
        """Every object of the JSON-LD scripts, the nested ones of graphs included."""
        todo = [parsed("".join(parts)) for parts in self._json[:20]]
        for _ in range(2_000):
            if not todo:
                return
            node = todo.pop(0)
            if isinstance(node, list):
                todo += node
            elif isinstance(node, dict):
                yield node
                todo += [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in node]
