"""`make bench-many`: what grows with how much there is, one JSON object a line.

`WHAT` chooses: `publications` (1 to 200 deliveries, exponents), `leak` (300 deliveries, then a leak), `week` (20 channels down
for a week), `cases` (reports over HTTP on the running desk, each a case of its own, in made-up words and in people's; then
all of them open).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import bench

if TYPE_CHECKING:
    from local.stack import Stack

Line = dict[str, object]
Call = Callable[..., tuple[int, bytes]]
Reports = Callable[..., None]


def leak() -> Iterator[Line]:
    """300 deliveries under way, then a leak: what became of them.

    They leave within a moment, so a third of the channels hangs and a third fails when the leak comes.
    """
    from tests.support.crises import Crisis

    with bench.stack_of(300) as stack:
        crisis = Crisis(stack)
        crisis.triage(1)
        slow = [
            {"point": f"channel:c{number:03d}", "mode": "timeout", "times": 1} for number in range(0, 300, 3)
        ]
        down = [
            {"point": f"channel:c{number:03d}", "mode": "error", "times": 9} for number in range(1, 300, 3)
        ]
        stack.faults.set(slow + down)
        crisis.review(crisis.write({"en": "We are sorry."}))
        stack.clock.advance(timedelta(seconds=5))
        before = Counter(one.state for one in deliveries(stack, crisis.id))
        yield {"bench": "300 deliveries, then a leak: by state when it comes", "value": dict(before)}
        crisis.triage(3, leak=True)
        stack.clock.advance(timedelta(minutes=10))
        freeze = crisis.expect(200, ("dirk", ["director"]), "GET", "/freeze")
        left = Counter(one["audience"] for one in stack.outbox())["public"]
        states = Counter(one.state for one in deliveries(stack, crisis.id))
        yield {"bench": "300 deliveries, then a leak: state of the freeze", "value": freeze["state"]}
        yield {"bench": "300 deliveries, then a leak: deliveries by state", "value": dict(states)}
        yield bench.result("300 deliveries, then a leak: lost", states.total() - 300, "deliveries", 0)
        yield {
            "bench": "300 deliveries, then a leak: sent, and counted as published",
            "value": [left, states["published"]],
        }


def deliveries(stack: Stack, case_id: str) -> list[Any]:
    """Every delivery of a case, as the table holds it."""
    from sangfroid.store import CaseStore
    from sangfroid.table import DynamoTable

    client = stack.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    return CaseStore(DynamoTable(name, client)).deliveries(case_id)


def week() -> Iterator[Line]:
    """20 channels that are down for a week: the longest history of each machine; baseline: the 5,000 that none may have."""
    from tests.support.crises import Crisis

    with bench.stack_of(20) as stack:
        crisis = Crisis(stack)
        crisis.triage(1)
        down = [{"point": f"channel:c{number:03d}", "mode": "error", "times": 10**9} for number in range(20)]
        stack.faults.set(down)
        crisis.review(crisis.write({"en": "We are sorry."}))
        took = bench.timed(lambda: stack.clock.advance(timedelta(days=7), patience=3600))
        longest: Counter[str] = Counter()
        for one in stack.executions():
            longest[one["machine"]] = max(longest[one["machine"]], bench.events_of(stack, one["name"]))
        for machine, events in longest.most_common():
            yield bench.result(
                f"20 channels down for a week, longest history of {machine}", events, "events", 5000.0
            )
        yield {"bench": "20 channels down for a week, lived through in", "value": round(took, 1), "unit": "s"}
        stack.faults.clear()
        stack.clock.advance(timedelta(hours=2), patience=3600)
        states = Counter(one.state for one in deliveries(stack, crisis.id))
        yield {
            "bench": "20 channels down for a week, then up for 2 h: deliveries by state",
            "value": dict(states),
        }


@contextmanager
def serving() -> Iterator[tuple[Stack, Call, Reports]]:
    """A desk that serves; a call to it, with its status and body; and what sends reports over so many connections."""
    from local.stack import Stack

    stack = Stack.start(serve_port=0)
    try:
        token = stack.token("rita", ["reporter", "responder", "auditor"])
        lines = threading.local()  # a connection for each thread that sends

        def call(method: str, path: str, body: Any = None) -> tuple[int, bytes]:
            if not hasattr(lines, "connection"):
                lines.connection = HTTPConnection("127.0.0.1", stack.port or 0, timeout=120)
            connection: HTTPConnection = lines.connection
            sent = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()

        def report(text: str) -> str:
            at = (stack.clock.now() - timedelta(minutes=1)).isoformat()
            body = {"brand": "Nuage SA", "message": {"text": text, "platform": "x", "published_at": at}}
            status, answer = call("POST", "/incidents", body)
            if status != 202:
                raise RuntimeError(answer.decode())
            return str(json.loads(answer)["case_id"])

        def reports(texts: Sequence[str], senders: int = 1) -> None:
            def send(part: int) -> set[str]:
                return {report(text) for text in texts[part::senders]}

            if senders == 1:
                opened = send(0)
            else:
                with ThreadPoolExecutor(senders) as threads:
                    opened = set().union(*threads.map(send, range(senders)))
            if len(opened) != len(texts):
                raise RuntimeError(f"{len(texts)} reports opened {len(opened)} cases")

        yield stack, call, reports
    finally:
        stack.stop()


def cases() -> Iterator[Line]:
    """Reports over HTTP, each a case of its own with its procedures started; then `OPEN_CASES` of them at once."""
    with serving() as (stack, call, reports):

        def words(first: int, after: int) -> list[str]:
            # Words of its own, so that each report opens a case of its own.
            return [
                " ".join(f"{letter * 3}{number * 7919 + place}" for place, letter in enumerate("abcdefgh"))
                for number in range(first, after)
            ]

        reports(words(0, 50))
        before, at = resident(), 50
        used = time.process_time()
        seconds = bench.timed(lambda: reports(words(at, at + 200)))
        used = (time.process_time() - used) / 200
        yield bench.result("reports over HTTP, each a case of its own", 200 / seconds, "a second", 25.0) | {
            "ratio": round(200 / seconds / 25.0, 2)
        }
        yield {
            "bench": "processor time of a report, sender and all",
            "value": round(1000 * used),
            "unit": "ms",
        }
        yield bench.result("memory a case", (resident() - before) / 200 / 1000, "kB", 300.0)
        at += 200
        seconds = bench.timed(lambda: reports(words(at, at + 20 * SENDERS), SENDERS))
        yield {
            "bench": f"the same over {SENDERS} connections",
            "value": round(20 * SENDERS / seconds, 1),
            "unit": "a second",
        }
        at += 20 * SENDERS
        took = bench.timed(lambda: reports(words(at, OPEN_CASES)))
        yield {
            "bench": f"{OPEN_CASES} open cases, the last {OPEN_CASES - at} taken in",
            "value": round(took, 1),
            "unit": "s",
        }
        yield bench.result(
            "memory a case, of all of them", (resident() - before) / (OPEN_CASES - 50) / 1000, "kB", 300.0
        )
        yield {"bench": "memory of the process", "value": round(resident() / 1_000_000), "unit": "MB"}
        yield bench.result("GET /cases", 1000 * bench.timed(lambda: call("GET", "/cases")), "ms", 1000.0)
        took = bench.timed(lambda: stack.clock.advance(timedelta(hours=1), patience=3600))
        yield {
            "bench": f"{OPEN_CASES} open cases, an advance of one hour",
            "value": round(took, 1),
            "unit": "s",
        }
        yield {
            "bench": "memory of the process after it",
            "value": round(resident() / 1_000_000),
            "unit": "MB",
        }
        running = Counter(one["status"] for one in stack.executions())["RUNNING"]
        yield {"bench": "executions that run", "value": running}
    # Last, since the memory of a desk that is gone is taken again by the next one.
    yield from in_peoples_words()


def in_peoples_words() -> Iterator[Line]:
    """The same with messages as people write them, which set more going: machines of their kind of case, duties, notices."""
    written = bench.people_say()
    with serving() as (_, _, reports):
        reports(written[:20])
        rest = written[20:]
        half = len(rest) // 2
        for senders, texts in ((1, rest[:half]), (SENDERS, rest[half:])):
            what = f"reports in people's words, {senders} connection{'s' * (senders > 1)}"
            used, began = time.process_time(), time.perf_counter()
            reports(texts, senders)
            used, seconds = time.process_time() - used, time.perf_counter() - began
            yield bench.result(what, len(texts) / seconds, "a second", 25.0) | {
                "ratio": round(len(texts) / seconds / 25.0, 2)
            }
            yield {
                "bench": f"{what}, processor time of one of {sum(map(len, texts)) // len(texts)} characters",
                "value": round(1000 * used / len(texts)),
                "unit": "ms",
            }


SENDERS = 4
OPEN_CASES = int(os.environ.get("OPEN_CASES", "2000"))


def resident() -> int:
    """Bytes of memory that this process holds, after the garbage is gone (Linux)."""
    gc.collect()
    time.sleep(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


PARTS: dict[str, Callable[[], Iterator[Line]]] = {
    "publications": bench.publications, "leak": leak, "week": week, "cases": cases,
}  # fmt: skip


def main(wanted: list[str]) -> int:
    """Those that are named, or all."""
    for name in wanted or list(PARTS):
        if name == "cases":
            from local.stack import Stack

            Stack.borrow().stop()
        with bench.silent() as out:
            for line in PARTS[name]():
                print(json.dumps(line), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
