"""What the desk says of a case in a sentence of its own, in the reader's language (desk_words_fr.yaml).

The store keeps the English sentence, so that a case reads the same whoever changed it; whoever reads French gets the French one.
What a person wrote is never touched: only a text that is one of these sentences as a whole is another one afterwards.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sangfroid.data_files import data
from sangfroid.http.preference import Language
from sangfroid.http.refusals import filled_in, longest_first
from sangfroid.outbound.wording import typeset

_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
_QUOTED = re.compile(r"“([^”]*)” \((text|notes)\)")
_FIELDS = {"text": "texte", "notes": "notes"}
_REFUSAL = re.compile(r"[a-z_]+: (.+)")
THE_DESK = ("sangfroid", "agency")
"""Who closes an action by what happened, not by what somebody typed."""

LONGEST = 2_000
"""Characters of a text that may be a sentence of the desk."""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Section -> English -> French, as translators keep it."""
    loaded: dict[str, dict[str, str]] = data("sangfroid.http", "desk_words_fr.yaml")
    return loaded


@cache
def _longest_first(section: str) -> list[tuple[str, str]]:
    return longest_first(catalogue()[section].items())


def _one(text: str, section: str, *filled: str) -> str | None:
    for english, french in _longest_first(section):
        values = filled_in(english, text)
        if values is None:
            continue
        words: list[Any] = [_filled(value, filled) for value in values]
        return typeset(french, "fr").format(*words)
    return None


def _filled(value: str, sections: tuple[str, ...]) -> str:
    for section in sections:
        if (known := catalogue()[section].get(value)) is not None:
            return typeset(known, "fr")
    if (refused := _REFUSAL.fullmatch(value)) is not None:
        return _one(refused[1], "pages") or refused[1]
    return _QUOTED.sub(lambda one: typeset(f"« {one[1]} » ({_FIELDS[one[2]]})", "fr"), value)


def why(text: str, language: Language) -> str:
    """Why a case was classified as it was; a person's reason stays as it is."""
    return text if language != "fr" or len(text) > LONGEST else _one(text, "why", "meanings") or text


def evidence(text: str | None, by: str | None, language: Language) -> str | None:
    """What shows that an action is done, where the desk or a person's reply to it is what closed it (`by`)."""
    if text is None or language != "fr" or by not in THE_DESK:
        return text
    return _one(text, "duties") or text


def note(text: str | None, language: Language) -> str | None:
    """What the desk noted of an action, one sentence or several."""
    if text is None or language != "fr" or len(text) > LONGEST:
        return text
    parts = [_one(part, "notes", "parts") for part in _SENTENCES.split(text)]
    return text if None in parts else " ".join(filter(None, parts))


def of_delivery(text: str | None, language: Language) -> str | None:
    """What became of a delivery, in words; what a platform said stays as it is."""
    if text is None or language != "fr" or len(text) > LONGEST:
        return text
    return _one(text, "deliveries", "deliveries") or text
