"""Whoever has left hears of nothing any more, whatever a case still says of them."""

from __future__ import annotations

from datetime import date, timedelta

from sangfroid.freeze.pages import pages
from sangfroid.organisation import load
from sangfroid.outbound import notices
from tests.support.desks import EXAMPLE, NINE, TestDesk


def test_no_page_and_no_notice_reaches_whoever_has_left() -> None:
    made = load(EXAMPLE)
    people = [
        one.model_copy(update={"left": date(2026, 11, 21)}) if one.id in ("ben", "dirk") else one
        for one in made.people
    ]
    organisation = made.model_copy(update={"people": people})
    later = NINE + timedelta(days=1)

    def paged(now: object) -> set[str]:
        called = pages(organisation, now, "frozen", "o", ["everybody"], frozen=True)  # type: ignore[arg-type]
        return {str(page.recipient) for one in called for page in one.letters}

    assert paged(NINE) - paged(later) == {"+33100000002", "+33100000007"}
    world = TestDesk()
    file = world.desk.casework.read(world.report())
    for role in ("person:ben", "director", "pilot"):
        file.now = NINE
        before = {one.id for one in notices.people(organisation, file, [role])}
        file.now = later
        after = {one.id for one in notices.people(organisation, file, [role])}
        assert before - after
        assert not after & {"ben", "dirk"}
