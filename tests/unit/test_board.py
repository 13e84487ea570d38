"""What waits for whom over all cases, and the index from which it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from sangfroid.acts.board import CASES_A_PAGE, Board, Reader
from sangfroid.casefile import CaseFile
from sangfroid.cases.titles import LONGEST, first_sentence
from sangfroid.errors import IllegalTransition, NotAllowed, NotFound
from sangfroid.model import Called, Role, rfc3339
from sangfroid.table import Item, Page
from sangfroid.triage.report import ReportedMessage
from tests.support.desks import RelayedTable, TestDesk

TEXTS = {
    "fr": "Nous sommes désolés : la panne vient de nous.",
    "en": "We are sorry: the outage is our fault.",
}


def stream(desk: TestDesk) -> None:
    """What the table's stream has the index do."""
    desk.desk.boards.rebuild()


def seen(desk: TestDesk, person: str, after: str | None = None, roles: Sequence[Role] | None = None) -> Board:
    known = desk.organisation.person(person)
    given = roles if roles is not None else (known.access if known else [])
    reader = Reader(person, frozenset(given), frozenset(desk.organisation.duties_of(person)))
    return desk.desk.boards.board(desk.desk.boards.version(), reader, after)


def reader(desk: TestDesk, person: str) -> Reader:
    known = desk.organisation.person(person)
    assert known is not None
    return Reader(person, frozenset(known.access), frozenset(desk.organisation.duties_of(person)))


def unlike(number: int) -> str:
    """A text that shares no word with another number's: its report opens a case of its own."""
    return " ".join(hashlib.sha256(f"{number} {word}".encode()).hexdigest()[:12] for word in range(5))


def kinds(desk: TestDesk, person: str) -> list[str]:
    stream(desk)
    return [one["kind"] for one in seen(desk, person).waiting]


def test_each_step_waits_for_those_who_can_take_it() -> None:
    desk = TestDesk()
    case_id = desk.report()
    assert kinds(desk, "ana") == ["triage"]
    assert kinds(desk, "emma") == []
    desk.triage(case_id, 2)
    assert "write" in kinds(desk, "ana")
    assert "triage" not in kinds(desk, "ana")
    version = desk.write(case_id, TEXTS)
    assert "write" not in kinds(desk, "ana")
    (review,) = [one for one in seen(desk, "emma").waiting if one["kind"] == "review"]
    assert review["id"] == f"review:{case_id}:1"
    assert review["link"] == f"/cases/{case_id}/review/1"
    assert review["what"]["by"] == "ana"
    assert review["title"] == "C'est en panne"
    assert review["due_at"] is not None
    desk.review(case_id, version)
    assert "review" not in kinds(desk, "emma")


def test_nobody_is_shown_a_review_of_words_of_their_own() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    desk.write(case_id, TEXTS, by="emma")
    assert "review" not in kinds(desk, "emma")
    desk.write(case_id, {language: text + " " for language, text in TEXTS.items()}, by="ana")
    assert "review" not in kinds(desk, "emma"), "the same words, handed in by another"
    assert "review" in kinds(desk, "dora")


def test_a_rejected_text_waits_for_a_writer_again() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    version = desk.write(case_id, TEXTS)
    desk.review(case_id, version, approve=False)
    stream(desk)
    (write,) = [one for one in seen(desk, "ana").waiting if one["kind"] == "write"]
    assert write["what"] == {"again": 1, "state": "rejected", "by": "ana"}


def test_the_release_waits_for_directors_alone_and_not_for_who_has_voted() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 3, leak=True)
    version = desk.write(case_id, {"fr": "Nous enquêtons.", "en": "We are looking into it."})
    desk.review(case_id, version, *("emma", "dora", "dirk")[: version.approvals_needed])
    if desk.desk.freezer.document()["state"] == "raised":
        desk.desk.freezer.release("all", "over", "dora", case_id=case_id)
        stage = "all"
    else:
        stage = "statement"
    stream(desk)
    found = [one["id"] for one in seen(desk, "dirk").waiting if one["kind"] == "release"]
    assert found == [f"release:{stage}:{case_id}"]
    assert not [one for one in seen(desk, "ana").waiting if one["kind"] == "release"]
    assert not [one for one in seen(desk, "dora").waiting if one["kind"] == "release"]
    (shown,) = seen(desk, "ana").cases
    assert shown["step"] == "held"
    assert {"dora", "dirk"} <= set(shown["waits_for"]), "who is awaited is shown to everybody"
    board = seen(desk, "ana")
    assert board.freeze["active"] is True
    assert board.freeze["holding"] == [case_id]


def test_a_closed_case_is_on_the_desk_no_more() -> None:
    desk = TestDesk()
    case_id = desk.report()
    stream(desk)
    assert seen(desk, "ana").open == 1
    desk.triage(case_id, None)
    desk.desk.boards.index_case(case_id)
    desk.desk.boards.moved()
    board = seen(desk, "ana")
    assert (board.open, board.waiting, board.cases) == (0, [], [])


def test_soonest_first_and_cases_in_pages() -> None:
    desk = TestDesk()
    ids = [desk.report(ago=timedelta(hours=each % 11, minutes=each), text=unlike(each)) for each in range(60)]
    assert len(set(ids)) == 60
    stream(desk)
    first = seen(desk, "ana")
    due = [one["due_at"] for one in first.waiting]
    assert due == sorted(due)
    assert len(first.cases) == CASES_A_PAGE
    assert first.after is not None
    second = seen(desk, "ana", first.after)
    assert second.after is None
    assert sorted(one["id"] for one in (*first.cases, *second.cases)) == sorted(ids)
    assert first.open == 60


class CountingTable(RelayedTable):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def get(self, pk: str, sk: str) -> Item | None:
        self.calls.append(f"get {pk} {sk}")
        return super().get(pk, sk)

    def query(self, pk: str, prefix: str = "", **how: Any) -> Page:
        self.calls.append(f"query {pk}")
        return super().query(pk, prefix, **how)


def test_an_unchanged_desk_costs_one_read_of_one_item_and_a_changed_one_three_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.support.desks.RelayedTable", CountingTable)
    desk = TestDesk()
    for number in range(5):
        desk.report(text=unlike(number))
    stream(desk)
    table = desk.table
    assert isinstance(table, CountingTable)
    ana = reader(desk, "ana")
    boards = desk.desk.boards
    table.calls = []
    version = boards.version()
    tag = boards.tag(version, ana)
    boards.board(version, ana, None)
    assert len(table.calls) <= 3, table.calls
    table.calls = []
    assert boards.tag(boards.version(), ana) == tag
    assert [call for call in table.calls if "OVERRIDE" not in call] == ["get DESK VERSION"]


def test_the_tag_moves_with_the_index_with_the_person_and_with_the_shift_and_not_with_the_time() -> None:
    desk = TestDesk()
    desk.report()
    stream(desk)
    ana, emma = reader(desk, "ana"), reader(desk, "emma")
    boards = desk.desk.boards
    tag = boards.tag(boards.version(), ana)
    desk.advance(timedelta(minutes=1))
    assert boards.tag(boards.version(), ana) == tag
    assert boards.tag(boards.version(), emma) != tag
    boards.moved()
    assert boards.tag(boards.version(), ana) != tag
    tag, shift = boards.tag(boards.version(), ana), boards.on_duty()
    for _ in range(24 * 10):
        desk.advance(timedelta(hours=1))
        if [(one.role, one.person) for one in boards.on_duty()] != [(one.role, one.person) for one in shift]:
            break
    else:
        pytest.fail("nobody's shift ends within ten days: the example has rotations")
    assert boards.tag(boards.version(), ana) != tag


def test_an_acknowledgement_is_kept_with_the_case_until_it_waits_no_longer() -> None:
    desk = TestDesk()
    case_id = desk.report()
    ana = reader(desk, "ana")
    boards = desk.desk.boards
    done = boards.acknowledge(f"triage:{case_id}", ana)
    assert done.until - done.at == desk.organisation.escalation.acknowledged_for
    stream(desk)
    (triage,) = seen(desk, "ana").waiting
    assert triage["acknowledged"]["by"] == "ana"
    event = desk.desk.reading.events(case_id)[-1]
    assert (event.kind, event.by, event.data["waiting"]) == ("acknowledged", "ana", f"triage:{case_id}")
    desk.triage(case_id, 2)
    with pytest.raises(IllegalTransition):
        boards.acknowledge(f"triage:{case_id}", ana)
    with pytest.raises(NotFound):
        boards.acknowledge("nothing:at-all", ana)
    with pytest.raises(NotFound):
        boards.acknowledge("triage:case-unknown", ana)
    with pytest.raises(NotAllowed):
        boards.acknowledge(f"write:{case_id}", reader(desk, "emma"))


def test_whoever_was_called_for_it_sees_it_and_may_take_it_in_hand() -> None:
    """The fourth to be woken must not read "Nothing waits for you", though the decision is for others to take."""
    desk = TestDesk()
    case_id = desk.report()
    thing = f"triage:{case_id}"
    assert kinds(desk, "emma") == []

    def call(person: str, *, reached: bool) -> None:
        one = Called(
            person=person, channel="pager", audience="out_of_band", at=desk.now, reached=reached, occasion="1"
        )

        def note(file: CaseFile) -> None:
            file.case.calls = {thing: [*file.case.calls.get(thing, []), one]}

        desk.desk.casework.change(case_id, "sangfroid", note)

    call("emma", reached=False)
    assert kinds(desk, "emma") == [], "nobody told her"
    call("emma", reached=True)
    call("chloe", reached=True)
    assert kinds(desk, "chloe") == ["triage"], "she may decide it herself"
    assert kinds(desk, "emma") == ["called"]
    board = seen(desk, "emma")
    (called,) = board.waiting
    assert called["what"]["for"] == "triage"
    assert "ana" in called["what"]["people"]
    assert set(called["what"]["people"]) <= set(board.names)
    assert called["link"] == f"/cases/{case_id}"
    seen_by_emma = desk.desk.boards.acknowledge(called["id"], reader(desk, "emma"))
    assert seen_by_emma.by == "emma"
    desk.triage(case_id, 2)
    assert kinds(desk, "emma") == []


def test_the_title_is_the_first_sentence_of_the_earliest_message_that_counts() -> None:
    desk = TestDesk()
    case_id = desk.report(text="Tout est en panne chez eux depuis ce matin ! Je pars.")
    assert desk.desk.reading.case(case_id).case.title == "Tout est en panne chez eux depuis ce matin !"

    def title() -> str | None:
        return desk.desk.reading.case(case_id).case.title

    def added(text: str, ago: timedelta) -> str:
        said = ReportedMessage(text=text, platform="x", published_at=desk.now - ago)
        return str(desk.desk.reports.add_message(case_id, said, "rita")["message_id"])

    later = added("Plus tard, quelqu'un d'autre.", timedelta(minutes=5))
    assert title() == "Tout est en panne chez eux depuis ce matin !"
    earlier = added("C'est ici que tout a commencé.", timedelta(hours=5))
    assert title() == "C'est ici que tout a commencé."
    desk.desk.reports.withdraw_message(case_id, earlier, "another company", "ana")
    assert title() == "Tout est en panne chez eux depuis ce matin !"
    fresh = desk.desk.merging.split(case_id, [later], "another event", "ana")
    assert fresh.case.title == "Plus tard, quelqu'un d'autre."
    assert title() == "Tout est en panne chez eux depuis ce matin !"
    merged = desk.desk.merging.merge(case_id, fresh.case.id, "the same after all", "ana")
    assert merged.case.title == "Tout est en panne chez eux depuis ce matin !"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  Une\n\tligne  ", "Une ligne"),
        ("\u202eevil\u202c text", "evil text"),
        ("x" * 500, "x" * (LONGEST - 1) + "…"),
        ("👩‍👩‍👧 tout va mal", "👩‍👩‍👧 tout va mal"),
        ("\u200b\n", None),
        ("Non. Ils ont tout perdu. Fin.", "Non. Ils ont tout perdu."),
    ],
)
def test_a_title_is_one_plain_line(text: str, title: str | None) -> None:
    assert first_sentence(text) == title


def test_whether_the_community_hears_first_waits_for_those_who_approve() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    desk.approve(case_id, TEXTS)
    round_ = desk.desk.reading.case(case_id).case.round
    desk.desk.procedures.wait(case_id, "order_decided", round_, "order", "token-1")
    assert "community_first" in kinds(desk, "emma")
    assert "community_first" not in kinds(desk, "ana")
    (asked,) = [one for one in seen(desk, "emma").waiting if one["kind"] == "community_first"]
    assert asked["link"] == f"/cases/{case_id}/community-first", "where it is decided, not the case alone"


def test_once_the_statement_is_out_lifting_the_rest_waits_for_directors() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 3, leak=True)
    desk.approve(case_id, TEXTS)
    desk.desk.freezer.alter(lambda freeze: freeze.__setattr__("state", "effective") or [])

    def stages() -> list[str]:
        stream(desk)
        waiting = seen(desk, "dora").waiting
        return [one["what"]["scope"] for one in waiting if one["kind"] == "release"]

    assert stages() == ["statement"]
    desk.release("statement", case_id)
    assert stages() == ["all"]
    stream(desk)
    assert not [one for one in seen(desk, "emma").waiting if one["kind"] == "release"]
    desk.desk.freezer.release("all", "over", "dora", case_id=case_id)
    assert stages() == [], "whoever has said yes waits for the other one"


def test_the_first_word_is_due_before_the_whole_response() -> None:
    desk = TestDesk()
    case_id = desk.report()
    desk.triage(case_id, 2)
    clocks = {one.id: one.due_at for one in desk.desk.reading.case(case_id).case.clocks}
    assert clocks["first_word"] < clocks["response_ready"]
    stream(desk)
    (write,) = [one for one in seen(desk, "ana").waiting if one["kind"] == "write"]
    assert write["due_at"] == rfc3339(clocks["first_word"])


def test_who_is_called_next_and_when_is_what_the_ladder_then_does() -> None:
    desk = TestDesk(sure=False, confidence=0.4, severity="critical")
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    for number in range(4):
        stream(desk)
        (shown,) = [one for one in seen(desk, "ana").waiting if one["kind"] == "triage"]
        assert shown["next_person"]
        if number:
            assert shown["next_at"] == rfc3339(desk.now), "the moment at which the machine asks again"
        desk.desk.notices.climb(
            case_id, "triage_requested", f"o{number}", ["on_call", "pr_lead", "director"], "out_of_band", {}, "classified"
        )  # fmt: skip
        calls = desk.desk.casework.read(case_id).case.calls[f"triage:{case_id}"]
        if number:
            assert calls[-1].person == shown["next_person"], "whom the desk named is who was called"
        desk.advance(desk.organisation.thresholds.ask_again_after)


def test_what_somebody_has_in_hand_calls_nobody_until_then() -> None:
    desk = TestDesk(sure=False, confidence=0.4)
    case_id = desk.report()
    desk.desk.triage.classify(case_id)
    stream(desk)
    taken = desk.desk.boards.acknowledge(f"triage:{case_id}", reader(desk, "ana"))
    stream(desk)
    (shown,) = [one for one in seen(desk, "ana").waiting if one["kind"] == "triage"]
    assert shown["next_at"] == rfc3339(taken.until)
