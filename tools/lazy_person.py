"""The lazy person: writes "x" wherever a text is asked, uses every call and every role that one person may hold, nothing else.

`make lazy-person` prints how far each of the four cases gets, and what stops it. None closes, none publishes: exit status 1
where one does. A colleague says which case it is, so that everything after the triage is tried as well; the communication
freeze is tried last, since it alone would keep everything in.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from local.stack import Stack
from sangfroid.model import CaseNumber, Role, rfc3339

EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
OUTSIDE = ("public", "community", "customer", "partner")
PASSES = 3
"""How often the whole interface is gone through, half a day apart."""

NOT_ONE_CASE = ("/webhooks/", "/_local/", "/incidents")
FIXED: dict[str, Any] = {"leak": False, "restart": False, "platform": "other"}
"""Fields in which anything else than "x" must stand for the call to be taken at all."""

MOST = 24
"""Bodies of one call, at most: one for each choice that it offers."""


@dataclass
class Outcome:
    """How far one case got."""

    case: int
    status: str = ""
    closed: bool = False
    left: list[str] = field(default_factory=list)
    duties: dict[str, str] = field(default_factory=dict)
    took: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> bool:
        """Whether laziness got a case closed or a text out."""
        return self.closed or bool(self.left)


class LazyPerson:
    """One person with every role, on one case."""

    def __init__(self, stack: Stack, number: CaseNumber) -> None:
        self.stack, self.outcome = stack, Outcome(number)
        self.token = stack.token("lea", list(get_args(Role)))
        self.described: dict[str, Any] = stack.request("GET", "/openapi.json").json
        self.case_id = ""
        self.document: dict[str, Any] = {}

    def live(self) -> Outcome:
        """Report, have it classified, then try every call again and again."""
        body = {
            "brand": "Nuage SA",
            "message": {"text": "x", "platform": "x", "published_at": rfc3339(self.stack.clock.now())},
        }
        self.case_id = self.stack.request("POST", "/incidents", body, token=self.token).json["case_id"]
        colleague = self.stack.token("ana", ["responder"])
        said = {"case": self.outcome.case, "leak": False, "reason": "a colleague has looked at it"}
        self.stack.request("POST", f"/cases/{self.case_id}/triage", said, token=colleague)
        self.stack.settle()
        for number in range(1, PASSES + 1):
            for path, operations in sorted(
                self.described["paths"].items(), key=lambda one: "freeze" in one[0]
            ):
                later = number < PASSES and path.startswith("/freeze")
                for method, operation in operations.items():
                    if method != "get" and not path.startswith(NOT_ONE_CASE) and not later:
                        self._try(method.upper(), path, operation)
            self.stack.clock.advance(timedelta(hours=12))
        self._look()
        self.outcome.status = self.document["status"]
        self.outcome.closed = self.document["status"] == "closed"
        self.outcome.duties = {duty["id"]: duty["state"] for duty in self.document["duties"]}
        self.outcome.left = [
            f"{item['kind']} to {item['channel']}: {item['text'][:40]}"
            for item in self.stack.outbox()
            if item["audience"] in OUTSIDE
        ]
        return self.outcome

    def _look(self) -> None:
        self.document = self.stack.request("GET", f"/cases/{self.case_id}", token=self.token).json

    def _try(self, method: str, path: str, operation: dict[str, Any]) -> None:
        self._look()
        content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
        first: dict[str, Any] = next(iter(content.values()), {})
        schema = first.get("schema", {})
        for place, known in self._places(path):
            for body in list(self._filled(schema, known))[:MOST]:
                answer = self.stack.request(method, place, body, token=self.token)
                call = f"{method} {path}"
                if answer.status < 300:
                    self.outcome.took[call] += 1
                else:
                    why = str(answer.json.get("detail", answer.status)).split(" (")[0][:110]
                    self.outcome.stopped[f"{call}: {answer.status} {why}"] += 1
            self.stack.settle()

    def _places(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The path with every id that the case has, and what the body must know of it."""
        path = path.replace("{id}", self.case_id).replace("{case_id}", self.case_id)
        if "{" not in path:
            yield path, {}
        for version in self.document["responses"]:
            if "{version}" in path:
                yield (
                    path.replace("{version}", str(version["version"])),
                    {"content_hash": version["content_hash"]},
                )
        for name, ids in {
            "{duty}": [duty["id"] for duty in self.document["duties"]],
            "{delivery}": [delivery["key"] for delivery in self.document["deliveries"]],
            "{message}": [message["id"] for message in self.document["messages"]],
            "{channel}": ["x"],
            "{role}": ["pilot"],
        }.items():
            for one in ids if name in path else []:
                yield path.replace(name, one), {}

    def _filled(self, schema: dict[str, Any], known: dict[str, Any]) -> Iterator[Any]:
        """Bodies with "x" in every text: one for each choice that the schema offers."""
        schema = self._resolved(schema)
        if not schema:
            yield None
            return
        names = list(schema.get("properties", {}))
        required = [name for name in names if name in schema.get("required", [])]
        for chosen in (required, names, *([*required, name] for name in names if name not in required)):
            bodies: list[dict[str, Any]] = [{}]
            for name in dict.fromkeys(chosen):
                values = self._values(name, schema["properties"][name], known)
                bodies = [body | {name: value} for body in bodies for value in values][:MOST]
            yield from bodies

    def _values(self, name: str, schema: dict[str, Any], known: dict[str, Any]) -> list[Any]:
        schema = self._resolved(schema)
        found = known | FIXED | {"case": self.outcome.case, "into": self.case_id, "case_id": self.case_id}
        if name in ("owner", "person", "to"):
            return ["ana"]
        if name == "published_at":
            return [rfc3339(self.stack.clock.now() - timedelta(hours=1))]
        if name in found:
            return [found[name]]
        match schema.get("type"):
            case _ if "enum" in schema:
                return list(schema["enum"])
            case _ if "const" in schema:
                return [schema["const"]]
            case "boolean":
                return [True, False]
            case "integer" | "number":
                return [1]
            case "array":
                return [self._values(name, schema.get("items", {}), known)[:1]]
            case "object" if "properties" in schema:
                return list(self._filled(schema, known))[1:2]
            case "object":
                inside: dict[str, Any] = schema.get("additionalProperties") or next(
                    iter(schema.get("patternProperties", {}).values()), {}
                )
                value = self._values(name, inside if isinstance(inside, dict) else {}, known)[0]
                return [dict.fromkeys(("fr", "en"), value)]
            case _ if schema.get("format") == "date-time" or name in ("due", "until", "from"):
                return [rfc3339(self.stack.clock.now() + timedelta(days=1))]
        return ["x"]

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in schema:
                schema = self.described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif options := schema.get("anyOf") or schema.get("allOf"):
                schema = next(one for one in options if one.get("type") != "null")
            else:
                return schema


def lives(number: CaseNumber) -> Outcome:
    """The lazy person's life with one case, on a stack of its own."""
    return LazyPerson(Stack.borrow(now=EIGHT), number).live()


def told(outcome: Outcome) -> str:
    """How far the case got, and the commonest things that stopped it, in lines."""
    open_duties = [name for name, state in outcome.duties.items() if state == "open"]
    head = f"case {outcome.case}: {outcome.status}; {len(outcome.left)} texts left; open: {', '.join(open_duties) or 'nothing'}"
    lines = [f"{head}; {outcome.took.total()} calls taken, {outcome.stopped.total()} refused"]
    lines += [f"    {number:4} × {why}" for why, number in outcome.stopped.most_common(12)]
    return "\n".join(lines)


def main() -> int:
    """Live all four cases; 1 where laziness closed one or got a text out."""
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - the functions log there, as in a Lambda
    outcomes = [lives(number) for number in get_args(CaseNumber)]
    sys.stdout.close()
    sys.stdout = out
    for outcome in outcomes:
        print(told(outcome))
    failed = [str(outcome.case) for outcome in outcomes if outcome.failed]
    print(
        f"\n{'Laziness gets through: case ' + ', '.join(failed) if failed else 'None closes, none publishes.'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
