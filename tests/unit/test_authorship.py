"""Nobody approves words of their own, compared as people read them (S6, S7)."""

from __future__ import annotations

import unicodedata

import pytest

from sangfroid.errors import NotAllowed
from sangfroid.model import Submission
from tests.support.desks import TestDesk

FR = "Nous sommes désolés. L'incident de 14 h 30 est clos."
EN = "We apologise. The incident is over."

AGAIN = {
    "as it is": FR,
    "one blank more": FR.replace(" ", "  ", 1),
    "a blank at the end": FR + " ",
    "no-break spaces": FR.replace(" ", "\u00a0"),
    "capitals": FR.upper(),
    "decomposed": unicodedata.normalize("NFD", FR),
    "invisible": FR.replace("sommes", "som\u200bmes"),
    "soft hyphen": FR.replace("incident", "inci\u00addent"),
    "apostrophe": FR.replace("'", "’"),
    "line breaks": FR.replace(". ", ".\n\n"),
    "without accents": FR.replace("é", "e"),
    "look-alikes": FR.replace("o", "о"),
    "one more full stop": FR + ".",
    "quoted": f"« {FR} »",
    "emphasis": f"**{FR}**",
    "full width": FR.replace("14", "１４"),
}


def written(
    world: TestDesk, first: str, again: str, other: dict[str, str] | None = None
) -> tuple[str, int, str]:
    """A text of emma's, handed in again by ana."""
    case = world.report()
    world.desk.triage.decide(case, 1, False, "seen", "ana")
    world.desk.responses.submit(case, Submission({"fr": first, "en": EN}), "emma")
    version = world.desk.responses.submit(
        case, Submission({"fr": again, **(other or {"en": "Sorry, it is over."})}), "ana"
    )
    assert version.state == "in_review"
    return case, version.version, version.content_hash


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
def test_the_first_author_does_not_approve_her_words_in_another_dress(again: str) -> None:
    world = TestDesk()
    case, number, hash_ = written(world, FR, again)
    with pytest.raises(NotAllowed, match="words of their own"):
        world.desk.responses.review(case, number, True, hash_, "", "emma", director=False)
    assert world.desk.responses.review(case, number, True, hash_, "", "director-a", director=True).approvals


def test_words_of_one_language_are_words() -> None:
    world = TestDesk()
    case, number, hash_ = written(
        world, FR, "Nous présentons nos excuses pour tout cela.", {"en": EN.upper()}
    )
    with pytest.raises(NotAllowed):
        world.desk.responses.review(case, number, True, hash_, "", "emma", director=False)


def test_words_go_from_hand_to_hand_and_stay_whose_they_are() -> None:
    world = TestDesk()
    case = world.report()
    world.desk.triage.decide(case, 1, False, "seen", "ana")
    for by, text in (("emma", FR), ("ana", FR.upper()), ("noor", FR + "\n")):
        version = world.desk.responses.submit(case, Submission({"fr": text, "en": EN}), by)
    assert set(version.words_of) == {"emma", "ana", "noor"}
    with pytest.raises(NotAllowed):
        world.desk.responses.review(
            case, version.version, True, version.content_hash, "", "emma", director=False
        )


def test_other_words_may_be_approved() -> None:
    world = TestDesk()
    case, number, hash_ = written(world, FR, FR.replace("14 h 30", "15 h 30"))
    assert world.desk.responses.review(case, number, True, hash_, "", "emma", director=False).approvals


@pytest.mark.parametrize("alias", ["Emma", "emma ", "ｅmma", "em\u200bma", "еmma"])
def test_another_spelling_of_an_id_is_the_same_person(alias: str) -> None:
    world = TestDesk()
    case, number, hash_ = written(world, FR, FR)
    with pytest.raises(NotAllowed):
        world.desk.responses.review(case, number, True, hash_, "", alias, director=False)
