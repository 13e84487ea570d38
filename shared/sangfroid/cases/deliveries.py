"""The deliveries of an approved version: planned per channel × language, and settled by a person where no machine can know."""

from __future__ import annotations

from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Delivery
from sangfroid.organisation import Organisation

Wave = Literal["community", "all"]

PLANNED_AT_ONCE = 40
"""How many deliveries one transaction creates (DynamoDB takes 100 items)."""


def plan(file: CaseFile, number: int, wave: Wave, organisation: Organisation) -> list[str]:
    """Create the deliveries of a wave that do not exist yet; the keys of all of them that still have to be sent.

    At most PLANNED_AT_ONCE are created per call; the caller repeats until nothing is added (`CaseFile.deliveries` tells).
    Empty where the version is no longer approved.
    """
    version = file.version(number)
    if version is None or version.state != "approved":
        return []
    playbook = facts.current_playbook(file)
    first = playbook.publish.after_duty if playbook and wave == "all" and version.kind == "response" else None
    duty = file.case.duty(first) if first else None
    if duty is not None and duty.state == "open":
        # C2.3 before C2.4, C4.3 before C4.4: no machine and no person gets around the order.
        raise IllegalTransition(f"{duty.id} comes first: the community is told before everybody else.")
    pairs = [
        (channel, language)
        for channel, language in facts.wanted(organisation, version)
        if wave == "all" or channel.audience == "community"
    ]
    keys: list[str] = []
    created: list[str] = []
    for channel, language in pairs:
        key = facts.delivery_key(file.case.id, number, channel.id, language)
        standing = file.deliveries.get(key)
        if standing is None and len(created) < PLANNED_AT_ONCE:
            file.deliveries[key] = Delivery(
                key=key,
                case_id=file.case.id,
                kind=version.kind,
                channel=channel.id,
                audience=channel.audience,
                language=language,
                version=number,
                content_hash=version.content_hash,
                required=channel.required,
                created_at=file.now,
            )
            created.append(key)
        if standing is None or standing.state not in ("published", "cancelled"):
            keys.append(key)
    if created:
        file.note("publication_planned", version=number, wave=wave, deliveries=len(created))
    return keys


def settle_by_person(file: CaseFile, key: str, state: str, url: str | None, note: str | None) -> Delivery:
    """A person decides over a delivery: `published` (with its URL), `retry` (send again), or `manual` (takes it in hand)."""
    delivery = file.deliveries.get(key)
    if delivery is None:
        raise NotFound(f"Case {file.case.id} has no delivery {key!r}.")
    if delivery.state not in ("failed", "manual", "waiting"):
        raise IllegalTransition(
            f"The delivery is {delivery.state}; only a failed, manual or waiting one can be decided."
        )
    if state == "published":
        if not url:
            raise Invalid("Say where it stands.", errors=[FieldError("/url", "required for state published")])
        delivery.state, delivery.url, delivery.published_at = "published", url, file.now
        delivery.unknown_outcome, delivery.reason = False, f"confirmed by {file.by}"
    elif state == "retry":
        version = file.version(delivery.version) if delivery.version is not None else None
        if version is None or version.state != "approved":
            raise IllegalTransition("Its version is no longer approved; it cannot be sent.")
        # The person has looked: what was unknown is decided, and the attempts count afresh.
        delivery.state, delivery.unknown_outcome, delivery.next_attempt_at = "waiting", False, None
        delivery.attempts, delivery.reason = 0, f"sent again by decision of {file.by}"
    else:
        delivery.state, delivery.reason = "manual", note or f"taken in hand by {file.by}"
    file.note("delivery_decided", delivery=key, state=state, url=url, note=note)
    return delivery
