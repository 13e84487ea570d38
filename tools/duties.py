"""`make duties`: every obligation of the desk, where it lives, and whether a test lives it, from outside trigger to evidence.

The table is docs/duties.yaml. The tests that it names are run; a row whose test does not exist, is skipped or fails counts as one
that has none. Exit status 1 while a row has none. `--list` only checks that the named tests exist.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs/duties.yaml"


def rows(path: Path = TABLE) -> list[dict[str, Any]]:
    """The rows of the table: `id`, `duty` by language, `lives` (files), `tests` (node ids)."""
    content: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return content


def outcomes(tests: list[str], *, only_list: bool = False) -> dict[str, str]:
    """Node id -> `passed`, `failed`, `skipped` or `missing`; a node id without parameters speaks for all of them."""
    known = [test for test in tests if (ROOT / test.partition("::")[0]).is_file()]
    if not known:
        return dict.fromkeys(tests, "missing")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        how = (
            ["--collect-only"]
            if only_list
            else ["-n", "2", f"--junit-xml={report}", "-o", "junit_family=xunit1"]
        )
        which = sorted({test.partition("::")[0] for test in known}) if only_list else known
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--continue-on-collection-errors",
        ]
        ran = subprocess.run([*command, *how, *which], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        if only_list:
            collected = {line.split("[")[0] for line in ran.stdout.splitlines() if "::" in line}
            return {test: "passed" if test.split("[")[0] in collected else "missing" for test in tests}
        return _read(report, tests) if report.exists() else dict.fromkeys(tests, "missing")


def _read(report: Path, tests: list[str]) -> dict[str, str]:
    states: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - as above
        name = f"{case.get('file')}::{(case.get('name') or '').split('[')[0]}"
        kinds = {child.tag for child in case}
        state = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        states.setdefault(name, set()).add(state)
    found = {}
    for test in tests:
        parts = test.split("[")[0].split("::")
        seen = states.get(f"{parts[0]}::{parts[-1]}", set())
        found[test] = next((state for state in ("failed", "skipped", "passed") if state in seen), "missing")
    return found


def main() -> int:
    """Print the table; 0 where every row has a test that passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only check that the tests exist")
    arguments = parser.parse_args()
    table = rows()
    states = outcomes(
        sorted({test for row in table for test in row.get("tests", [])}), only_list=arguments.list
    )
    without = []
    for row in table:
        tests = row.get("tests", [])
        bad = [f"{test} {states[test]}" for test in tests if states[test] != "passed"]
        done = bool(tests) and not bad
        if not done:
            without.append(row["id"])
        print(f"{'done' if done else 'NONE':5}{row['id']:6} {row['duty']['en']}")
        for line in [*row.get("lives", []), *tests]:
            print(f"{'':12}{line}")
        for line in bad:
            print(f"{'':12}! {line}")
        if row.get("why"):
            print(f"{'':12}{row['why']}")
    print(f"\n{len(table) - len(without)} of {len(table)} rows have a test that lives them.")
    if without:
        print(f"None for: {', '.join(without)}")
    return 1 if without else 0


if __name__ == "__main__":
    raise SystemExit(main())
