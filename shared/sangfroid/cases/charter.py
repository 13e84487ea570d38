"""The communication charter (R4): honest, clear, unambiguous wording, checked before anybody reviews a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sangfroid.model import Finding, ResponseKind
from sangfroid.organisation import Language, Organisation
from sangfroid.playbooks import Playbook

LISTED = re.compile(r"(?m)^\s*(?:[-*•–]|\d+[.)])\s+\S")


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
        findings += [
            _finding("forbidden_wording", "blocking", language, "The charter forbids this wording.", phrase)
            for phrase in _found(charter.forbidden, language, text)
        ]
        findings += [
            _finding("ambiguous_wording", "warning", language, "Say it clearly (R4).", phrase)
            for phrase in _found(charter.ambiguous, language, text)
        ]
        apologises = not charter.apology.get(_known(language)) or _found(charter.apology, language, text)
        if playbook.apology_expected and kind == "response" and not apologises:
            findings.append(_finding("no_apology", "warning", language, "The playbook asks for an apology."))
        named = not charter.correction.get(_known(language)) or _found(charter.correction, language, text)
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


def _found(lists: Mapping[Language, list[str]], language: str, text: str) -> list[str]:
    phrases = lists.get(_known(language), [])
    return [phrase for phrase in phrases if re.search(rf"(?<!\w){re.escape(phrase)}", text, re.IGNORECASE)]
