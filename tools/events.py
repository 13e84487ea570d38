"""`make events`: docs/events.md from the code: each detail-type with its JSON schema; `--check` only compares (exit status 1)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sangfroid import case_events

PAGE = Path(__file__).parents[1] / "docs" / "events.md"
INTRODUCTION = """# Events of a case

Every change of a case is told to an event bus of Amazon EventBridge, so that other systems of the company (a status board, a
ticket system, a mail to a mailing list) learn of it without asking. This page is made from the code: `make events`.

- **Where**: the bus named by the parameter `EventBusName` of the template: `default`, one of your own, or empty for none.
- **What**: `source` is `sangfroid`, `detail-type` the kind of the timeline's event, `detail` as its schema below. Ids,
  numbers, states and times: never a text, a name or an address. What happened can be read with `case_id` over the API.
- **Nothing of leaks**: of a case that is a leak, or may be one, or is what a freeze was raised for, nothing is told from the
  moment on at which that is known, and of the freeze nothing ever. A case that falls silent says no more than that.
  Kinds that are never told: {silent}.
- **At least once**: an event may come twice, and later than the one after it. `case_id` and `seq` tell which it is; `seq` counts
  the timeline from 1, kinds that are not told included.
- **How late**: seconds after the change. It is read from the table's stream; what fails is repeated for an hour, then an alarm
  rings ([index-dead-letters](runbooks/index-dead-letters.md)).
- **What it costs**: 0.000001 US dollars an event, about 0.0001 a crisis.
- **Compatibility**: a new kind or a new field leaves `schema_version`; a field that loses its meaning raises it.

A rule that hears of deadlines missed:

```json
{{"source": ["sangfroid"], "detail-type": ["clock_breached"], "detail": {{"stack": ["sangfroid"]}}}}
```

On the local stack the same events reach the emulated bus: a rule with a queue as its target receives them, as on AWS
(tests/events/test_on_the_stack.py does it).

## Every detail

`detail` is one object, nothing beside these fields; all but `data`'s own are always there.

```json
{common}
```

## `data` by detail-type

Every field of `data` may be left out. The types: {types}.

| detail-type | `data` |
|---|---|
"""


def page() -> str:
    """The page as it follows from the code."""
    catalogue = case_events.catalogue()
    common = case_events.schema(next(iter(catalogue["announced"])))
    del common["title"]
    common["properties"]["data"] = {"description": "by detail-type, below"}
    lines = [
        INTRODUCTION.format(
            silent=", ".join(f"`{kind}`" for kind in catalogue["silent"]),
            common=json.dumps(common, indent=2),
            types="; ".join(f"*{name}* `{json.dumps(value)}`" for name, value in catalogue["types"].items()),
        )
    ]
    for kind, fields in catalogue["announced"].items():
        shown = ", ".join(f"`{name}` {value}" for name, value in fields.items())
        lines.append(f"| `{kind}` | {shown or '–'} |\n")
    lines.append("\n## The schemas, to be loaded by a machine\n\n")
    schemas = (json.dumps(case_events.schema(kind)) for kind in catalogue["announced"])
    lines.append("```jsonl\n" + "\n".join(schemas) + "\n```\n")
    return "".join(lines)


def main() -> int:
    """Write the page, or compare it."""
    made = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text("utf-8") == made else 1
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
