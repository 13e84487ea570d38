"""checkov over the template, each failed check against its written reason in tools/checkov.yaml; exit status 1 for one without.

python -m tools.check_checkov [template.yaml]
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "tools" / "checkov.yaml"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"


def failed(template: Path) -> dict[str, set[str]]:
    """Check -> logical ids of what failed it."""
    done = subprocess.run(  # noqa: S603
        [str(CHECKOV), "-f", str(template), "--framework", "cloudformation", "--skip-download", "--compact", "-o", "json"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    report = json.loads(done.stdout)
    if report["summary"]["parsing_errors"]:
        raise RuntimeError(f"checkov cannot read {template}")
    found: dict[str, set[str]] = defaultdict(set)
    for one in report["results"]["failed_checks"]:
        found[f"{one['check_id']}"].add(one["resource"].rpartition(".")[2])
    return found


def main(arguments: list[str]) -> int:
    """The exit status."""
    template = Path(arguments[0]) if arguments else ROOT / "template.yaml"
    reasons = yaml.safe_load(REASONS.read_text("utf-8"))
    found, without, explained = failed(template), 0, 0
    for check, resources in sorted(found.items()):
        known = reasons.get(check, {"resources": []})["resources"]
        for resource in sorted(resources):
            if known == "all" or resource in known:
                explained += 1
            else:
                without += 1
                print(f"{template.name}: {resource}: {check} fails, and tools/checkov.yaml gives no reason")
    unused = sorted(set(reasons) - set(found))
    for check in unused:
        print(f"tools/checkov.yaml: {check} fails nowhere any more, its reason can go")
    print(f"checkov: {without} failed checks without a reason, {explained} with one")
    return 1 if without or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
