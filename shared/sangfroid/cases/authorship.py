"""Whose words a text is (I5): whoever wrote them first, whoever hands them in again, in whatever case, blanks or signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sangfroid.model import ResponseVersion
from sangfroid.text.identity import same_person, words_digest


def digests(texts: Mapping[str, str]) -> dict[str, str]:
    """Language -> digest of the words as people read them."""
    return {language: words_digest(text) for language, text in texts.items()}


def whose(words: Mapping[str, str], by: str, versions: Iterable[ResponseVersion]) -> list[str]:
    """Everybody whose words these are: `by`, and whose words one of the `versions` holds in any of its languages."""
    found = {by: None}
    said = set(words.values())
    for version in versions:
        if said & set((version.words or digests(version.texts)).values()):
            found |= dict.fromkeys(version.words_of or [version.by])
    return list(found)


def may_approve(person: str, version: ResponseVersion, versions: Iterable[ResponseVersion]) -> bool:
    """Whether none of the words of the version are the person's own."""
    words = version.words or digests(version.texts)
    authors = {version.by, *version.words_of, *whose(words, version.by, versions)}
    return not any(same_person(person, author) for author in authors)
