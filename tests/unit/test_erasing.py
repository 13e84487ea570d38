"""What strangers wrote goes after its time, from everywhere; what we did stays, and the timeline verifies at every moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sangfroid import timeline
from sangfroid.acts.erasing import Erasing
from sangfroid.cases import erasing as rules
from sangfroid.cases.erasing import ERASED, Words
from sangfroid.errors import IllegalTransition
from sangfroid.learning import Shelf
from tests.support.crashes import Crash, Dying
from tests.support.desks import TestDesk
from tools.compat import recorded

YEARS = timedelta(days=3 * 365)


def played(story: str) -> tuple[TestDesk, str]:
    """A desk with the table of a story that was really played to its end, three years and a day later."""
    desk = TestDesk()
    at = ""
    for line in recorded("0.1.0", story):
        if "empty" in line:
            desk.table.items.clear()
        elif "put" in line:
            desk.table.items[line["put"]["pk"], line["put"]["sk"]] = line["put"]
        elif "gone" in line:
            del desk.table.items[tuple(json.loads(line["gone"]))]
        elif "read" in line:
            at = line["read"]["at"]
    desk.now = datetime.fromisoformat(at) + YEARS
    case, *_ = sorted(pk for pk, sk in desk.table.items if sk == "FILE")
    return desk, case.removeprefix("CASE#")


class Lockless:
    """An evidence bucket whose locks have all ended."""

    def __init__(self, *, locked: bool = False) -> None:
        self.erased: list[tuple[str, str]] = []
        self.locked = locked

    def erase(self, key: str, version: str) -> bool:
        if not self.locked:
            self.erased.append((key, version))
        return not self.locked


def strangers(desk: TestDesk) -> set[str]:
    """What is looked for afterwards: every text, handle, address, bio and note of the messages."""
    found = set()
    for (pk, _), item in desk.table.items.items():
        if pk.endswith("#MESSAGES"):
            author = [str(one) for one in item["author"].values() if isinstance(one, str)]
            found |= {
                one for one in (item["text"], item["url"], item["notes"], *author) if one and len(one) > 4
            }
    return found


def left_over(desk: TestDesk, words: set[str]) -> Iterator[str]:
    for place, item in desk.table.items.items():
        text = json.dumps(item, ensure_ascii=False, default=str)
        for word in words:
            if json.dumps(word, ensure_ascii=False)[1:-1] in text:
                yield f"{place}: {word}"


def verdict(desk: TestDesk, case_id: str) -> timeline.Verdict:
    case = desk.desk.casework.read(case_id).case
    shown = [timeline.shown(event) for event in desk.desk.casework.store.events(case_id)]
    return timeline.verify(shown, (case.timeline_seq, case.timeline_hash))


@pytest.mark.parametrize("story", ["case_1", "case_2", "case_3", "case_4", "leak"])
def test_nothing_of_strangers_is_left_and_the_chain_holds(story: str) -> None:
    desk, case_id = played(story)
    words = strangers(desk)
    assert words
    assert list(left_over(desk, words)), "it was there"
    before = desk.desk.casework.read(case_id)
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless())
    assert [case.id for case in erasing.due(YEARS - timedelta(days=30))] == [case_id]
    erasing.erase(case_id, "ana")
    assert list(left_over(desk, words)) == []
    assert verdict(desk, case_id) == timeline.Verdict(before.case.timeline_seq + 1, None)
    after = desk.desk.casework.read(case_id)
    assert (after.case.title, after.case.status, after.case.clocks) == (None, "closed", before.case.clocks)
    assert [duty.state for duty in after.case.duties] == [duty.state for duty in before.case.duties]
    assert [one.texts for one in after.responses if not one.answer] == [
        one.texts for one in before.responses if not one.answer
    ], "what we published stays"
    assert list(erasing.due(YEARS - timedelta(days=30))) == []


def test_done_twice_it_changes_nothing_of_what_is_left() -> None:
    desk, case_id = played("case_1")
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless())
    erasing.erase(case_id, "ana")
    events = desk.desk.casework.store.events(case_id)
    again = erasing.erase(case_id, "ana")
    assert sum(again.items.values()) == 0
    assert desk.desk.casework.store.events(case_id) == events
    assert verdict(desk, case_id).intact


def test_a_crash_after_any_write_leaves_a_sound_timeline_and_the_next_run_ends_it() -> None:
    desk, case_id = played("case_1")
    dying = Dying(desk, None)
    Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless()).erase(case_id, "ana")
    writes = dying.writes
    assert writes > 20
    for after in [1, 2, 3, *range(4, writes - 2, 9), writes - 2, writes - 1]:
        desk, case_id = played("case_1")
        words = strangers(desk)
        dying = Dying(desk, after)
        with pytest.raises(Crash):
            Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless()).erase(case_id, "ana")
        dying.end()
        assert verdict(desk, case_id).intact, after
        erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless())
        for case in erasing.due(YEARS - timedelta(days=30)):
            erasing.erase(case.id, "ana")
        assert list(left_over(desk, words)) == [], after
        assert verdict(desk, case_id).intact, after
        announced = [one for one in desk.desk.casework.store.events(case_id) if one.kind == timeline.ERASURE]
        assert len(announced) == 1, "an erasure that goes on is not announced again"


def closed(desk: TestDesk) -> str:
    """A case of one report, closed."""
    case_id = desk.report(
        text="Plus rien ne marche chez vous, Lea Martin, Vitry", author={"handle": "@lea_m"}
    )

    def end(file: Any) -> None:
        file.case.status, file.case.closed_at = "closed", file.now

    desk.desk.casework.change(case_id, "ana", end)
    return case_id


def test_a_legal_hold_keeps_everything_until_it_is_lifted() -> None:
    desk = TestDesk()
    case_id = closed(desk)
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless())
    erasing.hold(case_id, "claim 21/1234 before the court of Lyon", "dora")
    desk.now += YEARS
    assert list(erasing.due(timedelta(days=30))) == []
    items = dict(desk.table.items)
    with pytest.raises(IllegalTransition, match="claim 21/1234"):
        erasing.erase(case_id, "ana")
    assert desk.table.items == items
    erasing.lift(case_id, "settled", "dora")
    assert [case.id for case in erasing.due(timedelta(days=30))] == [case_id]
    erasing.erase(case_id, "ana")
    kinds = [event.kind for event in desk.desk.casework.store.events(case_id)]
    assert [kind for kind in kinds if kind.startswith("legal_hold")] == [
        "legal_hold_set",
        "legal_hold_lifted",
    ]
    with pytest.raises(IllegalTransition):
        erasing.lift(case_id, "again", "dora")


def test_an_open_case_is_not_erased_and_a_young_one_is_not_due() -> None:
    desk = TestDesk()
    open_case = desk.report()
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless())
    with pytest.raises(IllegalTransition, match="open"):
        erasing.erase(open_case, "ana")
    case_id = closed(desk)
    desk.now += timedelta(days=29)
    assert list(erasing.due(timedelta(days=30))) == []
    desk.now += timedelta(days=1)
    assert [case.id for case in erasing.due(timedelta(days=30))] == [case_id]


def test_evidence_under_lock_is_said_and_goes_when_the_lock_ends() -> None:
    desk, _ = played("everything")
    case_id = next(pk.split("#")[1] for pk, _ in desk.table.items if pk.endswith("#EVIDENCE"))

    def end(file: Any) -> None:
        file.case.status, file.case.closed_at = "closed", file.now

    desk.now -= YEARS
    desk.desk.casework.change(case_id, "ana", end)
    evidence = next(item for (pk, _), item in desk.table.items.items() if pk.endswith("#EVIDENCE"))
    until = datetime.fromisoformat(evidence["retained_until"])
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless(locked=True))
    erased = erasing.erase(case_id, "ana")
    assert erased.locked_until == until
    last = desk.desk.casework.store.events(case_id)[-1]
    assert (last.kind, last.data["until"][:10]) == ("evidence_still_locked", f"{until:%Y-%m-%d}")
    assert [case.id for case in erasing.due(timedelta(0))] == []
    desk.now = until + timedelta(days=1)
    bucket = Lockless()
    erasing = Erasing(desk.desk.casework, Shelf(desk.table).erase, bucket)
    assert [case.id for case in erasing.due(timedelta(0))] == [case_id]
    assert erasing.erase(case_id, "ana").locked_until is None
    assert bucket.erased == [(one["key"], one["version"]) for one in evidence["files"]]
    assert list(erasing.due(timedelta(0))) == []
    assert verdict(desk, case_id).intact


def test_a_name_that_somebody_knows_besides_goes_too() -> None:
    desk = TestDesk()
    case_id = closed(desk)
    desk.desk.casework.change(case_id, "ana", lambda file: file.note("seen", by_whom="Mme Durand, rue Haute"))
    Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless()).erase(case_id, "ana", ["Durand"])
    assert list(left_over(desk, {"Durand"})) == []
    assert verdict(desk, case_id).intact


@pytest.mark.parametrize(
    "forge",
    [
        lambda event: event.update(data={}),
        lambda event: event.update(by="somebody"),
        lambda event: event.update(data=dict.fromkeys(event["data"], ERASED)),
    ],
)
def test_an_event_that_nobody_announced_is_no_erasure(forge: Callable[[dict[str, Any]], None]) -> None:
    desk, case_id = played("case_2")
    Erasing(desk.desk.casework, Shelf(desk.table).erase, Lockless()).erase(case_id, "ana")
    shown = [timeline.shown(event) for event in desk.desk.casework.store.events(case_id)]
    assert timeline.verify(shown).intact
    forge(shown[1])
    assert timeline.verify(shown).fault == "event 2 was changed after it was written"


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("@lea_m wrote it", True),
        ("LEA_M wrote it", True),
        ("she says: rien ne marche depuis ce matin", True),
        ("Plus rien", True),
        ("customers of ours", False),
        ("rien ne marche", False),
        ("the tomato", False),
    ],
)
def test_what_counts_as_a_strangers_words(text: str, theirs: bool) -> None:
    words = Words(["@lea_m", "lea_m", "tom"], ["Rien ne marche depuis ce matin !", "Plus rien"])
    assert words.in_text(text) is theirs
    assert rules.RUN == 4
