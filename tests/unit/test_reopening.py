"""What reopens a decision not to respond: sentences that the desk understands, and those that a person must watch for."""

from __future__ import annotations

import pytest

from sangfroid.cases.no_response import decide, understood, watched_by_people
from sangfroid.errors import IllegalTransition
from tests.support.desks import TestDesk


@pytest.mark.parametrize(
    ("said", "watched"),
    [
        ("5000 abonnés", "followers_over:5000"),
        ("5 000 abonnés", "followers_over:5000"),
        ("plus de 5\u202f000 abonnés", "followers_over:5000"),
        ("Plus de 5 000 abonnés.", "followers_over:5000"),
        ("au moins 5000 abonnés", "followers_over:4999"),
        ("5k followers", "followers_over:5000"),
        ("over 10,000 followers", "followers_over:10000"),
        ("if he has more than 10 000 followers", "followers_over:10000"),
        ("1 million d'abonnés", "followers_over:1000000"),
        ("> 20 messages", "messages_over:20"),
        ("plus de 50 mentions", "messages_over:50"),
        ("presse", "press"),
        ("La presse en parle", "press"),
        ("the press", "press"),
        ("any new message", "any_message"),
        ("tout nouveau message", "any_message"),
        ("followers_over:10", "followers_over:10"),
        ("fewer than 5000 followers", "person:fewer than 5000 followers"),
        ("moins de 5000 abonnés", "person:moins de 5000 abonnés"),
        ("5000 abonnés en moins", "person:5000 abonnés en moins"),
        ("un compte de 5000 abonnés belges", "person:un compte de 5000 abonnés belges"),
        ("the minister speaks", "person:the minister speaks"),
        ("9" * 40 + " followers", "person:" + "9" * 40 + " followers"),
    ],
)
def test_a_condition_is_understood_or_a_person_watches(said: str, watched: str) -> None:
    assert understood(said) == watched
    assert watched_by_people([watched]) == ([said] if watched.startswith("person:") else [])


def test_a_case_in_triage_is_classified_first() -> None:
    desk = TestDesk()
    case_id = desk.report()
    with pytest.raises(IllegalTransition, match="Classify it first"):
        desk.desk.casework.change(
            case_id,
            "ana",
            lambda file: decide(file, "a fight", ["press"], may_propose=True, may_confirm=False),
        )
