"""Plain text as Discourse's Markdown shows it unchanged, and what its pictures look like."""

from __future__ import annotations

import re

import regex

from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Image
from sangfroid.text.links import find_links

PICTURE = re.compile(r"!\[(?P<alt>(?:\\.|[^\]\\|])*)\|[0-9]+x[0-9]+\]\(upload://[\w.-]+\)\s*\Z")


SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")
"""Every sign of ASCII: Markdown takes a backslash before each (CommonMark, 2.4), and typography passes by what was escaped."""


APART = re.compile(
    r"@(?=\w)|#(?=\w)|(?<![\w:]):(?=[^\s:])|(?<!\S)[;8=xXOo>}\]|<](?=[-:'o)(\[\]DPpOo03/\\|*$<>])"
)
"""After which sign names, hashtags, emoji and smileys begin: Discourse looks for those when the backslashes are gone."""


EMOJI = "\N{OBJECT REPLACEMENT CHARACTER}"


NOTHING = "<!-- -->"
"""Keeps two signs apart: Discourse takes a comment out after it has looked for names."""


PICTURED = regex.compile(
    r"(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic})\X?)"
    r"(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*"
)


def as_markdown(text: str) -> str:
    """Markdown that shows the text as it is, word for word; addresses are links that show themselves."""
    return "\n".join(_escaped_line(line.strip()) for line in text.strip().splitlines())


def _escaped_line(line: str) -> str:
    pieces, end = [], 0
    for link in find_links(line):
        # A bare address would show the title of its page; in this form it shows what is written here.
        shown = SPECIAL.sub(r"\\\g<0>", link.address)
        pieces += [escaped(line[end : link.start]), f"[{shown}](<{link.address}>)"]
        end = link.end
    return "".join([*pieces, escaped(line[end:])])


def escaped(text: str) -> str:
    pieces, end = [], 0
    for found in APART.finditer(text):
        pieces += [SPECIAL.sub(r"\\\g<0>", text[end : found.end()]), NOTHING]
        end = found.end()
    return "".join([*pieces, SPECIAL.sub(r"\\\g<0>", text[end:])])


def of_picture(image: dict[str, str | None]) -> str:
    """An emoji that was written as a character is one for readers too; the description of a picture is no word of the text."""
    return EMOJI if "emoji" in (image.get("class") or "").split() else ""


def without_emoji(text: str) -> str:
    return PICTURED.sub(EMOJI, text)


def described(image: Image) -> str:
    """The alternative text within an image's brackets; Discourse takes what stands after a `|` for a size."""
    if "|" in image.alt:
        raise ChannelRefused("Discourse: the image's description must not hold `|`", permanent=True)
    return SPECIAL.sub(r"\\\g<0>", " ".join(image.alt.split()))


def apart(raw: str) -> tuple[str, re.Match[str] | None]:
    """The words of a post, and the picture that stands beneath them."""
    # What stands in a description is escaped, so the last of these signs begins the picture; a search would begin at every one.
    picture = PICTURE.match(raw, max(0, raw.rfind("![")))
    return (raw, None) if picture is None else (raw[: picture.start()].rstrip(), picture)
