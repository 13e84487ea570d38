"""The figures of `make eval-triage`, checked on small cases worked by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sangfroid.triage.linear import Mixture
from tools.triage import gate
from tools.triage.calibration import (
    LEAST_SUSPICION,
    TRAINED,
    Scored,
    calibrate,
    leak_from,
    suspect_from,
    verdicts,
)
from tools.triage.dataset import CLASSES, DEV, Composer, bank_lines, read_banks, read_items
from tools.triage.evaluate import main
from tools.triage.independence import retellings
from tools.triage.measures import Answer, alarm, coverage, macro_f1, measure


def answer(label: str, given: str, confidence: float = 0.5, suspected: bool = False) -> Answer:
    return Answer(label, given, confidence, suspected, "customer", "customer")


def test_macro_f1_by_hand() -> None:
    # 1: precision 1/2, recall 1; 2: precision 1, recall 1/2; both F1 = 2/3
    assert macro_f1([("1", "1"), ("2", "1"), ("2", "2")], CLASSES) == pytest.approx(2 / 3)
    assert macro_f1([], CLASSES) == 0


def test_the_leak_figures_are_those_of_the_verdict_and_the_alarm_has_its_own() -> None:
    answers = [
        answer("3-leak", "2", suspected=True),
        answer("3-leak", "3-leak", suspected=True),
        answer("1", "3-leak", suspected=True),
        answer("1", "3-leak", suspected=True),
        answer("1", "1", suspected=True),
    ]
    found = measure(answers, 1)
    assert found["leak_recall"] == 0.5
    assert found["leak_precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert alarm(answers) == (1.0, 0.4)


def test_a_leak_comes_before_a_likelier_class_from_its_threshold_on() -> None:
    rows = np.array([[0.6, 0, 0, 0.3, 0.1, 0], [0.6, 0, 0, 0.2, 0.2, 0]])
    given, confidence = verdicts(rows, 0.3)
    assert [CLASSES[at] for at in given] == ["3-leak", "1"]
    assert list(confidence) == [0.3, 0.6]


def scored(rows: int = 3000) -> tuple[Scored, list[float]]:
    """Scores of two models, and truths drawn from known probabilities of a leak and of the rest."""
    draw = np.random.default_rng(1)
    scores = draw.normal(size=(2, rows, len(TRAINED)))
    chances = []
    truth = []
    rest = [name for name in CLASSES if name != "3-leak"]
    for at in range(rows):
        leak = 1 / (1 + np.exp(1 - 2 * scores[0, at, 3]))
        chances.append(float(leak))
        powers = np.exp(
            [scores[0, at, TRAINED.index(n)] + 0.5 * scores[1, at, TRAINED.index(n)] for n in rest]
        )
        other = rest[draw.choice(len(rest), p=powers / powers.sum())]
        truth.append("3-leak" if draw.random() < leak else other)
    return Scored(scores, truth, np.ones(rows, dtype=bool)), chances


def test_calibration_finds_the_probabilities_that_the_truth_was_drawn_from() -> None:
    known, chances = scored()
    found = calibrate(known).chances(known)
    assert found.sum(axis=1) == pytest.approx(1)
    assert np.abs(found[:, CLASSES.index("3-leak")] - np.array(chances)).mean() < 0.03
    calibration = calibrate(known)
    assert calibration.scales == pytest.approx([1.0, 0.5], abs=0.12)
    best = found.argmax(axis=1)
    right = np.array([CLASSES[at] == name for at, name in zip(best, known.truth, strict=True)])
    assert found.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.03), "as sure as it is right"


def test_the_shipped_arithmetic_is_that_of_the_training() -> None:
    known, _ = scored(40)
    calibration = calibrate(known)
    mixture = Mixture(calibration.export())
    for at, row in enumerate(calibration.chances(known)):
        given = mixture.probabilities(TRAINED, known.scores[:, at].tolist())
        assert [given[name] for name in CLASSES] == pytest.approx(row.tolist(), abs=1e-3)


def test_suspicion_starts_where_ordinary_sentences_seldom_come() -> None:
    chances = np.zeros((100, len(CLASSES)))
    chances[:, 3] = np.linspace(0, 0.99, 100)
    assert suspect_from(chances, 0.99) == pytest.approx(0.97)
    assert suspect_from(chances, 0.6) == 0.6, "never above the leak's own threshold"
    assert suspect_from(chances / 100, 0.6) == LEAST_SUSPICION


def test_the_leak_threshold_is_the_highest_with_the_recall_unless_precision_forbids() -> None:
    chances = np.zeros((10, len(CLASSES)))
    chances[:, 3] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]
    truth = ["3-leak", "3-leak", "1", "3-leak", *["1"] * 6]
    assert leak_from(chances, truth) == 0.6
    assert leak_from(chances, [*truth[:3], *["1"] * 6, "3-leak"]) == 0.8, (
        "beyond it precision falls under the least"
    )


def test_coverage_is_the_largest_share_answered_at_the_precision() -> None:
    answers = [answer("1", "1", 0.9 - i / 1000) for i in range(19)] + [
        answer("1", "2", 0.5),
        answer("1", "2", 0.4),
    ]
    assert coverage(answers) == pytest.approx(20 / 21)
    assert coverage([answer("1", "2", 0.9), answer("1", "1", 0.8)]) == 0
    assert coverage([answer("1", "1", 0.8), answer("1", "2", 0.8)]) == 0, "a tie cannot be cut"


@pytest.mark.parametrize("named", [False, True])
def test_json_prints_one_object_with_exactly_the_contract_s_names(
    tmp_path: Path, named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text("".join(DEV.read_text(encoding="utf-8").splitlines(keepends=True)[:12]), encoding="utf-8")
    main(["--file", str(some), "--json"] if named else [str(some), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "macro_f1", "accuracy", "leak_recall", "leak_precision", "author_macro_f1", "coverage_at_95", "ms_per_report", "n",
    ]  # fmt: skip
    assert found["n"] == 12


def test_an_empty_file_is_measured_as_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "nothing.jsonl"
    empty.write_text("")
    main([str(empty), "--json"])
    assert json.loads(capsys.readouterr().out)["n"] == 0


def test_composed_reports_are_the_same_at_every_call_balanced_and_never_an_item() -> None:
    banks = read_banks()
    made = Composer(banks, 7).compose(600)
    assert made == Composer(banks, 7).compose(600)
    assert set(Counter(item.label for item in made).values()) == {100}
    known = {item.report.message.text for item in read_items(DEV)}
    assert not known & {item.report.message.text for item in made}
    lines = {line for part in banks.values() for lines in part.values() for line in lines if len(line) > 40}
    assert not [line for line in lines if any(line in text for text in known)]


def test_no_training_sentence_retells_an_item_of_the_development_set() -> None:
    assert not retellings([*bank_lines(read_banks()), *gate.sources()], read_items(DEV))


def test_the_gate_s_messages_are_the_same_at_every_call_and_a_line_stays_in_its_fold() -> None:
    one, two = gate.messages(), gate.messages()
    assert one == two
    assert {line.language for line in one} == {"en", "fr", "es", "de", "ar"}
    folds: dict[str, set[int]] = {}
    for line in one:
        for part in line.lines:
            if line.leak == (len(line.lines) == 1 and line.leak):
                folds.setdefault(part, set()).add(line.fold)
    assert all(len(found) == 1 for found in folds.values())
    assert not [line for line in one if "{" in line.text]
