"""Whether two people, or two texts, are the same: the plain form of an id, and words compared as people read them."""

from __future__ import annotations

import hashlib
import re

import regex

from sangfroid.text.folding import folded, skeleton

ID = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,126}[a-z0-9])?")

# Signs that carry meaning stay (sums, shares, decimals); blanks, punctuation and pictures do not make words another's.
_BETWEEN = regex.compile(r"(?<=\d)[.,](?=\d)(*SKIP)(*FAIL)|[\s\p{P}--[%@&#§]]|[\p{So}\p{Sk}]", regex.V1)


class NotAnId(ValueError):
    """What stands there is no id of a person: see `plain_id`."""


def plain_id(text: str) -> str:
    """A person's id in its one form: letters and digits of ASCII, `.`, `_`, `@` and `-` between them, in lower case.

    Raises NotAnId for everything else, blanks around it, full-width forms and look-alike letters among it: who types those
    means to be taken for somebody else, or is mistaken.
    """
    plain = text.lower() if text.isascii() else ""
    if not ID.fullmatch(plain):
        raise NotAnId(
            "an id is made of the letters a to z, digits and . _ @ - between them, at most 128 characters"
        )
    return plain


def words_of(text: str) -> str:
    """What `text` says, for comparing whose words it is: without blanks, punctuation, accents, case and look-alike letters.

    A text of signs alone is its signs.
    """
    return _BETWEEN.sub("", skeleton(text)) or folded(text)


def words_digest(text: str) -> str:
    """Short fingerprint of `words_of`: equal for texts of the same words."""
    return hashlib.sha256(words_of(text).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def same_words(first: str, second: str) -> bool:
    """Whether people read the same words in both texts."""
    return first == second or words_of(first) == words_of(second)


def same_person(first: str, second: str) -> bool:
    """Whether two ids are one to a reader; for ids that were kept before `plain_id` stood at the door, too."""
    return first == second or skeleton(first) == skeleton(second)
