"""Which kinds of notices go on while the freeze holds, and what a wait is about in the desk."""

from __future__ import annotations

from sangfroid.casefile import CaseFile

CLOCK_NOTICES = (
    "clock_reminder", "clock_breached", "silence", "procedure_failed", "delivery_failing", "retraction_failing", "round_missed",
)  # fmt: skip
"""What is told out of band while the freeze holds: the clocks go on."""


WORK_NOTICES = (
    "triage_requested", "crisis_opened", "draft_requested", "review_requested", "retraction_requested",
    "duty_handed_on", "role_handed_over",
)  # fmt: skip
"""What is told out of band as well where the case holds the freeze: its statement is due within the same clocks."""


WAITS_FOR = {
    "classified": "triage", "freeze_decided": "suspicion", "review_decided": "review", "response_written": "write",
    "no_response_decided": "confirm_no_response", "duty": "duty", "delivery": "delivery",
    "retraction_decided": "retraction",
}  # fmt: skip
"""Condition of a wait -> the kind of what waits in the desk, which is what somebody acknowledges (cases/waiting.py)."""


def thing_of(until: str, case_id: str) -> str | None:
    """Id of what waits on a condition, as the desk names it (cases/waiting.py); None where nobody can acknowledge it."""
    name, _, about = until.partition(":")
    kind = WAITS_FOR.get(name)
    if kind is None:
        return None
    return f"{kind}:{case_id}:{about}" if about and kind != "delivery" else f"{kind}:{case_id}"


def asked_about_a_leak(file: CaseFile) -> bool:
    """Whether the suspicion of a leak is climbing already."""
    return file.case.suspicion == "pending" and file.case.triage_detail.get("woken") != "wait_until_morning"
