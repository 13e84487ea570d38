"""How long a text is on X: twitter-text's weighted length, with its published configuration version 3.

https://github.com/twitter/twitter-text/tree/master/config (`v3.json`): characters of most alphabets weigh one, others and
each emoji two, a link 23, whatever its length.
"""

from __future__ import annotations

import unicodedata

import regex

MAX_WEIGHTED_LENGTH, SCALE, DEFAULT_WEIGHT, LINK_LENGTH = 280, 100, 200, 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
LIGHT_WEIGHT = 100

LINK = regex.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'»]", regex.IGNORECASE)
BARE_LINK = regex.compile(r"(?<![@\w/.-])(?:[\w-]+\.)+\p{L}{2,}(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]'»])?")
"""X also makes links of addresses without `https://`, by its list of top-level domains. Here every word that could be one
counts as one where that is longer, so that a text never turns out too long there."""
EMOJI = regex.compile(
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji}\uFE0F?\u20E3|\p{RI}\p{RI})"
)
CLUSTER = regex.compile(r"\X")


def weighted_length(text: str) -> int:
    """What `text` counts of the 280."""
    text = unicodedata.normalize("NFC", text)
    total, place = 0, 0
    for found in LINK.finditer(text):
        total += _plain(text[place : found.start()]) + LINK_LENGTH * SCALE
        place = found.end()
    return -(-(total + _plain(text[place:])) // SCALE)


def _plain(text: str) -> int:
    total, place = 0, 0
    for found in BARE_LINK.finditer(text):
        total += _characters(text[place : found.start()]) + max(_characters(found[0]), LINK_LENGTH * SCALE)
        place = found.end()
    return total + _characters(text[place:])


def _characters(text: str) -> int:
    return sum(
        DEFAULT_WEIGHT if EMOJI.match(cluster) else sum(map(_weight, cluster))
        for cluster in CLUSTER.findall(text)
    )


def _weight(character: str) -> int:
    code = ord(character)
    return LIGHT_WEIGHT if any(start <= code <= end for start, end in LIGHT) else DEFAULT_WEIGHT
