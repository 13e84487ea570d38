"""The deliveries of an approved version: planned per channel × language, and settled by a person where no machine can know."""

from __future__ import annotations

from typing import Literal

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts, retractions
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Delivery, ResponseVersion
from sangfroid.organisation import ChannelSettings, Organisation

Wave = Literal["community", "all", "retractions"]
"""Which deliveries of a version: those to the community, all, or those that take its publications back."""

DONE = (*facts.OUT, "cancelled")
"""States in which there is nothing left to send."""

OVERTAKEN = "a newer correction takes its place"

PLANNED_AT_ONCE = 40
"""How many deliveries one transaction creates (DynamoDB takes 100 items)."""


def plan(file: CaseFile, number: int, wave: Wave, organisation: Organisation) -> list[str]:
    """Create the deliveries of a wave that do not exist yet; the keys of all of them that still have to be sent.

    At most PLANNED_AT_ONCE are created per call; the caller repeats until nothing is added (`CaseFile.deliveries` tells).
    Empty where the version is no longer approved.
    """
    if wave == "retractions":
        return [
            one.key for one in file.deliveries_of(number) if one.act == "retract" and one.state not in DONE
        ]
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
            planned = _planned(file, version, channel, language, key)
            if version.kind == "correction":
                _overtake(file, planned)
            file.deliveries[key] = planned
            created.append(key)
        if standing is None or standing.state not in DONE:
            keys.append(key)
    if created:
        file.note("publication_planned", version=number, wave=wave, deliveries=len(created))
    return keys


def _planned(
    file: CaseFile, version: ResponseVersion, channel: ChannelSettings, language: str, key: str
) -> Delivery:
    """The delivery of a version to one place. A correction names what stands there now, an answer the message and its author."""
    answer = version.answer
    return Delivery(
        key=key,
        case_id=file.case.id,
        kind=version.kind,
        channel=channel.id,
        audience=channel.audience,
        language=language,
        version=version.version,
        content_hash=version.content_hash,
        required=channel.required and answer is None,
        target=corrected(file, version, channel.id, language),
        answers=answer.url if answer is not None and answer.recipient is None else None,
        recipient=answer.recipient if answer is not None else None,
        created_at=file.now,
    )


def corrected(file: CaseFile, version: ResponseVersion, channel: str, language: str) -> str | None:
    """Key of the delivery that a correction puts right on one channel in one language, or None where nothing stands there."""
    if version.corrects is None:
        return None
    found = file.deliveries.get(facts.delivery_key(file.case.id, version.corrects, channel, language))
    while found is not None and found.state != "published":
        # An earlier correction that is not out: what it was to put right stands there still.
        found = file.deliveries.get(found.target or "")
    while found is not None and (newer := file.deliveries.get(found.replaced_by or "")) is not None:
        if newer.state != "published":
            break
        found = newer
    # What is about to be taken back is not put right any more: the correction is a publication of its own.
    leaving = found is not None and found.retraction is not None and found.retraction.confirmed_at is not None
    return None if found is None or leaving else found.key


def _overtake(file: CaseFile, delivery: Delivery) -> None:
    """A correction takes the place of older ones that are not out: retried later, they would undo it."""
    for older in file.deliveries.values():
        same_place = (older.channel, older.language) == (delivery.channel, delivery.language)
        if not same_place or older.kind != "correction" or older.act != "publish":
            continue
        if older.state == "sending":
            older.replaced_by, delivery.after = delivery.key, older.key
        elif older.state in ("waiting", "held", "failed"):
            older.state, older.replaced_by, older.reason = "cancelled", delivery.key, OVERTAKEN


def settle_by_person(file: CaseFile, key: str, state: str, url: str | None, note: str | None) -> Delivery:
    """A person decides over a delivery: `published` (with its URL), `retry` (send again), or `manual` (takes it in hand).

    One that takes something back is decided as `retracted` (done by hand, with a note how), `retry` or `manual`.
    """
    delivery = file.deliveries.get(key)
    if delivery is None:
        raise NotFound(f"Case {file.case.id} has no delivery {key!r}.")
    if delivery.state not in ("failed", "manual", "waiting"):
        raise IllegalTransition(
            f"The delivery is {delivery.state}; only a failed, manual or waiting one can be decided."
        )
    if (state == "published") if delivery.act == "retract" else (state == "retracted"):
        other = "retracted" if delivery.act == "retract" else "published"
        raise Invalid(
            f"This delivery is there to {delivery.act}: it can be `{other}`, `retry` or `manual`.",
            errors=[FieldError("/state", f"{other}, retry or manual")],
        )
    if state == "retracted":
        if not note:
            raise Invalid(
                "Say how it was taken down.", errors=[FieldError("/note", "required for state retracted")]
            )
        retractions.done(file, delivery, f"taken down by hand by {file.by}")
    elif state == "published":
        if not url:
            raise Invalid("Say where it stands.", errors=[FieldError("/url", "required for state published")])
        delivery.state, delivery.url, delivery.published_at = "published", url, file.now
        delivery.unknown_outcome, delivery.reason = False, f"confirmed by {file.by}"
    elif state == "retry":
        version = file.version(delivery.version) if delivery.version is not None else None
        if delivery.act == "publish" and (version is None or version.state != "approved"):
            raise IllegalTransition("Its version is no longer approved; it cannot be sent.")
        # The person has looked: what was unknown is decided, and the attempts count afresh.
        delivery.state, delivery.unknown_outcome, delivery.next_attempt_at = "waiting", False, None
        delivery.attempts, delivery.reason = 0, f"sent again by decision of {file.by}"
    else:
        delivery.state, delivery.reason = "manual", note or f"taken in hand by {file.by}"
    file.note("delivery_decided", delivery=key, state=state, url=url, note=note)
    return delivery
