"""The one folding: what looks the same compares the same, and what is quoted is the original."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangfroid.text.blank import is_blank
from sangfroid.text.folding import Folded, bare, folded, normalised, skeleton

AS_READ = {
    "no-break space": "l'équipe n'a pas de commentaire",
    "narrow no-break space": "l'équipe n'a pas de\u202fcommentaire",
    "two blanks": "l'équipe  n'a pas  de commentaire",
    "line break": "l'équipe n'a pas de\ncommentaire",
    "line separator": "l'équipe n'a pas de\u2028commentaire",
    "next line": "l'équipe n'a pas de\x85commentaire",
    "ideographic space": "l'équipe n'a pas de\u3000commentaire",
    "zero width space": "l'équipe n'a pas de com\u200bmentaire",
    "word joiner": "l'équipe n'a pas de com\u2060mentaire",
    "soft hyphen": "l'équipe n'a pas de com\u00admentaire",
    "direction": "l'équipe n'a pas de \u202acommentaire\u202c",
    "variation selector": "l'équipe n'a pas de commentaire\ufe0f",
    "typographic apostrophe": "l’équipe n’a pas de commentaire",
    "modifier apostrophe": "lʼéquipe nʼa pas de commentaire",
    "decomposed": unicodedata.normalize("NFD", "l'équipe n'a pas de commentaire"),
    "capitals": "L'ÉQUIPE N'A PAS DE COMMENTAIRE",
    "full width": "l'équipe n'a pas de ｃｏｍｍｅｎｔａｉｒｅ",
    "ligature": "l'équipe n'a pas de commentaire",
    "mathematical": "l'équipe n'a pas de 𝐜𝐨𝐦𝐦𝐞𝐧𝐭𝐚𝐢𝐫𝐞",
    "around": " \u200bl'équipe n'a pas de commentaire\u00a0\n",
}


@pytest.mark.parametrize("text", AS_READ.values(), ids=AS_READ)
def test_what_looks_the_same_is_the_same(text):
    assert folded(text) == "l'équipe n'a pas de commentaire"
    assert bare(text) == "l'equipe n'a pas de commentaire"


def test_typography_is_folded():
    assert folded("« Peut‑être – ou “non”… », cœur, ﬁn") == '" peut-être - ou "non"... ", coeur, fin'


@pytest.mark.parametrize("other", ["désolé / desole", "pas / pas de", "1,5 / 15", "du / dû"])
def test_other_words_stay_others(other):
    one, two = other.split(" / ")
    assert folded(one) != folded(two)


def test_look_alike_letters():
    assert skeleton("Nоus sоmmеs dеsоles") == "nous sommes desoles"  # о and е are Cyrillic
    assert skeleton("ΝUΑGΕ") == "nuage"  # Greek capitals
    assert skeleton("Désolé") == "desole"
    assert skeleton("привет") == skeleton("ПРИВЕТ".lower())
    assert folded("Nоus") != "nous"


@given(st.text())
def test_places_lead_back_to_the_original(text):
    plain = Folded(text)
    assert plain.text == folded(text)
    spans = [plain.span(place, place + 1) for place in range(len(plain.text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    if not is_blank(text):
        assert plain.span(0, 0)[0] <= len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


def test_a_quote_is_the_original():
    plain = Folded("Or, l’é\u0301quipe  n’a\u00a0pas")
    start = plain.text.index("n'a pas")
    assert plain.quote(start, start + 7) == "n’a\u00a0pas"


@pytest.mark.parametrize(
    "nothing",
    [
        "",
        " ",
        "\n\t",
        "\u00a0",
        "\u200b",
        "\u2060\ufeff",
        "\u00ad",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
        "\u2800",
        "\u0301",
        "\ufe0f",
        "\u202e\u202c",
        "\x00\x1b",
        "\ue000",
        "\u180e",
        "\U000e0041",
        "\ufffc",
        "\u034f",
        "\u2028",
        "\U0001d159",
        "\u17b4",
    ],
)
def test_blank(nothing):
    assert is_blank(nothing)
    assert is_blank(nothing * 3 + " ")
    assert not is_blank(nothing + "x")


@pytest.mark.parametrize("something", ["a", ".", "—", "😀", "é", "中", "1", "e\u0301", "\u0600", "한", "…"])
def test_not_blank(something):
    assert not is_blank(something)


def test_marks_without_end_cost_no_more_than_their_length():
    assert len(normalised("NFC", "a" + "\u0315\u0300" * 10_000)) < 60
