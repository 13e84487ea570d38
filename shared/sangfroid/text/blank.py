"""What shows nothing to a reader."""

from __future__ import annotations

import regex

# Blanks, controls, invisible characters, marks without a letter, the Braille pattern without dots, signs that are empty by their
# name (object replacement, null note head, Khitan filler), and codes that stand for no character at all.
_SHOWN = regex.compile(
    r"[^\s\p{Z}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\U0001D159\U00016FE4]|\p{Prepended_Concatenation_Mark}"
)


def is_blank(text: str) -> bool:
    """Whether a reader of `text` sees nothing: no letter, digit, sign or picture."""
    return _SHOWN.search(text) is None
