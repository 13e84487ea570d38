"""What a change of a case looks like on the event bus (EventBridge): ids, numbers, states and times, never content (I13).

Which kinds are announced, with which fields, stands in case_events.yaml; docs/events.md publishes the schemas.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from sangfroid.data_files import data
from sangfroid.model import Case, Event, rfc3339

SOURCE = "sangfroid"
VERSION = 1
"""Of the schemas. It rises where a field loses its meaning; a new field or kind leaves it."""

Entry = dict[str, Any]


@cache
def catalogue() -> dict[str, Any]:
    """case_events.yaml: `types`, `announced` and `silent`."""
    read: dict[str, Any] = data("sangfroid", "case_events.yaml")
    return read


def untold(case: Case) -> bool:
    """Whether nothing at all is told of the case: it is a leak, may be one, or is what a freeze was raised for."""
    return case.leak or case.leak_suspected or case.suspicion is not None or case.freeze_epoch is not None


def entry(event: Event, stack: str, bus: str) -> Entry | None:
    """The entry of PutEvents for an event of a timeline, or None where its kind is not told."""
    fields = catalogue()["announced"].get(event.kind)
    if fields is None:
        return None
    detail = {
        "schema_version": VERSION,
        "stack": stack,
        "case_id": event.case_id,
        "seq": event.seq,
        "at": rfc3339(event.at),
        "data": {
            name: event.data[name]
            for name, kind in fields.items()
            if name in event.data and _is(kind, event.data[name])
        },
    }
    return {
        "Source": SOURCE,
        "DetailType": event.kind,
        "EventBusName": bus,
        "Time": event.at,
        "Detail": json.dumps(detail, ensure_ascii=False),
    }


def _is(kind: str, value: object) -> bool:
    """Whether a value is of its kind; one that is empty or otherwise is left out, not passed on."""
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and 0 < len(value) <= 200


def schema(kind: str) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the detail of an announced kind."""
    types, fields = catalogue()["types"], catalogue()["announced"][kind]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "type": "object",
        "additionalProperties": False,
        "required": ["schema_version", "stack", "case_id", "seq", "at", "data"],
        "properties": {
            "schema_version": {"const": VERSION},
            "stack": types["id"],
            "case_id": types["id"],
            "seq": {"type": "integer", "minimum": 1},
            "at": types["moment"],
            "data": {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: types[value] for name, value in fields.items()},
            },
        },
    }
