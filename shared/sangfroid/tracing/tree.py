"""What a stranger's page says: the elements that name its text, author and time, and its readable text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from sangfroid.text.markup import MAX_PAGE, walk

MAX_TEXT = 100_000
_SILENT = frozenset(["script", "style", "template", "noscript", "svg", "head", "title", "textarea", "iframe"])
_BREAK_NAMES = """
p div br li tr h1 h2 h3 h4 h5 h6 section article blockquote header footer ul ol dt dd figure figcaption main aside
nav table pre hr
"""
_BREAKS = frozenset(_BREAK_NAMES.split())
_LOOKED_FOR = frozenset(
    ["base", "meta", "link", "a", "time", "title", "script", "article", "blockquote", "q", "h1"]
)
HEADINGS = 5
"""How many first headings are read: they may stand in one another, and each costs the length of its text."""
_ASIDE = frozenset(["aside", "nav", "footer"])
_QUOTED = frozenset(["blockquote", "q"])
# Names that sites give to what is not the page's own matter.
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|"
    r"sidebar|side-bar|widget\w*|teasers?|more-(?:stories|articles|news|from)|"
    r"read-?(?:next|more|also)|also-?(?:read|on)|"
    r"popular|trending|most-?(?:read|viewed|popular)|comments?|comment-?list|repl(?:y|ies)|promo\w*|newsletter|suggest\w*|similar|latest|"
    r"lire-aussi|a-lire|voir-aussi|sur-le-meme-sujet|archives?|carousel|outbrain|taboola|embed\w*|oembed|quot(?:e|ed|ation)\w*|"
    r"twitter-tweet|instagram-media|up-?next|next-?up|previous-?post|next-?post|post-?navigation)(?=$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Element:
    """One element that says something. `aside`: in a sidebar or list of others; `quoted`: inside a quotation."""

    tag: str
    place: int
    attributes: dict[str, str]
    text: str
    in_head: bool
    in_header: bool
    in_svg: bool
    aside: bool
    quoted: bool
    article: int | None
    nested: bool

    @property
    def foreign(self) -> bool:
        """Whether it belongs to something else that the page shows."""
        return self.aside or self.quoted or self.nested


@dataclass(frozen=True)
class _Around:
    """Where the walk stands."""

    in_head: bool = False
    in_header: bool = False
    in_svg: bool = False
    aside: bool = False
    quoted: bool = False
    article: int | None = None
    nested: bool = False


def elements(html: str) -> Iterator[Element]:
    """The elements that say something of a page, in its order, each with what it stands in."""
    place = headings = 0
    around = [_Around()]
    for node, entering in walk(html):
        tag = str(node.tag)
        if not entering:
            around.pop()
            continue
        here = around[-1]
        place += 1
        given: dict[str, str] = {}
        if tag in _LOOKED_FOR:
            given = {name: value or "" for name, value in node.attributes.items()}
            headings += tag == "h1"
            read = tag in ("script", "title") or (tag == "h1" and headings <= HEADINGS)
            text = node.text(deep=True, separator=" " if tag == "h1" else "")[:MAX_PAGE] if read else ""
            yield Element(
                tag,
                place,
                given,
                text,
                here.in_head,
                here.in_header,
                here.in_svg,
                here.aside,
                here.quoted,
                here.article,
                here.nested,
            )
        around.append(_inside(node, tag, place, here))


def _inside(node: LexborNode, tag: str, place: int, here: _Around) -> _Around:
    marked = tag not in ("html", "body", "head", "main") and tag[0] != "-" and _is_elsewhere(node)
    if tag not in _CHANGES and not marked:
        return here
    return _Around(
        in_head=here.in_head or tag == "head",
        in_header=here.in_header or tag == "header",
        in_svg=here.in_svg or tag == "svg",
        aside=here.aside or tag in _ASIDE or marked,
        quoted=here.quoted or tag in _QUOTED,
        article=here.article if here.article is not None else (place if tag == "article" else None),
        nested=here.nested or (tag == "article" and here.article is not None),
    )


_CHANGES = frozenset(["head", "header", "svg", "article", *_ASIDE, *_QUOTED])


def _is_elsewhere(node: LexborNode) -> bool:
    given = node.attributes
    named = f"{given.get('class') or ''} {given.get('id') or ''}"
    if given.get("role") == "complementary":
        return True
    return named != " " and _ELSEWHERE.search(named[:500]) is not None


def readable(html: str) -> str:
    """The text of a page or a piece of one, one paragraph a line."""
    pieces: list[str] = []
    length = silent = 0
    for node, entering in walk(html):
        tag = str(node.tag)
        if tag in _SILENT:
            silent += 1 if entering else -1
        elif tag in _BREAKS:
            pieces.append("\n")
        elif tag == "-text" and entering and not silent and length < MAX_TEXT:
            said = (node.text_content or "")[: MAX_TEXT - length].replace("\n", " ")
            pieces.append(said)
            length += len(said)
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    return "\n".join(line for line in lines if line)
