"""Single rules: what a clock does next, the charter, the wording of notices, the hash of texts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sangfroid.cases import charter, clocks, facts
from sangfroid.cases.no_response import checked
from sangfroid.errors import Invalid, Refused
from sangfroid.model import Clock
from sangfroid.organisation import load
from sangfroid.outbound import notices
from sangfroid.playbooks import playbook
from tests.support.desks import EXAMPLE, NINE, TestDesk

H = timedelta(hours=1)


def test_a_clock_that_starts_late_gives_only_its_newest_missed_reminder() -> None:
    clock = Clock(id="response_ready", due_at=NINE + H)
    step = clocks.next_moment(clock, NINE, [6 * H, 2 * H, H / 2], H / 2, 4, 24 * H)
    assert step == ("remind", NINE - H)
    clock.reminded = ["2026-11-20T04:00:00Z", "2026-11-20T08:00:00Z"]
    assert clocks.next_moment(clock, NINE, [6 * H, 2 * H, H / 2], H / 2, 4, 24 * H) == (
        "remind",
        NINE + H / 2,
    )


def test_the_ladder_is_climbed_and_its_last_rung_repeated() -> None:
    clock = Clock(id="response_ready", due_at=NINE, state="breached", breached_at=NINE)
    moments = []
    for climbed in range(6):
        clock.escalations = climbed
        moments.append(clocks.next_moment(clock, NINE, [], H / 2, 4, 24 * H)[1] - NINE)
    assert moments == [0 * H, H / 2, H, 1.5 * H, 25.5 * H, 49.5 * H]


def test_texts_that_differ_anywhere_have_another_hash() -> None:
    assert facts.content_hash({"fr": "ab", "en": "c"}) != facts.content_hash({"fr": "a", "en": "bc"})
    assert facts.content_hash({"fr": "a"}) != facts.content_hash({"en": "a"})
    assert facts.content_hash({"fr": "a", "en": "b"}) == facts.content_hash({"en": "b", "fr": "a"})


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        ({"fr": "Nous sommes désolés.", "en": "We apologise."}, set()),
        ({"fr": "Nous sommes désolés."}, {"missing_language"}),
        ({"fr": "Sans commentaire, désolés.", "en": "Sorry."}, {"forbidden_wording"}),
        ({"fr": "Bonjour.", "en": "Sorry, in due course."}, {"no_apology", "ambiguous_wording"}),
    ],
)
def test_the_charter(texts: dict[str, str], codes: set[str]) -> None:
    findings = charter.check(texts, "response", "Nuage SA", playbook(2), load(EXAMPLE))
    # What such short texts leave unsaid (the reason, what is done, the next news) is found besides: tests/charter.
    unsaid = {"no_reason", "no_solution", "no_next_news"}
    assert {finding.code for finding in findings} - unsaid == codes


def test_forbidden_wording_keeps_a_text_out_of_review() -> None:
    world = TestDesk()
    case = world.report()
    world.triage(case, 1)
    version = world.write(case, {"fr": "Sans commentaire.", "en": "No comment."})
    assert version.state == "draft"
    with pytest.raises(Refused, match="is draft, not in review"):
        world.review(case, version)


def test_reopening_conditions() -> None:
    assert checked(["press", "followers_over:10", "the minister speaks"]) == [
        "press",
        "followers_over:10",
        "person:the minister speaks",
    ]
    with pytest.raises(Invalid):
        checked([])


@pytest.mark.parametrize(
    ("minutes", "language", "words"),
    [
        (330, "en", "5 h 30 min left"),
        (330, "fr", "il reste 5 h 30 min"),
        (45, "fr", "il reste 45 min"),
        (4320, "fr", "il reste 3 jours"),
        (-61, "en", "1 h 01 min overdue"),
        (-61, "fr", "dépassé depuis 1 h 01 min"),
    ],
)
def test_time_left_in_the_readers_language(minutes: int, language: str, words: str) -> None:
    assert notices.time_left(NINE + timedelta(minutes=minutes), NINE, language) == words


def test_every_notice_has_words_in_both_languages() -> None:
    for kind, languages in notices.wordings().items():
        assert set(languages) == {"fr", "en"}, kind
        for words in languages.values():
            assert {"subject", "ask"} <= set(words), kind


def test_a_page_carries_no_content_of_the_case() -> None:
    world = TestDesk()
    case = world.report(text="Secret wording of the crisis")
    world.triage(case, 2, reason="a reason nobody else knows")
    for kind in notices.wordings():
        if kind == "agency_file":
            continue
        world.desk.notices.tell(
            case,
            kind,
            f"o-{kind}",
            ["director"],
            "out_of_band",
            {"reason": "because of X", "clock": "response_ready"},
            room=True,
        )
    pages = world.reached("out_of_band")
    assert len(pages) > 10
    for letter in pages:
        assert case in letter.text or "angfroid" in letter.text
        for word in ("Nuage", "Secret", "nobody else", "because of X", "fault"):
            assert word not in letter.text, letter
