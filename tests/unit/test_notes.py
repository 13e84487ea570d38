"""What the door has settled is taken into the case: once, and with as few calls of the table as that needs."""

from __future__ import annotations

from sangfroid.model import Intent
from sangfroid.store import content
from tests.support.counted import Counted
from tests.support.desks import TestDesk

SORRY = {"fr": "Nous sommes désolés : vos fichiers reviennent.", "en": "We are sorry: your files come back."}


def settled() -> tuple[TestDesk, str, list[Intent]]:
    """A wave that left, and the notes of it that nobody has taken yet."""
    world = TestDesk()
    case = world.report()
    world.triage(case, 1)
    version = world.approve(case, SORRY)
    keys = world.desk.publication.plan(case, version, "all")["deliveries"]
    world.table.desk = None  # the notes wait
    world.desk.publication.send_together(case, keys)
    items = world.table.query(f"CASE#{case}", "INTENT#NOTE#").items
    return world, case, [Intent.kept(content(item)) for item in items]


def events(world: TestDesk, case: str, kind: str) -> int:
    return sum(one.kind == kind for one in world.desk.casework.store.events(case))


def test_notes_that_were_taken_already_cost_one_call_and_change_nothing() -> None:
    world, case, notes = settled()
    assert len(notes) > 3
    world.desk.publication.take_notes(case)
    before = world.desk.casework.read(case).case
    counted = Counted(world)
    world.desk.publication.take_notes(case, notes)
    assert dict(counted.calls) == {"get_many": 1}
    counted.end()
    assert world.desk.casework.read(case).case == before


def test_of_notes_that_were_taken_in_part_the_rest_is_taken() -> None:
    world, case, notes = settled()
    world.desk.publication.take_notes(case, notes[:2])
    out = events(world, case, "delivery_published")
    counted = Counted(world)
    world.desk.publication.take_notes(case, notes)
    assert counted.calls["transact"] == 1
    assert counted.calls["query"] == 1, "the deliveries of the version that nothing is left of, once"
    counted.end()
    assert out < events(world, case, "delivery_published")
    assert not world.table.query(f"CASE#{case}", "INTENT#NOTE#").items
    case_now = world.desk.casework.read(case).case
    assert not case_now.owed_deliveries


def test_notes_that_somebody_takes_meanwhile_are_taken_once() -> None:
    world, case, notes = settled()
    plain, out = world.table.transact, len(notes)

    def overtaken(writes: object) -> None:
        world.table.transact = plain  # type: ignore[method-assign]
        world.desk.publication.take_notes(case)
        plain(writes)  # type: ignore[arg-type]

    world.table.transact = overtaken  # type: ignore[method-assign]
    world.desk.publication.take_notes(case, notes)
    kinds = [
        one.data.get("delivery") for one in world.desk.casework.store.events(case) if one.data.get("delivery")
    ]
    assert len(kinds) == len(set(kinds)) <= out
