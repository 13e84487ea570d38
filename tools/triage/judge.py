"""Classify reports of a file: `python -m tools.triage.judge FILE`; one JSON object a line, in order.

Each line of FILE holds `{"id", "report"}` as in the labelling guide (`expect` is not needed). `pages_a_person` says whether
somebody would be woken for it if it were received at 03:00 by the humane defaults. A line that is no report is named on
standard error with its number; the others are judged all the same, and the exit status is 1 (2 where FILE cannot be read).
Needs no training packages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sangfroid.triage import Embedded, Report, Verdict, decide
from sangfroid.triage.harm import Situation, weigh
from sangfroid.triage.severity import reach

NIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)
"""The moment at which a report is taken to be received: three in the morning, where people sleep."""


def pages(report: Report, verdict: Verdict, at: datetime = NIGHT) -> bool:
    """Whether somebody would be woken for this report."""
    return weigh(
        Situation(
            suspicion=verdict.suspicion,
            danger=verdict.danger,
            severity=verdict.severity,
            reach=reach(report),
            local=at,
            vouched=report.asserted.confidential_leak,
        )
    ).wakes


def judged(name: Any, report: Report) -> dict[str, Any]:
    """The line that is printed for one report."""
    verdict = decide(report, Embedded.load())
    return {
        "id": name,
        "case": verdict.case,
        "leak": verdict.leak,
        "leak_suspected": verdict.leak_suspected,
        "pages_a_person": pages(report, verdict),
        "sure": verdict.sure,
        "confidence": round(verdict.confidence, 4),
        "author": verdict.author,
        "severity": verdict.severity,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tools.triage.judge", description=__doc__)
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    faults = 0
    try:
        lines = path.open("rb")
    except OSError as error:
        print(f"{path}: cannot be read ({error.strerror}); say FILE=messages.jsonl", file=sys.stderr)
        return 2
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                name, report = read(line)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                faults += 1
                print(f"{path}:{number}: {_fault(error)}", file=sys.stderr)
                continue
            # Escaped, so that whatever stands in an id can be printed anywhere.
            print(json.dumps(judged(name, report)))
    return 1 if faults else 0


def read(line: bytes) -> tuple[Any, Report]:
    """The id (None where there is none) and the report of a line. Raises ValueError, KeyError, TypeError, RecursionError."""
    entry = json.loads(line.decode("utf-8-sig"))
    if not isinstance(entry, dict):
        raise TypeError(f"an object is wanted, this is a {type(entry).__name__}")
    return entry.get("id"), Report.model_validate(entry["report"])


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'report'}: {one['msg']}" for one in error.errors()[:3]
        )
    if isinstance(error, KeyError):
        error = ValueError(f"{error} is missing")
    return f"no report in the labelling guide's form ({error})"


if __name__ == "__main__":
    sys.exit(main())
