"""When the team's channel hears of a case (R2, R13): what was decided, done and came of it, once a minute at most.

Nothing is said of a leak there, suspected ones too (I3): that channel is one that a freeze stops.
"""

from __future__ import annotations

from datetime import timedelta

from sangfroid.casefile import CaseFile
from sangfroid.model import Case, Event
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings

CLOSED = "case_closed"

LONGEST_TELLING = timedelta(days=8)
"""A telling tries for a week. One that was asked for longer ago is under way no more, whatever became of it."""

TOLD = frozenset(
    {
        "classified", "reclassified", "origin_known", "origin_moved", "clock_met", "clock_breached", "spike_began",
        "response_submitted", "approval_given", "response_approved", "response_rejected", "response_voided",
        "response_published", "delivery_published", "delivery_failed", "delivery_decided",
        "retraction_proposed", "retraction_confirmed", "delivery_retracted",
        "duty_done", "duty_waived", "duty_reopened", "duty_handed_on", "round_missed", "round_held",
        "cell_role_handed_over",
        "reviewer_substituted", "community_order_decided", "promise_made", "promise_kept", "promise_broken",
        "measure_recorded", "measure_changed", "plan_changed", "agency_replied", "message_withdrawn",
        "no_response_proposed", "no_response_confirmed", "no_response_reopened", "procedure_failed", CLOSED,
    }
)  # fmt: skip
"""Kinds of events that the team's channel hears of: measures, actions and results."""


HANDED = {
    "duty_handed_on": "duty_handed_on",
    "cell_role_handed_over": "role_handed_over",
    "reviewer_substituted": "review_requested",
}
"""Kind of an event -> the notice to whoever gets something by it, where somebody else has given it to them."""


def handed(event: Event) -> bool:
    """Whether somebody was given something who has yet to hear of it."""
    return event.kind in HANDED and event.data.get("to") != event.by


def still_theirs(file: CaseFile, event: Event) -> bool:
    """Whether what was handed to somebody still is, and still waits for them."""
    to, case = event.data.get("to"), file.case
    if case.status == "closed":
        return False
    if event.kind == "duty_handed_on":
        duty = case.duty(str(event.data.get("duty")))
        return duty is not None and duty.owner == to and duty.state == "open"
    if event.kind == "cell_role_handed_over":
        return case.cell.get(str(event.data.get("role"))) == to
    line = file.line(int(event.data["version"]))
    return line is not None and line.review is not None and to in line.review.asked


def silent(case: Case) -> bool:
    """Whether nothing is said of the case by a way that a freeze would stop: there is a leak, or may be one."""
    return case.leak or case.suspicion in ("pending", "frozen")


def rooms(organisation: Organisation) -> list[ChannelSettings]:
    """The team's channels: those that are nobody's own."""
    personal = {reach.channel for person in organisation.people for reach in person.reach}
    return [channel for channel in organisation.channels_for("team") if channel.id not in personal]


def follow(file: CaseFile, organisation: Organisation) -> None:
    """Have the team's channel told of what has just happened; one telling is under way at a time, and takes all with it.

    The close is told to people too, whatever the case was (R13), and so is what somebody was given.
    """
    case = file.case
    kinds = {event.kind for event in file.events} & TOLD
    if silent(case):
        # Not later either, when it has turned out to be none: what was done then would tell of it.
        case.room_silent_to = case.timeline_seq
    spoken = bool(kinds) and not silent(case) and bool(rooms(organisation))
    if not (spoken or CLOSED in kinds or any(map(handed, file.events))):
        return
    case.room_owed = case.timeline_seq
    if case.room_asked and case.room_asked_at is None:
        case.room_asked_at = file.now  # by a release that did not note when
    if not case.room_asked or file.now - (case.room_asked_at or file.now) > LONGEST_TELLING:
        _ask(file)


def heard(file: CaseFile, upto: int | None) -> None:
    """A telling is over: all up to this event was told (None: as far as it could be). What has come since asks for the next."""
    case = file.case
    case.room_asked, case.room_asked_at = False, None
    if upto is not None and case.room_owed > upto:
        _ask(file)


def _ask(file: CaseFile) -> None:
    case = file.case
    case.room_asked, case.room_asked_at = True, file.now
    file.start("team_room", f"{case.id}-room-{case.room_owed}", case_id=case.id)
