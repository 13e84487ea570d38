"""The charter reads texts as people read them (T1, T2); what is quoted is what was written."""

from __future__ import annotations

import unicodedata

import pytest

from sangfroid.cases import charter
from sangfroid.model import Finding, Submission
from sangfroid.organisation import load
from sangfroid.playbooks import playbook
from tests.support.desks import EXAMPLE, TestDesk

ORGANISATION = load(EXAMPLE).model_copy(deep=True)
ORGANISATION.charter.forbidden["fr"] = ["sans commentaire", "l'été dernier", "l'erreur est isolée", "tué"]
FORBIDDEN = "On l'a dit l'été dernier : sans commentaire."


def checked(text: str, language: str = "fr") -> list[Finding]:
    return charter.check({language: text}, "answer", "Nuage SA", playbook(2), ORGANISATION)


WRITTEN = {
    "no-break": "sans\u00a0commentaire",
    "narrow no-break": "sans\u202fcommentaire",
    "two blanks": "sans  commentaire",
    "line break": "sans\ncommentaire",
    "windows line break": "sans\r\ncommentaire",
    "em space": "sans\u2003commentaire",
    "ideographic": "sans\u3000commentaire",
    "braille blank": "sans\u2800commentaire",
    "zero width space": "sans com\u200bmentaire",
    "zero width space for a blank": "sans\u200bcommentaire",
    "zero width space beside a blank": "sans\u200b commentaire",
    "joiner": "sans com\u2060mentaire",
    "soft hyphen": "sans com\u00admentaire",
    "byte order mark": "sans com\ufeffmentaire",
    "direction": "sans \u200ecommentaire",
    "capitals": "SANS COMMENTAIRE",
    "full width": "sans ｃｏｍｍｅｎｔａｉｒｅ",
    "bold of mathematics": "sans 𝗰𝗼𝗺𝗺𝗲𝗻𝘁𝗮𝗶𝗿𝗲",
    "look-alikes": "sans cоmmеntаirе",
    "apostrophe": "l’été dernier",
    "modifier": "lʼété dernier",
    "grave": "l`été dernier",
    "decomposed": unicodedata.normalize("NFD", "l'été dernier"),
    "both": "l’" + unicodedata.normalize("NFD", "été") + "\u202fdernier",
    "capitals with accents": "L’ÉTÉ DERNIER",
    "hangul filler": "sans com\u3164mentaire",
    "variation selector": "sans\ufe0f commentaire",
    "plural": "sans commentaires",
    "hyphen": "sans-commentaire",
    "hyphen that does not break": "sans\u2011commentaire",
    "capitals without accents": "L'ETE DERNIER",
    "hurried": "l'ete dernier",
    "blank after the apostrophe": "l' été dernier",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_forbidden_words_are_found_as_they_are_read(written: str) -> None:
    text = f"On le redit : {written}, merci."
    (found,) = (one for one in checked(text) if one.code == "forbidden_wording")
    assert found.quote is not None
    assert found.quote in text, "the original is quoted"
    assert found.severity == "blocking"


@pytest.mark.parametrize(
    "other", ["sans aucun commentaire", "la tue-mouche", "éléphants commentaire", "l’était dernier", "tue"]
)
def test_other_words_are_not_found(other: str) -> None:
    assert not [one for one in checked(f"On le redit : {other}.") if one.code == "forbidden_wording"]


@pytest.mark.parametrize(
    ("text", "code", "severity", "quote"),
    [
        ("Bonjour [NOM], merci.", "placeholder_left_in", "blocking", "[NOM]"),
        ("Votre dossier {{numero}}.", "placeholder_left_in", "blocking", "{{numero}}"),
        ("TODO : le chiffre.", "placeholder_left_in", "blocking", "TODO"),
        ("Le prix est de \u202e21\u202c euros.", "direction_override", "blocking", "U+202E"),
        ("Rouge \x1b[31m.", "control_character", "blocking", "U+001B"),
        ("L\ufffdincident.", "unreadable_character", "blocking", "U+FFFD"),
        ("Prix\U000e0041.", "hidden_character", "warning", "U+E0041"),
        ("Nоus.", "look_alike_letters", "warning", "Nоus"),
        ("12&nbsp;h.", "escape_left_in", "warning", "&nbsp;"),
        ("Depuis ??? heures.", "doubtful_mark", "warning", "???"),
    ],
)
def test_what_was_left_in(text: str, code: str, severity: str, quote: str) -> None:
    assert (code, severity, quote) in [(one.code, one.severity, one.quote) for one in checked(text)]


def test_a_text_as_desks_write_them_has_nothing_left_in() -> None:
    text = "[MISE À JOUR] « L’incident » de 14 h 30 est clos…\n\n- https://nuage.example/etat\n- tout va bien\n- merci 🙏"
    assert checked(text) == []


def test_a_placeholder_keeps_a_text_out_of_review() -> None:
    world = TestDesk()
    case = world.report()
    world.desk.triage.decide(case, 1, False, "seen", "ana")
    texts = {"fr": "Nous sommes désolés, [NOM].", "en": "We apologise."}
    assert world.desk.responses.submit(case, Submission(texts), "ana").state == "draft"


def test_measures_are_listed() -> None:
    assert charter.LISTED.search("Mesures :\n  - une")
    assert charter.LISTED.search("1) une")
    assert not charter.LISTED.search("1 une\n-une\n\n\n")
