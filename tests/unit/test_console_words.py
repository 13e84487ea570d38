"""The console's catalogues: both languages say the same things, and nothing that the page says is missing or unused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from sangfroid.http import report
from sangfroid.model import CaseNumber
from sangfroid.organisation_check import CELL
from sangfroid.outbound import wording
from sangfroid.playbooks import playbook
from tests.support.people_in_browsers import catalogue, flat

ROOT = Path(__file__).resolve().parents[2]
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "console" / "src").rglob("*.js"))
FR, EN = flat(catalogue("fr")), flat(catalogue("en"))
ENGLISH = re.compile(
    r"\b(the|and|of|is|are|was|your|you|this|that|with|from|not|read|write|send|case|freeze|release|review|people|what|who)\b",
    re.IGNORECASE,
)
SAME_IN_BOTH = re.compile(
    r"^(platforms\.|language\.|time\.|strip\.response_\w+_at$|act\.|review\.length$|nav\.plan$|roles\.|duty_roles\.|clock)"
)


def test_both_languages_have_the_same_keys() -> None:
    assert set(FR) ^ set(EN) == set()


def test_both_languages_put_in_the_same() -> None:
    def put_in(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)\}", text))

    assert {key: text for key, text in FR.items() if put_in(text) != put_in(EN[key])} == {}
    assert [key for key in FR if not FR[key].strip() or not EN[key].strip()] == []


def test_every_key_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"""\bt\('([\w.-]+)'""", SOURCES))
    whole = set(FR) | {key.rsplit(".", 1)[0] for key in FR}  # plural forms stand one level below
    assert len(named) > 250
    assert named - whole == set()


def test_no_english_word_shows_in_french() -> None:
    found = {
        key: text
        for key, text in FR.items()
        if ENGLISH.search(re.sub(r"\{\w+\}", "", text))
        and not key.startswith(("language.", "drills.elsewhere"))
    }
    assert found == {}


def test_french_is_not_a_copy() -> None:
    same = [
        key
        for key in FR
        if FR[key] == EN[key] and re.search(r"[a-z]{4}", FR[key]) and not SAME_IN_BOTH.match(key)
    ]
    assert len(same) < 25, same


def test_every_step_of_the_pictures_has_words() -> None:
    states: set[str] = set()
    for path in (ROOT / "statemachine").glob("case_*.asl.yaml"):
        machine = yaml.safe_load(path.read_text("utf-8"))
        states |= reached(machine)
    known = {key.removeprefix("procedure.states.") for key in FR if key.startswith("procedure.states.")}
    assert states - known == set()


def reached(machine: dict[str, object]) -> set[str]:
    """States that the machine goes through when nothing fails: what is drawn."""
    states: dict[str, dict] = machine["States"]  # type: ignore[assignment, type-arg]
    found: set[str] = set()
    todo = [str(machine["StartAt"])]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        state = states[name]
        onwards = [choice["Next"] for choice in state.get("Choices", [])] + [
            state.get("Default"),
            state.get("Next"),
        ]
        todo += [place for place in onwards if place]
    return found


def test_every_role_and_every_clock_has_a_name() -> None:
    """A role of the cell or of a playbook never shows as `business_owner`."""
    rows = [row.role for number in get_args(CaseNumber) for row in playbook(number).duties]
    for role in {*CELL, *rows, "on_call", "pr_agency", "director", "approver"}:
        assert f"duty_roles.{role}" in FR, role
    for language, words in (("fr", FR), ("en", EN)):
        titles = wording.words("clocks", language)
        assert all(words[f"clocks.{clock}"] for clock in titles)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_and_the_notices_call_one_thing_by_one_name(language: str) -> None:
    page = FR if language == "fr" else EN
    for severity, word in wording.words("severities", language).items():
        assert word in page[f"severity.{severity}"]
    kinds = wording.words("kinds", language)
    assert {kind: page[f"kinds.{kind}"] for kind in kinds} == kinds
    clock = wording.words("clocks", language)["first_word"].lower()
    assert page["clocks.first_word"].lower() in clock
    assert page["clocks.first_word"].lower() in report.words(language)["clock_names"]["first_word"].lower()
