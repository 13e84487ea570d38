"""Rehearsal scripts: every fault is told at once, with file and line; the schema in docs/ is that of the code."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from local import rehearsal_in_french
from local.rehearse import SCRIPTS, Mishap, Teller, read_script, schema
from sangfroid.outbound.wording import wordings

ROOT = Path(__file__).resolve().parents[2]
GOOD = """title: "A short one"
starts: "2026-11-20T08:00:00Z"
expects: {status: triage}
steps:
  - at: PT0S
    by: {sub: ana, roles: [reporter]}
    call: POST /incidents
    keep: {case: case_id}
    body: {brand: Nuage SA, message: {text: "Une panne", platform: x, published_at: "{now}"}}
  - at: PT1H
    by: {sub: ana, roles: [responder]}
    call: GET /cases/{case}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "script.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_our_own_scripts_are_read(path: Path) -> None:
    assert read_script(path).steps


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("expects: {status: triage}\n", "", 1, "expects"),
        ('starts: "2026-11-20T08:00:00Z"', "starts: soon", 2, "starts"),
        ('starts: "2026-11-20T08:00:00Z"', 'starts: "2026-11-20T08:00:00"', 2, "timezone"),
        ("call: GET /cases/{case}", "call: /cases/{case}", 12, "pattern"),
        ("call: GET /cases/{case}", "call: GET /cases/{cases}", 1, "{cases}"),
        ("at: PT1H", "at: an hour", 10, "an hour"),
        ("keep: {case", "keeps: {case", 8, "keep"),
        ("    keep: {case: case_id}\n", "", 1, "{case}"),
        ("at: PT0S", "at: PT2H", 1, "earlier"),
        ("steps:", "steps: [", 5, "line"),
        ("expects: {status: triage}", "expects: {clocks: {response_ready: fine}}", 3, "met"),
    ],
)
def test_a_fault_is_told_at_once_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(Mishap) as mishap:
        read_script(path)
    assert str(mishap.value).startswith(f"{path}:")
    assert words in str(mishap.value)
    if line > 1 and "[" not in new:
        assert f"{path}:{line}: " in str(mishap.value)


def test_what_is_right_is_read(tmp_path: Path) -> None:
    assert len(read_script(written(tmp_path, GOOD)).steps) == 2


def test_the_schema_in_the_documents_is_that_of_the_code() -> None:
    assert (ROOT / "docs/rehearsal.schema.json").read_text("utf-8") == schema()


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_our_own_scripts_speak_both_languages(path: Path) -> None:
    script = read_script(path)
    for told in (script.title, *(step.says for step in script.steps if step.says is not None)):
        assert isinstance(told, dict)
        assert set(told) == {"en", "fr"}
        assert told["en"] != told["fr"]


def test_a_script_in_one_language_is_told_in_any() -> None:
    for language in ("en", "fr"):
        teller = Teller(io.StringIO(), language=language)  # type: ignore[arg-type]
        assert [teller.said(told) for told in ("A post", {"fr": "Un message"})] == ["A post", "Un message"]


def test_every_letter_has_a_name_in_french_without_what_is_filled_in() -> None:
    for kind in wordings():
        name = rehearsal_in_french.letter(kind, "")
        assert name
        assert not set("{}()") & set(name), name
        assert not name.endswith((":", ",", "version")), name
    assert rehearsal_in_french.letter("response", "community") == "communauté : réponse"


def test_an_event_is_told_in_french_with_what_it_is_about() -> None:
    breached = {
        "clock": "first_word",
        "due_at": "2026-11-20T09:00:00Z",
        "frozen_since": "2026-11-20T08:30:00Z",
    }
    told = rehearsal_in_french.event("clock_breached", breached, "sangfroid")
    assert told == (
        "Échéance passée pendant le gel, qui interdisait de parler · Première parole (règle interne) · échéance ven. 20/11 09:00"
    )


def test_how_long_a_rehearsal_lasted_is_told_in_french() -> None:
    lasted = timedelta(days=1, hours=9, minutes=2)
    assert rehearsal_in_french.ended({"clocks": [], "status": "closed"}, lasted, 6.84).endswith(
        "1 j 9 h 02 joués en 6.8 s."
    )
