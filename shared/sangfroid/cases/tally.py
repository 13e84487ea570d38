"""What a case knows of its deliveries without reading them (I15): how many are left, how many are out, which need a person.

Who changes a delivery with its case is counted at the end of the change (`counted`); what the door settles by itself comes by its
notes (`taken`). A case that is older than its tally, and one that has waited for a day, is counted anew from the deliveries.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.known import DeliveryTally, Proposed, Stuck
from sangfroid.model import SETTLED, Case, Delivery

NEEDS_A_PERSON = ("failed", "manual")


def known(file: CaseFile) -> DeliveryTally:
    """The tally of the case; it reads every delivery where the case is older than its tally."""
    if file.case.delivery_tally is None:
        recount(file)
    return file.case.delivery_tally or DeliveryTally()


def counted(file: CaseFile) -> None:
    """Count what this change did to deliveries."""
    fresh = file.case.delivery_tally is None
    tally = known(file)
    for delivery, before in file.deliveries.changed():
        _look(tally, delivery)
        if delivery.version is None or delivery.act != "publish":
            continue
        state = before["state"] if before is not None else None
        if not fresh:
            _move(tally.out, delivery.version, int(delivery.state in facts.OUT) - int(state in facts.OUT))
            _move(
                tally.back, delivery.version, int(delivery.state == "retracted") - int(state == "retracted")
            )
        was = state is not None and state not in SETTLED
        change = int(delivery.state not in SETTLED) - int(was)
        _count(file, f"{delivery.version}:{delivery.audience}", change, required=delivery.required)


def taken(file: CaseFile, note: dict[str, Any]) -> None:
    """What a note says that the door did: counted once, in the change that takes the note away."""
    name, tally, key = note["settled"], known(file), note.get("delivery")
    if name is not None:
        _count(file, name, -1, required=note["required"])
        if note.get("out"):
            _move(tally.out, int(name.partition(":")[0]), 1)
    if key is not None and (note.get("stuck") or key in tally.stuck):
        # It may have moved on since, so it is looked at as it stands.
        delivery = file.deliveries.get(key)
        if delivery is not None:
            _look(tally, delivery)


def look_ahead(file: CaseFile, notes: list[dict[str, Any]]) -> None:
    """Read at once the deliveries that `taken` will look at, and all of a version of which nothing required is left then."""
    known = file.case.delivery_tally
    stuck = known.stuck if known is not None else {}
    required = Counter(str(note["settled"]) for note in notes if note["settled"] and note["required"])
    for number in sorted({int(name.partition(":")[0]) for name in required}):
        owed = Counter({n: c for n, c in file.case.owed_deliveries.items() if n.startswith(f"{number}:")})
        if not owed - required:
            file.deliveries.load_version(number)
    keys = (note.get("delivery") for note in notes if note.get("stuck") or note.get("delivery") in stuck)
    file.deliveries.fetch(key for key in keys if key is not None)


def is_settled(case: Case, number: int) -> bool:
    """Whether every required delivery of a version is settled and the case knows of each: no note of them is left to take."""
    tally, prefix = case.delivery_tally, f"{number}:"
    left = any(n and name.startswith(prefix) for name, n in case.owed_deliveries.items())
    return tally is not None and number in tally.planned and not left


def recount(file: CaseFile, number: int | None = None) -> None:
    """Count anew, from the deliveries themselves; what is left of one version, too."""
    case = file.case
    file.deliveries.load()
    case.delivery_tally = tally = DeliveryTally()
    for delivery in file.deliveries.values():
        _look(tally, delivery)
        if delivery.version is not None and delivery.act == "publish":
            _move(tally.out, delivery.version, int(delivery.state in facts.OUT))
            _move(tally.back, delivery.version, int(delivery.state == "retracted"))
    if number is None:
        return
    prefix = f"{number}:"
    case.owed_deliveries = {
        name: n for name, n in case.owed_deliveries.items() if not name.startswith(prefix)
    }
    case.open_deliveries = {
        name: n for name, n in case.open_deliveries.items() if not name.startswith(prefix)
    }
    for delivery in file.deliveries_of(number):
        if delivery.act == "publish" and delivery.state not in SETTLED:
            _count(file, f"{number}:{delivery.audience}", 1, required=delivery.required)


def _look(tally: DeliveryTally, delivery: Delivery) -> None:
    """What a delivery is now, whatever it was before."""
    key, back = delivery.key, delivery.retraction
    if delivery.act == "publish" and delivery.version is not None and delivery.version not in tally.planned:
        tally.planned.append(delivery.version)
    tally.stuck.pop(key, None)
    if delivery.state in NEEDS_A_PERSON:
        tally.stuck[key] = Stuck(channel=delivery.channel, state=delivery.state, since=delivery.created_at)
    tally.proposed.pop(key, None)
    if back is not None and back.confirmed_at is None:
        tally.proposed[key] = Proposed(channel=delivery.channel, by=back.proposed_by, since=back.proposed_at)
    if key in tally.leaving:
        tally.leaving.remove(key)
    if delivery.act == "retract" and delivery.state not in SETTLED:
        tally.leaving.append(key)


def _move(counts: dict[str, int], version: int, change: int) -> None:
    if change:
        counts[str(version)] = counts.get(str(version), 0) + change


def _count(file: CaseFile, name: str, change: int, *, required: bool) -> None:
    if change:
        file.case.open_deliveries = _changed(file.case.open_deliveries, name, change)
        if required:
            file.case.owed_deliveries = _changed(file.case.owed_deliveries, name, change)


def _changed(counts: dict[str, int], name: str, change: int) -> dict[str, int]:
    left = counts.get(name, 0) + change
    return {other: count for other, count in counts.items() if other != name} | (
        {name: left} if left > 0 else {}
    )
