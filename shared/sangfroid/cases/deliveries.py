"""The deliveries of an approved version: planned per channel × language, and settled by a person where no machine can know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from sangfroid.casefile import CaseFile
from sangfroid.cases import community, facts, retractions
from sangfroid.cases.conditions import RETRACTION
from sangfroid.cases.substance import required
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import SETTLED, Audience, Delivery, ResponseVersion
from sangfroid.organisation import Organisation
from sangfroid.organisation_parts import ChannelSettings

Wave = Literal["community", "all"] | Annotated[str, Field(pattern=f"^{RETRACTION}.+$")]
"""Which deliveries of a version: those to the community, all, or the one that takes a publication back, named by its key."""

OVERTAKEN = "a newer correction takes its place"

PLANNED_AT_ONCE = 80
"""How many deliveries one transaction creates (DynamoDB takes 100 items)."""


@dataclass(frozen=True)
class Planned:
    """The deliveries of a wave that still have to be sent, by their keys, and whether some are yet to be created."""

    keys: list[str]
    more: bool = False


def plan(
    file: CaseFile,
    number: int,
    wave: Wave,
    organisation: Organisation,
    shown: Mapping[str, str] = MappingProxyType({}),
) -> Planned:
    """Create the deliveries of a wave that do not exist yet. `shown`: the renderings of the version, by place.

    At most PLANNED_AT_ONCE are created per call; the caller repeats while there are more. Empty where the
    version is no longer approved.
    """
    if wave.startswith(RETRACTION):
        back = file.deliveries.get(wave.removeprefix(RETRACTION))
        owed = back is not None and back.act == "retract" and back.state not in SETTLED
        return Planned([back.key] if back is not None and owed else [])
    version, line = file.version(number), file.line(number)
    if version is None or line is None or version.state != "approved" or line.state != "approved":
        # The version itself decides. Where it was read in one call with the case it may be the older of the two: then the
        # case knows better; and where the case is the older one, it fails to be written.
        return Planned([])
    if version.kind == "response":
        # C2.3 before C2.4, C4.3 before C4.4: no machine and no person gets around the order.
        community.refuse_out_of_turn(file, wave, organisation)
    pairs = [
        (channel, language)
        for channel, language in facts.wanted(organisation, line)
        if wave == "all" or channel.audience == "community"
    ]
    keys: list[str] = []
    created: list[str] = []
    file.deliveries.fetch(
        facts.delivery_key(file.case.id, number, way.id, language) for way, language in pairs
    )
    for channel, language in pairs:
        key = facts.delivery_key(file.case.id, number, channel.id, language)
        standing = file.deliveries.get(key)
        if standing is None and len(created) < PLANNED_AT_ONCE:
            planned = _planned(file, version, channel, language, key)
            planned.rendering = shown.get(facts.place_of(channel.id, language))
            if (newer := _newer(file, version, planned)) is not None:
                # Planned late (a redrive, a channel that was added): what is newer stands or is on its way already.
                planned.state, planned.replaced_by, planned.reason = "cancelled", newer, OVERTAKEN
                planned.target = None
            elif version.kind == "correction":
                _overtake(file, version, planned)
            file.deliveries[key] = planned
            created.append(key)
        if standing is None or standing.state not in SETTLED:
            keys.append(key)
    if created:
        file.note("publication_planned", version=number, wave=wave, deliveries=len(created))
    return Planned(keys, len(created) == PLANNED_AT_ONCE)


Verdict = Literal["retracted", "interrupted", "superseded", "published", "incomplete"]


def verdict(file: CaseFile, number: int, round_: int, wave: Wave, organisation: Organisation) -> Verdict:
    """What became of the publication of a version, judged by the deliveries themselves."""
    line = file.line(number)
    if wave.startswith(RETRACTION):
        return "retracted"
    if file.case.status == "closed" or file.case.round != round_:
        return "interrupted"
    if line is None or line.state != "approved":
        return "superseded"
    audiences: tuple[Audience, ...] = ("community",) if wave == "community" else ()
    done = facts.confirmed(file, organisation, line, *audiences)
    keys = [
        facts.delivery_key(file.case.id, number, channel.id, language)
        for channel, language in facts.wanted(organisation, line)
        if not done
    ]
    file.deliveries.fetch(keys)
    planned = [file.deliveries.get(key) for key in keys]
    if not done and all(one is not None and one.state in SETTLED for one in planned):
        # A newer correction came first, or the channel is gone: nothing more will come of this one.
        return "superseded"
    return "published" if done or wave == "community" else "incomplete"


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
        publisher=channel.publisher,
        created_at=file.now,
        # What the table forgot in a restore may have left under this key already: the door looks before it sends.
        unknown_outcome=file.case.restored_at is not None and version.at <= file.case.restored_at,
    )


def corrections_before(file: CaseFile, version: ResponseVersion) -> list[int]:
    """The publication that a correction puts right, and the corrections of it between the two: newest first."""
    root = facts.root(file, version)
    return sorted(
        (
            one.version
            for one in file.lines
            if one.version < version.version and facts.root(file, one) == root
        ),
        reverse=True,
    )


def corrected(file: CaseFile, version: ResponseVersion, channel: str, language: str) -> str | None:
    """Key of the delivery that a correction puts right on one channel in one language, or None where nothing stands there."""
    if version.corrects is None:
        return None
    for number in corrections_before(file, version):
        found = file.deliveries.get(facts.delivery_key(file.case.id, number, channel, language))
        if found is not None and found.state == "published":
            break
    else:
        return None
    # What is about to be taken back is not put right any more: the correction is a publication of its own.
    leaving = found.retraction is not None and found.retraction.confirmed_at is not None
    return None if leaving else found.key


def _newer(file: CaseFile, version: ResponseVersion, planned: Delivery) -> str | None:
    """Key of a newer correction of the same publication that has been planned for the same place."""
    for later in file.lines:
        if later.version > version.version and facts.root(file, later) == facts.root(file, version):
            key = facts.delivery_key(file.case.id, later.version, planned.channel, planned.language)
            if (found := file.deliveries.get(key)) is not None and found.state != "cancelled":
                return key
    return None


def _overtake(file: CaseFile, version: ResponseVersion, delivery: Delivery) -> None:
    """A correction takes the place of what it puts right and is not out: sent later, that would undo it."""
    line = corrections_before(file, version)
    for older in file.deliveries.values():
        same_place = (older.channel, older.language) == (delivery.channel, delivery.language)
        if not same_place or older.version not in line or older.act != "publish":
            continue
        if older.state == "sending":
            older.replaced_by, delivery.after = delivery.key, older.key
            delivery.target = delivery.target or older.key
        elif older.state in ("waiting", "failed") and older.unknown_outcome:
            older.replaced_by = delivery.key  # it may stand there: the door, or a person, looks
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
        note = required(note, "/note", "how it was taken down")
        retractions.done(file, delivery, f"taken down by hand by {file.by}: {note}")
    elif state == "published":
        if not url:
            raise Invalid("Say where it stands.", errors=[FieldError("/url", "required for state published")])
        if note:
            note = required(note, "/note", "how it was published")
        delivery.state, delivery.url, delivery.published_at = "published", url, file.now
        delivery.unknown_outcome, delivery.reason = False, f"confirmed by {file.by}"
    elif state == "retry":
        version = file.version(delivery.version) if delivery.version is not None else None
        if delivery.act == "publish" and (version is None or version.state != "approved"):
            raise IllegalTransition("Its version is no longer approved; it cannot be sent.")
        # The person has looked: what was unknown is decided, and the attempts count afresh.
        delivery.state, delivery.unknown_outcome, delivery.next_attempt_at = "waiting", False, None
        delivery.attempts, delivery.reason = 0, f"sent again by decision of {file.by}"
        if delivery.publisher is not None and not delivery.required:
            # Nothing waits for it any more that could hand it over again: it is still that person's task.
            delivery.state = "manual"
    else:
        delivery.state, delivery.reason = "manual", note or f"taken in hand by {file.by}"
    file.note("delivery_decided", delivery=key, state=state, url=url, note=note)
    return delivery
