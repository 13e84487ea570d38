"""`make triage FILE=`: one object a line, in order, with exactly the contract's fields; bad lines named, the others judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sangfroid.triage import Report, Verdict
from tools.triage import robustness
from tools.triage.judge import main, pages

FIELDS = [
    "id", "case", "leak", "leak_suspected", "pages_a_person", "sure", "confidence", "author", "severity",
]  # fmt: skip


def entry(name: Any, text: str, **more: Any) -> str:
    message = {
        "text": text,
        "platform": "press",
        "published_at": "2026-09-01T10:00:00Z",
        "author": {"followers": 200},
    }
    return json.dumps({"id": name, "report": {"brand": "B", "message": message, "notes": "", **more}})


def test_lines_are_judged_in_order_with_the_contract_s_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "messages.jsonl"
    lines = [
        entry("leak", "The insurer B suffered a data breach, customers' passwords are for sale."),
        "",
        entry("thanks", "Lovely dinner, thank you all!"),
        entry("vouched", "Lovely dinner!", asserted={"confidential_leak": True}),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main([str(path)]) == 0
    leak, thanks, vouched = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert list(leak) == FIELDS
    assert [leak["id"], thanks["id"], vouched["id"]] == ["leak", "thanks", "vouched"]
    assert (leak["case"], leak["leak"], leak["leak_suspected"], leak["pages_a_person"]) == (
        3,
        True,
        True,
        True,
    )
    assert (thanks["leak_suspected"], thanks["pages_a_person"]) == (False, False)
    assert (vouched["case"], vouched["sure"], vouched["pages_a_person"]) == (3, True, True)


BAD = [
    b"{", b"[]", b"null", b"5", b'{"id": "x"}', b'{"id": "x", "report": null}', b'{"id": "x", "report": {"brand": ""}}',
    b"\\ud800", b"\xff\xfe\x00", b"[" * 100_000, b'{"id": "x", "report": NaN}',
    entry("blank", " \u200b\n").encode(), entry("long", "a " * 10_001).encode(),
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_line_that_is_no_report_is_named_and_the_others_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: bytes
) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_bytes(bad + b"\n\n" + entry("good", "Where is the shop?").encode() + b"\n" + bad)
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert f"{path}:1:" in said.err
    assert f"{path}:4:" in said.err
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["good"]


@pytest.mark.parametrize("name", ["\ud800", "é", None, 7, {"a": 1}])
def test_an_id_comes_back_as_it_was_given_and_can_be_printed_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: Any
) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text(f"\ufeff{entry(name, 'Where is the shop?')}\n", encoding="utf-8")
    assert main([str(path)]) == 0
    said = capsys.readouterr().out
    assert said.isascii()
    assert json.loads(said)["id"] == name


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 2
    assert main([str(tmp_path)]) == 2
    assert "none.jsonl: cannot be read" in capsys.readouterr().err


def test_it_is_judged_as_if_received_at_three_in_the_morning() -> None:
    report = Report.model_validate(json.loads(entry("a", "x"))["report"])
    verdict = Verdict(
        case=3, leak=True, leak_suspected=True, author="other", severity="high", confidence=0.5, by="model",
        why="-", suspicion=0.5,
    )  # fmt: skip
    assert not pages(report, verdict), "half a suspicion wakes nobody at night"
    assert pages(report, verdict.model_copy(update={"suspicion": 0.9}))


@pytest.mark.parametrize("name", sorted(robustness.CHANGES))
def test_every_change_of_the_pairs_changes_the_text_and_is_the_same_at_every_call(name: str) -> None:
    text = "Depuis ce matin, l'appli affiche les données d'autres clients, contactez vite."
    report = Report.model_validate(json.loads(entry("a", text))["report"])
    one, two = (robustness.changed(report, robustness.CHANGES[name], 5) for _ in range(2))
    assert one == two
    assert one.message.text != text
    if name.startswith("4,000"):
        assert len(one.message.text) > 3_900
