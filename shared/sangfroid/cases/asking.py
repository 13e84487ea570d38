"""Asking people for a decision: the machine `review` asks, again and again, until somebody has decided."""

from __future__ import annotations

from datetime import timedelta

from sangfroid.casefile import CaseFile


def ask_for_decision(
    file: CaseFile,
    until: str,
    version: int,
    notice: str = "review_requested",
    author: str = "writer",
    patience: timedelta | None = None,
) -> None:
    """Have the approvers asked until the condition `until` holds; `author` hears of a no.

    `patience`: how long their silence is borne before others are asked; None: as long as the organisation file says.
    """
    # What is asked for twice (a retraction, after a freeze) is asked under two names.
    name = f"{file.case.id}-review-{file.case.revision + 1}-{len(file.intents)}"
    file.start(
        "review",
        name,
        case_id=file.case.id,
        version=version,
        until=until,
        notice=notice,
        author=author,
        round=file.case.round,
        **({"patience": int(patience.total_seconds())} if patience is not None else {}),
    )
