"""Whether somebody has said something: where words are asked for, what says nothing ("x", "ok", "ok ok ok") is refused.

No rule can tell whether a sentence is true; that stays with the person who signs it. These can tell a sentence from a key that
was leant on. Pure, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sangfroid.errors import FieldError, Invalid
from sangfroid.text.blank import is_blank
from sangfroid.text.folding import bare
from sangfroid.text.identity import words_of

WORD = re.compile(r"[^\W\d_]{2,40}|\d+")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

FILLERS = frozenset(
    (
        *(
            "ok",
            "okay",
            "done",
            "fait",
            "fini",
            "vu",
            "oui",
            "non",
            "yes",
            "no",
            "rien",
            "nothing",
            "none",
            "aucun",
            "aucune",
            "na",
        ),
        *(
            "neant",
            "ras",
            "idem",
            "same",
            "test",
            "tests",
            "essai",
            "asdf",
            "asdfg",
            "asdfgh",
            "qwerty",
            "qwertz",
            "azerty",
            "abc",
        ),
        *(
            "abcd",
            "xyz",
            "xxx",
            "blah",
            "blabla",
            "bla",
            "lorem",
            "ipsum",
            "dolor",
            "sit",
            "amet",
            "todo",
            "tbd",
            "foo",
            "bar",
            "baz",
        ),
        *(
            "toto",
            "titi",
            "tata",
            "hello",
            "bonjour",
            "voila",
            "bien",
            "good",
            "fine",
            "super",
            "cool",
            "merci",
            "thanks",
        ),
        *("evidence", "preuve", "note", "reason", "raison", "texte", "text"),
    )
)
"""Words that answer no question by themselves."""

_ROWS = ("azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


def says_nothing(text: str, least: int = 2) -> bool:
    """Whether `text` has fewer than `least` different words that mean something by themselves.

    A link, a file name or a reference with figures ("ticket 4711") counts as a word like any other.
    """
    if is_blank(text):
        return True
    if len(set(_IDEOGRAPHS.findall(text[:400]))) >= 2 * least:
        return False
    told = {word for word in WORD.findall(bare(text[:4000])) if not _is_filler(word)}
    return len(told) < least


def _is_filler(word: str) -> bool:
    if word in FILLERS or len(set(word)) == 1:
        return not word.isdigit() or (len(set(word)) == 1 and len(word) < 3)
    if len(word) >= 4 and any(word in row or word in row[::-1] for row in _ROWS):
        return True
    # Two letters in turn ("xyxyxy", "hahaha"): a key that was leant on.
    return len(word) >= 5 and len(set(word)) <= 2


def required(
    text: str | None, pointer: str, asked: str, *, least: int = 2, besides: Iterable[str] = ()
) -> str:
    """The text without blanks around it; raises Invalid where it says nothing, or only what another field says already.

    `asked` tells what is asked for, for the person to read; `besides` are other answers of the same call.
    """
    text = (text or "").strip()
    if says_nothing(text, least):
        raise Invalid(
            f"Say in a few words {asked}: “{text[:40]}” tells nobody anything."
            if text
            else f"Say in a few words {asked}.",
            errors=[FieldError(pointer, "says nothing" if text else "required")],
        )
    said = words_of(text)
    if any(said == words_of(other) for other in besides):
        raise Invalid(
            f"Say {asked} in words of its own: the same words stand in another field.",
            errors=[FieldError(pointer, "the same words as another field")],
        )
    return text
