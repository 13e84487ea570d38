"""Plain texts as HTML, word for word, for the platforms and mails that show HTML; and HTML as the words that a reader sees."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from sangfroid.text import markup
from sangfroid.text.links import find_links

PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
SIGN = re.compile(r"[!-/:-@\[-`{-~]|(?<=\d)x(?=\d)|W(?=ordpress)")
"""What a publishing system may take for something else: signs of every markup, and letters that WordPress writes otherwise
(`9x9`, its own name: https://developer.wordpress.org/reference/functions/wptexturize/, …/capital_p_dangit/)."""

BREAKS = frozenset(("p", "br", "div", "li", "ul", "ol", "blockquote", "tr", "figure", "h1", "h2", "h3", "h4"))
UNSEEN = frozenset(("script", "style", "template", "head"))
LONGEST_TAG = 10_000
"""Characters: a picture with its description, each sign of it as a reference."""


def escaped(text: str) -> str:
    """A text between tags."""
    return html.escape(text, quote=False)


def guarded(text: str) -> str:
    """A text between tags with a reference in the place of each sign: what reads markup, shortcodes or smileys finds none."""
    return SIGN.sub(lambda found: f"&#{ord(found[0])};", text)


def as_html(text: str, spell: Callable[[str], str] = escaped) -> str:
    """Paragraphs, line ends and links of a plain text; everything else as `spell` writes it."""
    return "\n\n".join(
        "<p>" + "<br />\n".join(linked(line, spell) for line in paragraph.split("\n")) + "</p>"
        for paragraph in PARAGRAPH.split(text.strip())
    )


def linked(text: str, spell: Callable[[str], str] = escaped) -> str:
    """A text whose links lead where they say."""
    pieces, end = [], 0
    for link in find_links(text):
        address = html.escape(link.address.replace("[", "%5B").replace("]", "%5D"))
        pieces += [spell(text[end : link.start]), f'<a href="{address}">{spell(link.address)}</a>']
        end = link.end
    return "".join([*pieces, spell(text[end:])])


def image_html(source: str, alt: str) -> str:
    """A picture in a paragraph of its own, with its alternative text."""
    return f'<p><img src="{html.escape(source)}" alt="{html.escape(alt)}" style="max-width:100%"></p>'


def read(page: str, picture: Callable[[dict[str, str | None]], str] = lambda _: "") -> str:
    """The words of a piece of HTML as a reader sees them; `picture` gives what is read of an image, from its attributes."""
    pieces: list[str] = []
    unseen = 0
    for node, entering in markup.walk(page, LONGEST_TAG):
        tag = str(node.tag)
        if tag in UNSEEN:
            unseen += 1 if entering else -1
        elif tag in BREAKS:
            pieces.append("\n")
        elif entering and tag == "img":
            pieces.append(picture(dict(node.attributes)))
        elif entering and tag == "-text" and not unseen:
            pieces.append(node.text_content or "")
    return "".join(pieces)


def within(words: str, shown: str) -> bool:
    """Whether `words` stand in what is shown, as one run and apart from white space; a site may set its own around them."""
    return f" {' '.join(words.split())} " in f" {' '.join(shown.split())} "
