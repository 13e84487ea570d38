"""Measure the triage: `python -m tools.triage.evaluate [FILE] [--json] [--real FOLDER] [--locked]`.

With FILE: the shipped embedded classifier on any JSONL file in the labelling guide's format (packages of the Lambda
suffice). With `--real`: the shipped classifier on real messages outside the repository (`ordinary.jsonl`, `leaks.jsonl`).
With `--locked`: the locked set, once a release. Without any: nested cross-validation on the development set, with the
baseline, the words alone, reliability, languages, the gate's own sentences and the robustness pairs; `--seeds 5` repeats it.
`--json` prints one JSON object with the means and nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sangfroid.triage import decide
from sangfroid.triage.embedded import Embedded, model_data
from sangfroid.triage.report import Report
from tools.triage.dataset import CLASSES, DATA, DEV, Item, label_of, read_items
from tools.triage.judge import pages
from tools.triage.measures import AUTHORS, Answer, alarm, confusion, measure, ratio

ROOT = Path(__file__).resolve().parents[2]
UNREAD = DATA / "unread.json"
LOCKED = DATA / "locked.jsonl"
LOOKS = DATA / "locked-looks.txt"
SEEDS = (10, 11, 12, 13, 14)  # not the one on which the shipped thresholds were chosen


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


def remembering() -> tuple[Embedded, Callable[[], None]]:
    """The shipped classifier with remembered embeddings, and what keeps those for the next run; plainly the shipped one where
    there is no numpy or no sentence model."""
    try:
        from tools.triage.embeddings import Embeddings

        known = Embeddings()
    except (ImportError, RuntimeError):
        return Embedded.load(), lambda: None
    return Embedded(model_data(), known), known.save


def real(folder: Path) -> dict[str, Any]:
    """The shipped classifier on real messages: suspicions and pages in 1,000 ordinary ones, and the share of leaks seen."""
    found: dict[str, Any] = {}
    classifier, keep = remembering()
    for name in ("ordinary", "leaks"):
        path = folder / f"{name}.jsonl"
        if not path.is_file():
            continue
        groups: dict[str, list[tuple[bool, bool, bool]]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            report = Report.model_validate(entry["report"])
            verdict = decide(report, classifier)
            said = (verdict.leak_suspected, pages(report, verdict), verdict.sure)
            source = f"{entry.get('source', '?')}, {report.message.language}"
            for group in ("all", source):
                groups.setdefault(group, []).append(said)
        found[name] = {
            group: {
                "n": len(said),
                "suspected_per_1000": round(1000 * ratio(sum(s for s, _, _ in said), len(said)), 1),
                "pages_per_1000": round(1000 * ratio(sum(p for _, p, _ in said), len(said)), 1),
                "decided_alone": round(ratio(sum(sure for _, _, sure in said), len(said)), 3),
            }
            for group, said in groups.items()
        }
    keep()
    return found


def cross_validate(items: Sequence[Item], seeds: Sequence[int]) -> dict[str, list[list[Answer]]]:
    """For each seed the answers of models and thresholds that never saw the item: ours, the words alone, the baseline's."""
    from tools.triage.crossvalidation import Bench, Judged, baseline

    bench = Bench(items)
    runs: dict[str, list[list[Answer]]] = {"ours": [], "words alone": [], "baseline": []}

    def answers(judged: Judged) -> list[Answer]:
        return _answers(
            items,
            judged.chances,
            [AUTHORS[at] for at in judged.author.argmax(axis=1)],
            judged.limits,
        )

    for seed in seeds:
        judged = bench.nested(seed)
        runs["ours"].append(answers(judged[2]))
        runs["words alone"].append(answers(judged[1]))
        _report_lines(bench, judged[2])
        _report_slips(items, runs["ours"][-1], answers(replace(judged[2], chances=judged[2].slips)))
        plain, writers = baseline(items, seed)
        # The baseline has no thresholds of its own: its likeliest class is its answer.
        never = [(2.0, 2.0, 2.0)] * len(items)
        runs["baseline"].append(_answers(items, plain, list(writers), never))
    return runs


def _report_lines(bench: Any, judged: Any) -> None:
    """How often the gate's own sentences are suspected, each judged by models that do not know its line; to standard error."""
    groups: Counter[tuple[str, bool]] = Counter()
    seen: Counter[tuple[str, bool]] = Counter()
    leak = CLASSES.index("3-leak")
    for at, line in enumerate(bench.lines):
        limit = min(judged.line_limits[at, 1], judged.line_limits[at, 2])
        groups[line.language, line.leak] += 1
        seen[line.language, line.leak] += int(judged.lines[at, leak] >= limit)
    said = ", ".join(
        f"{language} {'leaks' if told else 'ordinary'} {ratio(seen[language, told], count):.3f} of {count}"
        for (language, told), count in sorted(groups.items())
    )
    print(f"suspected among the gate's own sentences, unseen: {said}", file=sys.stderr)


def _report_slips(items: Sequence[Item], plain: Sequence[Answer], slips: Sequence[Answer]) -> None:
    """How many items change by one typing error, each judged by models that never saw it; to standard error."""
    case = ratio(sum(a.given != b.given for a, b in zip(plain, slips, strict=True)), len(items))
    leak = ratio(sum(a.suspected != b.suspected for a, b in zip(plain, slips, strict=True)), len(items))
    print(f"one typing error, unseen: class changes {case:.3f}, suspicion {leak:.3f}", file=sys.stderr)


def _answers(
    items: Sequence[Item], chances: Any, authors: Sequence[str], limits: Sequence[Any]
) -> list[Answer]:
    """Answers from rows of probabilities, judged as the shipped classifier judges."""
    leak = CLASSES.index("3-leak")
    found: list[Answer] = []
    for at, item in enumerate(items):
        sure_from, leak_from, suspect_from = limits[at]
        others = [-1.0 if place == leak else chance for place, chance in enumerate(chances[at])]
        given = leak if chances[at][leak] >= leak_from else others.index(max(others))
        suspected = bool(given == leak or chances[at][leak] >= suspect_from)
        confidence = float(chances[at][given])
        found.append(
            Answer(
                item.label,
                CLASSES[given],
                confidence,
                suspected,
                item.author,
                authors[at],
                item.report.message.language,
                sure=bool(confidence >= sure_from and not (suspected and given != leak)),
            )
        )
    return found


def describe(title: str, answers: Sequence[Answer], spent: float) -> str:
    """The figures of one run as text, with the confusion table, reliability and the figures by language."""
    lines = [title, *(f"  {name:<16} {value}" for name, value in measure(answers, spent).items())]
    recall, precision = alarm(answers)
    lines.append(f"  leak suspected: recall {recall:.3f}, precision {precision:.3f}")
    lines += ["", confusion(answers), "", "  confidence   n   said   right"]
    for low, high, count, said, right in _reliability(answers):
        lines.append(f"  {low:.2f}-{high:.2f}  {count:>4}  {said:.3f}  {right:.3f}")
    lines.append("")
    for language in sorted({a.language or "?" for a in answers}):
        part = measure([a for a in answers if (a.language or "?") == language], spent)
        names = ("n", "macro_f1", "accuracy", "leak_recall", "leak_precision")
        lines.append(f"  {language}: " + ", ".join(f"{name} {part[name]}" for name in names))
    return "\n".join(lines)


def _reliability(answers: Sequence[Answer]) -> list[tuple[float, float, int, float, float]]:
    """For each band of confidence: from, to, count, mean confidence, share that is right."""
    edges = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
    rows = []
    for low, high in pairwise(edges):
        inside = [a for a in answers if low <= a.confidence < high or (high == 1.0 == a.confidence)]
        if inside:
            said = statistics.fmean(a.confidence for a in inside)
            rows.append(
                (low, high, len(inside), said, ratio(sum(a.label == a.given for a in inside), len(inside)))
            )
    return rows


def locked() -> int:
    """The locked set, once a release: the figures are printed and kept with the date; a second look is refused."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    looks = LOOKS.read_text(encoding="utf-8") if LOOKS.is_file() else ""
    if f" release {version}:" in looks:
        print(f"the locked set has been looked at for release {version}; see {LOOKS}", file=sys.stderr)
        return 1
    answers, spent = judge(read_items(LOCKED))
    figures = measure(answers, spent)
    line = f"{datetime.now(UTC):%Y-%m-%d} release {version}: {json.dumps(figures)}\n"
    LOOKS.write_text(looks + line, encoding="utf-8")
    print(line + confusion(answers))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tools.triage.evaluate", description=__doc__)
    parser.add_argument(
        "file", nargs="?", type=Path, help="JSONL file; none = cross-validation on the development set"
    )
    parser.add_argument("--file", dest="named", type=Path, help="the same, by name")
    parser.add_argument("--real", type=Path, help="folder of real messages: ordinary.jsonl, leaks.jsonl")
    parser.add_argument("--locked", action="store_true", help="the locked set, once a release")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--seeds", type=int, default=1, help="repetitions of the cross-validation, at most 5")
    options = parser.parse_args(arguments)
    path: Path | None = options.named or options.file
    if options.locked:
        return locked()
    if options.real is not None:
        found = real(options.real)
        print(json.dumps(found) if options.json else json.dumps(found, indent=1))
        return 0
    if path is not None:
        answers, spent = judge(read_items(path))
        print(json.dumps(measure(answers, spent)) if options.json else describe(str(path), answers, spent))
        return 0
    items = read_items(DEV)
    _, spent = judge(items[:40])
    seeds = SEEDS[: max(1, options.seeds)]
    runs = cross_validate(items, seeds)
    ours = [measure(run, spent) for run in runs["ours"]]
    if options.json:
        means = {name: round(statistics.fmean(run[name] for run in ours), 4) for name in ours[0]}
        print(json.dumps({**means, "n": len(items)}))
        return 0
    print(describe(f"nested cross-validation, seed {SEEDS[0]}", runs["ours"][0], spent))
    _compare(f"all {len(items)}, seeds {seeds}", runs, range(len(items)))
    unread = set(json.loads(UNREAD.read_text(encoding="utf-8")))
    places = [at for at, item in enumerate(items) if item.id in unread]
    _compare(
        f"the {len(places)} of {UNREAD.name}, not read while lexicon and banks were written", runs, places
    )
    _print_flips(items)
    return 0


def _compare(title: str, runs: dict[str, list[list[Answer]]], places: Sequence[int]) -> None:
    print(f"\n{title}: mean ± standard deviation")
    parts = {name: [[run[at] for at in places] for run in found] for name, found in runs.items() if found}
    figures = {name: [measure(part, 0.0) for part in found] for name, found in parts.items()}
    for name in list(figures["ours"][0])[:-2]:
        print(
            f"  {name:<16} "
            + "   ".join(
                f"{who} {_spread([float(run[name]) for run in rows])}" for who, rows in figures.items()
            )
        )
    alone = [answer for part in parts["ours"] for answer in part if answer.sure]
    whole = sum(len(part) for part in parts["ours"])
    right = ratio(sum(a.label == a.given for a in alone), len(alone))
    print(f"  decided alone    {ratio(len(alone), whole):.3f} of the items, right in {right:.3f}")


def _print_flips(items: Sequence[Item]) -> None:
    from tools.triage.robustness import flips

    classifier, keep = remembering()
    print("\nrobustness, shipped model, every item: share whose class / whose suspicion changes")
    for name, (case, suspicion) in flips([item.report for item in items], classifier).items():
        print(f"  {name:<26} {case:.3f} / {suspicion:.3f}")
    keep()


def _spread(values: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.3f}{spread}"


if __name__ == "__main__":
    sys.exit(main())
