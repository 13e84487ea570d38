"""Reports at the desk: into which case each goes, in a calm and in a storm."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sangfroid.acts import arrivals
from sangfroid.acts.reception import CALM
from sangfroid.model import rfc3339
from sangfroid.triage.report import Report
from tests.joining.counting import CountingTable
from tests.support import desks
from tests.support.desks import TestDesk, two_brands

LYON = "Nuage est en panne à Lyon depuis ce matin, plus aucun accès aux fichiers de mon cabinet"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> TestDesk:
    """A desk of two brands, whose table counts."""
    monkeypatch.setattr(desks, "RelayedTable", CountingTable)
    return TestDesk(two_brands())


def table(desk: TestDesk) -> CountingTable:
    assert isinstance(desk.table, CountingTable)
    return desk.table


def report(desk: TestDesk, text: str, **more: Any) -> str:
    """One report; the case into which it went."""
    message = {"text": text, "platform": "x", "published_at": rfc3339(desk.now - timedelta(hours=1))}
    top = {name: more.pop(name) for name in ("brand", "asserted", "notes") if name in more}
    body = {"brand": "Nuage SA"} | top | {"message": message | more}
    answer = desk.desk.reports.submit(Report.model_validate(body), body, None, "rita")
    return str(answer["case_id"])


def kinds(desk: TestDesk, case_id: str) -> Counter[str]:
    return Counter(event.kind for event in desk.desk.casework.store.events(case_id))


def test_copies_links_and_accounts_of_one_event_join_and_say_how(desk: TestDesk) -> None:
    first = report(desk, LYON, url="https://news.example/2026/panne?utm_source=x")
    assert report(desk, f"RT @bob: {LYON} !!") == first
    assert report(desk, "Lisez : https://www.news.example/2026/panne#haut, rien à ajouter") == first
    assert report(desk, "tout autre chose encore", url="http://news.example/2026/panne/") == first
    assert report(desk, LYON.replace("Lyon", "Paris")) != first
    joined = [event for event in desk.desk.casework.store.events(first) if event.kind == "report_joined"]
    assert [event.data["by"] for event in joined] == ["text", "link", "address"]


def test_another_account_of_the_event_joins_within_a_day_and_opens_a_case_later(desk: TestDesk) -> None:
    fire = "A fire broke out in the Nuage datacentre in Roubaix, flames reached the cooling tower"
    again = "Roubaix: the cooling tower of the Nuage datacentre is in flames, firefighters are there"
    first = report(desk, fire)
    assert report(desk, again) == first
    desk.advance(timedelta(hours=26))
    third = "Flames in Roubaix again, the cooling tower of the Nuage datacentre, firefighters came"
    assert report(desk, third) != first


def test_another_brand_is_another_case(desk: TestDesk) -> None:
    assert report(desk, LYON) != report(desk, LYON, brand="Cirrus")


def test_who_vouches_for_a_leak_is_never_guessed_into_another_case(desk: TestDesk) -> None:
    first = report(desk, LYON)
    leak = report(desk, f"Bravo. {LYON}", asserted={"confidential_leak": True})
    assert leak != first
    assert desk.desk.casework.read(leak).case.freeze_epoch is not None
    assert report(desk, LYON, asserted={"confidential_leak": True}) == first, "word for word it is the same"
    assert desk.desk.casework.read(first).case.freeze_epoch is not None


def test_a_closed_case_is_not_joined(desk: TestDesk) -> None:
    first = report(desk, LYON)
    desk.triage(first, None)
    assert report(desk, f"RT @bob: {LYON}") != first


def test_an_earlier_copy_moves_the_origin_in_a_storm_too(desk: TestDesk) -> None:
    first = report(desk, LYON)
    for number in range(CALM + 30):
        assert report(desk, f"{LYON} ({number})") == first
    assert kinds(desk, first)["message_added"] <= CALM + 1
    early = rfc3339(desk.now - timedelta(hours=9))
    assert report(desk, f"{LYON} !", published_at=early) == first
    assert rfc3339(desk.desk.casework.read(first).case.first_published_at) == early
    assert kinds(desk, first)["origin_moved"] == 1


def test_a_reader_sees_every_message_of_a_storm_counted(desk: TestDesk) -> None:
    first = report(desk, LYON)
    for number in range(99):
        report(desk, f"{LYON} ({number})")
    case = desk.desk.casework.read(first).case
    assert case.message_count + arrivals.uncounted(desk.desk.casework.store, case) == 100
    assert len(desk.desk.casework.store.messages(first, limit=None)) == 100
    desk.desk.reception.settle(first)
    case = desk.desk.casework.read(first).case
    assert (case.message_count, arrivals.uncounted(desk.desk.casework.store, case)) == (100, 0)
    assert len({message.id for message in desk.desk.casework.store.messages(first, limit=None)}) == 100


def test_counting_goes_on_for_days_and_forgets_nothing(desk: TestDesk) -> None:
    first = report(desk, LYON)
    for day in range(4):
        for number in range(30):
            report(desk, f"{LYON} ({day}{number:03d})")
        desk.advance(timedelta(hours=20))
        desk.desk.reception.settle(first)
    case = desk.desk.casework.read(first).case
    assert case.message_count + arrivals.uncounted(desk.desk.casework.store, case) == 121
    since = case.tally.since
    assert since > ""
    assert len(desk.table.query(f"CASE#{first}#ARRIVALS", after=since).items) <= 2 * arrivals.SHARDS


def test_a_wave_raises_the_severity_once_and_its_end_is_noted(desk: TestDesk) -> None:
    first = report(desk, LYON)
    assert desk.desk.casework.read(first).case.severity == "medium"
    for number in range(6):
        report(desk, f"{LYON} ({number})")
    case = desk.desk.casework.read(first).case
    assert case.severity == "high"
    (began,) = [event for event in desk.desk.casework.store.events(first) if event.kind == "spike_began"]
    assert began.data["last_hour"] >= 5
    assert began.data["before"] == "medium"
    desk.advance(timedelta(hours=3))
    report(desk, f"{LYON} (99)")
    assert kinds(desk, first)["spike_ended"] == 1
    assert desk.desk.casework.read(first).case.severity == "high", "what was raised is a person's to lower"


def test_five_messages_over_a_day_are_no_wave(desk: TestDesk) -> None:
    first = report(desk, LYON)
    for number in range(8):
        desk.advance(timedelta(hours=2))
        report(desk, f"{LYON} ({number})")
    assert kinds(desk, first)["spike_began"] == 0


def test_a_decision_not_to_respond_is_reopened_by_a_message_that_only_joins(desk: TestDesk) -> None:
    first = report(desk, LYON)
    for number in range(CALM):
        report(desk, f"{LYON} ({number})")
    desk.triage(first, 4)
    conditions = ["followers_over:5000", "messages_over:60"]
    desk.desk.responses.no_response(first, "bait", conditions, "ana", may_propose=True, may_confirm=False)
    desk.desk.responses.no_response(first, "bait", conditions, "emma", may_propose=False, may_confirm=True)
    report(desk, f"{LYON} (500)")
    assert desk.desk.casework.read(first).case.no_response.reopened_at is None  # type: ignore[union-attr]
    report(desk, f"{LYON} (501)", author={"followers": 90_000})
    assert desk.desk.casework.read(first).case.no_response.reopened_at is not None  # type: ignore[union-attr]


def variants(count: int) -> Iterator[str]:
    """Messages about one event, as people pass them on."""
    picked = random.Random(7)  # noqa: S311 - the same storm every time
    before = ["", "RT @user{n}: ", "Ah bravo. ", "Incroyable ! ", "INFO ", "({n}) "]
    after = [
        "",
        " !!!",
        " #fail #nuage",
        " ({n})",
        " https://t.example/{n}",
        " quelle honte",
        " @user{n} tu as vu ?",
    ]
    for number in range(count):
        text = picked.choice(before) + LYON + picked.choice(after)
        yield text.format(n=number)


def test_ten_thousand_messages_about_one_event_make_one_case_one_execution_and_no_scan(
    desk: TestDesk,
) -> None:
    counted, most = table(desk), 0
    cases = set()
    for number, text in enumerate(variants(10_000)):
        before = counted.total
        cases.add(report(desk, text, url=f"https://x.example/u/status/{number}"))
        most = max(most, counted.total - before)
        if number % 50 == 0:
            desk.advance(timedelta(seconds=30))
    (case_id,) = cases
    assert counted.calls["listing"] == 0
    assert most <= 22, "calls to the table for one report, whatever came before"
    assert counted.total / 10_000 < 15
    # Queries give back the case, or its counters of a day: never its messages, never other cases.
    assert counted.read / 10_000 < 25
    assert counted.largest_write <= 60
    intents = [
        item
        for (pk, sk), item in counted.items.items()
        if sk.startswith("INTENT#") and item["machine"] == "crisis"
    ]
    assert [intent["name"] for intent in intents] == [case_id]
    case = desk.desk.casework.read(case_id).case
    assert case.message_count + arrivals.uncounted(desk.desk.casework.store, case) == 10_000
    assert len(case.model_dump_json()) < 20_000, "DynamoDB takes 400 KB"
    assert len(desk.desk.casework.store.events(case_id)) < 1_500


def test_parallel_reports_of_one_event_find_one_case_and_none_is_lost(desk: TestDesk) -> None:
    texts = list(variants(400))
    found: list[str] = []
    failed: list[Exception] = []

    def submit(mine: list[str]) -> None:
        for text in mine:
            try:
                found.append(report(desk, text))
            except Exception as error:  # noqa: BLE001 - told by the test
                failed.append(error)

    threads = [threading.Thread(target=submit, args=(texts[number::16],)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(set(found)) == 1
    (case_id,) = set(found)
    assert len(desk.desk.casework.store.messages(case_id, limit=None)) == 400
    case = desk.desk.casework.read(case_id).case
    assert case.message_count + arrivals.uncounted(desk.desk.casework.store, case) == 400


def test_a_message_that_comes_as_the_case_closes_opens_another(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(desk, LYON)
    for number in range(CALM):
        report(desk, f"{LYON} ({number})")
    transact, closed = table(desk).transact, []

    def closing(writes: Any) -> None:
        transact(writes)
        if not closed:
            closed.append(True)
            desk.triage(first, None)

    monkeypatch.setattr(table(desk), "transact", closing)
    assert report(desk, f"{LYON} !!!") != first
