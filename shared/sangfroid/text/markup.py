"""A stranger's HTML as a tree, by a parser of the HTML standard, in time that grows with the page.

The standard's tree building is not linear for every page: deep nesting, formatting elements that are opened again and again, and
hundreds of attributes make it look back. What does that is taken out or cut before: no page that people read is nested
deeper than `DEPTH`, and browsers stop there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_PAGE = 1_000_000
DEPTH = 200
LONGEST_TAG = 2_500
"""Characters. A tag that is longer holds hundreds of attributes, or a text that no page shows."""

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
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)[^<>]*+>")
# Elements that have no end, or whose end is left out: they do not nest by themselves.
_ALONE_NAMES = """
area base br col embed hr img input link meta param source track wbr p li dd dt tr td th thead tbody tfoot option optgroup rt rp
colgroup html head body caption
"""
_ALONE = frozenset(_ALONE_NAMES.split())


def walk(html: str, longest_tag: int = LONGEST_TAG) -> Iterator[tuple[LexborNode, bool]]:
    """Every node on entering (True) and on leaving it; tags of more than `longest_tag` characters are left out."""
    root = LexborHTMLParser(tamed(html, longest_tag)).root
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


def tamed(html: str, longest_tag: int = LONGEST_TAG) -> str:
    """The page without what makes a parser of the standard look back again and again."""
    long_tag = rf"<[a-zA-Z/][^<>]{{{longest_tag}}}[^<>]*+>?"
    plain = _FORMATTED.sub("", re.sub(long_tag, "", html[:MAX_PAGE].replace("\x00", "")))
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
