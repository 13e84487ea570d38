"""How well the charter judges: over labelled texts, what it finds of what a careful reader marked, and what it finds falsely.

`make eval-charter`; FILE= other texts of the same form. Prints one line a text that differs, then the figures.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from sangfroid.cases import charter
from sangfroid.organisation import load
from sangfroid.playbooks import playbook

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "tests/charter/texts.yaml"
ORGANISATION = ROOT / "shared/sangfroid/organisation.example.yaml"


def judged(item: dict[str, Any]) -> set[str]:
    """The codes that the charter finds in one labelled text."""
    organisation = load(ORGANISATION)
    found = charter.check(item["texts"], item["kind"], "Nuage SA", playbook(item["case"]), organisation)
    return {finding.code for finding in found}


def measure(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts over labelled texts: marks found and missed, findings that nobody marked, good texts without any finding."""
    hit, missed, false = Counter[str](), Counter[str](), Counter[str]()
    differing, spotless, good = [], 0, 0
    for item in items:
        codes, expected = judged(item), set(item["expect"])
        hit.update(codes & expected)
        missed.update(expected - codes)
        false.update(codes - expected)
        good += not expected
        spotless += not expected and not codes
        if codes != expected:
            differing.append((item["id"], sorted(expected - codes), sorted(codes - expected)))
    return {
        "texts": len(items), "marked": hit.total() + missed.total(), "found": hit.total(), "false": false.total(),
        "good": good, "good_without_finding": spotless, "missed": dict(missed), "falsely": dict(false), "differing": differing,
    }  # fmt: skip


def main() -> None:
    """Print what differs, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=TEXTS)
    figures = measure(yaml.safe_load(parser.parse_args().file.read_text("utf-8")))
    for name, missed, false in figures["differing"]:
        print(f"{name:10} missed: {', '.join(missed) or '-'}   found besides: {', '.join(false) or '-'}")
    found, marked, false = figures["found"], figures["marked"], figures["false"]
    print(
        f"{figures['texts']} texts: {found} of {marked} marks found ({found / marked:.2f}), {false} falsely found"
    )
    print(f"{figures['good_without_finding']} of {figures['good']} good texts without any finding")


if __name__ == "__main__":
    main()
