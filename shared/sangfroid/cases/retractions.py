"""Taking a publication back: a reviewed act with its reason, proposed by one person and confirmed by another (four eyes).

It leaves through the one door like a publication: as a delivery of its own, with act `retract`, so that a freeze holds it, a
failing platform is tried again, and a platform that does not allow it ends with a person.
"""

from __future__ import annotations

from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases import community
from sangfroid.cases.asking import ask_for_decision
from sangfroid.cases.substance import required
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.model import Delivery, Retraction
from sangfroid.text.identity import same_person


def key_of(delivery: str) -> str:
    """Key of the delivery that takes another one back."""
    return f"{delivery}:retraction"


UNDER_WAY = ("waiting", "held", "sending")

Decision = Literal["confirm", "decline"]


def decide(
    file: CaseFile,
    key: str,
    decision: Decision,
    reason: str,
    *,
    may_propose: bool,
    may_confirm: bool,
) -> tuple[bool, Delivery]:
    """Propose to take a publication back, or confirm or decline what another person proposed. True once it is confirmed.

    Whoever proposed it may decline it too.
    """
    delivery = file.deliveries.get(key)
    if delivery is None:
        raise NotFound(f"Case {file.case.id} has no delivery {key!r}.")
    if file.case.status == "closed":
        raise IllegalTransition("The case is closed; take the publication down on the platform itself.")
    if delivery.act == "retract":
        raise IllegalTransition("This delivery takes another one back; it is not a publication.")
    if delivery.state != "published":
        raise IllegalTransition(f"The delivery is {delivery.state}; only a publication can be taken back.")
    newer = file.deliveries.get(delivery.replaced_by or "")
    if newer is not None and newer.external_id == delivery.external_id:
        raise IllegalTransition(
            f"A correction stands in its place: take {newer.key} back instead.", replaced_by=newer.key
        )
    if any(
        one.target == key and one.act == "publish" and one.state in UNDER_WAY
        for one in file.deliveries.values()
    ):
        raise IllegalTransition(
            "A correction of it is under way. Wait until it stands there, then take that one back."
        )
    standing = delivery.retraction
    if standing is not None and standing.confirmed_at is not None:
        back = file.deliveries.get(key_of(key))
        if decision == "decline" and may_confirm and back is not None and back.state in ("failed", "manual"):
            # The platform does not allow it, and people leave it as it stands.
            back.state, back.reason, delivery.retraction = (
                "cancelled",
                f"left in place by {file.by}: {reason}",
                None,
            )
            file.note("retraction_declined", delivery=key, channel=delivery.channel, reason=reason)
            return False, delivery
        raise IllegalTransition("It was decided already to take this publication back.")
    if standing is None:
        if decision == "decline":
            raise IllegalTransition("Nobody has proposed to take this publication back.")
        if not may_propose:
            raise IllegalTransition(
                "Nobody has proposed to take this publication back; a responder does that first."
            )
        reason = required(reason, "/reason", "why it is taken back", least=1)
        delivery.retraction = Retraction(reason=reason, proposed_by=file.by, proposed_at=file.now)
        file.note("retraction_proposed", delivery=key, channel=delivery.channel, reason=reason)
        ask_for_decision(file, f"retraction_decided:{key}", delivery.version or 0, "retraction_requested")
        return False, delivery
    if decision == "decline" and (may_confirm or same_person(standing.proposed_by, file.by)):
        delivery.retraction = None
        file.note("retraction_declined", delivery=key, channel=delivery.channel, reason=reason)
        return False, delivery
    if not may_confirm:
        raise IllegalTransition("It is proposed already; an approver or a director confirms or declines it.")
    if same_person(standing.proposed_by, file.by):
        raise NotAllowed("Nobody confirms a proposal of their own: ask another approver.")
    delivery.retraction = standing.model_copy(update={"confirmed_by": file.by, "confirmed_at": file.now})
    back = Delivery(
        key=key_of(key),
        case_id=file.case.id,
        kind="retraction",
        channel=delivery.channel,
        audience=delivery.audience,
        language=delivery.language,
        version=delivery.version,
        required=False,
        act="retract",
        target=key,
        created_at=file.now,
    )
    before = file.deliveries.get(back.key)
    back.revision = before.revision if before is not None else 0
    file.deliveries[back.key] = back
    file.note(
        "retraction_confirmed",
        delivery=key,
        channel=delivery.channel,
        proposed_by=standing.proposed_by,
        reason=standing.reason,
    )
    file.start(
        "publication",
        f"{file.case.id}-retraction-{file.case.timeline_seq}",
        case_id=file.case.id,
        version=delivery.version,
        wave=f"retraction:{back.key}",
        round=file.case.round,
    )
    return True, delivery


def under_way(delivery: Delivery) -> bool:
    """Whether two people have decided to take something back, and it is not done."""
    return delivery.act == "retract" and delivery.state in (*UNDER_WAY, "failed", "manual")


def done(file: CaseFile, back: Delivery, how: str | None = None) -> None:
    """The publication is gone, and with it everything that stood in its place before."""
    back.state, back.retracted_at, back.reason, back.unknown_outcome = "retracted", file.now, how, False
    gone = file.deliveries.get(back.target or "")
    while gone is not None:
        gone.state, gone.retracted_at = "retracted", file.now
        if gone.kind == "response":
            community.taken_back(file, gone)
        earlier = file.deliveries.get(gone.target or "")
        edited = earlier is not None and earlier.external_id == gone.external_id is not None
        gone = earlier if edited else None


def decide_anew(file: CaseFile, back: Delivery) -> None:
    """What a freeze held of a retraction is dropped: whether it is still wanted, another person decides anew (I4)."""
    target = file.deliveries.get(back.target or "")
    if target is None or target.retraction is None or file.case.status == "closed":
        return
    target.retraction = target.retraction.model_copy(update={"confirmed_by": None, "confirmed_at": None})
    file.note("retraction_returned", delivery=target.key, channel=target.channel)
    ask_for_decision(file, f"retraction_decided:{target.key}", target.version or 0, "retraction_requested")
