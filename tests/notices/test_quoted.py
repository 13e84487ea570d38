"""What a notice quotes is read with the case: a copy of the first message, which is the first as long as anybody goes by it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sangfroid.acts.erasing import Erasing
from sangfroid.learning import Shelf
from sangfroid.store.quoted import quoted_place
from sangfroid.triage.report import ReportedMessage
from tests.support.counted import Counted
from tests.support.desks import TestDesk

FIRST, EARLIER, LATER = (
    "Tout est perdu ce matin",
    "Déjà hier, plus rien ne marchait",
    "Chez moi aussi, toujours rien",
)


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk()


def begun(desk: TestDesk) -> str:
    case_id = desk.report(text=FIRST)
    desk.triage(case_id, 2)
    return case_id


def add(desk: TestDesk, case_id: str, text: str, ago: timedelta) -> str:
    at = desk.now - ago
    found = ReportedMessage.model_validate(
        {"text": text, "platform": "forum", "published_at": at.isoformat()}
    )
    return str(desk.desk.reports.add_message(case_id, found, "ana")["message_id"])


def told(desk: TestDesk, case_id: str, occasion: str) -> tuple[str, int]:
    """What somebody reads of it, and how often the table was read for it."""
    counted = Counted(desk)
    desk.desk.notices.tell(case_id, "draft_requested", occasion, ["writer"], "team", {}, room=False)
    counted.end()
    return [one.text for one in desk.reached("team") if one.kind == "draft_requested"][-1], counted.reads


def test_it_is_read_with_the_case(desk: TestDesk) -> None:
    text, reads = told(desk, begun(desk), "a")
    assert FIRST in text
    assert reads == 1


def test_an_earlier_one_takes_its_place_and_a_later_one_does_not(desk: TestDesk) -> None:
    case_id = begun(desk)
    add(desk, case_id, LATER, timedelta(minutes=5))
    text, reads = told(desk, case_id, "a")
    assert (FIRST in text, reads) == (True, 1)
    add(desk, case_id, EARLIER, timedelta(hours=20))
    text, reads = told(desk, case_id, "b")
    assert (EARLIER in text, FIRST in text, reads) == (True, False, 1)


def test_one_that_was_withdrawn_is_quoted_no_more(desk: TestDesk) -> None:
    case_id = begun(desk)
    wrong = add(desk, case_id, EARLIER, timedelta(hours=20))
    later = add(desk, case_id, LATER, timedelta(minutes=5))
    desk.desk.reports.withdraw_message(case_id, later, "of another company", "ana")
    assert told(desk, case_id, "a")[1] == 1, "the first one still stands"
    desk.desk.reports.withdraw_message(case_id, wrong, "of another company", "ana")
    text, _ = told(desk, case_id, "b")
    assert (FIRST in text, EARLIER in text) == (True, False)


def test_of_two_of_one_moment_the_one_that_is_left_is_quoted(desk: TestDesk) -> None:
    case_id = begun(desk)
    twin = add(desk, case_id, EARLIER, timedelta(hours=1))
    desk.desk.reports.withdraw_message(case_id, twin, "of another company", "ana")
    text, _ = told(desk, case_id, "a")
    assert (FIRST in text, EARLIER in text) == (True, False)


def test_one_that_went_into_another_case_is_quoted_there_alone(desk: TestDesk) -> None:
    case_id = begun(desk)
    other = add(desk, case_id, EARLIER, timedelta(hours=1))
    fresh = desk.desk.merging.split(case_id, [other], "another event", "ana").case.id
    text, _ = told(desk, case_id, "a")
    assert (FIRST in text, EARLIER in text) == (True, False)
    text, reads = told(desk, fresh, "b")
    assert (EARLIER in text, FIRST in text, reads) == (True, False, 1)


def test_of_many_that_go_into_another_case_the_first_is_quoted_there(desk: TestDesk) -> None:
    case_id = begun(desk)
    chosen = [add(desk, case_id, text, timedelta(hours=9 - n)) for n, text in enumerate((EARLIER, LATER))]
    fresh = desk.desk.merging.split(case_id, chosen, "another event", "ana").case.id
    assert EARLIER in told(desk, fresh, "a")[0]
    text = told(desk, case_id, "b")[0]
    assert (FIRST in text, EARLIER in text) == (True, False)


def test_after_a_merge_the_earlier_one_is_quoted(desk: TestDesk) -> None:
    old = desk.report(text=EARLIER, ago=timedelta(hours=9), brand="Nuage SA")
    new = desk.report(text=FIRST, asserted={"at_fault": "company"})
    assert old != new
    desk.desk.merging.merge(old, new, "one event", "ana")
    text, _ = told(desk, new, "a")
    assert (EARLIER in text, FIRST in text) == (True, False)


def test_a_case_that_is_older_than_the_copy_is_quoted_too(desk: TestDesk) -> None:
    case_id = begun(desk)
    del desk.table.items[quoted_place(case_id)]
    text, reads = told(desk, case_id, "a")
    assert (FIRST in text, reads) == (True, 2)


def test_nothing_of_it_is_left_when_the_case_is_erased(desk: TestDesk) -> None:
    case_id = begun(desk)
    desk.triage(case_id, None, reason="no crisis, a single user")

    def stands() -> list[Any]:
        shown = {
            place: json.dumps(item, ensure_ascii=False, default=str)
            for place, item in desk.table.items.items()
        }
        return [place for place, text in shown.items() if FIRST in text]

    assert quoted_place(case_id) in stands()
    desk.advance(timedelta(days=3 * 365))
    Erasing(desk.desk.casework, Shelf(desk.table).erase, None).erase(case_id, "ana")
    assert stands() == []
