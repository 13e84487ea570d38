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


def entry(name: str, text: str, **more: Any) -> str:
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


@pytest.mark.parametrize("bad", ["{", "[]", '{"id": "x"}', '{"id": "x", "report": {"brand": ""}}', "\\ud800"])
def test_a_line_that_is_no_report_is_named_and_the_others_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text(f"{bad}\n{entry('good', 'Where is the shop?')}\n", encoding="utf-8")
    assert main([str(path)]) == 1
    said = capsys.readouterr()
    assert f"{path}:1:" in said.err
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ["good"]


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
