"""Refusals in the reader's language (decision 0128).

The rules write English, and that English is the key: a line of refusals.yaml whose fixed words stand in a refusal says it in
French, with what stood between them in its place. What no line knows stays as the rules wrote it: a refusal never gets lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_args

import yaml

from sangfroid.faults import LOADER
from sangfroid.http.preference import Language
from sangfroid.model import CaseNumber
from sangfroid.outbound.wording import typeset
from sangfroid.playbooks import playbook

GAP = "{}"
DEPTH = 2
"""How deep words stand within words: what is asked for within a sentence, a state within that."""

_PLACE = re.compile(r"{(\d)}")
_LISTED = re.compile(r", | or ")
_AS_SENT = re.compile(r"'[^']*'|-?\d+|true|false|null")


@dataclass(frozen=True)
class Line:
    """One sentence: the fixed words of the English, and the French."""

    fixed: tuple[str, ...]
    french: str

    def values(self, text: str) -> list[str] | None:
        """What stands between the fixed words, or None where it is another sentence. Linear in the text."""
        first, *middle, last = self.fixed
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        place, end, found = len(first), len(text) - len(last), []
        for words in middle:
            at = text.find(words, place, end)
            if at < 0:
                return None
            found.append(text[place:at])
            place = at + len(words)
        return [*found, text[place:end]]

    def filled(self, values: list[str]) -> str:
        """The French with these values in its places."""
        return _PLACE.sub(lambda place: values[int(place[1])], self.french)


@cache
def lines() -> tuple[dict[str, str], tuple[Line, ...]]:
    """The catalogue: whole sentences by their English, and those with gaps, the most words first."""
    text = files(__package__).joinpath("refusals.yaml").read_text("utf-8")
    sections: dict[str, dict[str, str]] = yaml.load(text, LOADER)  # noqa: S506 - a safe one
    known = {en: typeset(fr, "fr") for section in sections.values() for en, fr in section.items()}
    titles = [duty.title for number in get_args(CaseNumber) for duty in playbook(number).duties]
    whole = {title["en"]: title["fr"] for title in titles} | {
        en: fr for en, fr in known.items() if GAP not in en
    }
    gaps = [Line(tuple(en.split(GAP)), fr) for en, fr in known.items() if GAP in en]
    return whole, tuple(sorted(gaps, key=lambda line: -sum(map(len, line.fixed))))


def told(text: str, language: Language, depth: int = DEPTH) -> str:
    """The words of a refusal in a language; as they are where the catalogue does not know them."""
    if language == "en":
        return text
    whole, gaps = lines()
    if text in whole:
        return whole[text]
    parts = _LISTED.split(text)
    if len(parts) > 1 and all(one in whole or _AS_SENT.fullmatch(one) for one in parts):
        signs = [" ou " if sign == " or " else sign for sign in _LISTED.findall(text)]
        return "".join(whole.get(one, one) + sign for one, sign in zip(parts, [*signs, ""], strict=True))
    for line in gaps if depth else ():
        values = line.values(text)
        if values is not None:
            return line.filled([told(value, language, depth - 1) for value in values])
    return text


def in_language(document: dict[str, Any], language: Language) -> dict[str, Any]:
    """A problem document with its words in a language: title, detail, the detail of each fault, what is owed."""
    if language == "en":
        return document
    said: dict[str, Any] = {
        name: told(document[name], language) for name in ("title", "detail") if name in document
    }
    for name, words in (("errors", "detail"), ("owed", "title")):
        if isinstance(document.get(name), list):
            said[name] = [{**one, words: told(one[words], language)} for one in document[name]]
    return document | said
