"""The timeline says of each event what it is about, in the reader's language: not "Published" sixteen times."""

from __future__ import annotations

import pytest

from sangfroid.http import report
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
