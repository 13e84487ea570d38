"""What people decided is kept, erasable, and trained on by command alone."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from sangfroid.learning import Shelf, example_of, gather
from sangfroid.store import CaseStore
from tests.support.desks import TestDesk
from tools.triage import learn

ROOT = Path(__file__).parents[2]


def closed(desk: TestDesk, text: str = "Merci, bel accueil", **more: Any) -> str:
    """A case that a person closed as no crisis."""
    case_id = desk.report(text=text, **more)
    desk.desk.triage.classify(case_id)
    desk.triage(case_id, None, reason="praise")
    return case_id


def test_a_person_s_last_word_becomes_an_example_without_the_author_s_name() -> None:
    desk = TestDesk()
    text = "Merci à Léa, bel accueil"
    message = {
        "text": text,
        "platform": "x",
        "url": "https://x.example/1",
        "published_at": desk.now.isoformat(),
        "author": {"handle": "@lea_m", "bio": "mother of two", "followers": 12, "account_age_days": 900},
    }
    case_id = closed(desk, message=message, notes="vu ce matin")
    store, shelf = CaseStore(desk.table), Shelf(desk.table)
    assert gather(store, shelf).kept == 1
    (example,) = shelf
    assert (example.case_id, example.case, example.leak, example.decided_by) == (case_id, None, False, "ana")
    assert example.report.message.text == text
    assert example.report.notes == "vu ce matin"
    assert example.report.message.author.followers == 12
    assert example.machine == (2, False), "what triage had said alone"
    assert example.corrected
    stored = str(list(desk.table.query("LEARNING").items))
    for personal in ("@lea_m", "mother of two", "x.example"):
        assert personal not in stored


def test_open_cases_and_cases_without_a_person_s_word_are_no_examples() -> None:
    desk = TestDesk(confidence=0.99)
    open_case = desk.report(text="Rien ne marche depuis midi")
    desk.desk.triage.classify(open_case)
    store, shelf = CaseStore(desk.table), Shelf(desk.table)
    assert gather(store, shelf).kept == 0
    file = desk.desk.casework.read(open_case)
    done = file.case.model_copy(update={"status": "closed"})
    (message,) = store.messages(open_case)
    assert example_of(done, message, store.events(open_case)) is None, "only the machine has spoken"
    desk.triage(open_case, 1, reason="the carrier's fault")
    example = example_of(done, message, store.events(open_case))
    assert example is not None
    assert (example.case, example.machine, example.corrected) == (1, (2, False), True)


def test_gathering_twice_changes_nothing_and_what_was_erased_stays_erased() -> None:
    desk = TestDesk()
    one, two = closed(desk, "Merci pour tout"), closed(desk, "Où se trouve le magasin de Lyon ?")
    store, shelf = CaseStore(desk.table), Shelf(desk.table)
    assert gather(store, shelf).kept == 2
    assert gather(store, shelf).kept == 0
    assert shelf.erase(one)
    assert not shelf.erase(one)
    again = gather(store, shelf)
    assert (again.kept, again.erased) == (0, 1)
    assert [example.case_id for example in shelf] == [two]
    assert shelf.erase_all() == 1
    assert list(shelf) == []
    assert "Merci" not in str(desk.table.query("LEARNING").items)


def test_the_command_gathers_shows_and_erases(capsys: pytest.CaptureFixture[str]) -> None:
    desk = TestDesk()
    case_id = closed(desk)
    assert learn.main(["gather"], desk.table) == 0
    assert learn.main(["show"], desk.table) == 0
    said = capsys.readouterr().out
    assert "kept 1" in said
    assert "1 examples (none 1)" in said
    assert "a person said otherwise: 1" in said
    assert "accueil" not in said, "no text of anybody is printed"
    assert learn.main(["retrain", "--out", "x"], desk.table) == 1, "too few to learn from"
    assert not Path("x").exists()
    assert learn.main(["erase", "--case", case_id], desk.table) == 0
    assert list(Shelf(desk.table)) == []


@pytest.mark.parametrize(
    "wrong", [["show"], ["erase", "--table", "t"], ["erase", "--table", "t", "--all", "--case", "c"]]
)
def test_a_command_that_cannot_be_meant_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        learn.main(wrong)


def test_a_table_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    with mock_aws():
        assert learn.main(["show", "--table", "nowhere"]) == 1
    assert capsys.readouterr().err.startswith("nowhere: The store refuses this")


def test_a_worse_model_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"macro_f1": 0.8, "accuracy": 0.8, "leak_recall": 0.9, "leak_precision": 0.9}
    desk = TestDesk()
    for number in range(learn.FEWEST):
        closed(desk, f"Où se trouve le magasin numéro {number}{number} de la ville ?")
    learn.main(["gather"], desk.table)
    written: list[Path] = []
    monkeypatch.setattr("tools.triage.train.train", lambda items: {"items": len(items)})
    monkeypatch.setattr("tools.triage.train.write", lambda _data, path: written.append(path))
    out = tmp_path / "model.json.gz"
    for fresh, after, status in (
        ({**figures, "leak_recall": 0.8}, 0.8, 1),
        ({**figures, "macro_f1": 0.7}, 0.8, 1),
        (figures, 0.7, 1),
        ({**figures, "macro_f1": 0.9}, 0.8, 0),
    ):
        monkeypatch.setattr(
            learn, "measured", lambda _, fresh=fresh, after=after: (figures, fresh, 0.8, after)
        )
        assert learn.main(["retrain", "--out", str(out)], desk.table) == status
    assert written == [out]
    assert "worse" in capsys.readouterr().err


def test_no_rule_of_a_case_and_no_act_reads_what_was_learnt() -> None:
    for room in ("cases", "acts", "casework", "store", "triage", "http"):
        for path in (ROOT / "shared" / "sangfroid" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not [name for name in names if "learning" in name], path
