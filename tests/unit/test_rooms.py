"""The order of imports between the rooms of `shared/sangfroid` (docs/architecture.md): down only, and never in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sangfroid

ROOT = Path(sangfroid.__file__).parent
FUNCTIONS = ROOT.parents[1] / "functions"

ORDER = (
    ("functions",),
    ("bootstrap", "steps"),
    ("organisation_source",),
    ("organisation_check",),
    ("http",),
    ("desk",),
    ("acts",),
    ("freeze", "evidence", "tracing", "listening", "learning"),
    ("outbound",),
    ("casework",),
    ("cases", "store"),
    ("roster",),
    ("casefile", "case_events", "playbooks", "observability", "organisation", "organisation_parts"),
    ("triage", "timeline"),
    ("table", "model"),
    ("known",),
    ("kept",),
    ("text",),
    ("data_files", "errors", "faults", "lifetime", "side_by_side", "staffing", "wall_clock"),
)
"""A room imports rooms of later lines only. Two of one line import each other in one direction at most."""

STRANGERS = frozenset({("cases", "store"), ("store", "cases")})
"""Rules read no store, and the store knows no rule."""

RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}


def room_of(module: str) -> str:
    return module.split(".")[1]


@cache
def modules() -> dict[str, ast.Module]:
    """Every module by its name, parsed; a Lambda's as `functions.NAME`."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        if parts != ("sangfroid", "__init__"):
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text("utf-8"))
    for path in FUNCTIONS.glob("*/app.py"):
        found[f"lambda.functions.{path.parent.name}"] = ast.parse(path.read_text("utf-8"))
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """Modules of ours that it imports anywhere: also within a function, also for types alone."""

    def named() -> Iterator[str]:
        for node in ast.walk(modules()[module]):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sangfroid"):
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield whole if whole in modules() else node.module
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: an import relative to itself hides the room"
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name.startswith("sangfroid."))

    return frozenset(named()) - {module, "sangfroid"}


def test_every_module_stands_in_a_room() -> None:
    assert {room_of(module) for module in modules()} <= set(RANK)
    assert len(modules()) > 100


def test_imports_go_down_only() -> None:
    against = [
        f"{module} -> {other}"
        for module in modules()
        for other in imports(module)
        if (here := room_of(module)) != (there := room_of(other))
        and (RANK[there] < RANK[here] or (here, there) in STRANGERS)
    ]
    assert against == []


def test_no_module_names_one_of_a_room_above() -> None:
    """In no comment and no text either: who is below does not know who uses it."""
    for path in ROOT.rglob("*.py"):
        here = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for room, rank in RANK.items():
                if here in RANK and rank < RANK[here]:
                    assert f"sangfroid.{room}." not in line, f"{path}:{number} names {room}"


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for after in graph.get(todo.pop(), set()) - seen:
            seen.add(after)
            todo.append(after)
    return seen


@pytest.mark.parametrize("what", ["modules", "rooms"])
def test_nothing_imports_itself_in_a_circle(what: str) -> None:
    graph: dict[str, set[str]] = {}
    for module in modules():
        for other in imports(module):
            here, there = (module, other) if what == "modules" else (room_of(module), room_of(other))
            if here != there:
                graph.setdefault(here, set()).add(there)
    assert [name for name in graph if name in _reached(graph, name)] == []


def test_no_test_imports_from_another_test() -> None:
    for path in (ROOT.parents[1] / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert ".test_" not in f".{node.module}", f"{path}: {node.module}"
