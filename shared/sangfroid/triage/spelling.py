"""Typing errors: a word that nobody writes is read as the known word that is one slip away from it.

Known are the words of the training sentences and of the lexicon (`data/words.txt`, the most frequent first); a word that the
sentence model holds as one piece is frequent in some language, so nobody mistyped it. A slip is two neighbouring letters
changed round, one left out, one too many or one wrong, behind the first letter. The look-up goes by words with one letter
struck out, so it costs the length of the word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from importlib import resources

from sangfroid.triage import sentences

SHORTEST = 4
"""Letters of a known word from which its errors are mended: among shorter ones everything is a slip away from everything."""
LONGEST = 24


class Spelling:
    """Mends words towards `words`, the more frequent first. It holds no state between texts."""

    def __init__(self, words: Iterable[str], written: Callable[[str], bool] | None = None) -> None:
        """`words` by falling frequency; `written` says of any other word whether people write it."""
        self._rank = {word: at for at, word in enumerate(words)}
        self._written = written or (lambda word: word in self._rank)

    @cached_property
    def _struck(self) -> dict[str, list[str]]:
        """Known words by what is left of them; made for the first word that nobody writes, and most texts have none."""
        found: dict[str, list[str]] = {}
        for word in self._rank:
            if SHORTEST <= len(word) <= LONGEST and word.isalpha():
                for short in (word, *_struck(word)):
                    found.setdefault(short, []).append(word)
        return found

    def mend(self, word: str) -> str:
        """The word that was meant; itself where it is known, or nothing is near. `word` is folded."""
        if word in self._rank or not SHORTEST - 1 <= len(word) <= LONGEST or not word.isalpha():
            return word
        if self._written(word):
            return word
        near = [
            known
            for short in (word, *_struck(word))
            for known in self._struck.get(short, ())
            if one_slip(word, known)
        ]
        return min(near, key=self._rank.__getitem__) if near else word


def _struck(word: str) -> list[str]:
    """`word` with one letter struck out behind the first, and with the first one struck out."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def one_slip(one: str, other: str) -> bool:
    """Whether two different words are one slip apart that leaves the first letter, or changes the first two round."""
    if len(one) > len(other):
        one, other = other, one
    at = next((place for place, letter in enumerate(one) if letter != other[place]), len(one))
    if at and len(one) < len(other):
        return len(other) - len(one) == 1 and one[at:] == other[at + 1 :]
    if at and one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]


@lru_cache(maxsize=1)
def shipped() -> Spelling:
    """The spelling that comes with the package; without the sentence model any word that is not known may be mistyped."""
    data = resources.files("sangfroid.triage").joinpath("data", "words.txt").read_text(encoding="utf-8")
    model = sentences.load()
    return Spelling(data.split(), model.knows if model is not None else None)
