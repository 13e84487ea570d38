"""The commands of docs/deploy.md: which are run here by a test, which cannot be and why. `make deploy-commands` prints them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "deploy.md"
_BLOCK = re.compile(r"(?:<!-- run: (?P<how>[^\n]+?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One command; `reason` says why it cannot be run here, empty for one that is."""

    section: str
    text: str
    reason: str


def commands(text: str) -> list[Command]:
    """Every command, in the guide's order. Raises ValueError for a block that does not say how it is run."""
    found = []
    for block in _BLOCK.finditer(text):
        sections = re.findall(r"^## (.+)$", text[: block.start()], re.MULTILINE)
        section = sections[-1] if sections else ""
        how = block["how"] or ""
        if block["kind"] != "sh" or not (how == "local" or how.startswith("no, ")):
            raise ValueError(
                f"a block under {section!r} does not say whether it is run: <!-- run: local --> or no, WHY"
            )
        lines = block["text"].replace("\\\n", " ").strip().splitlines()
        found += [
            Command(section, line, how.removeprefix("no, ") if how != "local" else "") for line in lines
        ]
    return found


def main() -> int:
    """Print every command with what became of it, and the two counts."""
    found = commands(GUIDE.read_text("utf-8"))
    for command in found:
        sys.stdout.write(f"{'run here' if not command.reason else 'not here'}  {command.text[:110]}\n")
        if command.reason:
            sys.stdout.write(f"          why: {command.reason}\n")
    run = sum(not command.reason for command in found)
    sys.stdout.write(f"{len(found)} commands: {run} run here by a test, {len(found) - run} cannot be\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
