"""`make test-jsonata`: our evaluation of every expression of statemachine/ against npm `jsonata`; exit status 1 on a difference.

Each expression is evaluated with the values that it met in the rehearsals, and with each place that it reads replaced in turn by
edge values: missing, null, empty and one-element arrays, texts of other scripts, large numbers, dates. "Nothing" and "an error"
are told apart, though AWS makes States.QueryEvaluationError of both.

What must be equal is JSONata 2.0.6, the version that AWS documents; what the newest one answers otherwise is counted beside it.
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from local.mends import expressions
from tools.build_console import tools

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MISSING = object()
EDGES: tuple[Any, ...] = (
    MISSING, None, "", "x", "is it «ça», 数 or 😀? \"quoted\" \\ and \n", "2026-11-20T08:00:00.123Z", "2026-11-20T09:00:00+01:00",
    "2026-02-30T00:00:00Z", 0, -1, 1.5, 19, 20, 299, 300, 2**53 - 1, 2**53 + 2, 1e21, 1e-7, True, False, [], ["one"], [["one"]],
    ["one", "two"], [None], [1], [{"a": 1}], {}, {"a": None}, {"a": ["one"]},
)  # fmt: skip
KNOWN: dict[str, str] = {
    "$failures % 9 = 0": "a fraction below 10⁻⁶ counts as none in our library; it is a count",
    "$min([60 * $power(2, $min([$untold, 6])), 3600])": "the 16th digit of a power with a broken exponent; it is a count",
    "$turns > 6 ? 3600 : 30 * $power(2, $turns)": "the 16th digit of a power with a broken exponent; it is a count",
    "$name & '-' & $string($part) & '-' & $string($asked) & '-' & $string($toMillis($states.context.State.EnteredTime))": (
        "30 February is refused, and 2 March for the reference; the engine writes the time itself"
    ),
}
"""Differences that stay, by expression, each with its reason."""
SIXTEEN_DIGITS = "e+15"
"""A whole number of 16 digits as text: 2.0.6 rounds it to 15 digits and writes all its places, our library writes a power of ten,
the newest reference writes every digit. What we put into a text are counts and names: no number of that size occurs."""

_PLACE = re.compile(r"\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?!\w*\()")


def all_expressions() -> set[str]:
    """Every expression of the machines, without its braces."""

    def walk(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for one in part.values():
                yield from walk(one)
        elif isinstance(part, list):
            for one in part:
                yield from walk(one)
        elif isinstance(part, str) and part.startswith("{%"):
            yield part[2:-2].strip()

    return {
        expression
        for path in (ROOT / "statemachine").glob("*.asl.yaml")
        for expression in walk(yaml.safe_load(path.read_text("utf-8")))
    }


class Recorder:
    """Notes what the local engine evaluates while rehearsals run."""

    def __init__(self) -> None:
        self.met: dict[str, dict[str, dict[str, Any]]] = {}

    def __enter__(self) -> Recorder:
        self._plain = expressions.evaluate

        def evaluate(expression: str, bindings: dict[str, Any]) -> Any:
            plain = {name: expressions.from_query(value) for name, value in bindings.items()}
            self.met.setdefault(expression.strip(), {})[json.dumps(plain, sort_keys=True)] = plain
            return self._plain(expression, bindings)

        expressions.evaluate = evaluate
        return self

    def __exit__(self, *_: object) -> None:
        expressions.evaluate = self._plain


def rehearsed() -> dict[str, dict[str, dict[str, Any]]]:
    """Expression -> the bindings that it met in any rehearsal."""
    from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
    from local.stack import Stack

    with Recorder() as recorder:
        for path in sorted(SCRIPTS.glob("*.yaml")):
            script = read_script(path)
            Rehearsal(Stack.borrow(now=script.starts), script, Teller(io.StringIO())).play()
    return recorder.met


def varied(expression: str, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The bindings with each place that the expression reads set to each edge value."""
    for place in sorted(set(_PLACE.findall(expression))):
        names = place.split(".")
        for edge in EDGES:
            bindings = copy.deepcopy(base)
            inner: Any = bindings
            for name in names[:-1]:
                if not isinstance(inner.get(name), dict):
                    inner[name] = {}
                inner = inner[name]
            if edge is MISSING:
                inner.pop(names[-1], None)
            else:
                inner[names[-1]] = copy.deepcopy(edge)
            yield bindings


def ours(expression: str, bindings: dict[str, Any]) -> dict[str, Any]:
    """What the local engine makes of it, in the words of evaluate.mjs."""
    try:
        answer = expressions.evaluate(
            expression, {name: expressions.to_query(one) for name, one in bindings.items()}
        )
        return {"nothing": True} if answer is None else {"value": expressions.from_query(answer)}
    except Exception as error:  # noqa: BLE001 - every error ends an evaluation in the same way
        return {"error": str(getattr(error, "error", None) or type(error).__name__)}


def reference(asked: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the reference implementation makes of all of them; installs it from its lock first."""
    node, npm = tools()
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    installed = HERE / "node_modules" / f".lock-{lock[:16]}"
    if not installed.is_file():
        command = [*npm, "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, check=True, cwd=HERE, stdout=sys.stderr)  # noqa: S603
        installed.touch()
    lines = "\n".join(json.dumps({"expression": one, "bindings": bindings}) for one, bindings in asked)
    answered = subprocess.run(  # noqa: S603
        [*node, "evaluate.mjs"],
        check=True,
        cwd=HERE,
        input=lines,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return [json.loads(line) for line in answered.stdout.splitlines()]


def same(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Equal results; whole numbers are one, however they are written; any error is as good as another."""
    if "error" in here or "error" in there:
        return "error" in here and "error" in there
    return json.dumps(_plain(here), sort_keys=True) == json.dumps(_plain(there), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def main() -> int:
    """Compare; the exit status."""
    began = time.perf_counter()
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the process
    wanted, met = all_expressions(), rehearsed()
    asked: list[tuple[str, dict[str, Any]]] = []
    for expression in sorted(wanted):
        seen = list(met.get(expression, {}).values())
        asked += [(expression, bindings) for bindings in seen]
        asked += [(expression, bindings) for bindings in varied(expression, seen[0] if seen else {})]
    results: Counter[str] = Counter()
    different: dict[str, list[str]] = {}
    newer: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for (expression, bindings), answers in zip(asked, reference(asked), strict=True):
        here, there = ours(expression, bindings), answers["aws"]
        newer[expression] += not same(there, answers["newest"])
        results["values" if "value" in there else "nothing" if "nothing" in there else "errors"] += 1
        if not same(here, there) and SIXTEEN_DIGITS in json.dumps(here):
            large[expression] += 1
        elif not same(here, there):
            places = {place: _at(bindings, place) for place in sorted(set(_PLACE.findall(expression)))}
            different.setdefault(expression, []).append(f"{places} → {here}, the reference {there}")
    for expression, lines in different.items():
        reason = KNOWN.get(expression)
        print(f"{'known: ' + reason if reason else 'DIFFERENT'}: {expression}", file=out)
        for line in lines:
            print(f"    {line[:300]}", file=out)
    wrong = set(different) - set(KNOWN)
    for expression in sorted(set(KNOWN) - set(different)):
        print(f"no longer different, remove its entry: {expression}", file=out)
        wrong.add(expression)
    changed = [expression for expression, count in newer.items() if count]
    print(
        f"known: whole numbers of 16 digits as text: {sum(large.values())} evaluations, in {len(large)} expressions; "
        f"the newest JSONata answers {sum(newer.values())} otherwise than 2.0.6 itself, in {len(changed)}",
        file=out,
    )
    print(
        f"{len(wanted)} expressions, {len(wanted & set(met))} met in the rehearsals; {len(asked)} evaluations "
        f"({', '.join(f'{count} {name}' for name, count in results.items())}); {len(different)} expressions differ, "
        f"{len(wrong)} without a reason; {time.perf_counter() - began:.0f} s",
        file=out,
        flush=True,
    )
    return 1 if wrong else 0


def _at(bindings: Any, place: str) -> Any:
    for name in place.split("."):
        if not isinstance(bindings, dict) or name not in bindings:
            return "(missing)"
        bindings = bindings[name]
    return bindings


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
