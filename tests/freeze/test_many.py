"""Any number of deliveries: what many need is written in parts, each safe by itself, and what decides comes first (C7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sangfroid.casefile import CaseFile
from sangfroid.cases import held
from sangfroid.store import freeze as freezing
from sangfroid.table import Write
from tests.support.desks import TestDesk
from tests.support.many import TEXTS, of_many

MANY = 300


def planned(world: TestDesk) -> str:
    """A case with an approved response and its deliveries planned."""
    case = world.report()
    world.triage(case, 3)
    version = world.write(case, TEXTS)
    world.review(case, version, "emma", "dora")
    world.desk.publication.plan(case, version.version, "all")
    return case


def states(world: TestDesk, case: str) -> Counter[str]:
    return Counter(one.state for one in world.desk.casework.read(case).deliveries.values())


def many() -> TestDesk:
    """A desk over a table that refuses what DynamoDB refuses: more than 100 writes in one transaction."""
    world = TestDesk(of_many(MANY))
    plain = world.table.transact

    def transact(writes: Sequence[Write]) -> None:
        assert len(writes) <= 100, f"{len(writes)} writes in one transaction"
        plain(writes)

    world.table.transact = transact  # type: ignore[method-assign]
    return world


def test_a_leak_freezes_whatever_number_of_deliveries_is_open() -> None:
    world = many()
    case = planned(world)
    assert states(world, case) == {"waiting": MANY}
    world.triage(case, 3, leak=True, reason="numbers of customers were in it")
    assert freezing.read(world.table).state == "raised"
    for key in list(world.desk.casework.read(case).deliveries):
        assert world.desk.publication.send(case, key).outcome in ("held", "superseded")


def test_another_classification_and_a_new_version_cancel_them_all() -> None:
    world = many()
    case = planned(world)
    world.write(case, {"en": "We are very sorry."})
    assert states(world, case) == {"cancelled": MANY}
    assert world.desk.casework.read(case).case.owed_deliveries == {}


def test_what_an_interrupted_change_left_to_write_is_written_later_and_once() -> None:
    world = many()
    case = planned(world)
    desk, world.table.desk = (
        world.table.desk,
        None,
    )  # nobody relays: as if the process had died after the first part
    world.write(case, {"en": "We are very sorry."})
    assert states(world, case) == {"waiting": MANY}
    key = next(iter(world.desk.casework.read(case).deliveries))
    assert world.desk.publication.send(case, key).outcome == "superseded", (
        "the door does not wait for the rest"
    )
    world.table.desk = desk
    intents = world.pending("settle")
    for intent in [*intents, *intents]:
        world.desk.publication.settle_rest(intent)
    assert states(world, case) == {"cancelled": MANY}


def test_held_deliveries_with_their_waits_are_let_go_when_the_text_is_approved_again() -> None:
    world = many()
    case = planned(world)
    world.desk.freezer.raise_freeze(None, "a drill", "dirk")
    keys = list(world.desk.casework.read(case).deliveries)
    for number, key in enumerate(keys):
        assert world.desk.publication.send(case, key).outcome == "held"
        world.desk.procedures.wait(case, f"delivery:{key}", 1, f"wait-{number}", "t" * 1000 + str(number))
    file = world.desk.casework.read(case)
    assert file.case.waits == [], "the case is one item of 400 KB: 300 tokens do not fit into it"

    def approve_again(file: CaseFile) -> None:
        version = file.responses[0]
        for delivery in file.deliveries.values():
            delivery.reason = held.FOR_REVIEW
        held.approved_again(file, version)

    world.desk.casework.change(case, "emma", approve_again)
    assert states(world, case) == {"waiting": MANY}
    resumed = {intent.token for intent in world.pending("resume")}
    assert len([token for token in resumed if token is not None and token.startswith("ttt")]) == MANY
    assert not world.table.query(freezing.HELD).items


def test_two_hundred_settle_without_a_write_of_the_case() -> None:
    world = many()
    case = planned(world)
    world.table.desk = None  # the notes wait
    revision = world.desk.casework.read(case).case.revision
    for key in list(world.desk.casework.read(case).deliveries)[:200]:
        assert world.desk.publication.send(case, key).outcome == "published"
    assert world.desk.casework.read(case).case.revision == revision
    world.desk.publication.take_notes(case)
    file = world.desk.casework.read(case)
    assert file.case.revision - revision <= 7
    events = [event for event in world.desk.casework.store.events(case) if event.kind == "delivery_published"]
    assert len({event.data["delivery"] for event in events}) == len(events) == 200
    assert file.case.owed_deliveries == {"1:public": 100}


def test_the_last_one_publishes_the_response_though_the_notes_came_in_another_order() -> None:
    world = many()
    case = planned(world)
    for key in reversed(list(world.desk.casework.read(case).deliveries)):
        world.desk.publication.send(case, key)
    file = world.desk.casework.read(case)
    assert (file.case.status, file.case.owed_deliveries) == ("published", {})
    assert file.case.clock("response_published").state == "met"
