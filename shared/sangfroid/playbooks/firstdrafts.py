"""First drafts of the playbooks (drafts.yaml): a text per audience and language, with questions in square brackets (R14, A1)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from sangfroid.data_files import data
from sangfroid.model import CaseNumber
from sangfroid.text.identity import words_of

AUDIENCES = ("public", "community")
QUESTION = re.compile(r"\[[^\[\]\n]{1,200}\]")
SLOT = re.compile(r"\{(since)\|(\[[^\[\]\n{}]{1,200}\])\}")
"""`{since|[day and time]}`: what the desk may know, and the question that stays where it does not."""


@cache
def _every() -> dict[int, dict[str, Any]]:
    loaded: dict[int, dict[str, Any]] = data(__package__, "drafts.yaml")
    return loaded


def template(case: CaseNumber, audience: str) -> dict[str, str]:
    """The draft for an audience by language, slots unfilled."""
    return dict(_every()[case][audience])


def filled(text: str, known: dict[str, str]) -> str:
    """The draft with what is known in it; a slot of which nothing is known keeps its question."""
    # One pass: what is filled in is never read as a slot.
    return SLOT.sub(lambda slot: known.get(slot[1]) or slot[2], text)


@cache
def questions(case: CaseNumber) -> frozenset[str]:
    """The questions of the drafts of a case type, by their words."""
    return frozenset(
        words_of(found[0])
        for audience in AUDIENCES
        for text in template(case, audience).values()
        for found in QUESTION.finditer(SLOT.sub(lambda slot: slot[2], text))
    )
