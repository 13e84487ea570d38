"""Measure the triage: `python -m tools.triage.evaluate [FILE] [--json]`.

With FILE: the shipped embedded classifier on any JSONL file in the labelling guide's format (packages of the Lambda
suffice). Without: 5-fold cross-validation on the development set, with the baseline beside it (scikit-learn), under a
minute; `--seeds 5` repeats it. Thresholds and calibration of an item are learnt from other items, as its model is.
`--json` prints one JSON object with the means and nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sangfroid.triage.embedded import Embedded
from tools.triage.dataset import CLASSES, DATA, DEV, Item, label_of, read_items
from tools.triage.measures import AUTHORS, Answer, alarm, confusion, measure, ratio

UNREAD = DATA / "unread.json"
SEEDS = (10, 11, 12, 13, 14)  # not the ones on which the thresholds were chosen


def judge(items: Sequence[Item]) -> tuple[list[Answer], float]:
    """The shipped classifier's answers, and milliseconds of processor time a report."""
    classifier = Embedded.load()
    if items:
        classifier.classify(items[0].report)  # the first call fills tables; a warm Lambda has them
    started = time.process_time()  # what the classifier costs, not what else the machine does
    verdicts = [classifier.classify(item.report) for item in items]
    spent = (time.process_time() - started) * 1000 / max(1, len(items))
    answers = [
        Answer(
            item.label,
            label_of(verdict.case, verdict.leak),
            verdict.confidence,
            verdict.leak_suspected,
            item.author,
            verdict.author,
            item.report.message.language,
        )
        for item, verdict in zip(items, verdicts, strict=True)
    ]
    return answers, spent


def cross_validate(items: Sequence[Item], seeds: Sequence[int]) -> list[tuple[list[Answer], list[Answer]]]:
    """For each seed the answers of models and thresholds that never saw the item: ours, and the baseline's."""
    from tools.triage import calibration
    from tools.triage.crossvalidation import Bench, baseline, calibrated

    bench = Bench(items)
    runs: list[tuple[list[Answer], list[Answer]]] = []
    for seed in seeds:
        held = bench.out_of_fold(seed)
        chances, limits = calibrated(items, held.case, seed)
        authors = [AUTHORS[at] for at in held.author.argmax(axis=1)]
        ours = _answers(items, chances, authors, limits, limits * calibration.SUSPICION)
        plain, writers = baseline(items, seed)
        never = [2.0] * len(
            items
        )  # the baseline has no threshold of its own: its likeliest class is its answer
        runs.append((ours, _answers(items, plain, list(writers), never, never)))
    return runs


def _answers(
    items: Sequence[Item], chances: Any, authors: Sequence[str], limits: Any, suspicions: Any
) -> list[Answer]:
    """Answers from rows of probabilities, judged as the shipped classifier judges."""
    from tools.triage.calibration import verdicts

    given, confidence = verdicts(chances, limits)
    leak = CLASSES.index("3-leak")
    return [
        Answer(
            item.label,
            CLASSES[given[at]],
            float(confidence[at]),
            bool(given[at] == leak or chances[at, leak] >= suspicions[at]),
            item.author,
            authors[at],
            item.report.message.language,
        )
        for at, item in enumerate(items)
    ]


def describe(title: str, answers: Sequence[Answer], spent: float) -> str:
    """The figures of one run as text, with the confusion table and the figures by language."""
    lines = [title, *(f"  {name:<16} {value}" for name, value in measure(answers, spent).items())]
    recall, precision = alarm(answers)
    lines.append(f"  leak suspected (pages a director): recall {recall:.3f}, precision {precision:.3f}")
    lines += ["", confusion(answers), ""]
    for language in sorted({a.language or "?" for a in answers}):
        part = measure([a for a in answers if (a.language or "?") == language], spent)
        lines.append(f"  {language}: n {part['n']}, macro-F1 {part['macro_f1']}, accuracy {part['accuracy']}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tools.triage.evaluate", description=__doc__)
    parser.add_argument(
        "file", nargs="?", type=Path, help="JSONL file; none = cross-validation on the development set"
    )
    parser.add_argument("--file", dest="named", type=Path, help="the same, by name")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--seeds", type=int, default=1, help="repetitions of the cross-validation, at most 5")
    options = parser.parse_args(arguments)
    path: Path | None = options.named or options.file
    if path is not None:
        answers, spent = judge(read_items(path))
        print(json.dumps(measure(answers, spent)) if options.json else describe(str(path), answers, spent))
        return
    items = read_items(DEV)
    _, spent = judge(items)
    seeds = SEEDS[: max(1, options.seeds)]
    runs = cross_validate(items, seeds)
    ours = [measure(run, spent) for run, _ in runs]
    if options.json:
        means = {name: round(statistics.fmean(run[name] for run in ours), 4) for name in ours[0]}
        print(json.dumps({**means, "n": len(items)}))
        return
    print(describe(f"5-fold cross-validation, seed {SEEDS[0]}", runs[0][0], spent))
    plain = [measure(run, 0.0) for _, run in runs]
    print(
        f"\nmean ± standard deviation over seeds {seeds}; TF-IDF + logistic regression on the same folds beside it"
    )
    for name in list(ours[0])[:-2]:
        left, right = ([float(run[name]) for run in side] for side in (ours, plain))
        print(f"  {name:<16} {_spread(left)}   baseline {_spread(right)}")
    print(f"  n {len(items)}")
    unread = set(json.loads(UNREAD.read_text(encoding="utf-8")))
    places = [at for at, item in enumerate(items) if item.id in unread]
    print(
        f"\nthe {len(places)} items of {UNREAD.name} alone: nobody read them while lexicon and banks were written"
    )
    fresh = [[run[at] for at in places] for run, _ in runs]
    figures = [measure(part, spent) for part in fresh]
    plain = [measure([run[at] for at in places], 0.0) for _, run in runs]
    for name in list(ours[0])[:-2]:
        left, right = ([float(run[name]) for run in side] for side in (figures, plain))
        print(f"  {name:<16} {_spread(left)}   baseline {_spread(right)}")
    limit = Embedded.load().sure_from
    for title, part in (
        ("all", [a for run, _ in runs for a in run]),
        ("unread", [a for run in fresh for a in run]),
    ):
        sure = [answer for answer in part if answer.confidence >= limit]
        precision = ratio(sum(answer.label == answer.given for answer in sure), len(sure))
        share = ratio(len(sure), len(part))
        print(
            f"  decided without a person from confidence {limit} ({title}): {share:.3f}, precision {precision:.3f}"
        )


def _spread(values: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.3f}{spread}"


if __name__ == "__main__":
    main()
