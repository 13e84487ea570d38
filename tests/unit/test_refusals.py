"""Whoever reads French is refused in French: no sentence of the code is missing in the catalogue, and none is left over in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sangfroid
from sangfroid.errors import FieldError, IllegalTransition, Invalid, NotAllowed
from sangfroid.http import problems, refusals
from sangfroid.outbound.wording import typeset
from tests.support.sentences import texts

ROOT = Path(sangfroid.__file__).parent
ROOMS = ("acts", "cases", "evidence", "freeze", "http", "store", "table.py", "tracing")
"""Where what a person does at the page is refused."""

NOT_A_PERSON = ("acts/announcing.py", "http/wire.py", "http/pressing.py", "http/calls/listening.py")
"""What only a program is told: the event bus, bodies that are no JSON, webhooks, and presses (which have words of their own)."""

REFUSALS = {
    "Invalid", "NotFound", "NotAllowed", "IllegalTransition", "Unavailable", "Unauthenticated", "UnknownPath",
    "MethodNotAllowed", "Refused", "Failed", "WrongType",
}  # fmt: skip


@cache
def raised(kind: str) -> dict[str, str]:
    """Sentences of refusals, or faults of fields -> where the code says them."""
    found: dict[str, str] = {}
    for room in ROOMS:
        place = ROOT / room
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name in NOT_A_PERSON:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if kind == "sentences" and node.func.id in REFUSALS and node.args:
                    argument: ast.expr | None = node.args[0]
                elif kind == "faults" and node.func.id == "FieldError" and len(node.args) > 1:
                    argument = node.args[1]
                elif kind == "asked" and node.func.id == "required" and len(node.args) > 2:
                    argument = node.args[2]
                else:
                    continue
                if argument is not None:
                    found |= dict.fromkeys(texts(argument), f"{name}:{node.lineno}")
    return found


@pytest.mark.parametrize("kind", ["sentences", "faults", "asked"])
def test_whatever_is_refused_has_its_french(kind: str) -> None:
    known = refusals.catalogue()[kind]
    missing = {text: place for text, place in raised(kind).items() if text not in known}
    assert not missing, f"write them into shared/sangfroid/http/refusals_fr.yaml, under {kind}: {missing}"


def test_what_a_case_still_owes_has_its_french() -> None:
    """The list under `owed` is what a person works through before a case closes."""
    tree = ast.parse((ROOT / "cases/closing.py").read_text("utf-8"))
    titles = {
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "title"
        for text in texts(value)
    }
    assert titles == set(refusals.catalogue()["owed"])
    owed = [
        {"id": "C2.2", "title": "Response ready"},
        {"id": "response_ready", "title": "The clock still runs (due 2026-11-28T21:45:29Z)."},
    ]
    refused = IllegalTransition("Still owed before this case can close: C2.2, response_ready.", owed=owed)
    told = refusals.in_french(problems.problem(refused, "/cases/1/close"))
    assert told["owed"] == [
        {"id": "C2.2", "title": "Réponse prête"},
        {"id": "response_ready", "title": "Le délai court encore (échéance 2026-11-28T21:45:29Z)."},
    ]


def test_every_title_has_its_french() -> None:
    titles = {problems.Failed.title, *(one.title for one in _all(problems.Refused))}
    assert titles - set(refusals.catalogue()["titles"]) == set()


def _all(kind: type) -> Iterator[type[problems.Refused]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("sangfroid."):
            yield one
            yield from _all(one)


def test_nothing_is_left_over_in_the_catalogue() -> None:
    """A sentence that the code no longer says is one that a translator no longer looks after."""
    said = "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))
    joined = "".join(said.split('"\n')).replace("\n", " ")
    plain = " ".join(joined.replace('f"', '"').split()).replace('" "', "").replace(' "', "")
    left = []
    for section in ("sentences", "asked"):
        for english in refusals.catalogue()[section]:
            pieces = [piece.strip(" .:“”") for piece in english.split("{}")]
            longest = max(pieces, key=len)
            if longest[:25] not in plain and longest[:25].replace("{id}", "{{id}}") not in plain:
                left.append(english)
    assert not left


def test_no_french_sentence_asks_for_more_than_is_filled_in() -> None:
    for section in ("sentences", "faults", "asked", "owed"):
        for english, french in refusals.catalogue()[section].items():
            values = [f"<{number}>" for number in range(english.count("{}"))]
            assert "{" not in french.format(*values), english


def test_a_problem_is_told_in_french_with_what_is_filled_in() -> None:
    def french(refused: problems.Refused) -> dict[str, object]:
        return refusals.in_french(problems.problem(refused, "/cases/1"))

    told = french(IllegalTransition("Version 3 is superseded, not in review.", newest=3))
    assert told["detail"] == "La version 3 n'est pas en relecture\N{NO-BREAK SPACE}: elle est remplacée."
    assert (told["title"], told["newest"], told["status"]) == ("Impossible en l'état", 3, 409)
    told = french(NotAllowed("This call needs the role approver or director; your token carries none."))
    assert (
        told["detail"]
        == "Il faut pour cela le rôle approbation ou direction\N{NARROW NO-BREAK SPACE}; vos rôles\N{NO-BREAK SPACE}: aucun."
    )
    asked = "Say in a few words why it is this case: “x” tells nobody anything."
    told = french(Invalid(asked, errors=[FieldError("/reason", "says nothing")]))
    assert str(told["detail"]).startswith("Dites en quelques mots pourquoi c'est ce cas")
    assert told["errors"] == [{"pointer": "/reason", "detail": "n'apprend rien"}]
    wrong = [
        {
            "type": "string_too_long",
            "loc": ("body", "note"),
            "msg": "String should have at most 500 characters",
        },
        {"type": "missing", "loc": ("body", "state"), "msg": "Field required"},
    ]
    told = french(problems.Rejected(wrong))
    assert told["detail"] == "/note\N{NO-BREAK SPACE}: 500 caractères au plus (et 1 de plus)."
    assert told["errors"] == [
        {"pointer": "/note", "detail": "500 caractères au plus"},
        {"pointer": "/state", "detail": "obligatoire"},
    ]
    many = [
        {"type": "missing", "loc": ("body", f"n{number}"), "msg": "Field required"} for number in range(60)
    ]
    told = french(problems.Rejected(many))
    assert told["detail"] == "/n0\N{NO-BREAK SPACE}: obligatoire (et 59 de plus)."
    # What nobody has translated stays as it was: a person can still act on it.
    assert french(Invalid("A sentence of tomorrow."))["detail"] == "A sentence of tomorrow."


def test_whatever_is_asked_for_is_asked_in_french() -> None:
    """Also where what is asked for holds an "or" of its own, which is no list of words."""
    for english, french in refusals.catalogue()["asked"].items():
        if "{}" in english:
            continue
        refused = Invalid(f"Say in a few words {english}.", errors=[FieldError("/reason", "required")])
        told = refusals.in_french(problems.problem(refused, "/cases/1"))["detail"]
        assert told == typeset(f"Dites en quelques mots {french}.", "fr"), english


def test_what_is_filled_in_is_found_in_linear_time() -> None:
    """Steps are counted, not seconds: each piece is looked for once in what is left."""
    assert refusals.filled_in(
        "{} is away from {} to {} UTC. Choose.", "Zoé is away from 1 to 2 UTC. Choose."
    ) == [
        "Zoé",
        "1",
        "2",
    ]
    assert refusals.filled_in("a{}b", "ab") == [""]
    assert refusals.filled_in("ab{}ba", "aba") is None
    assert refusals.filled_in("{} comes first", "nothing") is None
    assert refusals.filled_in("{}", "anything at all") == ["anything at all"]
