"""Refusals in French: every sentence that the code says in English has one in refusals_fr.yaml, like a catalogue of gettext.

The English sentence is the key, so that whoever writes a rule writes one sentence; what is filled in is found again by the words
around it. A sentence without a translation stays English (tests/unit/test_refusals.py finds it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

from sangfroid.data_files import data
from sangfroid.model import CaseNumber
from sangfroid.outbound.wording import typeset
from sangfroid.playbooks import playbook

_MORE = re.compile(r"(?: \(and (\d+) more\))?\.")
PLACED = "{}: {}."

FILLED_IN = ("asked", "faults", "words")
"""Sections that translate what is filled into a sentence, too."""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Section -> English -> French, as translators keep it."""
    loaded: dict[str, dict[str, str]] = data("sangfroid.http", "refusals_fr.yaml")
    return loaded


def in_french(document: dict[str, Any]) -> dict[str, Any]:
    """A problem document with its title, detail and faults in French; everything else as it was."""
    changed = dict(document)
    changed["title"] = catalogue()["titles"].get(document["title"], document["title"])
    faults = [fault | {"detail": said(fault["detail"], "faults")} for fault in document.get("errors", [])]
    if faults:
        changed["errors"] = faults
    changed["detail"] = _of_faults(document, faults) or said(document["detail"], "sentences")
    if document.get("owed"):
        changed["owed"] = [one | {"title": _owed(one["title"])} for one in document["owed"]]
    return changed


def _owed(title: str) -> str:
    """What a case still owes: a duty by the title of its playbook, anything else by a sentence."""
    return duty_titles().get(title) or said(title, "owed")


@cache
def duty_titles() -> dict[str, str]:
    """English title -> French title of every duty of the playbooks."""
    rows = (duty for number in get_args(CaseNumber) for duty in playbook(number).duties)
    return {row.title["en"]: typeset(row.title["fr"], "fr") for row in rows}


def _of_faults(document: dict[str, Any], faults: list[dict[str, Any]]) -> str | None:
    """The detail of a body that its model refused, which is made of its first fault (http/problems.py)."""
    if not faults:
        return None
    first, told = document["errors"][0], faults[0]["detail"]
    where = first.get("pointer") or first.get("parameter") or "the body"
    # The number is read from the sentence: a document shows some of the faults, the sentence counts them all.
    rest = document["detail"].removeprefix(f"{where}: {first['detail']}")
    more = _MORE.fullmatch(rest) if rest != document["detail"] else None
    if more is None:
        return None
    others = f" (et {more[1]} de plus)" if more[1] else ""
    return typeset(f"{where} : {told}{others}.", "fr")


def said(text: str, *sections: str) -> str:
    """The French of a text by these sections; the text itself where none has it."""
    for english, french in _longest_first(sections):
        values = filled_in(english, text)
        if values is not None:
            return typeset(french, "fr").format(*map(_filled, values))
    return text


def _filled(value: str) -> str:
    """What is filled in: one of our own words, or several of them (`approver or director`), else as it is."""
    if (whole := said(value, *FILLED_IN)) != value:
        return whole
    return " ou ".join(said(one, *FILLED_IN) for one in value.split(" or "))


@cache
def _longest_first(sections: Iterable[str]) -> list[tuple[str, str]]:
    return longest_first(pair for section in sections for pair in catalogue()[section].items())


def longest_first(sentences: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What says most stands first: a sentence that another one contains is found by its own words."""
    return sorted(sentences, key=lambda pair: -len(pair[0].replace("{}", "")))


def filled_in(pattern: str, text: str) -> list[str] | None:
    """What stands in the places of a pattern (`{}`), or None where the text is not of it. Linear in the text."""
    first, *rest = pattern.split("{}")
    if not rest:
        return [] if text == pattern else None
    *between, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return None
    middle, values = text[len(first) : len(text) - len(last)], []
    for piece in between:
        at = middle.find(piece)
        if at < 0:
            return None
        values.append(middle[:at])
        middle = middle[at + len(piece) :]
    return [*values, middle]
