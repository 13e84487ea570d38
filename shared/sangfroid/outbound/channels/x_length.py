"""How long a text is on X: twitter-text's weighted length, with its published configuration version 3.

https://github.com/twitter/twitter-text/tree/master/config (`v3.json`): characters of most alphabets weigh one, others and
each emoji two, a link 23, whatever its length.
"""

from __future__ import annotations

import regex

from sangfroid.outbound.channels import twitter_text
from sangfroid.text.folding import normalised

MAX_WEIGHTED_LENGTH, SCALE, DEFAULT_WEIGHT, LINK_LENGTH = 280, 100, 200, 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
LIGHT_WEIGHT = 100

BARE_LINK = regex.compile(
    r"(?<![@\w/.-])(?:[\w-]+\.)+\p{L}{2,}"
    r"(?:/[^\s\p{Z}<>\"\u3000-\u303F\uFF00-\uFF65]*[^\s<>\".,;:!?)\]'»])?"
)
"""X also makes links of addresses without `https://`, by its list of top-level domains. Here every word that could be one
counts as one where that is longer, so that a text never turns out too long there."""
ONE = r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic})(?:\uFE0F|\p{Emoji_Modifier})?(?:[\U000E0020-\U000E007E]+\U000E007F)?"
EMOJI = regex.compile(rf"\p{{RI}}\p{{RI}}|[0-9#*]\uFE0F?\u20E3|{ONE}(?:\u200D{ONE})*")
"""Flags, keycaps, and pictures with their colour or joined (Unicode, UTS 51, 1.4.9): each counts two, whatever it is made of."""
PLAIN_SIGN = regex.compile(r"[\u00A9\u00AE\u2122]")
"""Pictures only with U+FE0F behind them."""


def weighted_length(text: str) -> int:
    """What `text` counts of the 280."""
    text = normalised("NFC", text)
    total, place = 0, 0
    for link in twitter_text.links(twitter_text.X, text):
        length = LINK_LENGTH * SCALE
        if not link.certain:
            length = max(length, _characters(text[link.start : link.end]))
        total += _plain(text[place : link.start]) + length
        place = link.end
    return -(-(total + _plain(text[place:])) // SCALE)


def _plain(text: str) -> int:
    total, place = 0, 0
    for found in BARE_LINK.finditer(text):
        total += _characters(text[place : found.start()]) + max(_characters(found[0]), LINK_LENGTH * SCALE)
        place = found.end()
    return total + _characters(text[place:])


def _characters(text: str) -> int:
    if text.isascii():
        return len(text) * LIGHT_WEIGHT
    total, place = 0, 0
    for found in EMOJI.finditer(text):
        if PLAIN_SIGN.fullmatch(found[0]):
            continue
        total += sum(map(_weight, text[place : found.start()])) + DEFAULT_WEIGHT
        place = found.end()
    return total + sum(map(_weight, text[place:]))


def _weight(character: str) -> int:
    code = ord(character)
    return LIGHT_WEIGHT if any(start <= code <= end for start, end in LIGHT) else DEFAULT_WEIGHT
