"""What a page says of itself: author, time, canonical address, what it quotes and links to, and its readable text.

Read from meta tags (Open Graph, `article:published_time`, Twitter cards), JSON-LD, `<time>`, `rel=canonical` and the oEmbed link,
as far as they are tied to this page: what belongs to another article that it shows (related, sidebar, quoted, one of a list)
is no word about itself. Everything is a claim of whoever wrote the page: it is shown to a person, never acted on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from sangfroid.text.addresses import canonical_address
from sangfroid.text.folding import bare
from sangfroid.text.moments import moment_of
from sangfroid.tracing.linked_data import Article, articles
from sangfroid.tracing.tree import Element, elements, readable

MAX_LINKS = 400
_TIMES = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "date", "dc.date",
    "dc.date.issued",
    "dcterms.created", "dcterms.issued", "parsely-pub-date", "sailthru.date", "publication_date", "pubdate", "video:release_date",
    "og:pubdate", "og:video:release_date", "citation_publication_date", "publish-date", "publish_date", "article.published",
)  # fmt: skip

_TITLES = ("twitter:title", "dc.title", "dcterms.title", "citation_title", "title")
_LINKED_DATA = re.compile(r"\s*application/ld\+json\s*(?:[;,].*)?", re.IGNORECASE | re.DOTALL)
"""With parameters too, also behind a comma; browsers read neither, and pages write both."""

_TITLE_WORD = re.compile(r"\w{4,}")


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
    """Where it links to, in its own matter: not what stands in a sidebar or under "related"."""


def moment(value: Any) -> datetime | None:
    """A time as pages write it. Without a zone it is not known which moment it is, so it is none."""
    return moment_of(value) if isinstance(value, str) else None


def read_page(html: str, url: str) -> Metadata:
    """Everything that an HTML page says of itself; a broken page says less, and never fails."""
    page = _Page(url)
    for element in elements(html):
        page.take(element)
    found = Metadata(text=readable(html))
    meta = page.meta
    # Open Graph names the article alone, the title adds the site, and some pages have but a heading.
    titles = [meta.get("og:title", ""), _plain(page.title), *(meta.get(name, "") for name in _TITLES)]
    found.title = next(filter(None, [*titles, page.heading()]), "")
    found.canonical_url = page.absolute(page.canonical or meta.get("og:url", ""))
    own = {
        canonical_address(address)
        for address in (url, found.canonical_url, meta.get("og:url", ""))
        if address
    }
    if (article := _own(page, own, found.title)) is not None:
        _from_article(article, found, page)
    found.site = found.site or meta.get("og:site_name", "")
    author = meta.get("author", "") or meta.get("article:author", "") or meta.get("parsely-author", "")
    if author.startswith(("http://", "https://")):
        found.author_url = found.author_url or author
    else:
        found.author = found.author or author
    found.author_handle = found.author_handle or meta.get("twitter:creator", "")
    if found.published_at is None:
        stated = (moment(meta[name]) for name in _TIMES if name in meta)
        found.published_at = next(filter(None, stated), None) or page.own_time()
    found.oembed = page.absolute(page.oembed)
    found.sources += [page.absolute(cite) for cite in page.cited]
    links = dict.fromkeys(filter(None, map(page.absolute, page.links)))
    found.links = list(links)[:MAX_LINKS]
    found.sources = list(dict.fromkeys(filter(None, found.sources)))[:20]
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
    return readable(html)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class _Page:
    """What the elements of a page say, as they come."""

    def __init__(self, url: str) -> None:
        self._base = url
        self._based = False
        self.meta: dict[str, str] = {}
        self.canonical = self.oembed = self.title = ""
        self.links: list[str] = []
        self.cited: list[str] = []
        self.scripts: list[str] = []
        self._headings: list[Element] = []
        self._times: list[tuple[Element, str]] = []
        self._articles: Counter[int] = Counter()

    def absolute(self, link: str) -> str:
        """The address that a link leads to, "" where it is none of the web."""
        try:
            url = urljoin(self._base, link.strip()) if link else ""
        except ValueError:
            return ""
        return url if url.startswith(("http://", "https://")) and len(url) <= 2_000 else ""

    def take(self, element: Element) -> None:
        """One element, in the order of the page."""
        given = element.attributes
        match element.tag:
            case "base" if given.get("href") and not self._based:
                # The first one counts, wherever it stands.
                self._base, self._based = self.absolute(given["href"]) or self._base, True
            case "meta" if not element.foreign:
                name = (
                    (given.get("property") or given.get("name") or given.get("itemprop") or "")
                    .strip()
                    .lower()
                )
                said = given.get("content", "").strip()[:2_000]
                if element.in_head or not given.get("itemprop"):
                    if said:  # an empty one says nothing, and hides no later one
                        self.meta.setdefault(name, said)
                elif name == "datepublished":
                    self._times.append((element, given.get("content", "")))
            case "link":
                self._link(element)
            case "a" if given.get("href") and not element.foreign and len(self.links) < MAX_LINKS:
                self.links.append(given["href"])
            case "time" if given.get("datetime"):
                self._times.append((element, given["datetime"]))
            case "h1" if element.text.strip() and not element.foreign:
                self._headings.append(element)
            case "title" if not self.title and not element.in_svg:
                self.title = element.text[:500]
            case "script" if not element.foreign and len(self.scripts) < 20:
                if _LINKED_DATA.fullmatch(given.get("type", "")[:500]):
                    self.scripts.append(element.text)
            case "article" if not element.foreign and element.article is None:
                self._articles[element.place] += 1
        if given.get("cite") and element.tag in ("blockquote", "q") and not element.aside:
            self.cited.append(given["cite"])

    def _link(self, element: Element) -> None:
        given = element.attributes
        relations = given.get("rel", "").lower().split()
        if "canonical" in relations and not element.foreign:
            self.canonical = self.canonical or given.get("href", "")
        if "alternate" in relations and given.get("type", "").lower() == "application/json+oembed":
            self.oembed = self.oembed or given.get("href", "")

    def heading(self) -> str:
        """Its first heading: of its article, else beneath the header, where the name of the site stands."""
        found = sorted(self._headings, key=lambda one: (one.article is None, one.in_header))
        return _plain(found[0].text[:5_000]) if found else ""

    def own_time(self) -> datetime | None:
        """The time of the page's one article, or of a page that shows but one time; of several articles none is the page."""
        if len(self._articles) > 1:
            return None
        own = [(element, said) for element, said in self._times if not element.foreign]
        if self._articles:
            own = [
                (element, said) for element, said in own if element.article is not None or element.in_header
            ]
        elif len({said for _, said in own}) > 1:
            own = [(element, said) for element, said in own if _is_published(element)]
        marked = [(element, said) for element, said in own if _is_published(element)]
        found = (moment(said) for _, said in [*marked, *own])
        return next(filter(None, found), None)


def _is_published(element: Element) -> bool:
    given = element.attributes
    said = f"{given.get('itemprop', '')} {given.get('class', '')}".lower()
    return (
        "pubdate" in given or "datepublished" in said or "dt-published" in said or "published" in said.split()
    )


def _own(page: _Page, own: set[str], title: str) -> Article | None:
    """The article of the linked data that is this page: by its address; without any by its headline, or as the only one."""
    found = list(articles(page.scripts))
    if here := [
        one for one in found if any(canonical_address(page.absolute(url)) in own for url in one.addresses)
    ]:
        return max(here, key=lambda one: one.published_at is not None)
    if len(found) == 1 and not page.canonical and "og:url" not in page.meta and _same_site(page, found[0]):
        # The page gives itself no name, so its one article may stand under another.
        return found[0] if not title or not found[0].title or _agree(found[0].title, title) else None
    nameless = [one for one in found if not any(map(page.absolute, one.addresses))]
    if same := [one for one in nameless if one.title and _agree(one.title, title)]:
        return same[0]
    alone = len(found) == 1 and bool(nameless)
    return found[0] if alone and not (title and found[0].title) else None


def _same_site(page: _Page, article: Article) -> bool:
    here = urlsplit(page.absolute("/")).hostname
    return any(urlsplit(page.absolute(one)).hostname == here for one in article.addresses)


def _agree(headline: str, title: str) -> bool:
    """Whether a headline and the title of a page name one article: one holds the other, or half of their words are shared."""
    one, two = bare(headline), bare(title)
    if one in two or two in one:
        return bool(one and two)
    mine, theirs = (set(_TITLE_WORD.findall(text)) for text in (one, two))
    return bool(mine and theirs) and len(mine & theirs) * 2 >= min(len(mine), len(theirs))


def _from_article(article: Article, found: Metadata, page: _Page) -> None:
    found.author, found.author_url = article.author, article.author_url
    found.author_handle, found.author_bio = article.author_handle, article.author_bio
    found.published_at = article.published_at
    found.title = article.title or found.title
    found.canonical_url = found.canonical_url or next(filter(None, map(page.absolute, article.addresses)), "")
    found.sources += [page.absolute(link) for link in article.sources]
