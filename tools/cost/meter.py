"""Counts what AWS would bill while something runs on the local stack.

Table units as DynamoDB bills them on demand: a read is half a unit for each 4 kB begun, a strongly consistent one a whole, in a
transaction two; a write is a unit for each kB begun of the larger of old and new, in a transaction two; what stands in the index
by_status is written there once more. A condition that fails is billed as well.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from local.mends import calls, dynamodb
from local.mends.rows import measure
from local.stack import Stack
from local.template import ACCOUNT, REGION
from local.virtual_time import CLOCK

INDEX_KEYS = ("listing", "listed_at")
_WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


class Meter:
    """`units`: name of a price -> how many; `invocations` and `busy_seconds`: by function; `by_service`: calls of functions;
    `by_machine`: state transitions."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.units: defaultdict[str, float] = defaultdict(float)
        self.invocations: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.by_service: Counter[str] = Counter()
        self.by_machine: Counter[str] = Counter()
        self.executions = 0
        self._changes: list[tuple[Any, Any, Any]] = []

    def __enter__(self) -> Meter:
        self._around, self._emit, self._invoke = (
            calls.around_call[0],
            dynamodb.emit,
            self._stack.runtime._invoke,
        )

        def emit(changes: list[tuple[Any, Any, Any]]) -> None:
            self._changes += changes
            self._emit(changes)

        def around(request: Any, carry_out: Callable[[], Any]) -> Any:
            thread = CLOCK.current()
            if thread is None or "function" not in thread.context:
                return self._around(request, carry_out)
            self._changes = []
            answer = self._around(request, carry_out)
            self._count(thread.context["function"], request, answer)
            return answer

        def invoke(function: Any, *rest: Any) -> Any:
            self.invocations[function.name] += 1
            return self._invoke(function, *rest)

        dynamodb.emit = emit
        calls.around_call[:] = [around]
        runtime: Any = self._stack.runtime
        runtime._invoke = invoke
        self._before = executed_states()
        return self

    def __exit__(self, *_: object) -> None:
        dynamodb.emit = self._emit
        calls.around_call[:] = [self._around]
        runtime: Any = self._stack.runtime
        runtime._invoke = self._invoke
        after = executed_states()
        self.by_machine = transitions(after)
        self.by_machine.subtract(transitions(self._before))
        self.units["state_transition"] = self.by_machine.total()
        self.executions = sum(map(len, after.values())) - sum(map(len, self._before.values()))

    def _count(self, function: str, request: Any, answer: Any) -> None:
        self.calls[function] += 1
        host = request.url.split("/", 3)[2].split(".")
        service = (
            host[0] if host[0] in ("dynamodb", "states", "secretsmanager", "kms", "events") else host[-4]
        )
        self.by_service[service] += 1
        if service == "dynamodb":
            target = request.headers.get("X-Amz-Target", b"")
            operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
            self._table(operation, json.loads(request.body), answer)
        elif service == "secretsmanager":
            self.units["secret_call"] += 1
        elif service == "events":
            self.units["bus_event"] += len(json.loads(request.body)["Entries"])
        elif service == "email":
            self.units["mail"] += 1
        elif service == "s3" or ".s3." in request.url:
            self.units["bucket_write" if request.method in ("PUT", "POST") else "bucket_read"] += 1

    def _table(self, operation: str, body: dict[str, Any], answer: Any) -> None:
        content = answer.content if answer is not None else b"{}"
        given = content.parsed if hasattr(content, "parsed") else json.loads(content or b"{}")
        if operation in _WRITES or operation == "TransactWriteItems":
            actions = body.get("TransactItems") or [{_WRITES[operation]: body}]
            factor = 2.0 if operation == "TransactWriteItems" else 1.0
            sizes = {
                (new or old).hash_key.value + "\0" + (new or old).range_key.value: (old, new)
                for _, old, new in self._changes
            }
            for action in actions:
                ((_, one),) = action.items()
                key = one.get("Item") or one["Key"]
                old, new = sizes.get(key["pk"]["S"] + "\0" + key["sk"]["S"], (None, None))
                largest = max((_size(row) for row in (old, new) if row is not None), default=1)
                self.units["write_unit"] += factor * math.ceil(largest / 1024)
                self.units["write_unit"] += _index_units(old, new)
            return
        items = [given["Item"]] if given.get("Item") else []
        items += [
            one["Item"] for one in given.get("Responses", []) if isinstance(one, dict) and one.get("Item")
        ]
        if operation == "BatchGetItem":
            items = [item for table in given.get("Responses", {}).values() for item in table]
        consistent = bool(body.get("ConsistentRead")) or any(
            table.get("ConsistentRead") for table in body.get("RequestItems", {}).values()
        )
        factor = 2.0 if operation == "TransactGetItems" else 1.0 if consistent else 0.5
        if operation in ("Query", "Scan"):
            read = [sum(_wire_size(item) for item in given.get("Items", []))]
        else:
            read = [_wire_size(item) for item in items]
            asked = sum(len(one["Keys"]) for one in body.get("RequestItems", {}).values()) or 1
            read += [1] * (asked - len(read))
        self.units["read_unit"] += sum(factor * max(1, math.ceil(size / 4096)) for size in read)


def _size(row: Any) -> int:
    return _wire_size(row.wire)


def _wire_size(item: dict[str, Any]) -> int:
    return sum(len(name.encode()) + _measured(value) for name, value in item.items())


def _measured(value: Any) -> int:
    ((kind, inner),) = value.items()
    if kind == "B":
        return len(inner) if isinstance(inner, bytes) else len(inner) * 3 // 4
    return measure(value)


def _index_units(old: Any, new: Any) -> int:
    """Writes of the index by_status: one, or two where its key changed."""
    before, after = (row.wire if row is not None else {} for row in (old, new))
    stood, stands = (all(name in wire for name in INDEX_KEYS) for wire in (before, after))
    if before == after or not (stood or stands):
        return 0
    moved = stood and stands and any(before[name] != after[name] for name in INDEX_KEYS)
    units = math.ceil(_wire_size(after if stands else before) / 1024)
    return units + (math.ceil(_wire_size(before) / 1024) if moved else 0)


def transitions(executed: dict[str, list[int]]) -> Counter[str]:
    """States entered by the executions of each machine, and one more for each execution: so AWS counts."""
    return Counter({machine: len(states) + sum(states) for machine, states in executed.items()})


def executed_states() -> dict[str, list[int]]:
    """Machine -> for each of its executions, how many states it has entered."""
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    found: dict[str, list[int]] = defaultdict(list)
    for machine in stepfunctions_parser_backends[ACCOUNT][REGION].state_machines:
        for execution in machine.executions:
            worker: Any = execution
            history = worker.exec_worker.env.event_manager.get_event_history()
            found[machine.name].append(sum("stateEnteredEventDetails" in event for event in history))
    return found
