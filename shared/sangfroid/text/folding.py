"""One folding for everything that compares words: what looks the same to a reader becomes the same.

`folded` keeps accents, `bare` drops them, `skeleton` also reads look-alike letters of other alphabets as the Latin ones.
All of them fold compatibility forms and case (Unicode NFKC and full case folding), drop what cannot be seen, make one space of
any run of blanks and one sign of typographic quotes, apostrophes and dashes. They take time in proportion to the text:
no more than 30 marks stay on a letter (Unicode's Stream-Safe Text Format, UAX 15), for normalising sorts marks.
"""

from __future__ import annotations

import unicodedata
from array import array
from functools import cache
from itertools import chain, count, repeat

import regex

MARKS_KEPT = 30
LONGEST = 4
_ONE = 1

INVISIBLE = regex.compile(
    r"[\p{Default_Ignorable_Code_Point}[\p{Cf}--\p{Prepended_Concatenation_Mark}]]", regex.V1
)
"""Format characters, joiners, fillers, soft hyphens, variation selectors, directions: nothing to see."""
BLANK = regex.compile(r"[\s\p{Z}\x1c-\x1f\u2800]")
"""White space of every kind, and the Braille pattern without dots."""
_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}]")

_SIGNS = {
    **dict.fromkeys("'‘’‚‛ʼʻʹˈ′‵`´＇‹›", "'"),
    **dict.fromkeys('"“”„‟″‶«»〝〞〟＂', '"'),
    **dict.fromkeys("-‐‑‒–—―−﹘﹣－⁃", "-"),
    "œ": "oe",
    "Œ": "oe",
    "æ": "ae",
    "Æ": "ae",
    "⁄": "/",
    "∕": "/",
}
# A letter with its marks, and Hangul syllables written letter by letter.
_COMPOSED = regex.compile(
    r"[^\p{M} ]?\p{M}+|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[\uac00-\ud7a3][\u11a8-\u11c2]"
)
_AGAIN = regex.compile(rf" {{2,}}|{_COMPOSED.pattern}")
_MANY_MARKS = regex.compile(rf"(\p{{M}}{{{MARKS_KEPT}}})\p{{M}}+")
_ORDINARY = regex.compile(r"[\x00-\u0130\u0132-\u017F\u2000-\u206F\u20A0-\u20CF]*+")
_SPACES = regex.compile(r" {2,}")
_MARK = regex.compile(r"\p{Mn}+")


class _Characters(dict[int, str]):
    """Every character as it is compared, without its neighbours: learnt once a character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = plain = self._read(char)
        return plain

    def _read(self, char: str) -> str:
        if BLANK.match(char):
            return " "
        if char in _SIGNS:
            return _SIGNS[char]
        if INVISIBLE.match(char) or _CONTROL.match(char):
            return ""
        wide = unicodedata.normalize("NFKC", char).casefold()
        if wide == char:
            return char
        wide = unicodedata.normalize("NFKC", wide)
        # One character stands for a whole phrase (U+FDFA, 18 letters): as it is, or a text would grow with it.
        return "".join(_SIGNS.get(one, one) for one in wide) if len(wide) <= LONGEST else char


class _LookAlikes(_Characters):
    """The same, where letters of other alphabets that look like Latin ones are those."""

    def _read(self, char: str) -> str:
        return super()._read(_latin().get(char, char))


_CHARACTERS = _Characters()
_LOOK_ALIKES = _LookAlikes()


@cache
def _latin() -> dict[str, str]:
    """Letters and digits of other alphabets to the ASCII letter or digit that they look like (Unicode's confusables, UTS 39)."""
    from confusable_homoglyphs.confusables import confusables_data

    found = {}
    for char, likes in confusables_data.items():
        if len(char) != 1 or char.isascii() or not char.isalnum():
            continue
        plain = [
            one["c"] for one in likes if len(one["c"]) == 1 and one["c"].isascii() and one["c"].isalnum()
        ]
        if plain and not unicodedata.normalize("NFKD", char)[0].isascii():
            found[char] = _same_case(char, plain)
    return found


def _same_case(char: str, plain: list[str]) -> str:
    """Of the ASCII letters that look alike (l, I, 1), the one of the letter's own case."""
    cased = [one for one in plain if one.isupper() == char.isupper() and one.isdigit() == char.isdigit()]
    return min(cased or plain, key=lambda one: (one.isdigit(), one))


def normalised(form: str, text: str) -> str:
    """`text` in Unicode's `form` (NFC, NFD, NFKC, NFKD), in time that grows with its length whatever it holds."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _MANY_MARKS.sub(r"\1", text))  # type: ignore[arg-type]


def visible(text: str) -> str:
    """`text` composed (NFC) and without what cannot be seen; case, blanks, line ends and signs stay."""
    return text if text.isascii() else INVISIBLE.sub("", normalised("NFC", text))


def _composed(marked: str) -> str:
    return unicodedata.normalize("NFKC", marked[: MARKS_KEPT + 1])


def folded(text: str) -> str:
    """`text` as it is compared: what differs only in case, blanks, typography, invisible characters or Unicode form is equal."""
    return _fold(text, _CHARACTERS)


def _fold(text: str, characters: _Characters) -> str:
    plain = text.translate(characters)
    if not plain.isascii():
        plain = _COMPOSED.sub(lambda found: _composed(found[0]), plain)
    return _SPACES.sub(" ", plain).strip(" ")


def bare(text: str) -> str:
    """`text` folded and without accents: what two people write for the same word on different keyboards."""
    return _without_marks(folded(text))


def skeleton(text: str) -> str:
    """`bare`, and letters of other alphabets that look like Latin ones are those: for "is this the same", never for showing."""
    return _without_marks(_fold(text, _CHARACTERS if _ordinary(text) else _LOOK_ALIKES))


def _ordinary(text: str) -> bool:
    """Whether no letter of another alphabet stands in it: spares loading the table of look-alikes."""
    return _ORDINARY.fullmatch(text) is not None


def _without_marks(plain: str) -> str:
    if plain.isascii():
        return plain
    return _MARK.sub("", normalised("NFD", plain))


class Folded:
    """A folded text that knows where each of its characters stands in the original, for findings quote the original.

    With `look_alikes`, letters of other alphabets that look like Latin ones are those.
    """

    def __init__(self, original: str, *, look_alikes: bool = False) -> None:
        self.original = original
        characters = _CHARACTERS if not look_alikes or _ordinary(original) else _LOOK_ALIKES
        self._first, self._last = array("L"), array("L")
        read = [characters[ord(char)] for char in original]
        plain = "".join(read)
        if all(map(_ONE.__eq__, map(len, read))):
            owner = array("L", range(len(read)))
        else:
            owner = array("L", chain.from_iterable(map(repeat, count(), map(len, read))))
        start, end = len(plain) - len(plain.lstrip(" ")), len(plain.rstrip(" "))
        pieces: list[str] = []
        for found in _AGAIN.finditer(plain, start, end):
            self._take(plain[start : found.start()], owner[start : found.start()], pieces)
            piece = " " if found[0][0] == " " else _composed(found[0])
            pieces.append(piece)
            self._first.extend([owner[found.start()]] * len(piece))
            self._last.extend([owner[found.end() - 1]] * len(piece))
            start = found.end()
        self._take(plain[start:end], owner[start:end], pieces)
        self.text = "".join(pieces)

    def _take(self, piece: str, owner: array[int], pieces: list[str]) -> None:
        pieces.append(piece)
        self._first.extend(owner)
        self._last.extend(owner)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start` to `end` of `text` stand in the original."""
        if start >= end:
            place = self._first[start] if start < len(self._first) else len(self.original)
            return place, place
        return self._first[start], self._last[end - 1] + 1

    def quote(self, start: int, end: int) -> str:
        """The original words behind the characters `start` to `end` of `text`."""
        first, last = self.span(start, end)
        return self.original[first:last]
