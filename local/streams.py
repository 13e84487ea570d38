"""DynamoDB streams to Lambda: in order, in batches, with filters, retries and an on-failure queue, as on AWS.

A write only puts its record into the queue; the function runs later on a managed thread of its own.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.faults import to_text
from local.lambdas import Runtime, Throttled
from local.virtual_threads import VirtualEvent, VirtualThread
from local.virtual_time import CLOCK

LARGEST_BATCH = 6_000_000  # characters; Lambda takes 6 MB, and AWS cuts a batch before that
LONGEST_PAUSE = 60.0  # seconds; pauses double from one second up to this


@dataclass
class Mapping:
    """One event source mapping. ``attempts``: how often a batch is tried before it is given up; None = for ever."""

    function: str
    table: str
    stream_arn: str
    batch_size: int = 100
    attempts: int | None = None
    bisect: bool = False
    partial: bool = False
    filters: list[dict[str, Any]] = field(default_factory=list)
    on_failure: str | None = None


class Pump:
    """Carries the records of one stream to one function."""

    def __init__(
        self, mapping: Mapping, runtime: Runtime, send: Callable[[str, dict[str, Any]], None]
    ) -> None:
        self.mapping, self._runtime, self._send = mapping, runtime, send
        self._filters = [test_of(pattern) for pattern in mapping.filters]
        self._by_head = all(map(_of_head, mapping.filters))
        self._records: deque[dict[str, Any]] = deque()
        self._more = VirtualEvent()
        self._thread = VirtualThread(
            target=self._run, name=f"stream to {mapping.function}", family=("streams",)
        )

    def start(self) -> None:
        """Starts to wait for records."""
        self._thread.start()

    def wants(self, table: str, head: dict[str, Any]) -> bool:
        """Whether a record with this head may be one for the function (False: it is none)."""
        return table == self.mapping.table and (not self._by_head or self._fits(head))

    def _fits(self, record: dict[str, Any]) -> bool:
        return not self._filters or any(test(record) for test in self._filters)

    def __call__(self, table: str, record: dict[str, Any]) -> None:
        """Takes a record that a write has made. The function gets it as JSON, so nobody writes into it."""
        if not self._by_head and not (table == self.mapping.table and self._fits(record)):
            return
        self._records.append(record)
        self._more.set()

    def _run(self) -> None:
        while True:
            self._more.wait()
            self._more.clear()
            # As on AWS, where a shard is looked at four times a second: what one instant brings comes together.
            CLOCK.park(0)
            while self._records:
                self._deliver(self._batch(), 0)

    def _batch(self) -> list[dict[str, Any]]:
        """The next records, as many as the mapping takes and one invocation can carry."""
        size = min(self.mapping.batch_size, len(self._records))
        batch = [self._records.popleft() for _ in range(size)]
        while len(batch) > 1 and len(json.dumps(batch)) > LARGEST_BATCH:
            half = len(batch) // 2
            self._records.extendleft(reversed(batch[half:]))
            batch = batch[:half]
        return batch

    def _deliver(self, batch: list[dict[str, Any]], failures: int) -> None:
        while batch:
            failed_from, error = self._attempt(batch)
            if failed_from is None:
                return
            if failed_from > 0:
                # What came before the first failed record is done; a shorter batch is a new one.
                batch, failures = batch[failed_from:], 0
            failures += 1
            if self.mapping.attempts is not None and failures >= self.mapping.attempts:
                self._give_up(batch, failures, error)
                return
            CLOCK.sleep(min(2.0 ** (failures - 1), LONGEST_PAUSE))
            if self.mapping.bisect and len(batch) > 1:
                # Splitting does not count as a retry.
                middle = len(batch) // 2
                self._deliver(batch[:middle], failures - 1)
                batch, failures = batch[middle:], failures - 1

    def _attempt(self, batch: list[dict[str, Any]]) -> tuple[int | None, str]:
        """The index of the first record that has to be delivered again, or None, and why."""
        try:
            answer = self._runtime.invoke(self.mapping.function, json.dumps({"Records": batch}).encode())
        except Throttled:
            return 0, "TooManyRequestsException"
        value = json.loads(answer["Payload"] or b"null")
        if "FunctionError" in answer:
            return 0, str(value.get("errorType"))
        if not self.mapping.partial or not isinstance(value, dict):
            return None, ""
        failed = {entry.get("itemIdentifier") for entry in value.get("batchItemFailures") or []}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        places = [place for place, number in enumerate(numbers) if number in failed]
        if failed and not places:
            # An identifier that is none of the batch's: AWS takes the whole batch as failed.
            return 0, "batchItemFailures"
        return (min(places), "batchItemFailures") if places else (None, "")

    def _give_up(self, batch: list[dict[str, Any]], attempts: int, error: str) -> None:
        if self.mapping.on_failure is None:
            return
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        self._send(
            self.mapping.on_failure,
            {
                "requestContext": {
                    "functionArn": self._runtime.functions[self.mapping.function].arn,
                    "condition": "RetryAttemptsExhausted",
                    "approximateInvokeCount": attempts,
                },
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error},
                "version": "1.0",
                "timestamp": to_text(CLOCK.now()),
                "DDBStreamBatchInfo": {
                    "shardId": "shardId-00000001541626099285-f35f62ef",
                    "startSequenceNumber": numbers[0],
                    "endSequenceNumber": numbers[-1],
                    "batchSize": len(batch),
                    "streamArn": self.mapping.stream_arn,
                },
            },
        )


Test = Callable[[Any], bool]
_ABSENT = object()


def matches(pattern: Any, value: Any) -> bool:
    """Whether an EventBridge pattern fits a value: nested objects; lists of literals, prefix, suffix, exists …"""
    return test_of(pattern)(value)


def _of_head(pattern: dict[str, Any]) -> bool:
    """Whether a pattern looks at what happened and at the keys alone."""
    return pattern.keys() <= {"eventName", "dynamodb"} and pattern.get("dynamodb", {}).keys() <= {"Keys"}


def _along(path: list[str], test: Test) -> Test:
    """A test of what stands at the end of a path."""

    def along(value: Any) -> bool:
        for key in path:
            value = value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
        return test(value)

    return along


def test_of(pattern: Any) -> Test:
    """The test that a pattern stands for, made once for many values. ValueError for a word that is not known here."""
    path: list[str] = []
    while isinstance(pattern, dict) and len(pattern) == 1 and "$or" not in pattern:
        ((key, pattern),) = pattern.items()
        path.append(key)
    if path:
        return _along(path, test_of(pattern))
    if isinstance(pattern, dict):
        parts = [(key, test_of(item)) for key, item in pattern.items() if key != "$or"]
        choices = [test_of(choice) for choice in pattern["$or"]] if "$or" in pattern else None

        def inside(value: Any) -> bool:
            held = value if isinstance(value, dict) else {}
            for key, test in parts:
                if not test(held.get(key, _ABSENT)):
                    return False
            return choices is None or any(test(value) for test in choices)

        return inside
    if all(type(rule) is str for rule in pattern):
        words = frozenset(pattern)
        return lambda value: (
            value in words
            if type(value) is str
            else type(value) is list and any(type(one) is str and one in words for one in value)
        )
    rules = [_rule(rule) for rule in pattern]
    if len(rules) == 1:
        only = rules[0]
        return lambda value: any(map(only, value)) if isinstance(value, list) else only(value)

    def among(value: Any) -> bool:
        if isinstance(value, list):
            return any(rule(one) for one in value for rule in rules)
        return any(rule(value) for rule in rules)

    return among


def _rule(rule: Any) -> Test:
    if not isinstance(rule, dict):
        kind_of = type(rule)
        return lambda value: type(value) is kind_of and bool(rule == value)
    (kind, wanted), *_ = rule.items()
    if kind == "exists":
        return lambda value: (value is not _ABSENT) == bool(wanted)
    if kind == "anything-but":
        refused = [_rule(entry) for entry in (wanted if isinstance(wanted, list) else [wanted])]
        return lambda value: value is not _ABSENT and not any(test(value) for test in refused)
    if kind == "numeric":
        return lambda value: value is not _ABSENT and _compares(wanted, value)
    of_text: dict[str, Callable[[str], bool]] = {
        "prefix": lambda text: text.startswith(wanted),
        "suffix": lambda text: text.endswith(wanted),
        "equals-ignore-case": lambda text: text.lower() == str(wanted).lower(),
    }
    if kind not in of_text:
        raise ValueError(f"the local stack does not know the pattern {kind!r}")
    test = of_text[kind]
    return lambda value: isinstance(value, str) and test(value)


def _compares(rule: list[Any], value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    tests: dict[str, Callable[[float, float], bool]] = {
        "=": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    }  # fmt: skip
    return all(tests[rule[at]](number, float(rule[at + 1])) for at in range(0, len(rule), 2))
