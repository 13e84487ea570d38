"""The timeline and the report say what each event is about, who it was and when it was here, in the reader's language."""

from __future__ import annotations

from html import unescape
from typing import get_args

import pytest

from sangfroid.acts.subjects import first_message
from sangfroid.http import report, report_page
from sangfroid.model import ClockId, ClockState, DeliveryState, DutyState, ResponseKind, Severity, Status
from sangfroid.outbound.wording import words as notice_words
from tests.support.desks import TestDesk

TEXTS = {
    "fr": "Nous vous présentons nos excuses : la cause est une mise à jour. Prochaine nouvelle le 20 novembre à 14 h.",
    "en": "We apologise: an update caused it. Next news on 20 November at 14:00.",
}


def told(desk: TestDesk, case: str, language: report.Language) -> report.CrisisReport:
    file = desk.desk.casework.read(case)
    names = desk.organisation.name_of
    return report.build(file, desk.desk.casework.store.events(case), language, names, "Europe/Paris")


def played() -> tuple[TestDesk, str]:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 1)
    desk.publish(case, desk.approve(case, TEXTS))
    return desk, case


@pytest.mark.parametrize(
    ("language", "version", "clock"),
    [
        ("fr", "version 1 (réponse)", "Réponse prête (12 h)"),
        ("en", "version 1 (response)", "Response ready (12 h)"),
    ],
)
def test_each_event_says_what_it_is_about(language: report.Language, version: str, clock: str) -> None:
    desk, case = played()
    shown = told(desk, case, language)
    about = {(event.kind, event.about) for event in shown.events}
    assert ("response_approved", version) in about
    assert ("clock_met", clock) in about
    places = [event.about for event in shown.events if event.kind == "delivery_published"]
    assert {"newsroom/fr", "newsroom/en", "x/fr"} <= set(places)
    assert len(set(places)) == len(places)
    done = [event.about for event in shown.events if event.kind == "duty_done"]
    assert done
    assert all(done)


def test_people_stand_there_by_their_names() -> None:
    desk, case = played()
    assert any("Emma Laurent" in line for line in told(desk, case, "fr").worked)
    assert not any("emma" in line for line in told(desk, case, "fr").worked)


def page(desk: TestDesk, case: str, language: report.Language) -> str:
    file = desk.desk.casework.read(case)
    name, zone = desk.organisation.name_of, "Europe/Paris"
    message = first_message(desk.desk.casework, file)
    told = report.build(file, desk.desk.casework.store.events(case), language, name, zone, message)
    return unescape(report_page.page(told, language, name, zone))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_there_whatever_kind_of_text_the_case_has(language: report.Language) -> None:
    """A case with a holding text had no report as a page."""
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 2)
    for kind in get_args(ResponseKind):
        if kind in ("response", "holding"):
            desk.write(case, TEXTS, kind)
    assert notice_words("kinds", language)["holding"] in page(desk, case, language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_state_has_its_word(language: report.Language) -> None:
    say = report.words(language)
    for section, values in (
        ("statuses", Status), ("severities", Severity), ("clock_names", ClockId), ("results", ClockState),
        ("duty_states", DutyState), ("delivery_states", DeliveryState),
    ):  # fmt: skip
        missing = set(get_args(values)) - set(say[section])
        assert missing <= {"met", "breached"} if section == "results" else not missing, section
    assert set(get_args(ResponseKind)) <= set(notice_words("kinds", language))


def test_the_page_shows_the_message_names_and_the_time_here() -> None:
    desk, case = played()
    shown = page(desk, case, "fr")
    assert "C'est en panne" in shown
    assert "sur X" in shown
    assert "Emma Laurent" in shown
    assert ">emma<" not in shown
    assert ">ana" not in shown
    # Nine o'clock of the desk is ten in Paris; UTC stands where machines read it.
    assert "20/11/2026 10:00<" in shown
    assert 'datetime="2026-11-20T09:00:00Z"' in shown
    assert "UTC<" not in shown
    assert "notice:" not in shown


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "1 action faite à temps."), ("en", "1 duty done in time.")]
)
def test_one_is_not_many(language: report.Language, words: str) -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 1)
    desk.approve(case, TEXTS)
    assert words in told(desk, case, language).worked


def test_what_the_desk_gives_as_its_reason_is_no_quotation() -> None:
    desk, case = played()
    by_the_desk = [event for event in told(desk, case, "fr").events if event.by == "sangfroid"]
    assert by_the_desk
    assert not any("«" in event.about for event in by_the_desk)
