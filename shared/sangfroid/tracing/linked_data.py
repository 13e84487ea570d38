"""JSON-LD of schema.org as pages really write it: what each article of a page says of itself.

Real pages hold raw line breaks, comments, CDATA and a closing semicolon; types and properties with and without `https://schema.org/`;
authors as texts, objects, lists or references into a graph; values wrapped in `@value` or in lists.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sangfroid.text.moments import moment_of

MOST_NODES = 2_000
LONGEST = 1_000_000
_PREFIX = re.compile(r"(?:https?://(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)
_TYPES = """
article advertisercontentarticle newsarticle analysisnewsarticle askpublicnewsarticle backgroundnewsarticle opinionnewsarticle
reportagenewsarticle reviewnewsarticle report satiricalarticle scholarlyarticle medicalscholarlyarticle techarticle apireference
socialmediaposting blogposting liveblogposting discussionforumposting review claimreview criticreview reviewnewsarticle
employerreview mediareview recommendation userreview videoobject podcastepisode question message
"""
_ARTICLES = frozenset(_TYPES.split())
# What makes a page, not another work that the page shows.
_WAYS = ("@graph", "mainEntity", "mainEntityOfPage")


@dataclass
class Article:
    """What a node says of one work. `addresses` are the places where it says to stand."""

    addresses: list[str] = field(default_factory=list)
    title: str = ""
    author: str = ""
    author_url: str = ""
    author_handle: str = ""
    author_bio: str = ""
    published_at: datetime | None = None
    sources: list[str] = field(default_factory=list)


def articles(scripts: Iterable[str]) -> Iterator[Article]:
    """The articles that the scripts name at their top, in graphs, or as what the page is about; not what those mention."""
    nodes = [node for script in scripts for node in _nodes(script[:LONGEST])]
    by_id = {
        str(node["@id"]): node
        for node in reversed(nodes)
        if isinstance(node.get("@id"), str) and len(node) > 1
    }
    dated_pages = [node for node in nodes if _kinds(node) & {"webpage", "itempage", "faqpage", "qapage"}]
    for node in nodes:
        if _kinds(node) & _ARTICLES:
            yield _article(node, by_id, dated_pages)


def _nodes(script: str) -> list[dict[str, Any]]:
    todo: deque[Any] = deque(_documents(script))
    found: list[dict[str, Any]] = []
    for _ in range(MOST_NODES):
        if not todo:
            break
        node = todo.popleft()
        if isinstance(node, list):
            todo.extend(node[:MOST_NODES])
        elif isinstance(node, dict):
            plain = {_name(key): value for key, value in node.items()}
            found.append(plain)
            todo.extend(plain[way] for way in _WAYS if way in plain)
    return found


def _name(key: str) -> str:
    plain = _PREFIX.sub("", key, count=1)
    return {"type": "@type", "id": "@id"}.get(plain, plain)


def _documents(script: str) -> list[Any]:
    """The JSON of a script; what cannot be mended is nothing."""
    text = _bare(script)
    for attempt in (_as_it_is, _without_comments, _with_its_escapes, _unescaped):
        try:
            if found := _in_a_row(attempt(text)):
                return found
        except (ValueError, RecursionError):
            continue
    return []


def _as_it_is(text: str) -> str:
    return text


def _bare(script: str) -> str:
    """Without what old pages wrap around a script."""
    text = script.strip("\ufeff \t\r\n")
    for start in ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA["):
        text = text.removeprefix(start).lstrip()
    for end in ("//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", "//-->", "// -->", "-->", ";"):
        text = text.removesuffix(end).rstrip()
    return text.removesuffix(";").rstrip()


def _without_comments(text: str) -> str:
    """Without comments of HTML and scripts, and without commas before a bracket that closes; what stands in quotes stays."""
    pieces: list[str] = []
    at = 0
    for token in _TOKENS.finditer(text):
        if token.lastgroup == "comment":
            pieces.append(text[at : token.start()])
            at = token.end()
    pieces.append(text[at:])
    return _LAST_COMMA.sub(lambda found: found[1] or found[2], "".join(pieces))


_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'
_TOKENS = re.compile(
    rf"(?P<string>{_STRING})|(?P<comment><!--(?:[^-]|-(?!->))*+(?:-->|\Z)|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|//[^\n]*+|<!\[CDATA\[|\]\]>)",
    re.DOTALL,
)
_NO_ESCAPE = re.compile(r'(\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})|\\')
_LAST_COMMA = re.compile(rf"({_STRING})|,\s*+([\]}}])", re.DOTALL)


def _with_its_escapes(text: str) -> str:
    """Without the backslashes that scripts know and JSON does not (`\\'`)."""
    return _NO_ESCAPE.sub(lambda found: found[1] or "", _without_comments(text))


def _unescaped(text: str) -> str:
    return _bare(html.unescape(text))


_DECODER = json.JSONDecoder(strict=False)


def _in_a_row(text: str) -> list[Any]:
    """Several documents, one after the other, where a page put them into one script."""
    found: list[Any] = []
    text, at = text.strip(" \t\r\n;,\ufeff"), 0
    while at < len(text) and len(found) < 50:
        value, at = _DECODER.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at] in " \t\r\n;,":
            at += 1
    return found


def _kinds(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return {_PREFIX.sub("", str(kind).strip(), count=1).lower() for kind in named[:20]}


def _article(node: dict[str, Any], by_id: dict[str, dict[str, Any]], pages: list[dict[str, Any]]) -> Article:
    found = Article(title=_text(node.get("headline")) or _text(node.get("name")))
    page = node.get("mainEntityOfPage")
    page = _plain(page) if isinstance(page, dict) else page
    for said in (node.get("url"), page, node.get("@id")):
        found.addresses += [link for one in _each(said) if (link := _link(one))]
    found.published_at = _moment(node.get("datePublished")) or _moment(node.get("dateCreated"))
    if found.published_at is None and _kinds(node) & {"videoobject"}:
        found.published_at = _moment(node.get("uploadDate"))
    if found.published_at is None:
        found.published_at = _of_its_page(found, pages)
    for name in ("author", "creator"):
        for author in _each(node.get(name)):
            _author(author, by_id, found)
            if found.author:
                break
        if found.author or found.author_url:
            break
    for name in ("isBasedOn", "citation", "sharedContent"):
        for source in _each(node.get(name)):
            link = _link(source)
            if link.startswith(("http", "/")):
                found.sources.append(link)
    return found


def _of_its_page(article: Article, pages: list[dict[str, Any]]) -> datetime | None:
    """The date of the WebPage that the article names as its own."""
    for page in pages:
        places = {_link(page.get(name)) for name in ("@id", "url")} - {""}
        if places & set(article.addresses):
            return _moment(page.get("datePublished"))
    return None


def _author(author: Any, by_id: dict[str, dict[str, Any]], found: Article) -> None:
    if isinstance(author, dict):
        author = _plain(author)
        known = by_id.get(_text(author.get("@id")), {})
        named = known | {name: value for name, value in author.items() if value}
    else:
        said = _text(author)
        named = by_id.get(said) or (
            {"url": said} if said.startswith(("http://", "https://")) else {"name": said}
        )
    found.author = _text(named.get("name")) or " ".join(
        filter(None, (_text(named.get("givenName")), _text(named.get("familyName"))))
    )
    found.author_url = _text(named.get("url")) or _text(named.get("sameAs"))
    found.author_handle = _text(named.get("alternateName"))
    found.author_bio = _text(named.get("description"))


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    return {_name(key): value for key, value in node.items()}


def _each(value: Any) -> list[Any]:
    if isinstance(value, dict) and isinstance(listed := value.get("@list", value.get("@set")), list):
        value = listed
    return value[:50] if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """The first text of a value: itself, wrapped, or in a list."""
    for one in _each(value):
        said = one.get("@value") if isinstance(one, dict) else one
        if isinstance(said, str) and said.strip():
            return said.strip()[:5_000]
    return ""


def _link(value: Any) -> str:
    if isinstance(value, dict):
        plain = _plain(value)
        return _text(plain.get("url")) or _text(plain.get("@id")) or _text(plain.get("@value"))
    return _text(value)


def _moment(value: Any) -> datetime | None:
    for one in _each(value):
        said = one.get("@value") if isinstance(one, dict) else one
        if isinstance(said, str) and (found := moment_of(said)):
            return found
    return None
