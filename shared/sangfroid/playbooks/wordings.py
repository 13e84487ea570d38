"""What the playbooks say in words (drafts.yaml): objective, strategy, posture and holding text of each case type (R1, R10)."""

from __future__ import annotations

from functools import cache
from typing import Any

from sangfroid.data_files import data
from sangfroid.model import CaseNumber, Posture

SLOTS = ("fact", "concerned", "action", "next")
"""The four slots of a holding text: what is established, who is concerned, what is done now, the time of the next news."""


@cache
def _every() -> dict[int, dict[str, Any]]:
    loaded: dict[int, dict[str, Any]] = data(__package__, "drafts.yaml")
    return loaded


def objective(case: CaseNumber) -> dict[str, str]:
    """What a response of this case type is for, by language (R10)."""
    return dict(_every()[case]["objective"])


def strategy(case: CaseNumber) -> dict[str, str]:
    """How, by language (R1)."""
    return dict(_every()[case]["strategy"])


def posture(case: CaseNumber) -> Posture:
    """The posture that the playbook proposes."""
    chosen: Posture = _every()[case]["posture"]
    return chosen


def holding(case: CaseNumber, language: str, slots: dict[str, str]) -> str | None:
    """The holding text of a case type with its four slots filled in; None where the playbook has none in this language."""
    template: str | None = _every()[case]["holding"].get(language)
    if template is None:
        return None
    # Each slot once, in one pass: what is filled in is never read as a slot itself.
    parts = template.split("{")
    filled = parts[0]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled += slots[name] + rest
    return filled
