"""A person puts two cases together, or takes one apart: origins, clocks, duties and timelines of both stay true.

What decides is one transaction over both cases. Copies of messages and the index follow it in portions; where that was
interrupted, the same call goes on with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, responses, retractions, titles
from sangfroid.cases.closing import cancel_deliveries
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotFound
from sangfroid.model import Case, Message, plain_brand, rfc3339

MOVED_AT_ONCE = 40
"""Messages that one split takes: one transaction has room for 100 items, and each message is two of them."""

PORTION_BYTES = 3_000_000
"""One transaction takes 4 MB."""


def check_merge(source: CaseFile, target: CaseFile) -> None:
    """Refuse what cannot be put together; nothing where it was done before (see `merged_before`)."""
    one, other = source.case, target.case
    if one.id == other.id:
        raise Invalid("A case cannot be merged into itself.", errors=[FieldError("/into", "the same case")])
    if plain_brand(one.brand) != plain_brand(other.brand):
        raise Invalid(
            f"They are about different brands ({one.brand}, {other.brand}).",
            errors=[FieldError("/into", "a case of the same brand")],
        )
    if one.status == "closed":
        raise IllegalTransition("The case is closed; only an open case can be merged.")
    if other.status == "closed":
        raise IllegalTransition(f"Case {other.id} is closed. Merge into a case that is open.")
    if one.leak or one.freeze_epoch is not None or one.suspicion == "pending":
        raise IllegalTransition(
            "A case with a leak, a freeze or a suspicion of one is never merged away. Merge the other one into it."
        )
    if any(delivery.state == "sending" for delivery in source.deliveries.values()):
        raise IllegalTransition("Something of this case is being sent right now. Try again in a minute.")
    if any(retractions.under_way(delivery) for delivery in source.deliveries.values()):
        raise IllegalTransition("A publication of this case is being taken back. Let that end first.")


def merged_before(source: Case, into: str) -> bool:
    """Whether this very merge was decided already, so that only its copies may be left to do."""
    return source.links.merged_into == into


def merge(source: CaseFile, target: CaseFile, reason: str) -> None:
    """`source` ends as merged, `target` goes on with the earlier origin and everything that was found."""
    check_merge(source, target)
    one, other = source.case, target.case
    what = f"merged into {other.id}: {reason}"
    responses.void_all(source, what)
    clocks.cancel(source, what)
    cancel_deliveries(source, what)
    for duty in one.duties:
        if duty.state == "open":
            duty.state, duty.note, duty.by, duty.closed_at = "waived", what, source.by, source.now
    one.links.merged_into = other.id
    one.status, one.closed_at = "closed", source.now
    source.note("case_merged", into=other.id, reason=reason)
    source.note("case_closed", no_crisis=False, merged_into=other.id, reason=reason)

    other.message_count += one.message_count
    other.links.merged_from = [*other.links.merged_from, one.id]
    for fact, value in one.asserted.items():
        other.asserted.setdefault(fact, value)
    target.note(
        "case_absorbed",
        case=one.id,
        reason=reason,
        messages=one.message_count,
        origin=rfc3339(one.first_published_at) if one.first_published_at is not None else None,
        classified=one.case,
        duties_done=[duty.id for duty in one.duties if duty.state == "done"],
        timeline_head={"seq": one.timeline_seq, "hash": one.timeline_hash},
    )
    if one.title is not None and one.titled_at is not None:
        titles.consider(other, one.title, one.titled_at)
    theirs, ours = one.first_published_at, other.first_published_at
    if theirs is not None and (ours is None or theirs < ours):
        clocks.move_origin(target, theirs, f"case {one.id} was merged into this one")


def copies(source: str, target: str, messages: Iterable[Message]) -> Iterable[Message]:
    """The messages as they stand in the other case: same order, an id that tells where they came from."""
    mark = source.rpartition("-")[2]
    for message in messages:
        yield message.model_copy(update={"id": f"{message.id}-{mark}"[:120], "case_id": target})


def split(
    source: CaseFile, chosen: list[Message], left: list[Message], reason: str, now: datetime, by: str
) -> CaseFile:
    """A new case with the chosen messages; the old one counts from the earliest message that is left."""
    old = source.case
    if old.status == "closed":
        raise IllegalTransition("The case is closed; it cannot be taken apart any more.")
    if not left:
        raise IllegalTransition(
            "These are all messages of the case. To call it something else: POST /cases/{id}/triage."
        )
    chosen = sorted(chosen, key=lambda message: message.published_at)
    case = Case(
        id=f"case-{now:%Y%m%d}-{uuid4().hex[:10]}",
        brand=old.brand,
        first_published_at=chosen[0].published_at,
        opened_at=now,
        opened_by=by,
        updated_at=now,
        message_count=len(chosen),
    )
    case.links.split_from = old.id
    fresh = CaseFile(case, now, by)
    fresh.note(
        "case_opened",
        case_id=case.id,
        brand=case.brand,
        origin=rfc3339(chosen[0].published_at),
        split_from=old.id,
        reason=reason,
        messages=len(chosen),
    )
    titles.anew(case, chosen)
    titles.anew(old, left)
    clocks.open_clocks(fresh)
    ids = {}
    for number, message in enumerate(chosen, start=1):
        ids[message.id] = f"m{number:06d}"
        fresh.messages.append(message.model_copy(update={"id": ids[message.id], "case_id": case.id}))
        source.messages.append(message.model_copy(update={"withdrawn": True}))
    fresh.start("crisis", case.id, case_id=case.id)
    old.links.split_into = [*old.links.split_into, case.id]
    source.note("case_split", into=case.id, reason=reason, messages=ids)
    earliest = min(message.published_at for message in left)
    clocks.move_origin(source, earliest, f"messages were split off into {case.id}: {reason}")
    return fresh


def choose(messages: list[Message], wanted: list[str], case_id: str) -> tuple[list[Message], list[Message]]:
    """The messages of these ids and the others, withdrawn ones left out; refuses ids that are not there."""
    standing = [message for message in messages if not message.withdrawn]
    known = {message.id: message for message in standing}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise NotFound(f"Case {case_id} has no message {missing[0]!r} (or it was withdrawn).")
    chosen = [known[name] for name in dict.fromkeys(wanted)]
    if sum(size(message) for message in chosen) * 2 > PORTION_BYTES:
        raise Invalid(
            "These messages are too long to go over at once. Split fewer at a time.",
            errors=[FieldError("/messages", "fewer messages")],
        )
    return chosen, [message for message in standing if message not in chosen]


def size(message: Message) -> int:
    """Bytes of a message in the store, roughly."""
    return len(json.dumps(message.model_dump(mode="json")).encode())
