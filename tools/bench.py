"""`make bench`: the benchmarks, one JSON object a line on standard output.

`{"bench", "value", "unit", "baseline", "ratio"}`: each function says what its `baseline` is; `ratio` = baseline / value, so more
is better.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import yaml

from tools.table_calls import Acts

if TYPE_CHECKING:
    from local.stack import Stack

REPEATS = 3


@contextmanager
def silent() -> Iterator[TextIO]:
    """The functions log to standard output; a benchmark prints JSON alone."""
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the block
    try:
        yield out
    finally:
        sys.stdout.close()
        sys.stdout = out


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def calibration() -> dict[str, object]:
    """A fixed piece of pure Python in this same run, so that two machines are compared by ratios; baseline: one second."""

    def sum_up() -> None:
        total = 0
        for number in range(12_000_000):
            total += number * number % 7

    return result("calibration", statistics.median(processor(sum_up) for _ in range(REPEATS)), "s", 1.0)


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of one call, all threads together: neighbours on the machine count little."""
    began = time.process_time()
    work()
    return time.process_time() - began


def rehearsal() -> dict[str, object]:
    """A whole crisis (case 2, 43 hours, some 70 function calls) on a warm stack; baseline: the same crisis in real time."""
    import io

    from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
    from local.stack import Stack

    script = read_script(SCRIPTS / "case_2.yaml")
    lasts = max(step.at for step in script.steps)

    def play() -> None:
        Rehearsal(Stack.borrow(now=script.starts), script, Teller(io.StringIO())).play()

    play()
    value = statistics.median(timed(play) for _ in range(REPEATS))
    return result("crisis of 43 hours, rehearsed", value, "s", lasts / timedelta(seconds=1))


def table_calls() -> Iterator[dict[str, object]]:
    """Calls of the table in the crisis of case 2, whole and for each function; baseline: 788, what they were at first."""
    import io

    from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
    from local.stack import Stack

    script = read_script(SCRIPTS / "case_2.yaml")
    stack = Stack.borrow(now=script.starts)
    with Acts() as counted:
        Rehearsal(stack, script, Teller(io.StringIO())).play()
    yield result("table calls, crisis of case 2", counted.total, "calls", 788.0)
    for function, count in counted.by_function().most_common():
        yield {"bench": f"table calls, function {function}", "value": count, "unit": "calls"}


@contextmanager
def stack_of(channels: int, languages: tuple[str, ...] = ("en",)) -> Iterator[Stack]:
    """A stack of the example organisation with so many public outboxes in the place of its own channels."""
    from local.stack import ROOT, Stack
    from tests.support.crises import EIGHT

    example = yaml.safe_load((ROOT / "shared/sangfroid/organisation.example.yaml").read_text("utf-8"))
    kept = [one for one in example["channels"] if one["audience"] in ("team", "out_of_band")]
    many = [
        {"id": f"c{number:03d}", "type": "outbox", "audience": "public", "languages": list(languages)}
        for number in range(channels)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "organisation.yaml"
        path.write_text(yaml.safe_dump(example | {"channels": kept + many}), "utf-8")
        yield Stack.borrow(now=EIGHT, organisation=path)


def publications() -> Iterator[dict[str, object]]:
    """One publication of 1, 10, 100 and 200 deliveries: calls, bytes and events, and the exponent by which each grows.

    Baseline of an exponent: 1, in proportion to the work.
    """
    from tests.support.crises import Crisis

    found: dict[int, tuple[int, int, int]] = {}
    for size in SIZES:
        with stack_of(size) as stack:
            crisis = Crisis(stack)
            crisis.triage(1)
            written = crisis.write({"en": "We are sorry."})
            with Acts() as counted:
                crisis.review(written)
                stack.clock.advance(timedelta(minutes=2))
            published = [one for one in stack.outbox() if one["audience"] == "public"]
            if len(published) != size:
                raise RuntimeError(f"{len(published)} of {size} were published")
            events = sum(
                events_of(stack, one["name"])
                for one in stack.executions()
                if one["machine"] in ("publication", "delivery")
            )
            found[size] = (counted.total, counted.bytes, events)
    for place, unit in enumerate(("calls", "bytes", "events")):
        for size in SIZES:
            yield {"bench": f"publication of {size}, {unit}", "value": found[size][place], "unit": unit}
        # Between 10 and 200: what every publication costs, however small, counts for little there.
        growth = math.log(found[200][place] / found[10][place]) / math.log(200 / 10)
        yield result(f"publication, {unit} grow with the exponent", growth, "", 1.0)


SIZES = (1, 10, 100, 200)


def events_of(stack: Stack, execution: str) -> int:  # noqa: ARG001 - it must run
    """History events of one execution."""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    backends: Any = stepfunctions_parser_backends
    return next(
        len(one.exec_worker.env.event_manager.get_event_history())
        for regions in backends.values()
        for backend in regions.values()
        for machine in backend.state_machines
        for one in machine.executions
        if one.name == execution
    )


def start() -> dict[str, object]:
    """The stack from nothing to ready, in this process; baseline: the 60 s within which a deployment is felt as quick."""
    from local.stack import Stack

    def up() -> None:
        Stack.start().stop()

    up()
    return result("local stack, started", statistics.median(timed(up) for _ in range(REPEATS)), "s", 60.0)


def made_up(number: int) -> str:
    """Eight words that nobody else has, so that the report opens a case of its own; the vocabulary of the sentence model has
    none of them: it takes them for 46 pieces."""
    return " ".join(f"{letter * 3}{number * 7919}" for letter in "abcdefgh")


def people_say() -> list[str]:
    """Messages as people write them, no two of one event: the development set of triage without its leaks, which would freeze
    the desk. 221 characters on average, 56 pieces."""
    from tools.triage.dataset import DEV, read_items

    return [item.report.message.text for item in read_items(DEV) if item.label != "3-leak"]


def reports() -> Iterator[dict[str, object]]:
    """Reports taken in over the HTTP door in one process, each with its crisis started; baseline: one a second."""
    from local.stack import Stack
    from sangfroid.model import rfc3339

    count, spare = 40, 3
    written = people_say()
    for what, texts in (
        ("report taken in, crisis running", [made_up(number) for number in range(spare + count)]),
        ("the same in people's words", written[: spare + count]),
    ):
        stack = Stack.borrow()
        token = stack.token("rita", ["reporter"])
        cases: set[str] = set()

        def send(number: int, texts: list[str] = texts, stack: Stack = stack, token: str = token) -> str:
            moment = rfc3339(stack.clock.now() - timedelta(minutes=number))
            message = {"text": texts[number], "platform": "x", "published_at": moment}
            answer = stack.request(
                "POST", "/incidents", {"brand": "Nuage SA", "message": message}, token=token
            )
            if answer.status != 202:
                raise RuntimeError(answer.text)
            return str(json.loads(answer.text)["case_id"])

        for number in range(spare):
            send(number)
        began = time.perf_counter()
        cases.update(send(number) for number in range(spare, spare + count))
        seconds = time.perf_counter() - began
        if len(cases) != count:
            raise RuntimeError(f"{count} reports opened {len(cases)} cases")
        yield result(what, seconds / count, "s", 1.0)


def triage() -> dict[str, object]:
    """One report through the embedded classifier; baseline: the 5 ms that it may take."""
    from datetime import UTC, datetime

    from sangfroid.triage import Embedded, decide, sentences
    from sangfroid.triage.report import Report

    classifier, model = Embedded.load(), sentences.load()
    message = {
        "text": "Depuis la mise à jour de cette nuit, la moitié de mes photos a disparu. Le support ne répond pas.",
        "platform": "x",
        "published_at": datetime(2026, 11, 20, 8, tzinfo=UTC),
    }
    report = Report.model_validate(
        {"brand": "Nuage", "message": message, "notes": "le script de migration est défectueux"}
    )

    def classify() -> None:
        if model is not None:
            model.forget()  # what is measured is a text that nobody has read yet
        decide(report, classifier)

    classify()

    def often() -> None:
        for _ in range(300):
            classify()

    seconds = timed(often)
    return result("report classified", seconds / 300 * 1000, "ms", 5.0)


def result(bench: str, value: float, unit: str, baseline: float) -> dict[str, object]:
    """One line of the output."""
    return {
        "bench": bench,
        "value": round(value, 4),
        "unit": unit,
        "baseline": baseline,
        "ratio": round(baseline / value, 2) if value else None,
    }


def main() -> int:
    """Run them all."""
    benches: list[Callable[[], dict[str, object] | Iterator[dict[str, object]]]] = [
        calibration, triage, rehearsal, table_calls, reports, start,
    ]  # fmt: skip
    for bench in benches:
        if bench is start:
            from local.stack import Stack

            Stack.borrow().stop()
        with silent() as out:
            found = bench()
            for line in [found] if isinstance(found, dict) else found:
                print(json.dumps(line), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
