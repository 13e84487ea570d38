"""What a published text promises is a duty with an owner and a clock, kept or broken in the report (practice 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sangfroid.cases import promises, waiting
from sangfroid.freeze.drain import drain
from sangfroid.http import report
from sangfroid.model import CaseNumber, Duty
from tests.support.desks import NINE, TestDesk

PARIS = ZoneInfo("Europe/Paris")
RESPONSE = {
    "fr": "Nous vous présentons nos excuses : c'est notre faute, la cause est une mise à jour. "
    "Prochaine nouvelle le 20 novembre à 14 h, ici.",
    "en": "We apologise: it is our fault, an update caused it. Next news on 20 November at 14:00, here.",
}
UPDATE = {
    "fr": "Le service est revenu pour la moitié d'entre vous. Prochaine nouvelle le 20 novembre à 18 h.",
    "en": "Service is back for half of you. Next news on 20 November at 18:00.",
}


def published(texts: dict[str, str] = RESPONSE, number: CaseNumber = 1) -> tuple[TestDesk, str]:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, number)
    desk.publish(case, desk.approve(case, texts))
    by_hand(desk, case)
    return desk, case


def by_hand(desk: TestDesk, case: str) -> None:
    """What only a person publishes is published."""
    for key, one in desk.desk.casework.read(case).deliveries.items():
        if one.state == "manual":
            desk.desk.publication.settle(case, key, "published", "https://press.example/1", None, "ana")


def promised(desk: TestDesk, case: str) -> list[Duty]:
    return [duty for duty in desk.desk.casework.read(case).case.duties if duty.promised_in is not None]


def told(desk: TestDesk, case: str) -> report.CrisisReport:
    file = desk.desk.casework.read(case)
    return report.build(file, desk.desk.casework.store.events(case), "en")


def test_a_time_named_in_a_published_text_is_a_duty_with_an_owner_and_a_clock() -> None:
    desk, case = published()
    (duty,) = promised(desk, case)
    assert (duty.state, duty.due_at) == ("open", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))
    assert duty.owner is not None
    assert duty.title["fr"] == "Nouvelle promise pour le 20 novembre à 14 h"
    started = [
        item
        for key, item in desk.table.items.items()
        if key[1].startswith("INTENT#") and item["machine"] == "rounds"
    ]
    assert any(item["payload"] == {"case_id": case, "duty": duty.id} for item in started)


def test_nothing_is_promised_before_anybody_can_read_it() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 1)
    desk.approve(case, RESPONSE)
    assert promised(desk, case) == []


def test_an_update_in_time_keeps_the_promise_and_its_own_takes_the_place() -> None:
    desk, case = published()
    desk.now = datetime(2026, 11, 20, 12, 50, tzinfo=UTC)
    desk.publish(case, desk.approve(case, UPDATE, "update"))
    first, second = promised(desk, case)
    assert (first.state, first.broken_at, first.evidence) == ("done", None, "version 2")
    assert (second.state, second.due_at) == ("open", datetime(2026, 11, 20, 17, 0, tzinfo=UTC))
    assert any("promise kept" in line for line in told(desk, case).worked)


def test_a_promise_that_is_not_kept_calls_somebody_once_and_stays_broken() -> None:
    desk, case = published()
    (duty,) = promised(desk, case)
    look = desk.desk.procedures.look_at_rounds
    assert look(case, [duty.id]) == {"outcome": "wait", "until": "2026-11-20T13:00:00Z", "duty": ""}
    desk.now = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    assert look(case, [duty.id])["outcome"] == "missed"
    assert look(case, [duty.id])["outcome"] == "over"
    assert any("promise not kept" in line for line in told(desk, case).late)
    desk.now += timedelta(minutes=5)
    desk.publish(case, desk.approve(case, UPDATE, "update"))
    first, _ = promised(desk, case)
    assert (first.state, first.broken_at) == ("done", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))
    assert any("promise not kept" in line for line in told(desk, case).late)
    assert not any("promise kept" in line for line in told(desk, case).worked)


def test_another_classification_does_not_forget_a_promise() -> None:
    desk, case = published()
    desk.triage(case, 2)
    (duty,) = promised(desk, case)
    assert duty.state == "open"


def test_a_promise_to_each_person_is_a_duty_of_customer_care() -> None:
    texts = {
        "fr": RESPONSE["fr"] + " Chaque client sera appelé.",
        "en": RESPONSE["en"] + " Every customer will be called.",
    }
    desk, case = published(texts)
    care = [duty for duty in promised(desk, case) if duty.role == "customer_care"]
    assert [(duty.state, duty.evidence_required, duty.automatic) for duty in care] == [("open", True, False)]
    assert "Chaque client sera appelé" in care[0].title["fr"]


@pytest.mark.parametrize(
    "text",
    [
        "Personne n'a été appelé.",
        "Nous avons appelé le support.",
        "Chacun a son avis.",
        "Nobody will be called guilty by us.",
    ],
)
def test_other_sentences_promise_nothing_to_each_person(text: str) -> None:
    assert promises.each_person({"fr": text, "en": text}) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Prochaine nouvelle à 14 h.", [13]),
        ("Prochaines nouvelles à 14 h et à 18 h.", [13, 17]),
        ("La panne a commencé à 7 h. Prochaine nouvelle à midi.", [11]),
        ("Nos bureaux ouvrent à 14 h.", []),
    ],
)
def test_only_the_time_of_the_next_news_is_promised(text: str, hours: list[int]) -> None:
    assert promises.times({"fr": text}, NINE, PARIS) == [
        datetime(2026, 11, 20, hour, 0, tzinfo=UTC) for hour in hours
    ]


def test_promised_news_waits_for_whoever_writes_until_they_are_under_way() -> None:
    desk, case = published()
    (duty,) = promised(desk, case)

    def asked() -> list[str]:
        file = desk.desk.casework.read(case)
        return [one.id for one in waiting.waits(file) if one.what.get("duty") == duty.id]

    assert asked() == [f"duty:{case}:{duty.id}"]
    version = desk.write(case, UPDATE, "update")
    assert asked() == [], "it is written: now its review waits"
    desk.review(case, version, approve=False)
    assert asked() == [f"duty:{case}:{duty.id}"]


# -- a promise binds from its first reader on


def test_a_channel_that_fails_keeps_no_promise_from_its_clock() -> None:
    """Thirteen places show the hour; the fourteenth, which is down, must not hide that somebody waits for it."""
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 1)
    version = desk.approve(case, RESPONSE)
    keys = desk.desk.publication.plan(case, version, "all")["deliveries"]
    desk.desk.publication.send(case, keys[0])
    (duty,) = promised(desk, case)
    assert (duty.state, duty.due_at) == ("open", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))


def test_the_statement_that_a_freeze_lets_out_promises_at_once() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 3, leak=True)
    version = desk.approve(case, RESPONSE)
    desk.publish(case, version)
    assert promised(desk, case) == [], "nobody has read it yet"
    assert drain(desk.table, desk.desk.freezer, lambda: desk.now, 1)["outcome"] == "effective"
    desk.release("statement", case)
    desk.publish(case, version)
    assert {letter.channel for letter in desk.reached("public")} == {"newsroom"}
    (duty,) = promised(desk, case)
    assert (duty.state, duty.due_at) == ("open", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))


def test_the_community_that_is_told_first_is_promised_first() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 2)
    desk.publish(case, desk.approve(case, RESPONSE), "community")
    assert [duty.state for duty in promised(desk, case)] == ["open"]


def said_again(at: datetime) -> tuple[TestDesk, str, Duty]:
    """The promise of a published response, once an update has named the same hour again at this moment."""
    desk, case = published()
    desk.now = at
    desk.publish(case, desk.approve(case, RESPONSE, "update"))
    by_hand(desk, case)
    (duty,) = promised(desk, case)
    return desk, case, duty


def test_news_that_names_the_same_hour_again_does_not_keep_it() -> None:
    """At noon: "news at 14:00, as we said". The news of 14:00 is still owed."""
    desk, case, duty = said_again(datetime(2026, 11, 20, 11, 0, tzinfo=UTC))
    assert (duty.state, duty.due_at) == ("open", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))
    assert f"duty:{case}:{duty.id}" in {one.id for one in waiting.waits(desk.desk.casework.read(case))}
    desk.publish(case, desk.approve(case, UPDATE, "update"))
    by_hand(desk, case)
    assert [(one.state, one.due_at.hour) for one in promised(desk, case) if one.due_at] == [
        ("done", 13),
        ("open", 17),
    ]


def test_news_that_comes_late_and_names_its_hour_keeps_it() -> None:
    """At 14:05: "the news promised for 14:00". It is that news, and five minutes late."""
    _, _, duty = said_again(datetime(2026, 11, 20, 13, 5, tzinfo=UTC))
    assert (duty.state, duty.broken_at) == ("done", datetime(2026, 11, 20, 13, 0, tzinfo=UTC))
