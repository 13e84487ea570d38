"""The communication charter (R4): honest, clear, unambiguous wording, checked before anybody reviews a text."""

from __future__ import annotations

import re

from sangfroid.model import Finding, ResponseKind
from sangfroid.organisation import Organisation
from sangfroid.playbooks import Playbook

LISTED = re.compile(r"(?m)^\s*(?:[-*•–]|\d+[.)])\s+\S")


def check(
    texts: dict[str, str], kind: ResponseKind, brand: str, playbook: Playbook, organisation: Organisation
) -> list[Finding]:
    """Findings over a set of texts; a blocking one keeps the version out of review as a draft."""
    charter = organisation.charter
    findings: list[Finding] = []
    for language in organisation.brand(brand).languages:
        if language not in texts:
            findings.append(_finding("missing_language", "warning", language, f"There is no text in {language!r}."))
    for language, text in texts.items():
        for phrase in _found(charter.forbidden.get(language, []), text):  # type: ignore[call-overload]
            findings.append(_finding("forbidden_wording", "blocking", language, "The charter forbids this wording.", phrase))
        for phrase in _found(charter.ambiguous.get(language, []), text):  # type: ignore[call-overload]
            findings.append(_finding("ambiguous_wording", "warning", language, "Say it clearly (R4).", phrase))
        apologies = charter.apology.get(language, [])  # type: ignore[call-overload]
        if playbook.apology_expected and kind == "response" and apologies and not _found(apologies, text):
            findings.append(_finding("no_apology", "warning", language, "The playbook asks for an apology."))
        if len(text) > charter.max_characters:
            findings.append(
                _finding("too_long", "blocking", language, f"{len(text)} characters; at most {charter.max_characters}.")
            )
        if kind == "closing_announcement" and not LISTED.search(text):
            findings.append(
                _finding("no_measures", "warning", language, "List every measure planned against a repeat (C2.6).")
            )
    return findings


def _finding(code: str, severity: str, language: str, message: str, quote: str | None = None) -> Finding:
    return Finding.model_validate(
        {"code": code, "severity": severity, "language": language, "message": message, "quote": quote}
    )


def _found(phrases: list[str], text: str) -> list[str]:
    return [phrase for phrase in phrases if re.search(rf"(?<!\w){re.escape(phrase)}", text, re.IGNORECASE)]
