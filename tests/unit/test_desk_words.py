"""Whoever reads French reads in French what the desk says of a case: why, what shows that an action is done, what was sent."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sangfroid
from sangfroid.http import desk_words, documents, report
from sangfroid.tracing.refusals import FetchRefused
from sangfroid.triage.embedded import _MEANING
from tests.support.desks import TestDesk
from tests.support.sentences import texts

ROOT = Path(sangfroid.__file__).parent
SECTIONS = ("why", "duties", "notes", "parts", "deliveries", "pages")
RESPONSE = {
    "fr": "Nous vous présentons nos excuses : la cause est une mise à jour. Prochaine nouvelle le 20 novembre à 14 h.",
    "en": "We apologise: an update caused it. Next news on 20 November at 14:00.",
}


def in_code() -> str:
    said: list[str] = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                said += texts(node)
    return "\n".join(said)


def test_nothing_is_left_over_in_the_catalogue() -> None:
    code = in_code().lower()
    for section in SECTIONS:
        for english in desk_words.catalogue()[section]:
            pieces = [piece.strip(" .:").lower() for piece in english.split("{}")]
            assert all(piece in code for piece in pieces), (section, english)


def test_every_reading_of_a_text_has_its_french() -> None:
    assert set(desk_words.catalogue()["meanings"]) == set(_MEANING.values())


def test_whatever_a_fact_shows_has_its_french() -> None:
    """The sentences that close an action (cases/facts.py) and those of the trace (tracing/taking.py)."""
    tree = ast.parse((ROOT / "cases/facts.py").read_text("utf-8"))
    shown = {
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.JoinedStr)
        for text in texts(node.value)
        if text not in ("{}/{}", "{}:v{}:{}:{}")
    }
    assert shown
    assert shown <= set(desk_words.catalogue()["duties"])
    traced = ast.parse((ROOT / "tracing/taking.py").read_text("utf-8"))
    (note,) = [one for one in traced.body if isinstance(one, ast.FunctionDef) and one.name == "note"]
    sentences = {
        text
        for node in ast.walk(note)
        if isinstance(node, ast.JoinedStr | ast.Constant)
        for text in texts(node)
        if re.match(r"[A-Z].*\.$", text) and " " in text and not text.startswith("The findings")
    }
    whole = {one for one in sentences if not any(one != other and one in other for other in sentences)}
    assert len(whole) >= 7
    assert whole <= set(desk_words.catalogue()["notes"])


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "Not traced: no message of the case has an address. To be confirmed by a person.",
            "Source non cherchée\u00a0: aucun message du dossier n'a d'adresse. À confirmer par une personne.",
        ),
        ("Ana found it. To be confirmed by a person.", "Ana found it. To be confirmed by a person."),
        (
            "The page was not read (not_public: The name x.example is not one of the public internet.).",
            "La page n'a pas été lue (Le nom x.example n'est pas de l'internet public.).",
        ),
    ],
)
def test_a_note_of_the_desk_is_french_and_a_persons_is_theirs(english: str, french: str) -> None:
    assert desk_words.note(english, "fr") == french
    assert desk_words.note(english, "en") == english


def test_every_reason_why_a_page_was_not_read_has_its_french() -> None:
    kinds = {one.__name__ for one in FetchRefused.__subclasses__()}
    said = {
        text
        for path in (ROOT / "tracing").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in kinds
        and node.args
        for text in texts(node.args[0])
    }
    assert len(said) > 15
    assert said <= set(desk_words.catalogue()["pages"])


def test_why_keeps_the_words_that_people_wrote() -> None:
    said = "Reads as a leak of confidential or personal data: “en clair” (text), “the: file” (notes)."
    assert desk_words.why(said, "fr") == (
        "Se lit comme une fuite de données confidentielles ou personnelles\u00a0: «\u00a0en clair\u00a0» (texte), "
        "«\u00a0the: file\u00a0» (notes)."
    )
    assert desk_words.why("notre script est en cause", "fr") == "notre script est en cause"


def test_a_case_and_its_report_speak_one_language() -> None:
    desk = TestDesk()
    case = desk.report()
    desk.triage(case, 1)
    desk.publish(case, desk.approve(case, RESPONSE))
    file = desk.desk.casework.read(case)
    pages = documents.Pages(file.messages, file.deliveries.values(), file.responses)
    document = documents.case_document(file, pages, "fr")
    told = report.build(file, desk.desk.casework.store.events(case), "fr").model_dump(mode="json")
    for shown in (document["duties"], told["duties"]):
        evidence = {one["id"]: one["evidence"] for one in shown}
        assert re.fullmatch(r"version 1\u00a0: \d+ envois confirmés", evidence["C1.4"] or "")
    for shown in (document["deliveries"], told["publications"]):
        by_hand = [one["reason"] for one in shown if one["state"] == "manual"]
        assert by_hand
        assert set(by_hand) == {"à publier par agency"}
    english = documents.case_document(file, pages, "en")
    assert {one["reason"] for one in english["deliveries"] if one["state"] == "manual"} == {
        "to be published by agency"
    }


def test_what_a_person_typed_as_evidence_is_never_touched() -> None:
    assert desk_words.evidence("reply sent, thanks", "chloe", "fr") == "reply sent, thanks"
    assert desk_words.evidence("version 2, sha256:ab", "sangfroid", "fr") == "version 2, sha256:ab"


def noted() -> set[str]:
    """Sentences that the rules write into the note of an action."""
    found: set[str] = set()
    for path in (ROOT / "cases").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=True)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for name, value in pairs:
                    if isinstance(name, ast.Attribute) and name.attr == "note":
                        found.update(texts(value))
    return found


def test_whatever_the_rules_note_of_an_action_has_its_french() -> None:
    assert len(noted()) >= 4
    assert noted() <= set(desk_words.catalogue()["notes"])
