"""Who is who, and whose words are whose."""

import unicodedata

import pytest

from sangfroid.text.identity import NotAnId, plain_id, same_words, words_digest

TEXT = "Nous sommes désolés. L'incident, qui a duré 1,5 heure, est clos."


@pytest.mark.parametrize(
    ("written", "plain"),
    [("ana", "ana"), ("Ana", "ana"), ("ANA.B@x-y_z", "ana.b@x-y_z"), ("a", "a"), ("7", "7")],
)
def test_one_form(written, plain):
    assert plain_id(written) == plain


@pytest.mark.parametrize(
    "other",
    [
        "",
        " ",
        "ana ",
        " ana",
        "a na",
        "ana\n",
        "ａna",
        "a\u200bna",
        "аna",
        "ana\u0301",
        "añа",
        "ana/b",
        "ana,b",
        ".ana",
        "ana.",
        "-",
        "a" * 129,
        "an\x00a",
        "ana\u00a0",
        "ſana",
        "\u212a",
        "ana\ufe0f",
        "ana#",
    ],
)
def test_others_are_refused(other):
    with pytest.raises(NotAnId):
        plain_id(other)


@pytest.mark.parametrize(
    "again",
    [
        TEXT + " ",
        TEXT.replace(" ", "  ", 1),
        TEXT.replace(" ", "\u00a0"),
        TEXT.upper(),
        TEXT.lower(),
        TEXT.replace("'", "’"),
        unicodedata.normalize("NFD", TEXT),
        "\u200b" + TEXT,
        TEXT.replace("e", "е"),
        TEXT + ".",
        TEXT[:-1],
        TEXT.replace(". ", ".\n\n"),
        TEXT.replace("é", "e"),
        TEXT.replace("sommes", "som\u00admes"),
        f"« {TEXT} »",
        f"**{TEXT}**",
        TEXT + " 🙏",
    ],
)
def test_the_same_words(again):
    assert same_words(TEXT, again)
    assert words_digest(TEXT) == words_digest(again)


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("1,5", "15"),
        TEXT.replace("désolés", "navrés"),
        TEXT + " Merci.",
        "",
        TEXT.replace("1,5", "1,6"),
    ],
)
def test_other_words(other):
    assert not same_words(TEXT, other)


def test_texts_of_signs():
    assert same_words("🙏", " 🙏")
    assert not same_words("🙏", "👍")
    assert not same_words("50 %", "50 €")
