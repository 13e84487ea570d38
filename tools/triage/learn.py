"""Learning from use, by command and never by itself: `python -m tools.triage.learn WHAT --table NAME`.

`gather`   keep what people decided about closed cases (safe to repeat)
`show`     what is kept: cases, labels, how often a person said otherwise than triage
`measure`  the shipped model on what is kept, and a model trained with it beside, each example judged by a model that never saw it
`retrain`  the same, then write a new model to `--out`, unless it is worse on what is kept or on the development set
`erase`    one example (`--case ID`) or all (`--all`), for good

AWS credentials and region are those of the environment. Nothing is installed: the new model serves when it is built and deployed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sangfroid.errors import StoreRefused
from sangfroid.learning import Example, Shelf, gather
from sangfroid.store import CaseStore
from sangfroid.table import DynamoTable, Table
from tools.triage.dataset import DEV, Item, label_of, read_items
from tools.triage.measures import Answer, measure

if TYPE_CHECKING:
    from tools.triage.crossvalidation import Bench

FEWEST = 20
"""Fewer examples say nothing: they are shown, not trained on."""
SEED = 3
TOLERANCE = 0.01
"""A new model may lose this much macro-F1 on the development set, which is chance at that size, and no more."""


def items_of(examples: Sequence[Example]) -> list[Item]:
    """The examples as labelled items."""
    return [
        Item(one.report, label_of(one.case, one.leak), one.author, f"case {one.case_id}") for one in examples
    ]


def show(examples: Sequence[Example]) -> str:
    """What is kept, in a few lines; no text of anybody."""
    labels = Counter(label_of(one.case, one.leak) for one in examples)
    corrected = sum(one.corrected for one in examples)
    alone = sum(one.machine is not None for one in examples)
    said = ", ".join(f"{name} {count}" for name, count in sorted(labels.items())) or "none"
    return (
        f"{len(examples)} examples ({said})\n"
        f"decided by triage alone: {alone}; of these a person said otherwise: {corrected}"
    )


def measured(
    examples: Sequence[Example],
) -> tuple[dict[str, float | int], dict[str, float | int], float, float]:
    """Shipped and retrained figures on the examples, and macro-F1 of both trainings on the development set.

    Every item is judged by models that never saw it; only the shipped figures are of the model as it stands.
    """
    from tools.triage.crossvalidation import Bench
    from tools.triage.evaluate import judge

    dev, own = read_items(DEV), items_of(examples)
    shipped, _ = judge(own)
    bench = Bench([*dev, *own])
    together = _answers(bench, list(range(bench.size)))
    alone = _answers(bench, list(range(len(dev))))
    return (
        measure(shipped, 0.0),
        measure(together[len(dev) :], 0.0),
        float(measure(alone, 0.0)["macro_f1"]),
        float(measure(together[: len(dev)], 0.0)["macro_f1"]),
    )


def _answers(bench: Bench, rows: list[int]) -> list[Answer]:
    """Answers about the items at `rows`, each by models that never saw it."""
    from tools.triage.calibration import calibrate, thresholds, verdicts
    from tools.triage.dataset import CLASSES

    held = bench.held_out(rows, bench.gate, 5, SEED)
    chances = calibrate(held).chances(held)
    limits = thresholds(chances, held)
    given, confidence = verdicts(chances[: len(rows)], limits.leak_from)
    return [
        Answer(
            held.truth[at],
            CLASSES[given[at]],
            float(confidence[at]),
            suspected=False,
            author=None,
            author_given="-",
        )
        for at in range(len(rows))
    ]


def compare(examples: Sequence[Example]) -> tuple[str, bool]:
    """The comparison in words, and whether the new model may take the place of the shipped one."""
    shipped, fresh, before, after = measured(examples)
    names = ("macro_f1", "accuracy", "leak_recall", "leak_precision")
    lines = [
        "                 shipped   retrained (unseen)",
        *(f"  {name:<14} {shipped[name]:>8.3f}   {fresh[name]:>8.3f}" for name in names),
        f"  development set, macro-F1: {before:.3f} without the examples, {after:.3f} with them",
    ]
    better = (
        fresh["macro_f1"] >= shipped["macro_f1"]
        and fresh["leak_recall"] >= shipped["leak_recall"]
        and after >= before - TOLERANCE
    )
    return "\n".join(lines), better


def main(arguments: Sequence[str] | None = None, table: Table | None = None) -> int:
    """Entry point; see the module. Exit status 1 where nothing was done that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.triage.learn", description=__doc__)
    parser.add_argument("what", choices=["gather", "show", "measure", "retrain", "erase"])
    parser.add_argument("--table", help="name of the DynamoDB table of the stack")
    parser.add_argument("--case", help="erase: the case whose example goes")
    parser.add_argument("--all", action="store_true", help="erase: every example")
    parser.add_argument("--out", type=Path, help="retrain: the file that the new model is written to")
    options = parser.parse_args(arguments)
    if table is None and not options.table:
        parser.error("--table names the DynamoDB table of the stack (its output `TableName`)")
    if options.what == "erase" and (options.case is None) == (not options.all):
        parser.error("erase takes --case ID or --all")
    if options.what == "retrain" and options.out is None:
        parser.error("retrain needs --out: the file that the new model is written to")
    store = table if table is not None else DynamoTable(options.table)
    try:
        return _done(options, store)
    except StoreRefused as refused:
        print(f"{options.table}: {refused}", file=sys.stderr)
        return 1


def _done(options: argparse.Namespace, store: Table) -> int:
    shelf = Shelf(store)
    if options.what == "gather":
        done = gather(CaseStore(store), shelf)
        print(
            f"kept {done.kept}; {done.without} closed cases without a person's word; {done.erased} erased before"
        )
        return 0
    if options.what == "erase":
        return _erase(shelf, options.case)
    examples = list(shelf)
    print(show(examples))
    if options.what == "show":
        return 0
    if len(examples) < FEWEST:
        print(f"fewer than {FEWEST} examples: neither measured nor trained on", file=sys.stderr)
        return 1
    said, better = compare(examples)
    print(said)
    if options.what == "measure":
        return 0
    if not better:
        print("not written: the new model is worse than the shipped one", file=sys.stderr)
        return 1
    from tools.triage.train import train, write

    write(train([*read_items(DEV), *items_of(examples)]), options.out)
    print(f"written: {options.out}. It serves when it is built and deployed (docs/triage.md).")
    return 0


def _erase(shelf: Shelf, case: str | None) -> int:
    if case is None:
        print(f"erased {shelf.erase_all()}")
    else:
        print("erased" if shelf.erase(case) else "there was none; it will not be gathered either")
    return 0


if __name__ == "__main__":
    sys.exit(main())
