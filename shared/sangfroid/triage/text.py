"""Words with their places: tokens and sentences, folded as everything that compares words (`sangfroid.text.folding`).

Every offset is into the original text. Links and mentions are no words: they say who is addressed, not what happened.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import regex

from sangfroid.text.folding import skeleton

_WORD = r"[\p{L}\p{N}\u24b6-\u24e9\U0001f130-\U0001f189]"
_TOKEN = regex.compile(
    # A link, or a mention, passed over; a word with its marks and with what cannot be seen inside it …
    r"(?:https?://|www\.)[^\s]+|(?<![\p{L}\p{N}])@[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*"
    rf"|(?P<word>{_WORD}(?:{_WORD}|[\p{{M}}\p{{Default_Ignorable_Code_Point}}])*+)"
    # … or one visible sign, however often it is repeated.
    r"|(?P<sign>(?P<one>[^\p{L}\p{N}\p{M}\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\s_])(?P=one)*+|\n)"
)
_LONGEST = 60
_STOPS = frozenset(".!?;:…\n|")


class Token(NamedTuple):
    """One folded word or sign, with its span in the original text and the number of its sentence."""

    word: str
    start: int
    end: int
    sentence: int


def fold(text: str) -> str:
    """`text` in lower case without accents, blanks and look-alike letters as a reader sees them."""
    return skeleton(text)


@lru_cache(maxsize=32_768)
def _folded(word: str) -> str:
    return skeleton(word) or word


def tokens(text: str) -> list[Token]:
    """The words and signs of `text`, in order; links and mentions are left out."""
    found: list[Token] = []
    sentence = 0
    for match in _TOKEN.finditer(text):
        word, sign = match["word"], match["sign"]
        if sign == "\n":
            sentence += 1
            continue
        if word is None and sign is None:
            continue
        # A run of one sign is one sign, and a word of 20,000 letters is none.
        plain = _folded(word[:_LONGEST] if word else sign[0])
        found.append(Token(plain, match.start(), match.end(), sentence))
        if match[0][0] in _STOPS or plain in _STOPS:
            sentence += 1
    return found


def words(text: str) -> list[str]:
    """The folded words and signs alone; what a cue of the lexicon is cut into."""
    return [token.word for token in tokens(text)]
