"""Whoever is given a duty, a role of the cell or a review by somebody else hears of it, once, in their words (R2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.outbound.errors import ChannelRefused
from sangfroid.outbound.letter import Letter
from tests.support.desks import TestDesk

SORRY = {"fr": "Nous sommes désolés : vos fichiers reviennent.", "en": "We are sorry: your files come back."}
KINDS = ("duty_handed_on", "role_handed_over", "review_requested")


@pytest.fixture
def world() -> TestDesk:
    return TestDesk()


def opened(world: TestDesk, number: int = 2) -> str:
    case_id = world.report()
    world.triage(case_id, number)  # type: ignore[arg-type]
    return case_id


def heard(world: TestDesk, case_id: str) -> list[tuple[str, str]]:
    """Kind of each notice about something handed on, and where it went."""
    world.desk.team_room.update(case_id)
    return [(one.kind, str(one.recipient)) for one in letters(world)]


def letters(world: TestDesk) -> list[Letter]:
    ways = (world.platforms["team-email"].published, world.platforms["pager"].published)
    return [one for each in ways for one in each if one.kind in KINDS and ":handed/" in one.key]


def asked(world: TestDesk) -> int:
    """How often the machine that tells it was started."""
    return sum(one.machine == "team_room" for one in world.pending("start"))


def test_who_gets_a_duty_hears_it_once(world: TestDesk) -> None:
    case_id = opened(world)
    heard(world, case_id)
    before = asked(world)
    world.desk.cell.hand_on(case_id, "C2.3", "dev", "you know them", "ana")
    assert asked(world) == before + 1
    assert heard(world, case_id) == [("duty_handed_on", "dev@nuage.example")]
    (letter,) = letters(world)
    assert "Ana Ferreira hands this duty on to you" in letter.text
    assert f"/#/cases/{case_id}/duty/C2.3" in letter.text
    assert "C'est en panne" in letter.text
    assert heard(world, case_id) == [("duty_handed_on", "dev@nuage.example")], "once"


def test_who_gets_a_review_is_asked_like_the_first_one(world: TestDesk) -> None:
    case_id = opened(world)
    version = world.write(case_id, SORRY)
    assert version.reviewers == ["emma"]
    world.desk.cell.substitute(case_id, version.version, "emma", "dora", "on a plane", "ana")
    assert heard(world, case_id) == [("review_requested", "dora@nuage.example")]
    (letter,) = letters(world)
    assert f"/#/cases/{case_id}/review/{version.version}" in letter.text


def test_who_gets_a_role_hears_which(world: TestDesk) -> None:
    case_id = opened(world)
    world.desk.cell.hand_over(case_id, "pilot", "chloe", "I go to sleep", "ben")
    assert heard(world, case_id) == [("role_handed_over", "chloe@nuage.example")]
    assert "Ben Okafor vous confie un rôle de la cellule\u00a0: pilote." in letters(world)[0].text


def test_whoever_takes_it_themselves_knows_it(world: TestDesk) -> None:
    case_id = opened(world)
    world.desk.cell.hand_on(case_id, "C2.3", "chloe", "mine", "chloe")
    assert heard(world, case_id) == []


def test_what_went_on_to_somebody_else_or_is_done_meanwhile_is_told_to_nobody_before(world: TestDesk) -> None:
    case_id = opened(world)
    world.desk.cell.hand_on(case_id, "C2.3", "dev", "", "ana")
    world.desk.cell.hand_on(case_id, "C2.3", "chloe", "", "ana")
    assert heard(world, case_id) == [("duty_handed_on", "chloe@nuage.example")]
    version = world.write(case_id, SORRY)
    world.desk.cell.substitute(case_id, version.version, "emma", "dora", "on a plane", "ana")
    world.review(case_id, version, "dora")
    assert heard(world, case_id) == [("duty_handed_on", "chloe@nuage.example")]


def test_of_a_leak_it_says_nothing_but_that_something_waits() -> None:
    desk = TestDesk(leak_suspected=True)
    case_id = desk.report(text="Votre base de clients est en vente")
    desk.desk.triage.classify(case_id)
    assert desk.desk.casework.read(case_id).case.suspicion == "pending"
    before = asked(desk)
    desk.desk.cell.hand_over(case_id, "spokesperson", "dora", "", "emma")
    assert asked(desk) == before + 1, "the room is silent; whoever is given something is not"
    assert [kind for kind, _ in heard(desk, case_id)] == ["role_handed_over"]
    (letter,) = letters(desk)
    for word in ("en vente", "spokesperson", "Nuage SA", "leak"):
        assert word not in letter.text + letter.subject


def test_in_a_freeze_it_goes_out_of_band_where_the_case_holds_it_and_names_nothing(world: TestDesk) -> None:
    case_id = opened(world, 3)
    heard(world, case_id)
    world.desk.freezer.raise_freeze(case_id, "drill", "dora")
    world.advance(timedelta(hours=2))
    world.desk.cell.hand_over(case_id, "spokesperson", "dora", "", "emma")
    assert heard(world, case_id) == [("role_handed_over", "+33100000006")]
    assert "Dora" not in letters(world)[0].text
    assert "Nuage SA" not in letters(world)[0].text


def test_a_telling_that_is_cut_off_is_told_once_all_the_same(
    world: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = opened(world)
    heard(world, case_id)
    world.desk.cell.hand_on(case_id, "C2.3", "dev", "", "ana")
    with monkeypatch.context() as cut:
        cut.setattr(world.desk.team_room, "_keep", lambda *_: (_ for _ in ()).throw(RuntimeError("cut off")))
        with pytest.raises(RuntimeError):
            world.desk.team_room.update(case_id)
    assert len(letters(world)) == 1
    assert len(heard(world, case_id)) == 1


def test_who_cannot_be_reached_by_the_quiet_way_hears_it_by_another(world: TestDesk) -> None:
    case_id = opened(world)
    heard(world, case_id)

    def down(*_: object) -> None:
        raise ChannelRefused("down")

    world.platforms["team-email"].fault = down
    world.desk.cell.hand_on(case_id, "C2.3", "dev", "", "ana")
    assert heard(world, case_id) == [("duty_handed_on", "+33100000004")]
