"""merge, split, close and triage, each with a crash after every write in turn, then the same call again.

The table dies after its nth write, as a function does that is ended there: what was written stands, nobody was answered.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sangfroid import timeline
from sangfroid.errors import IllegalTransition
from sangfroid.model import Measure
from sangfroid.triage.report import ReportedMessage
from tests.support.crashes import Crash, Dying
from tests.support.desks import NINE, TestDesk

ONE = "La sauvegarde de nuit a effacé mes archives, tout un trimestre de comptabilité disparu"
TWO = "Impossible de me connecter au portail depuis la mise à jour de mardi, page blanche partout"
FR = {"fr": "La panne vient de nous.", "en": "The outage is our fault."}
CHAINED = {"hash", "previous_hash", "timeline_hash", "timeline_head", "shown_digest"}
"""Follow from the rest, and from ids that are drawn: the chains are verified by themselves."""

Act = Callable[[TestDesk, dict[str, Any]], object]


def merging() -> tuple[TestDesk, dict[str, Any]]:
    random.seed(7)  # which counter a report is counted on
    desk = TestDesk()
    old = desk.report(text=ONE, ago=timedelta(hours=9))
    for number in range(170):
        desk.report(text=f"{ONE} ({number})", ago=timedelta(minutes=number))
    return desk, {"case": old, "into": desk.report(text=TWO)}


def merge(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.merging.merge(given["case"], given["into"], "one event", "ana").case.message_count


def splitting() -> tuple[TestDesk, dict[str, Any]]:
    desk = TestDesk()
    case = desk.report(text=ONE, ago=timedelta(hours=2))
    messages = []
    for number in range(12):
        said = ReportedMessage(
            text=f"{TWO} {'abcdefghijkl'[number] * 4}",
            platform="x",
            published_at=NINE - timedelta(hours=1, minutes=number),
        )
        messages.append(desk.desk.reports.add_message(case, said, "ana")["message_id"])
    return desk, {"case": case, "messages": messages}


def split(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.merging.split(given["case"], given["messages"], "another event", "ana").case.status


def reported() -> tuple[TestDesk, dict[str, Any]]:
    desk = TestDesk()
    return desk, {"case": desk.report(text=ONE)}


def responding() -> tuple[TestDesk, dict[str, Any]]:
    desk, given = reported()
    desk.triage(given["case"], 2)
    desk.approve(given["case"], FR)
    return desk, given


def closing() -> tuple[TestDesk, dict[str, Any]]:
    desk, given = reported()
    case_id = given["case"]
    desk.triage(case_id, 1)
    case = desk.desk.casework.read(case_id).case
    for duty in case.duties:
        desk.desk.casework.change(case_id, "ana", lambda file, name=duty.id: _done(file, name))
    return desk, given


def _done(file: Any, name: str) -> None:
    for duty in file.case.duties:
        if duty.id == name:
            duty.state, duty.evidence, duty.by, duty.closed_at = "done", "seen", "ana", file.now
    for clock in file.case.clocks:
        clock.state, clock.met_at = "met", file.now


def close(desk: TestDesk, given: dict[str, Any]) -> object:
    measure = Measure(text="A second array", owner="dev", due="2027-01-31")
    return ended(
        desk,
        given,
        lambda: desk.desk.ending.close(
            given["case"], "a disk failed in the night", "we look at disks sooner", [measure], "ana"
        ),
    )


def triage(number: Any, leak: bool = False) -> Act:
    return lambda desk, given: ended(desk, given, lambda: desk.triage(given["case"], number, leak=leak))


def judged() -> tuple[TestDesk, dict[str, Any]]:
    desk = TestDesk(case=3, leak_suspected=True, suspicion=0.9)
    return desk, {"case": desk.report(text=ONE)}


def classify(desk: TestDesk, given: dict[str, Any]) -> object:
    """As the machine does: the verdict is put aside by one function and entered by another, each repeated by itself."""
    if "read" not in given:
        desk.desk.triage.read(given["case"])
        given["read"] = True
    return desk.desk.triage.take(given["case"])["outcome"]


def ended(desk: TestDesk, given: dict[str, Any], act: Callable[[], object]) -> str:
    """The status of the case after the act; an act that closed it before is told so (409), and changes nothing."""
    try:
        act()
    except IllegalTransition:
        assert desk.desk.casework.read(given["case"]).case.status == "closed"
    return desk.desk.casework.read(given["case"]).case.status


ACTS: dict[str, tuple[Callable[[], tuple[TestDesk, dict[str, Any]]], Act]] = {
    "merge": (merging, merge),
    "split": (splitting, split),
    "close": (closing, close),
    "triage by the classifier": (judged, classify),
    "triage to case 2": (reported, triage(2)),
    "triage to a leak": (reported, triage(3, True)),
    "triage to another case": (responding, triage(4)),
    "triage to a leak later": (responding, triage(3, True)),
    "triage to no crisis": (responding, triage(None)),
}


def end_of(desk: TestDesk) -> str:
    """Everything in the table, with the ids that are drawn at random in the order in which they sort by what they hold."""
    for key, item in desk.table.items.items():
        if key[1] == "FILE":
            case = desk.desk.casework.read(item["id"]).case
            shown = [timeline.shown(event) for event in desk.desk.casework.store.events(case.id)]
            assert timeline.verify(shown, (case.timeline_seq, case.timeline_hash)).intact
    cases = sorted(
        (item for key, item in desk.table.items.items() if key[1] == "FILE"),
        key=lambda item: (
            item["first_published_at"],
            item["message_count"],
            bool(item["links"]["split_from"]),
        ),
    )
    names = {item["id"]: f"case {number}" for number, item in enumerate(cases)}
    names |= {name.rpartition("-")[2]: shown for name, shown in names.items()}
    text = json.dumps(
        [_plain(item) for item in desk.table.items.values()], sort_keys=True, ensure_ascii=False
    )
    for name, shown in names.items():
        text = text.replace(name, shown)
    text = re.sub(r"\b(inc|m)-[0-9a-f]{16}", r"\1-x", text)
    return "\n".join(
        sorted(json.dumps(item, sort_keys=True, ensure_ascii=False) for item in json.loads(text))
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if name not in CHAINED}
    if isinstance(value, bytes):  # what the desk shows of the case
        return _plain(json.loads(zlib.decompress(value)))
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ACTS)
def test_the_same_call_again_comes_to_the_same_end(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    begin, act = ACTS[name]
    desk, given = begin()
    dying = Dying(desk, None)
    answer = act(desk, given)
    points, wanted = dying.writes, end_of(desk)
    assert points > 0
    act(desk, given)
    assert end_of(desk) == wanted, "the same call twice"
    for after in range(1, points + 1):
        desk, given = begin()
        dying = Dying(desk, after)
        with pytest.raises(Crash):
            act(desk, given)
        dying.end()
        assert act(desk, given) == answer, after
        assert end_of(desk) == wanted, f"after write {after} of {points}"
    record_property(
        "explored", f"{name}: a crash after each of {points} writes, the same call again, the same end"
    )


def saves_a_draft(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.drafts.save(given["case"], FR, None, "say what we know", "ana")


def records_a_measure(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.ending.record_measure(
        given["case"], Measure(text="A second array", owner="dev", due="2027-01-31"), "ana"
    )


def plans(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.planning.change(given["case"], "the forum matters most", "ana", posture="repair")


def makes_a_link(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.agency.link(given["case"])


def replies(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.agency.reply(given["token"], "Say it yourselves, and before noon.")


def acknowledges(desk: TestDesk, given: dict[str, Any]) -> object:
    return desk.desk.acknowledging.send(
        given["case"],
        given["template"],
        given["hash"],
        given["message"],
        "en",
        None,
        "lea@client.example",
        "ana",
    )


def promises(desk: TestDesk, given: dict[str, Any]) -> object:
    texts = {
        "fr": "La panne vient de nous. Prochaines nouvelles à 18 h.",
        "en": "Our fault. Next news at 6 pm.",
    }
    return desk.write(given["case"], texts)


def classified() -> tuple[TestDesk, dict[str, Any]]:
    desk, given = reported()
    desk.triage(given["case"], 2)
    return desk, given


def linked() -> tuple[TestDesk, dict[str, Any]]:
    desk, given = classified()
    return desk, given | {"token": desk.desk.agency.link(given["case"])["url"].partition("#")[2]}


def acknowledging() -> tuple[TestDesk, dict[str, Any]]:
    desk, given = classified()
    template = desk.desk.acknowledging.propose({"en": "Hello, we have read you and come back to you."}, "ana")
    desk.desk.acknowledging.approve(template.id, template.content_hash, NINE + timedelta(days=3), "emma")
    (message,) = desk.desk.casework.store.messages(given["case"], limit=None)
    return desk, given | {"template": template.id, "hash": template.content_hash, "message": message.id}


AT_ONCE: dict[str, tuple[Callable[[], tuple[TestDesk, dict[str, Any]]], Act]] = {
    "a draft": (classified, saves_a_draft),
    "a measure": (classified, records_a_measure),
    "the plan": (classified, plans),
    "the agency's link": (classified, makes_a_link),
    "the agency's reply": (linked, replies),
    "an acknowledgement": (acknowledging, acknowledges),
    "a promise": (classified, promises),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_is_one_transaction_stays_one(name: str, record_property: Callable[[str, object], None]) -> None:
    """There is no moment between two writes in which such an act could be cut off: all of it stands, or nothing."""
    begin, act = AT_ONCE[name]
    desk, given = begin()
    dying = Dying(desk, 1)
    with pytest.raises(Crash):
        act(desk, given)
    dying.end()
    desk, given = begin()
    dying = Dying(desk, None)
    act(desk, given)
    record_property("explored", f"{name}: {dying.writes} write")
    assert dying.writes == 1


def test_a_copy_withdrawn_in_the_meantime_stays_withdrawn() -> None:
    desk, given = merging()
    merge(desk, given)
    copied = next(m for m in desk.desk.casework.store.messages(given["into"], limit=None) if m.text == ONE)
    desk.desk.reports.withdraw_message(given["into"], copied.id, "not us", "ana")
    merge(desk, given)
    again = next(m for m in desk.desk.casework.store.messages(given["into"], limit=None) if m.id == copied.id)
    assert again.withdrawn


def test_a_split_that_is_repeated_takes_nothing_from_a_third_case() -> None:
    desk, given = splitting()
    fresh = desk.desk.merging.split(given["case"], given["messages"], "another event", "ana").case.id
    third = desk.report(text="une troisième affaire sans aucun rapport avec ce qui précède, vraiment")
    partition = "BRAND#nuage sa"
    stolen = next(
        key
        for key, item in desk.table.items.items()
        if key[0] == partition and item["case_id"] == fresh and not key[1].startswith("OPEN")
    )
    desk.table.items[stolen]["case_id"] = third
    assert desk.desk.merging.split(given["case"], given["messages"], "another event", "ana").case.id == fresh
    assert desk.table.items[stolen]["case_id"] == third
