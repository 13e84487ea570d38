"""Refusals in French: every sentence of the code has its line, every line its gaps, and nothing costs more than its length."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import sangfroid
from sangfroid.cases.duties import ASKED
from sangfroid.cases.responses import SLOT_ASKED
from sangfroid.errors import FieldError, IllegalTransition, Invalid, Refused
from sangfroid.http import problems, refusals
from sangfroid.http.problems import _PLAIN

ROOT = Path(sangfroid.__file__).parent
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}
CATALOGUE: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "http/refusals.yaml").read_text("utf-8"))
KNOWN = {en: fr for name, section in CATALOGUE.items() if name != "titles" for en, fr in section.items()}
SPOKEN = ("text/lines.py", "text/identity.py", "http/fields.py", "cases/conditions.py")
"""Whose ValueErrors become faults of a body."""


@cache
def kinds() -> frozenset[str]:
    """Names of all refusals."""
    found, before = {"Refused"}, 0
    while len(found) > before:
        before = len(found)
        for tree in TREES.values():
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.ClassDef)
                    and {ast.unparse(base).rpartition(".")[2] for base in node.bases} & found
                ):
                    found.add(node.name)
    return frozenset(found)


def sentences(node: ast.expr) -> list[str]:
    """What an expression may say, with a gap for each value; empty where only running tells."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in sentences(left) or ["{}"] for b in sentences(right) or ["{}"]]
        case ast.IfExp(body=body, orelse=orelse):
            return [*sentences(body), *sentences(orelse)]
    return []


def said() -> Iterator[tuple[str, str]]:
    """Every sentence of a refusal with its place."""
    refused = kinds() - {"Rejected"}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            position = 0 if name in refused else {"FieldError": 1, "required": 2, "_required": 2}.get(name)
            if name in ("ValueError", "NotAnId") and path.startswith(SPOKEN):
                position = 0
            if position is not None and len(node.args) > position:
                for sentence in sentences(node.args[position]):
                    yield sentence, f"{path}:{node.lineno}"


def test_every_sentence_of_the_code_is_said_in_french() -> None:
    places: dict[str, list[str]] = {}
    for sentence, place in said():
        places.setdefault(sentence, []).append(place)
    assert len(places) > 250
    missing = {
        sentence: where for sentence, where in places.items() if sentence not in KNOWN and sentence != "{}"
    }
    assert not missing, "add to shared/sangfroid/http/refusals.yaml: " + str(missing)


def test_every_title_field_and_word_asked_for_is_said_in_french() -> None:
    titles = {
        str(one.value.value)
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in kinds()
        for one in node.body
        if isinstance(one, ast.Assign)
        and ast.unparse(one.targets[0]) == "title"
        and isinstance(one.value, ast.Constant)
    }
    assert titles <= set(CATALOGUE["titles"])
    assert {*_PLAIN.values(), *(words for words, _ in ASKED.values()), *SLOT_ASKED.values()} <= set(KNOWN)


def test_what_is_owed_is_said_in_french() -> None:
    titles = {
        sentence
        for node in ast.walk(TREES["cases/closing.py"])
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "title"
        for sentence in sentences(value)
    }
    assert len(titles) > 4
    assert titles <= set(KNOWN)


def test_french_has_the_gaps_of_the_english() -> None:
    for english, french in ((en, fr) for section in CATALOGUE.values() for en, fr in section.items()):
        gaps = {str(number) for number in range(english.count("{}"))}
        assert set(re.findall(r"{(\d)}", french)) == gaps, english


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Still owed before this case can close: C2.2.", "Encore dû avant la clôture\u00a0: C2.2."),
        ("Say in a few words what caused it.", "Dites en quelques mots quelle en est la cause."),
        ("input should be 'approve' or 'reject'", "doit être 'approve' ou 'reject'"),
        (
            "Version 2 is superseded, not in review.",
            "La version 2 n'est pas en relecture (elle est remplacée).",
        ),
        (
            "This call needs the role approver or director; your token carries none.",
            "Il faut pour cela le rôle approbation (approver) ou direction (director)\u202f; vous avez\u00a0: aucun.",
        ),
        ("Response ready", "Réponse prête"),
        ("What no line knows.", "What no line knows."),
    ],
)
def test_a_sentence_with_its_values(english: str, french: str) -> None:
    assert refusals.told(english, "fr") == french
    assert refusals.told(english, "en") == english


def test_a_document_is_said_whole() -> None:
    owed = [
        {"id": "C2.2", "title": "Response ready"},
        {"id": "response_ready", "title": "The clock still runs (due 2026-11-28T21:45:29Z)."},
    ]
    refused: Refused = IllegalTransition(
        "Still owed before this case can close: C2.2, response_ready.", owed=owed
    )
    document = problems.problem(refused, "/cases/c/close", "fr")
    assert document["title"] == "Pas possible maintenant"
    assert document["owed"] == [
        {"id": "C2.2", "title": "Réponse prête"},
        {"id": "response_ready", "title": "Le délai court encore (échéance 2026-11-28T21:45:29Z)."},
    ]
    assert document["type"] == problems.problem(refused, "/cases/c/close")["type"]
    refused = Invalid("Say in a few words what caused it.", errors=[FieldError("/root_cause", "required")])
    assert problems.problem(refused, "/", "fr")["errors"] == [
        {"pointer": "/root_cause", "detail": "obligatoire"}
    ]


def test_faults_are_summed_up_in_french() -> None:
    errors: list[dict[str, Any]] = [
        {"type": "missing", "loc": ("body", name), "msg": "Field required"} for name in ("brand", "message")
    ]
    rejected = problems.Rejected(errors)
    assert problems.problem(rejected, "/incidents", "fr")["detail"] == "/brand : obligatoire (et 1 de plus)."
    assert problems.problem(rejected, "/incidents")["detail"] == "/brand: required (and 1 more)."


def test_a_long_text_is_looked_at_once_a_line() -> None:
    """No pattern goes back: a stranger's text within a refusal costs its length for each line of the catalogue."""
    line = refusals.Line(("a ", " and ", " or ", "."), "")
    assert line.values("a x and y or z.") == ["x", "y", "z"]
    assert line.values("a " + "x and " * 50_000) is None
