"""What a person is asked for in words must say something."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sangfroid.cases.substance import required, says_nothing
from sangfroid.errors import Invalid


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "xx", "x x x x", "ok", "OK ok Ok", "done", "fait.", "n/a", "N.A.", "...", "???", "-", "asdf", "asdfgh jkl",
        "qsdfghjklm",
        "test test", "todo", "aaaa bbbb", "hahaha", "\u200b\u200b", "\u2800", "ｘ", "xyxyxyxy", "👍", "👍👍 ok",
        "lorem ipsum dolor sit amet",
        "voilà", "rien", "1", "x1", "blabla bla", "ok merci", "fait oui", "preuve", "evidence: ok",
    ],
)  # fmt: skip
def test_nothing_was_said(text: str) -> None:
    assert says_nothing(text)
    with pytest.raises(Invalid) as refused:
        required(text, "/note", "why it is waived")
    assert refused.value.errors[0].pointer == "/note"


@pytest.mark.parametrize(
    "text",
    [
        "https://forum.example/t/88, first message of all", "ticket 4711", "appelée à 12 h 30", "No customer wrote.",
        "Die Ursache ist gefunden",
        "お客様に電話しました", "客户已确认问题解决", "Léa confirme", "écrit sur le forum", "see call log",
        "forum and community call at 12:30",
        "réponse : non, elle refuse", "router was misconfigured", "PV n° 12 du 3 mars",
    ],
)  # fmt: skip
def test_something_was_said(text: str) -> None:
    assert not says_nothing(text)
    assert required(f"  {text} ", "/note", "why") == text


def test_the_same_words_in_two_fields_are_one_answer() -> None:
    with pytest.raises(Invalid):
        required("The migration script.", "/lessons", "what was learnt", besides=["the  migration SCRIPT"])


@example("\u3040\u3400")
@given(st.text(max_size=60))
def test_what_is_refused_stays_refused_when_it_is_said_again(text: str) -> None:
    if says_nothing(text):
        assert says_nothing(f"{text} {text}")
