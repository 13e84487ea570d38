"""A stranger's HTML as a tree, by a parser of the HTML standard, in time that grows with the page.

The standard's tree building is not linear for every page: deep nesting, formatting elements that are opened again and again, and
hundreds of attributes make it look back. What does that is taken out or cut before: no page that people read is nested
deeper than `DEPTH`, and browsers stop there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_PAGE = 1_000_000
MAX_TEXT = 100_000
DEPTH = 200
LONGEST_TAG = 2_500
# Raw text: nothing nests in these, but inside pictures of vectors and formulas.
_RAW = frozenset(["script", "style", "title"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BARRIERS = frozenset(["table", "template", "object", "marquee", "applet", "svg", "math"])
_SPECIAL_NAMES = """
address applet article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form frameset
h1 h2 h3 h4 h5 h6 header hgroup iframe listing main marquee math menu nav noembed noframes noscript object ol plaintext pre
script search section select style summary svg table template textarea title ul xmp
"""
_SPECIAL = frozenset(_SPECIAL_NAMES.split())
_FORMATTING = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_FORMATTED = re.compile(rf"</?(?:{_FORMATTING})(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_LONG_TAG = re.compile(rf"<[a-zA-Z/][^<>]{{{LONGEST_TAG}}}[^<>]*+>?")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)[^<>]*+>")
# Elements that have no end, or whose end is left out: they do not nest by themselves.
_ALONE_NAMES = """
area base br col embed hr img input link meta param source track wbr p li dd dt tr td th thead tbody tfoot option optgroup rt rp
colgroup html head body caption
"""
_ALONE = frozenset(_ALONE_NAMES.split())
_SILENT = frozenset(["script", "style", "template", "noscript", "svg", "head", "title", "textarea", "iframe"])
_BREAK_NAMES = """
p div br li tr h1 h2 h3 h4 h5 h6 section article blockquote header footer ul ol dt dd figure figcaption main aside
nav table pre hr
"""
_BREAKS = frozenset(_BREAK_NAMES.split())
_LOOKED_FOR = frozenset(
    ["base", "meta", "link", "a", "time", "title", "script", "article", "blockquote", "q"]
)
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
    place = 0
    around = [_Around()]
    for node, entering in _walk(html):
        tag = str(node.tag)
        if not entering:
            around.pop()
            continue
        here = around[-1]
        place += 1
        given: dict[str, str] = {}
        if tag in _LOOKED_FOR:
            given = {name: value or "" for name, value in node.attributes.items()}
            text = node.text(deep=True)[:MAX_PAGE] if tag in ("script", "title") else ""
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
    for node, entering in _walk(html):
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


def _walk(html: str) -> Iterator[tuple[LexborNode, bool]]:
    """Every node on entering (True) and on leaving it."""
    root = LexborHTMLParser(tamed(html)).root
    node: LexborNode | None = root
    while node is not None:
        yield node, True
        if (child := node.child) is not None:
            node = child
            continue
        yield node, False
        while node.next is None:
            node = node.parent
            if node is None or node.tag == "-document":
                return
            yield node, False
        node = node.next


def tamed(html: str) -> str:
    """The page without what makes a parser of the standard look back again and again."""
    plain = _FORMATTED.sub("", _LONG_TAG.sub("", html[:MAX_PAGE].replace("\x00", "")))
    stack: list[str] = []
    kept: list[str] = []
    at = 0
    for found in _TAG.finditer(plain):
        name = found[2].lower()
        if name in _ALONE:
            continue
        if found[1]:
            _close(stack, name)
        elif len(stack) < DEPTH:
            if name == "a" and name in stack:
                stack.remove(name)  # a link ends the one before
            stack.append(name)
        elif name not in _RAW or "svg" in stack or "math" in stack:
            kept.append(plain[at : found.start()])
            at = found.end()
    return "".join([*kept, plain[at:]]) if kept else plain


def _close(stack: list[str], name: str) -> None:
    """What an end tag closes, by the standard's rules as far as depth is at stake; never more than a parser would close."""
    if name in ("a", "form"):
        if name in stack:
            stack.remove(name)  # what stands in it stays open
        return
    blocks = name in _SPECIAL
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == name or (name in _HEADINGS and stack[place] in _HEADINGS):
            del stack[place:]
            return
        if stack[place] in (_BARRIERS if blocks else _SPECIAL):
            return
