"""Plain texts as HTML, word for word: for the platforms and mails that show HTML."""

from __future__ import annotations

import html
import re

from sangfroid.text.links import find_links


def as_html(text: str) -> str:
    """Paragraphs, line ends and links of a plain text; everything else is escaped."""
    return "\n\n".join(
        "<p>" + "<br />\n".join(map(_linked, paragraph.split("\n"))) + "</p>"
        for paragraph in re.split(r"\n[ \t]*\n\s*", text.strip())
    )


def _linked(line: str) -> str:
    pieces, end = [], 0
    for found in find_links(line):
        address = html.escape(found.address)
        pieces += [html.escape(line[end : found.start], quote=False), f'<a href="{address}">{address}</a>']
        end = found.end
    return "".join([*pieces, html.escape(line[end:], quote=False)])
