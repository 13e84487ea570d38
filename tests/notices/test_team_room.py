"""The team's channel (R2): one thread a case, a summary on top that is edited, what happens beneath it, silence about a leak."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from sangfroid.casefile import CaseFile
from sangfroid.cases.procedure import close_duty
from sangfroid.model import Measure
from sangfroid.outbound.channels.base import Correction
from sangfroid.outbound.errors import ChannelRefused, ChannelThrottled
from sangfroid.outbound.letter import Letter, Receipt
from sangfroid.store import case_key
from sangfroid.table import ConditionFailed, Put
from tests.support.counted import Counted
from tests.support.desks import Platform, TestDesk
from tests.support.memory_table import MemoryTable

ROOM = "team-chat"
SORRY = {"fr": "Nous sommes désolés : vos fichiers reviennent.", "en": "We are sorry: your files come back."}


class Thread(Platform):
    """A channel that edits: what stands there now, and every edit that reached it."""

    def correction(self, letter: Letter) -> Correction:
        return "edit"

    def publish_for_real(self, letter: Letter) -> Receipt:
        if letter.corrects is None:
            return super().publish_for_real(letter)
        place = int(letter.corrects.external_id.rpartition("/")[2]) - 1
        if self.published[place].text == "":
            raise ChannelRefused("gone", permanent=True)
        self.ever.append(letter.key)
        self.published[place] = letter
        return letter.corrects


@pytest.fixture
def world() -> TestDesk:
    world = TestDesk()
    world.platforms[ROOM] = Thread(ROOM)
    return world


def told(world: TestDesk, case_id: str) -> list[Letter]:
    """What stands in the room after an update."""
    world.desk.team_room.update(case_id)
    return world.platforms[ROOM].published


def test_a_summary_on_top_is_edited_and_lines_come_beneath_it(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 2)
    first = told(world, case_id)
    assert [one.kind for one in first] == ["case_summary", "case_news"]
    assert "cas 2" in first[0].text
    assert "Réponse en préparation" in first[0].text
    assert "C'est en panne" in first[0].text
    assert f"/#/cases/{case_id}" in first[0].text
    world.advance(timedelta(minutes=10))
    world.approve(case_id, SORRY)
    after = told(world, case_id)
    assert [one.kind for one in after] == ["case_summary", "case_news", "case_news"]
    assert "version 1 (réponse), approuvée" in after[0].text
    assert "Réponse approuvée" in after[2].text
    assert "Emma" in after[2].text
    keys = world.platforms[ROOM].ever
    assert len(keys) == len(set(keys)), "each edit leaves under a key of its own"


def test_measures_actions_and_results_are_told_and_each_once(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    told(world, case_id)
    planned = Measure(text="Scripts are rehearsed on a copy", owner="dev", due="2027-01-01")
    world.desk.ending.record_measure(case_id, planned, "ana")
    assert "Scripts are rehearsed on a copy" in told(world, case_id)[-1].text
    assert "Scripts are rehearsed on a copy" in told(world, case_id)[0].text
    before = list(world.platforms[ROOM].ever)
    for _ in range(3):
        world.desk.team_room.update(case_id)
    assert world.platforms[ROOM].ever == before


def test_one_telling_is_asked_for_at_a_time(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    world.approve(case_id, SORRY)

    def asked() -> int:
        return sum(one.machine == "team_room" for one in world.pending("start"))

    assert asked() == 1
    world.desk.team_room.update(case_id)
    world.write(case_id, {"fr": "Nous sommes désolés, vos fichiers reviennent.", "en": SORRY["en"]})
    assert asked() == 2


@pytest.mark.parametrize("leak", ["asserted", "suspected"])
def test_nothing_is_said_of_a_leak(leak: str) -> None:
    world = TestDesk(**({} if leak == "asserted" else {"leak_suspected": True, "confidence": 0.6}))
    world.platforms[ROOM] = Thread(ROOM)
    case_id = world.report(**({"asserted": {"confidential_leak": True}} if leak == "asserted" else {}))
    world.desk.triage.classify(case_id)
    assert told(world, case_id) == []
    if leak == "suspected":
        assert world.desk.casework.read(case_id).case.suspicion == "pending"
        world.desk.freezer.decide_suspicion(case_id, False, "an old price list", "dora")
        world.triage(case_id, 2)
        assert [one.kind for one in told(world, case_id)] == ["case_summary", "case_news"]
        assert not any("fuite" in one.text.lower() for one in world.platforms[ROOM].published)


def test_what_was_done_in_a_leak_is_not_told_when_it_turns_out_to_be_none(world: TestDesk) -> None:
    case_id = world.report(asserted={"confidential_leak": True})
    world.desk.triage.classify(case_id)

    def done(file: CaseFile) -> None:
        duty = file.case.duty("C3.0a")
        assert duty is not None
        close_duty(file, duty, evidence="the freeze is effective", by="sangfroid")

    world.desk.casework.change(case_id, "sangfroid", done)
    world.release("all")
    world.triage(case_id, 2, reason="an old price list, public since May")
    posted = "\n".join(one.text for one in told(world, case_id))
    assert "Requalifié" in posted
    assert "Action faite" not in posted, posted


def test_while_the_freeze_holds_nothing_is_told_and_afterwards_all_of_it(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    told(world, case_id)
    before = len(world.platforms[ROOM].ever)
    world.freeze()
    world.approve(case_id, SORRY)
    assert len(told(world, case_id)) == 2
    assert len(world.platforms[ROOM].ever) == before
    world.release("all")
    assert "Réponse approuvée" in told(world, case_id)[-1].text


def test_a_summary_that_somebody_deleted_is_begun_anew(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    told(world, case_id)
    room = world.platforms[ROOM]
    room.published[0] = Letter(**{**vars(room.published[0]), "text": ""})
    version = world.write(case_id, SORRY)
    told(world, case_id)
    world.review(case_id, version, "emma")
    assert [one.kind for one in told(world, case_id)].count("case_summary") == 2


def test_a_channel_that_cannot_edit_gets_lines_alone() -> None:
    world = TestDesk()
    case_id = world.report()
    world.triage(case_id, 1)
    world.desk.team_room.update(case_id)
    world.approve(case_id, SORRY)
    world.desk.team_room.update(case_id)
    assert {one.kind for one in world.platforms[ROOM].published} == {"case_news"}


def test_an_update_costs_the_same_however_many_came_before_it(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    costs = []
    for number in range(12):
        planned = Measure(text=f"Measure number {number}", owner="dev", due="2027-01-01")
        world.desk.ending.record_measure(case_id, planned, "ana")
        counted = Counted(world)
        told(world, case_id)
        costs.append(counted.reads + counted.calls["transact"])
        counted.end()
    assert len(set(costs[1:])) == 1, costs
    assert costs[-1] <= 4, costs


def down(*_: object) -> None:
    """A fault of the channel."""
    raise ChannelThrottled(60)


def asked(world: TestDesk) -> int:
    """How often the machine that tells it was started."""
    return sum(one.machine == "team_room" for one in world.pending("start"))


def measure(world: TestDesk, case_id: str, text: str) -> None:
    """Something happens that the team hears of."""
    world.desk.ending.record_measure(case_id, Measure(text=text, owner="dev", due="2027-01-01"), "ana")


def until_told(world: TestDesk, case_id: str) -> None:
    """The step comes back until nothing is left, or for a day."""
    for _ in range(100):
        if not world.desk.team_room.update(case_id)["waiting"]:
            return
        world.advance(timedelta(minutes=15))


def lines_of(world: TestDesk) -> str:
    return "\n".join(one.text for one in world.platforms[ROOM].published if one.kind == "case_news")


def test_a_telling_that_waits_for_its_channel_takes_all_with_it(world: TestDesk) -> None:
    """No execution for each event of a week: one is at work, and tells them in their order."""
    case_id = world.report()
    world.triage(case_id, 1)
    told(world, case_id)
    world.platforms[ROOM].fault = down
    before = asked(world)
    for number in range(5):
        measure(world, case_id, f"measure number {number}")
        assert world.desk.team_room.update(case_id)["waiting"]
        world.advance(timedelta(minutes=2))
    assert asked(world) == before + 1
    world.platforms[ROOM].fault = None
    until_told(world, case_id)
    places = [lines_of(world).index(f"measure number {number}") for number in range(5)]
    assert places == sorted(places)
    assert all(lines_of(world).count(f"measure number {number}") == 1 for number in range(5))
    assert asked(world) == before + 1
    measure(world, case_id, "one more afterwards")
    assert asked(world) == before + 2


def test_what_happens_while_it_is_told_asks_for_the_next_telling(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    before, room = asked(world), world.platforms[ROOM]

    def meanwhile(*_: object) -> None:
        room.fault = None
        measure(world, case_id, "in between")

    room.fault = meanwhile
    assert "in between" not in "\n".join(one.text for one in told(world, case_id))
    assert asked(world) == before + 1
    assert "in between" in told(world, case_id)[-1].text
    assert lines_of(world).count("in between") == 1
    world.desk.team_room.update(case_id)
    assert asked(world) == before + 1, "nothing else has come"


def test_after_the_last_try_the_next_event_tells_all(world: TestDesk) -> None:
    case_id = world.report()
    world.triage(case_id, 1)
    world.platforms[ROOM].fault = down
    assert world.desk.team_room.update(case_id)["waiting"]
    before = asked(world)
    measure(world, case_id, "carried along")
    assert asked(world) == before
    assert world.desk.team_room.update(case_id, last=True)["waiting"], "this execution fails"
    measure(world, case_id, "the next one")
    assert asked(world) == before + 1
    world.platforms[ROOM].fault = None
    until_told(world, case_id)
    for what in ("Qualifié", "carried along", "the next one"):
        assert lines_of(world).count(what) == 1


def test_a_telling_that_is_gone_holds_up_none_for_ever(world: TestDesk) -> None:
    """Whatever became of an execution (somebody stopped it): after its week the next event begins another."""
    case_id = world.report()
    world.triage(case_id, 1)
    before = asked(world)
    world.advance(timedelta(days=7))
    measure(world, case_id, "in its week")
    assert asked(world) == before
    world.advance(timedelta(days=2))
    measure(world, case_id, "after it")
    assert asked(world) == before + 1
    assert "in its week" in "\n".join(one.text for one in told(world, case_id))


def test_of_two_tellings_at_once_one_tells(world: TestDesk) -> None:
    """Whoever has not written that it begins sends nothing."""
    case_id = world.report()
    world.triage(case_id, 1)
    tells = world.desk.teller.tell_all

    def overtaken(*given: Any) -> Any:
        world.desk.teller.tell_all = tells  # type: ignore[method-assign]
        measure(world, case_id, "what the other one told")
        world.desk.team_room.update(case_id)
        return tells(*given)

    world.desk.teller.tell_all = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConditionFailed):
        world.desk.team_room.update(case_id)
    assert lines_of(world).count("what the other one told") == 1
    assert lines_of(world).count("Qualifié") == 1
    told(world, case_id)
    assert lines_of(world).count("Qualifié") == 1


class Crash(BaseException):
    """The function dies."""


@pytest.mark.parametrize(
    ("began", "contended", "writes"), [(True, False, 2), (False, False, 4), (True, True, 3)]
)
def test_a_crash_between_any_two_writes_tells_nothing_twice_and_loses_nothing(
    began: bool, contended: bool, writes: int
) -> None:
    """`writes`: it begins with the claims and is told with the settlement; the first time of a thread, two rounds of letters.

    `contended`: somebody else writes the case again and again, so that what was told is written by itself.
    """
    points = 0
    for point in count(1):
        world = TestDesk()
        world.platforms[ROOM] = Thread(ROOM)
        case_id = world.report()
        world.triage(case_id, 1)
        if began:
            world.desk.team_room.update(case_id)
        world.approve(case_id, SORRY)
        left, real, file = [point], MemoryTable.transact, (case_key(case_id), "FILE")

        def dying(
            writes: Any, left: list[int] = left, table: Any = world.table, real: Any = real, file: Any = file
        ) -> None:
            of_the_file = [one for one in writes if isinstance(one, Put) and one.item["sk"] == "FILE"]
            if contended and of_the_file and len(writes) > 2:
                raise ConditionFailed([file])  # together with a settlement it is never written
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            real(table, writes)

        world.table.transact = dying  # type: ignore[method-assign]
        try:
            world.desk.team_room.update(case_id)
        except Crash:
            points += 1
        died = left[0] <= 0
        del world.table.transact
        # What was in flight when the function died is free again; then the step comes back.
        world.advance(timedelta(minutes=10))
        while world.desk.team_room.update(case_id)["waiting"]:
            world.advance(timedelta(minutes=10))
        lines = [one.text for one in world.platforms[ROOM].published if one.kind == "case_news"]
        assert sum("Réponse approuvée" in text for text in lines) == 1
        assert "approuvée" in world.platforms[ROOM].published[0].text
        keys = world.platforms[ROOM].ever
        assert len(keys) == len(set(keys))
        if not died:
            break
    assert points == writes
