"""YAML that comes with the package is read by one place, with the fast loader where there is one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import sangfroid
from sangfroid.data_files import LOADER, data

ROOT = Path(sangfroid.__file__).parent
READERS = {"data_files.py", "faults.py", "organisation.py"}
"""The place itself, and the two that read what people wrote, with the same loader."""


def test_nobody_else_reads_yaml() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "yaml" for alias in node.names)
    }
    assert found == READERS


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.yaml")), ids=lambda path: path.name)
def test_both_loaders_read_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    assert yaml.load(text, LOADER) == yaml.safe_load(text)  # noqa: S506 - a safe one


def test_a_file_is_read_once() -> None:
    assert data("sangfroid.outbound", "notices.yaml") is data("sangfroid.outbound", "notices.yaml")


def test_without_the_loader_in_c_everything_is_read_all_the_same() -> None:
    script = (
        "import yaml; vars(yaml).pop('CSafeLoader', None); from sangfroid import data_files;"
        "assert data_files.LOADER is yaml.SafeLoader; from sangfroid.outbound.wording import wordings; assert wordings()"
    )
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 - our own interpreter
