"""No test takes the clock of the whole process away; what needs no pauses has them taken in one module (tests/support/pauses.py).

Other threads of the process sleep too: without sleep they spin, and a mock keeps each of their calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


def patched(source: str) -> Iterator[str]:
    """What is replaced in Python's module `time`, as `name` or `module.time.name`."""
    tree = ast.parse(source)
    names = {"time"} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "time" and alias.asname
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = ast.unparse(node.func)
        if not called.endswith(("patch", "patch.object", "patch.multiple", "setattr", "delattr")):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            target = first.value.split(".")
            if target[-2:-1] == ["time"] or (called.endswith("multiple") and target[-1] == "time"):
                yield first.value
        elif ast.unparse(first).split(".")[-1] in names:
            yield ast.unparse(node)[:80]


@pytest.mark.parametrize(
    "source",
    [
        "patch('sangfroid.store.time.sleep')",
        "monkeypatch.setattr('sangfroid.table.time.sleep', print)",
        "patch('time.monotonic')",
        "import time as real\npatch.object(real, 'sleep')",
        "monkeypatch.setattr(store.time, 'sleep', print)",
        "patch.multiple('sangfroid.table.time', sleep=print)",
    ],
)
def test_it_is_seen(source: str) -> None:
    assert list(patched(source))


def test_a_module_s_own_name_may_stand_for_something_else() -> None:
    assert not list(patched("patch('sangfroid.store.time', awake)"))


def test_no_test_takes_the_time_of_the_whole_process() -> None:
    found = {
        str(path.relative_to(TESTS)): faults
        for path in sorted(TESTS.rglob("*.py"))
        if (faults := list(patched(path.read_text(encoding="utf-8"))))
    }
    assert found == {}
