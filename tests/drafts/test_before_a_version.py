"""First drafts, findings set aside by name, and what a person changed (R4, R14, A1), on the in-memory desk."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from sangfroid.cases import overriding
from sangfroid.errors import IllegalTransition, Invalid, NotFound
from sangfroid.model import CaseNumber, Submission
from sangfroid.text import differences
from tests.support.desks import TestDesk

BLOCKED = {
    "fr": "Nous vous présentons nos excuses : c'est notre faute. Écrivez à p.d@perso.example. Prochaine nouvelle à 14 h.",
    "en": "We apologise: it is our fault. Write to p.d@perso.example. Next news at 14:00.",
}
REASON = "This mailbox was opened for this incident and everybody may write to it"


def classified(number: CaseNumber = 2, **more: object) -> tuple[TestDesk, str]:
    desk = TestDesk()
    case = desk.report(**more)  # type: ignore[arg-type]  # what a report takes
    desk.triage(case, number)
    return desk, case


# -- findings set aside


def test_a_blocking_finding_is_set_aside_by_name_and_reason_and_the_text_goes_into_review() -> None:
    desk, case = classified()
    version = desk.write(case, BLOCKED)
    assert version.state == "draft"
    assert overriding.still_blocking(version) == ["email_address"]
    changed = desk.desk.drafts.override(case, version.version, "email_address", REASON, "ben")
    assert changed.state == "in_review"
    assert changed.reviewers
    kept = desk.desk.casework.read(case).responses[-1]
    assert [(one.code, one.by, one.reason, one.at) for one in kept.overrides] == [
        ("email_address", "ben", REASON, desk.now)
    ]
    noted = desk.desk.casework.store.events(case)[-1]
    assert (noted.kind, noted.by, noted.data["reason"]) == ("finding_overridden", "ben", REASON)
    desk.review(case, kept, "emma")
    assert desk.desk.casework.read(case).approved is not None


@pytest.mark.parametrize("reason", ["x", "ok ok", "  ", "azerty"])
def test_a_reason_that_says_nothing_sets_nothing_aside(reason: str) -> None:
    desk, case = classified()
    version = desk.write(case, BLOCKED)
    with pytest.raises(Invalid):
        desk.desk.drafts.override(case, version.version, "email_address", reason, "ben")
    assert desk.desk.casework.read(case).responses[-1].state == "draft"


def test_every_blocking_finding_must_be_set_aside() -> None:
    desk, case = classified()
    texts = {language: text + " {{name}}" for language, text in BLOCKED.items()}
    version = desk.write(case, texts)
    assert set(overriding.still_blocking(version)) == {"email_address", "placeholder_left_in"}
    assert desk.desk.drafts.override(case, 1, "email_address", REASON, "ben").state == "draft"
    assert (
        desk.desk.drafts.override(case, 1, "placeholder_left_in", "Quoted as it was said", "ben").state
        == "in_review"
    )


def test_only_what_blocks_a_draft_can_be_set_aside() -> None:
    desk, case = classified()
    version = desk.write(case, BLOCKED)
    for code in ("languages_differ", "no_such_code"):
        with pytest.raises(IllegalTransition, match="No blocking finding"):
            desk.desk.drafts.override(case, version.version, code, REASON, "ben")
    desk.desk.drafts.override(case, version.version, "email_address", REASON, "ben")
    with pytest.raises(IllegalTransition, match="in_review"):
        desk.desk.drafts.override(case, version.version, "email_address", REASON, "ben")


def test_a_limit_is_never_set_aside() -> None:
    desk, case = classified()
    version = desk.write(case, {"fr": "Nous sommes désolés. " * 900, "en": "We are sorry. " * 900})
    assert "too_long" in overriding.still_blocking(version)
    with pytest.raises(IllegalTransition, match="limit"):
        desk.desk.drafts.override(case, version.version, "too_long", REASON, "ben")


def test_a_confidential_term_is_not_set_aside_during_a_freeze() -> None:
    desk, case = classified()
    desk.organisation.charter.confidential["fr"] = ["projet aurore"]
    version = desk.write(
        case, {"fr": "Nous sommes désolés : le projet Aurore est en retard, c'est notre faute."}
    )
    assert overriding.still_blocking(version) == ["confidential_term"]
    desk.freeze()
    with pytest.raises(IllegalTransition, match="freeze"):
        desk.desk.drafts.override(case, version.version, "confidential_term", REASON, "emma")
    desk.release("all")
    done = desk.desk.drafts.override(
        case, version.version, "confidential_term", "The project was announced today", "emma"
    )
    assert done.state == "in_review"


# -- first drafts


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_there_is_a_draft_for_each_audience_and_language_as_soon_as_the_case_is_classified(
    number: CaseNumber,
) -> None:
    desk = TestDesk()
    case = desk.report()
    with pytest.raises(IllegalTransition, match="triage"):
        desk.desk.drafts.first(case)
    desk.triage(case, number)
    draft = desk.desk.drafts.first(case)
    assert set(draft.by_audience) == {"public", "community"}
    assert all(set(texts) == {"fr", "en"} for texts in draft.by_audience.values())
    assert draft.source == "template"
    known = {one["fact"]: one for one in draft.facts}
    assert known["first_public_message_at"]["standing"] == "established"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_draft_as_the_desk_made_it_cannot_be_reviewed_whoever_sets_what_aside(number: CaseNumber) -> None:
    desk, case = classified(number)
    version = desk.write(case, desk.desk.drafts.first(case).texts, based_on="first-draft")
    assert version.state == "draft"
    with pytest.raises(IllegalTransition, match="questions to you"):
        desk.desk.drafts.override(case, 1, "placeholder_left_in", REASON, "ben")


def test_what_the_desk_knows_is_filled_in() -> None:
    desk, case = classified(4, ago=timedelta(hours=3))
    texts = desk.desk.drafts.first(case).texts
    assert texts["fr"].startswith("Depuis le 20 novembre à 7 h, [ce qui circule")
    assert texts["en"].startswith("Since 20 November at 7:00, [what is going round")


def test_the_approver_sees_what_a_person_changed_of_the_first_draft() -> None:
    desk, case = classified()
    draft = desk.desk.drafts.first(case).texts["en"]
    written = draft.replace("[day and time]", "20 November at 7:10").replace("Meanwhile", "Until then")
    version = desk.write(case, {"en": written}, based_on="first-draft")
    since, changed = desk.desk.drafts.changes(case, version.version, None)
    assert since == "first-draft"
    parts = changed["en"]
    assert "".join(one.text for one in parts if one.kind != "removed") == written
    assert "".join(one.text for one in parts if one.kind != "added") == draft
    assert "20 November at 7:10" in "".join(one.text for one in parts if one.kind == "added")
    assert 0.5 < differences.untouched(parts) < 1


# -- somebody else was faster


def test_a_text_that_started_from_an_older_version_is_refused_with_the_newest() -> None:
    desk, case = classified()
    first = desk.write(case, {"en": "We apologise: it is our fault. Next news at 14:00."})
    newer = desk.write(
        case, {"en": "We apologise: it is our fault. Next news at 15:00."}, by="ben", based_on=first.version
    )
    for started in (first.version, "first-draft"):
        with pytest.raises(IllegalTransition) as refused:
            desk.write(case, {"en": "We are sorry."}, based_on=started)
        assert refused.value.extra["newest"]["version"] == newer.version
        assert refused.value.extra["newest"]["by"] == "ben"
        assert refused.value.extra["newest"]["texts"] == newer.texts
    assert len(desk.desk.casework.read(case).responses) == 2
    assert desk.write(case, {"en": "We are sorry, it is our fault."}, based_on=newer.version).version == 3


def test_a_version_that_does_not_exist_was_not_started_from() -> None:
    desk, case = classified()
    with pytest.raises(Invalid):
        desk.desk.responses.submit(case, Submission({"en": "We are sorry."}, based_on=7), "ana")


# -- saved drafts


def test_a_saved_draft_is_a_persons_own() -> None:
    desk, case = classified()
    saved = desk.desk.drafts.save(case, {"fr": "Nous [quoi]", "en": ""}, "first-draft", None, "ana")
    assert desk.desk.drafts.saved(case, "ana") == saved
    with pytest.raises(NotFound):
        desk.desk.drafts.saved(case, "ben")
    desk.desk.drafts.forget(case, "ana")
    with pytest.raises(NotFound):
        desk.desk.drafts.saved(case, "ana")


def test_hostile_texts_are_compared_in_bounded_time() -> None:
    started = time.monotonic()
    parts = differences.between("a b " * 4_000, "b a c " * 2_500)
    assert time.monotonic() - started < 5
    assert "".join(one.text for one in parts if one.kind != "removed") == "b a c " * 2_500
