"""Every notice can be acted upon, in both languages; none that goes out of band, or is about a leak, says anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sangfroid.model import rfc3339
from sangfroid.outbound import notices, wording
from tests.support.desks import TestDesk

QUOTE = "Votre panne nous a coûté une journée, et personne ne répond"
FREEZE = (
    "frozen",
    "freeze_over",
    "drain_failing",
    "suspension_failed",
    "release_awaited",
    "release_requested",
)
LEAK = ("leak_suspected", "leak_source")
SPEAKS = [kind for kind in wording.wordings() if kind not in (*notices.OF_A_LEAK, *FREEZE)]

VERBS = {
    "fr": [
        "isez",
        "ites",
        "crivez",
        "aites",
        "érifiez",
        "uvrez",
        "renez",
        "onfirmez",
        "révenez",
        "ubliez",
        "etirez",
        "urveillez",
        "nvoyez",
        "écidez",
    ],
    "en": [
        "ead",
        "ay",
        "rite",
        "heck",
        "pen",
        "end",
        "ake",
        "onfirm",
        "ell",
        "ublish",
        "atch",
        "eview",
        "Do",
    ],
}
"""Endings of imperatives, of which each notice has one."""


@pytest.fixture
def world() -> tuple[TestDesk, str]:
    desk = TestDesk()
    message = {
        "text": QUOTE,
        "platform": "x",
        "author": {"handle": "@lea"},
        "published_at": rfc3339(desk.now - timedelta(hours=1)),
    }
    case = desk.report(message=message)
    desk.triage(case, 2)
    desk.write(case, {"fr": "Nous sommes désolés. " * 5, "en": "We are sorry. " * 5})
    return desk, case


def told(
    world: tuple[TestDesk, str], kind: str, person: str, audience: str = "team", **details: Any
) -> tuple[str, str]:
    desk, case = world
    organisation, file = desk.organisation, desk.desk.casework.read(case)
    first = desk.desk.casework.store.messages(case, limit=1)[0]
    given = {
        "version": 1,
        "duty": "C2.3",
        "clock": "response_ready",
        "channel": "newsroom",
        "reason": "States.TaskFailed",
    }
    after = organisation.person("dora")
    scene = notices.Scene(organisation, file, first, after, desk.now + timedelta(minutes=20), given | details)
    who = organisation.person(person)
    assert who is not None
    way = next(one for one in who.reach if organisation.channel(one.channel).audience == audience)
    return notices.compose(
        kind, scene, notices.to_person(organisation, who, organisation.channel(way.channel), way.address)
    )


@pytest.mark.parametrize("person", ["ana", "ben"])
@pytest.mark.parametrize("kind", SPEAKS)
def test_a_notice_says_whose_it_is_what_was_said_what_to_do_by_when_and_where(
    world: tuple[TestDesk, str], kind: str, person: str
) -> None:
    language = "fr" if person == "ana" else "en"
    subject, text = told(world, kind, person)
    _, case = world
    assert "Nuage SA" in subject
    assert "Nuage SA" in text
    assert QUOTE in text
    assert "@lea" in text
    assert any(verb in text for verb in VERBS[language]), text
    assert (
        "il reste 11 h 00 min (avant 21 h 00)" if language == "fr" else "11 h 00 min left (by 21:00)"
    ) in text
    assert f"https://desk.nuage.example/#/cases/{case}" in text
    assert "Dora Keller" in text
    assert "States." not in text
    if language == "fr":
        for word in ("attempts", "response", "case ", "States", "the "):
            assert word not in text.split("https:")[0], word
        assert " :" not in text.replace("\u00a0:", "").replace("https:", ""), text


@pytest.mark.parametrize("kind", list(wording.wordings()))
@pytest.mark.parametrize("person", ["ana", "ben"])
def test_a_page_says_nothing_and_is_one_text_of_a_telephone(
    world: tuple[TestDesk, str], kind: str, person: str
) -> None:
    _, text = told(world, kind, person, "out_of_band")
    assert len(text) <= 160
    assert set(text) <= wording.GSM_7, set(text) - wording.GSM_7
    assert text.startswith("Sangfroid")
    for word in ("Nuage SA", "@lea", "panne", world[1]):
        assert word not in text
    assert "https://desk.nuage.example" in text or "+33" in text


@pytest.mark.parametrize("kind", list(wording.wordings()))
def test_nothing_of_a_leak_goes_by_a_way_that_a_freeze_would_stop(kind: str) -> None:
    desk = TestDesk(leak_suspected=True)
    case = desk.report(text=QUOTE)
    desk.desk.triage.classify(case)
    assert desk.desk.casework.read(case).case.suspicion == "pending"
    desk.desk.notices.tell(
        case,
        kind,
        f"o-{kind}",
        ["on_call", "security_lead", "director"],
        "team",
        {"duty": "C3.0c"},
        room=True,
    )
    letters = desk.reached("team")
    assert letters
    for letter in letters:
        whole = f"{letter.subject} {letter.text}".casefold()
        for word in ("panne", "nuage sa", "c3.0c", "leak", "fuite", "gel ", "freeze", "suspicion"):
            assert word not in whole, letter


def test_only_ones_own_duties_are_yours(world: tuple[TestDesk, str]) -> None:
    desk, case = world
    file = desk.desk.casework.read(case)
    for person in ("ana", "ben"):
        _, text = told(world, "crisis_opened", person)
        for duty in file.case.duties:
            mine = duty.owner == person and duty.state == "open" and not duty.automatic
            assert (f"({duty.id})" in text) == mine, (person, duty.id)


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("fr", 0, "à 10 h 00"),
        ("fr", 1, "demain à 10 h 00"),
        ("fr", 3, "lundi 23 novembre à 10 h 00"),
        ("en", 3, "10:00 on Monday 23 November"),
        # A year ago to the day, without the year, reads as yesterday.
        ("fr", -366, "19 novembre 2025 à 10 h 00"),
        ("en", -366, "10:00 on 19 November 2025"),
        ("en", -40, "11:00 on Sunday 11 October"),
    ],
)
def test_the_day_is_named_when_it_is_not_today(language: str, days: int, words: str) -> None:
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    at = datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(days=days)
    assert wording.local_time(at, now, "Europe/Paris", language) == words


def test_a_quote_is_one_line_of_140_characters() -> None:
    quoted = wording.excerpt("a\u202eb\n\n" + "mot " * 100)
    assert len(quoted) <= 140
    assert quoted.startswith("a b mot")
    assert quoted.endswith("mot…")


def test_a_notice_that_cannot_be_composed_still_calls(
    world: tuple[TestDesk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, case = world

    def broken(*_: Any) -> tuple[str, str]:
        raise KeyError("a word is missing")

    monkeypatch.setattr(notices, "compose", broken)
    desk.desk.notices.tell(case, "review_requested", "o", ["approver"], "team", {"version": 1}, room=False)
    assert [letter.text for letter in desk.reached("team")] == [
        wording.page("review_requested", one, "https://desk.nuage.example", "+33 1 00 00 00 00")
        for one in ("fr", "en")
    ]


@pytest.mark.parametrize("kind", list(wording.wordings()))
def test_a_page_loses_no_accent_on_a_telephone(kind: str) -> None:
    """GSM 03.38 has no â, ê, î, ô, û, ç: "une tâche" would be read as "une tache"."""
    for language in ("fr", "en"):
        letters = {sign for sign in wording.wordings()[kind][language]["page"] if sign.isalpha()}
        assert letters <= wording.GSM_7, letters - wording.GSM_7


@pytest.mark.parametrize(
    ("n", "french", "english"),
    [
        (2, "2", "2"),
        (2026, "2026", "2026"),
        (50_000, "50\u202f000", "50,000"),
        (1_250_000, "1\u202f250\u202f000", "1,250,000"),
    ],
)
def test_great_numbers_are_read_in_groups(n: int, french: str, english: str) -> None:
    assert wording.grouped(n, "fr") == french
    assert wording.grouped(n, "en") == english
