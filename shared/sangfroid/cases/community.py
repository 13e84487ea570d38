"""The community before everybody else (C2.3, C4.3): in which order an approved response leaves, and when the rest may.

Where the organisation is listed, telling some people first can be selective disclosure (Regulation (EU) 596/2014, article 17): an
approver decides before anything leaves. The head start is never given at the price of a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.cases.substance import required
from sangfroid.errors import IllegalTransition
from sangfroid.model import Delivery, Duty, OrderDecision
from sangfroid.organisation import Organisation

BEFORE_THE_DEADLINE = timedelta(minutes=15)
"""What is left of the 48 h clock for the publication itself."""

FIRST = ("C2.3", "C4.3")
"""The rows by which the community comes first."""

Next = Literal["ask", "community", "confirm", "wait", "everyone"]


@dataclass(frozen=True)
class Order:
    """What comes next of a publication: `ask` (the company is listed, and nobody has decided), `community` (the wave to it),
    `confirm` (a person tells it, there is no channel), `wait` (its head start runs, until `until`), `everyone`."""

    next: Next
    until: datetime


def duty_first(file: CaseFile) -> Duty | None:
    """The duty that comes before the publication everywhere, where the case has one."""
    playbook = facts.current_playbook(file)
    first = playbook.publish.after_duty if playbook else None
    return file.case.duty(first) if first else None


def order(file: CaseFile, organisation: Organisation) -> Order:
    """What comes next of the publication of the approved response."""
    duty, decision, now = duty_first(file), file.case.community_first, file.now
    if duty is None or (duty.state == "waived" and decision is None) or (decision and not decision.first):
        return Order("everyone", now)
    if organisation.listed and decision is None:
        return Order("ask", now)
    if duty.state == "open":
        return Order("community" if to_be_sent(file, organisation) else "confirm", now)
    until = _head_start_ends(file, duty)
    return Order("wait", until) if now < until else Order("everyone", now)


def to_be_sent(file: CaseFile, organisation: Organisation) -> bool:
    """Whether a channel tells the community and has not settled it: its delivery will show that it was told. Where each was
    settled and none stands, a person tells it.
    """
    version = file.approved
    if version is None or not has_channel(organisation):
        return False
    keys = [
        facts.delivery_key(file.case.id, version.version, channel.id, language)
        for channel, language in facts.wanted(organisation, version)
        if channel.required and channel.audience == "community"
    ]
    standing = [file.deliveries.get(key) for key in keys]
    return any(one is None or one.state not in (*facts.OUT, "cancelled") for one in standing)


def has_channel(organisation: Organisation) -> bool:
    """Whether a required channel speaks to the community, so that a delivery shows that it was told."""
    return any(channel.required and channel.publishes for channel in organisation.channels_for("community"))


def _head_start_ends(file: CaseFile, duty: Duty) -> datetime:
    playbook = facts.current_playbook(file)
    told = duty.closed_at or file.now
    if playbook is None or duty.state != "done":
        return told
    ends = told + playbook.publish.head_start
    clock = file.case.has_clock("response_published")
    if clock is not None and clock.met_at is None:
        ends = min(ends, max(told, clock.due_at - BEFORE_THE_DEADLINE))
    return ends


def taken_back(file: CaseFile, gone: Delivery) -> None:
    """What the community heard first was taken back before everybody else's turn came: it is not told any more.

    Once the turn of the others has come, the community did hear it first, and to take it back is a decision of its own.
    """
    approved = file.approved
    if gone.audience != "community" or approved is None or gone.version != approved.version:
        return
    if all(
        one.audience == "community" or one.state == "cancelled"
        for one in file.deliveries_of(approved.version)
    ):
        not_told_any_more(file, f"what the community heard ({gone.key}) was taken back")


def not_told_any_more(file: CaseFile, because: str) -> None:
    """The approval of the response that the community heard is void, or it was taken back: it hears the next one first."""
    for duty in file.case.duties:
        if duty.state == "done" and duty.id in FIRST:
            duty.state, duty.evidence, duty.finding, duty.by, duty.closed_at = "open", None, None, None, None
            file.note("duty_reopened", duty=duty.id, because=because)


def refuse_out_of_turn(file: CaseFile, wave: str, organisation: Organisation) -> None:
    """No machine and no person gets around the order; raises IllegalTransition."""
    come = order(file, organisation)
    duty = duty_first(file)
    if come.next == "ask":
        raise IllegalTransition(
            "The organisation is listed: an approver decides first whether the community may hear it before everybody else "
            "(POST /cases/{id}/community-first)."
        )
    if wave == "all" and come.next != "everyone":
        name = duty.id if duty is not None else "The community"
        raise IllegalTransition(f"{name} comes first: the community is told before everybody else.")


def decide(file: CaseFile, first: bool, reason: str) -> OrderDecision:
    """An approver of a listed company decides: the community first, or everybody at once."""
    reason = required(reason, "/reason", "why this order keeps the rules of the market", least=2)
    if file.case.status != "responding":
        raise IllegalTransition(f"The case is {file.case.status}; the order belongs before the publication.")
    if any(
        one.state in (*facts.OUT, "sending") and one.kind == "response" for one in file.deliveries.values()
    ):
        raise IllegalTransition("Part of the response is out already; its order can no longer be chosen.")
    decision = OrderDecision(first=first, reason=reason, by=file.by, at=file.now)
    file.case.community_first = decision
    file.note("community_order_decided", first=first, reason=reason)
    return decision
