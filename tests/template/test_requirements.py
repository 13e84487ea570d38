"""The pinned requirements: complete for what ships, agreed among themselves, and silent about where they came from."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tools.check_build import normalised, pinned

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
RUNTIME_BRINGS = {"boto3", "botocore"}
"""What the Lambda runtime has of itself."""
IMPORTED_AS = {"yaml": "pyyaml"}
"""Modules whose package has another name."""


def versions(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def third_party_imports(path: Path) -> set[str]:
    """Top-level names that a file imports and neither Python nor the project brings."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"sangfroid"}


def test_what_the_lambdas_import_is_in_the_layer_or_the_runtime() -> None:
    sources = [*(ROOT / "shared" / "sangfroid").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    imported = {name for path in sources for name in third_party_imports(path)}
    needed = {IMPORTED_AS.get(name, normalised(name)) for name in imported} - RUNTIME_BRINGS
    assert "pydantic" in needed
    assert needed <= pinned(ROOT / "requirements" / "runtime.txt")


def test_the_layer_is_built_from_the_lock() -> None:
    lock = (ROOT / "requirements" / "runtime.txt").read_bytes()
    assert (ROOT / "shared" / "requirements.txt").read_bytes() == lock
    assert not pinned(ROOT / "requirements" / "runtime.txt") & {*RUNTIME_BRINGS, "moto", "pytest"}


def test_tests_run_with_the_versions_that_ship() -> None:
    dev = versions(ROOT / "requirements" / "dev.txt")
    for name in ("runtime.txt", "local.txt"):
        for package, version in versions(ROOT / "requirements" / name).items():
            assert dev[package] == version, package


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_everything_is_pinned_by_hash_and_no_place_is_recorded(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file://|--(extra-)?index-url|--find-links|--trusted-host", text)
    lines = text.replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line and not line.startswith("#")]
    assert len(requirements) > 10 or lock.name in ("node.txt", "engine.txt")
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement
