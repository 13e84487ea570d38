"""The decision not to respond (C4.2): proposed by one, confirmed by another, reopened when its conditions come true."""

from __future__ import annotations

import re
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, facts, responses
from sangfroid.cases.asking import ask_for_decision
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotAllowed
from sangfroid.model import Case, Message, NoResponse
from sangfroid.text.folding import folded
from sangfroid.text.identity import same_person

CONDITION = re.compile(r"^(any_message|press|followers_over:\d{1,12}|messages_over:\d{1,9}|person:.{3,500})$")
_LEAST = r"(?:(?P<least>au moins|a partir de|à partir de|at least|>=|≥)|plus de|au-dela de|au-delà de|over|more than|above|>)"
_NUMBER = (
    r"(?P<number>\d{1,3}(?:[ .,']\d{3})+|\d{1,12}) ?(?P<times>k|mille|thousand|millions?(?: de| d')?|m)?"
)


_WHO = (
    r"(?:(?:si|quand|if|when) )?(?:(?:l'auteur|il|elle|the author|he|she|they) )?"
    r"(?:(?:a|ont|has|have|dépasse|depasse|exceeds) )?"
)
"""Before the number stands nothing else: what turns it round (fewer than …) is for a person to read."""


def _count(things: str) -> re.Pattern[str]:
    return re.compile(rf"{_WHO}(?:{_LEAST} ?)?{_NUMBER} ?(?:{things})")


_COUNTED = {
    "followers_over": _count(r"abonn[ée]e?s?|followers?|suiveurs?|subscribers?"),
    "messages_over": _count(r"messages?|mentions?|posts?|publications?|reports?|signalements?"),
}
_TIMES = {
    "": 1, "k": 1_000, "mille": 1_000, "thousand": 1_000, "m": 10**6, "million": 10**6, "millions": 10**6,
    "million de": 10**6, "millions de": 10**6, "million d'": 10**6, "millions d'": 10**6,
}  # fmt: skip
_PRESS = re.compile(
    r"(?:(?:si )?(?:la |the |un article de |un article dans la |an article in the )?(?:presse?|journaux|newspapers?)"
    r"(?: en parle| s'en empare| picks it up| writes about it)?)"
)
_ANY = re.compile(r"(?:tout|chaque|any|every)(?: nouveau| new)? message|un nouveau message|a new message")
KNOWN = "any_message, press, followers_over:N, messages_over:N, or person:<what somebody watches for>"


def decide(
    file: CaseFile, reason: str, reopen_if: list[str], *, may_propose: bool, may_confirm: bool
) -> bool:
    """Propose, or confirm what another person proposed; True once it is confirmed."""
    case = file.case
    if case.status == "triage":
        raise IllegalTransition(
            "It is not decided yet which case this is. Classify it first: POST /cases/{id}/triage."
        )
    if case.status not in ("responding",):
        raise IllegalTransition(
            f"The case is {case.status}; the decision not to respond belongs before publication."
        )
    playbook = facts.current_playbook(file)
    if playbook is None or (playbook.no_response_allowed != "always" and case.author != "provoker"):
        raise IllegalTransition("Not responding is for case 4 and for provokers only (C4.2).")
    if any(delivery.state in ("published", "sending") for delivery in file.deliveries.values()):
        raise IllegalTransition("Part of the response is out already; not responding is no longer possible.")
    standing = case.no_response
    pending = standing is not None and standing.confirmed_at is None
    if pending and standing is not None and may_confirm:
        if same_person(standing.proposed_by, file.by):
            raise NotAllowed("You proposed this yourself: another approver must confirm it.")
        _confirm(file, standing)
        return True
    if not may_propose:
        raise IllegalTransition(
            "Nobody has proposed not to respond yet: a responder proposes, an approver confirms."
        )
    reason = required(reason, "/reason", "why nothing is answered", least=1)
    case.no_response = NoResponse(
        reason=reason, reopen_if=checked(reopen_if), proposed_by=file.by, proposed_at=file.now
    )
    file.note("no_response_proposed", reason=reason, reopen_if=case.no_response.reopen_if)
    ask_for_decision(file, "no_response_decided", 0, notice="no_response_proposed")
    return False


def checked(conditions: list[str]) -> list[str]:
    """Conditions as the desk watches them; a sentence that it does not understand is marked as watched by a person.

    Raises Invalid where there is none.
    """
    if not conditions:
        raise Invalid(
            "Say when the decision must be looked at again.",
            errors=[FieldError("/reopen_if", f"at least one of: {KNOWN}")],
        )
    return list(dict.fromkeys(map(understood, conditions)))


def understood(condition: str) -> str:
    """The condition that a sentence states (French or English), or the sentence as something that a person watches for."""
    if CONDITION.match(condition):
        return condition
    said = folded(condition).strip(" .!")
    if _PRESS.fullmatch(said):
        return "press"
    if _ANY.fullmatch(said):
        return "any_message"
    for subject, counted in _COUNTED.items():
        if (found := counted.fullmatch(said)) is not None:
            number = int(re.sub(r"\D", "", found["number"])) * _TIMES[found["times"] or ""]
            over = number - 1 if found["least"] and number else number
            if CONDITION.match(f"{subject}:{over}"):
                return f"{subject}:{over}"
    return f"person:{condition}"


def watched_by_people(conditions: list[str]) -> list[str]:
    """The sentences that no machine watches."""
    return [one.removeprefix("person:") for one in conditions if one.startswith("person:")]


def _confirm(file: CaseFile, decision: NoResponse) -> None:
    case = file.case
    decision.confirmed_by, decision.confirmed_at = file.by, file.now
    case.no_response = decision
    responses.void_all(file, "it was decided not to respond")
    clocks.cancel(file, "it was decided not to respond")
    playbook = facts.current_playbook(file)
    for duty in case.duties:
        row = playbook.duty(duty.id) if playbook else None
        silenced = (
            row is not None
            and (row.only_if == "responding" or row.due is not None)
            and row.closes_when != "response_decided"
        )
        if duty.state == "open" and silenced:
            duty.state, duty.by, duty.closed_at, duty.note = (
                "waived",
                "sangfroid",
                file.now,
                "it was decided not to respond",
            )
    case.status = "following_up"
    file.note("no_response_confirmed", proposed_by=decision.proposed_by, reopen_if=decision.reopen_if)


def consider_reopening(file: CaseFile, message: Message) -> None:
    """A new message came: reopen where it makes a condition true."""
    decision = file.case.no_response
    if decision is None or not decision.stands:
        return
    for condition in decision.reopen_if:
        if reopens(condition, message.platform, message.author) or _too_many(condition, file):
            reopen(file, f"{condition} ({message.id})")
            return


def consider_count(file: CaseFile) -> None:
    """Messages were counted: reopen where there are too many of them."""
    decision = file.case.no_response
    if decision is None or not decision.stands:
        return
    for condition in decision.reopen_if:
        if _too_many(condition, file):
            reopen(file, condition)
            return


def would_reopen(case: Case, platform: str, author: dict[str, Any]) -> bool:
    """Whether a message, by itself, makes a condition of a confirmed decision true."""
    decision = case.no_response
    if decision is None or not decision.stands:
        return False
    return any(reopens(condition, platform, author) for condition in decision.reopen_if)


def reopens(condition: str, platform: str, author: dict[str, Any]) -> bool:
    """Whether a message of this author on this platform makes the condition true."""
    what, _, number = condition.partition(":")
    return (
        what == "any_message"
        or (what == "press" and platform == "press")
        or (what == "followers_over" and int(author.get("followers") or 0) > int(number))
    )


def _too_many(condition: str, file: CaseFile) -> bool:
    what, _, number = condition.partition(":")
    return what == "messages_over" and file.case.message_count > int(number)


def reopen(file: CaseFile, because: str) -> None:
    """Respond after all: the clocks run on from the old origin, and what was set aside is owed again."""
    case = file.case
    decision = case.no_response
    if decision is None:
        return
    decision.reopened_at, decision.reopened_because = file.now, because
    case.no_response = decision
    case.status = "responding"
    file.note("no_response_reopened", because=because)
    for clock in case.clocks:
        if clock.state == "cancelled":
            clocks.reopen(file, clock.id, "the decision not to respond was reopened")
    for duty in case.duties:
        set_aside = duty.state == "waived" and duty.by == "sangfroid"
        if set_aside or (duty.id == "C4.2" and duty.state == "done"):
            duty.state, duty.by, duty.closed_at, duty.note, duty.evidence = "open", None, None, None, None
