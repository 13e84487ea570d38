"""The communication charter (R4): honest, clear, unambiguous wording, checked before anybody reviews a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sangfroid.model import Finding, ResponseKind
from sangfroid.organisation import Language, Organisation
from sangfroid.playbooks import Playbook
from sangfroid.text import leftovers
from sangfroid.text.folding import Folded

LISTED = re.compile(r"(?m)^[^\S\n]*+(?:[-*•–—‣◦▪]|\d++[.)])[^\S\n]++\S")

MOST_OF_ONE_KIND = 10


def check(
    texts: dict[str, str], kind: ResponseKind, brand: str, playbook: Playbook, organisation: Organisation
) -> list[Finding]:
    """Findings over a set of texts; a blocking one keeps the version out of review as a draft."""
    charter = organisation.charter
    findings = [
        _finding("missing_language", "warning", language, f"There is no text in {language!r}.")
        for language in organisation.brand(brand).languages
        if language not in texts and kind != "answer"  # one person is answered in their own language
    ]
    for language, text in texts.items():
        read = Folded(text, look_alikes=True)
        findings += _left_in(language, text, read)
        findings += [
            _finding("forbidden_wording", "blocking", language, "The charter forbids this wording.", phrase)
            for phrase in _found(charter.forbidden, language, read)
        ]
        findings += [
            _finding("ambiguous_wording", "warning", language, "Say it clearly (R4).", phrase)
            for phrase in _found(charter.ambiguous, language, read)
        ]
        apologises = not charter.apology.get(_known(language)) or _found(charter.apology, language, read)
        if playbook.apology_expected and kind == "response" and not apologises:
            findings.append(_finding("no_apology", "warning", language, "The playbook asks for an apology."))
        named = not charter.correction.get(_known(language)) or _found(charter.correction, language, read)
        if kind == "correction" and not named:
            problem = (
                "Say that it is a correction: where it takes the place of the text, readers see nothing else."
            )
            findings.append(_finding("unmarked_correction", "warning", language, problem))
        if len(text) > charter.max_characters:
            problem = f"{len(text)} characters; at most {charter.max_characters}."
            findings.append(_finding("too_long", "blocking", language, problem))
        if kind == "closing_announcement" and not LISTED.search(text):
            problem = "List every measure planned against a repeat (C2.6)."
            findings.append(_finding("no_measures", "warning", language, problem))
    return findings


def _finding(code: str, severity: str, language: str, message: str, quote: str | None = None) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": severity, "language": language, "message": message, "quote": quote}
    )


def _known(language: str) -> Language:
    """The language of the charter's lists that fits; a regional variant is read like its language."""
    return "fr" if language.startswith("fr") else "en"


def _found(lists: Mapping[Language, list[str]], language: str, read: Folded) -> list[str]:
    """The phrases of the list that stand in the text as a reader sees it, quoted as they are written there."""
    return [
        read.quote(*found.span())
        for phrase in lists.get(_known(language), [])
        if (found := _phrase(phrase).search(read.text))
    ]


@lru_cache(maxsize=2_000)
def _phrase(phrase: str) -> re.Pattern[str]:
    # An invisible blank that parts two words is nothing to see, so the words then stand together.
    words = Folded(phrase, look_alikes=True).text.split(" ")
    return re.compile(r"(?<!\w)" + " ?".join(map(re.escape, words)))


def _left_in(language: str, text: str, read: Folded) -> Iterator[Finding]:
    """What was left in by mistake and readers would see, or what they would not see and should."""
    for code, severity, message, found in (
        (
            "placeholder_left_in",
            "blocking",
            "Fill it in, or take it out.",
            leftovers.placeholders(read, language),
        ),
        (
            "direction_override",
            "blocking",
            "It turns the order in which words are read. Take it out.",
            leftovers.turned(text),
        ),
        (
            "control_character",
            "blocking",
            "A control character, which no text holds. Take it out.",
            leftovers.controls(text),
        ),
        (
            "unreadable_character",
            "blocking",
            "Readers would see a box or a question mark.",
            leftovers.unreadable(text),
        ),
        ("hidden_character", "warning", "Readers do not see it, machines do.", leftovers.hidden(text)),
        ("look_alike_letters", "warning", "The word mixes letters of two alphabets.", leftovers.mixed(text)),
        ("escape_left_in", "warning", "Readers would see it as it stands here.", leftovers.escapes(text)),
        ("doubtful_mark", "warning", "Is something to be filled in here?", leftovers.doubtful(text)),
    ):
        for quote in found[:MOST_OF_ONE_KIND]:
            yield _finding(code, severity, language, message, quote[:120])
