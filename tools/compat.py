"""Records what a release calls and keeps, so that every later one can be held against it: tests/compat (decision 0104).

    python -m tools.compat record 0.1.0

Plays the five stories and what they do not leave in the table on the local stack, and writes tests/compat/VERSION/: one file a
story with the table as it stood before each call of a function and what the function answered (of calls of one shape the
first), the inputs with which executions began, what the interface shows at the end; and the definitions of the state
machines. To be called once, at the tag, from its commit; what was recorded is never changed afterwards.
"""

from __future__ import annotations

import argparse
import base64
import json
import lzma
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.lambdas import Runtime
from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script
from local.stack import Stack
from sangfroid.model import rfc3339
from sangfroid.table import decode_image, image_of

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "tests" / "compat"
STORIES = ("case_1", "case_2", "case_3", "case_4", "leak", "everything")
CALLED_BY_PEOPLE = ("api", "console", "organisation")
"""Functions whose calls are another contract: the HTTP interface, and the operator's file."""

READS = (
    "/cases",
    "/cases/{case}",
    "/cases/{case}/timeline",
    "/cases/{case}/evidence",
    "/cases/{case}/first-draft",
    "/cases/{case}/draft",
    "/acknowledgements",
    "/desk",
    "/freeze",
    "/on-call",
)
"""What is looked at once a story has been played: every kind of item in the table is shown by one of these or replayed."""

READER: tuple[str, list[str]] = ("ana", ["responder", "auditor"])

Line = dict[str, Any]


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _read(document: dict[str, Any]) -> Any:
    return base64.b64decode(document["base64"]) if set(document) == {"base64"} else document


def table_of(stack: Stack) -> dict[str, dict[str, Any]]:
    """Every item of the table, by its key as text."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    items = [decode_image(item) for page in pages for item in page["Items"]]
    return {json.dumps([item["pk"], item["sk"]]): item for item in items}


def become(stack: Stack, wanted: dict[str, dict[str, Any]]) -> None:
    """Have the table hold exactly these items. Nobody hears of it: the caller has cut the streams."""
    there, client = table_of(stack), stack.client("dynamodb")
    name = stack.outputs["TableName"]
    for key in there.keys() - wanted.keys():
        pk, sk = json.loads(key)
        client.delete_item(TableName=name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for key, item in wanted.items():
        if there.get(key) != item:
            client.put_item(TableName=name, Item=image_of(item))


def shape(value: Any) -> Any:
    """What a payload consists of: its fields and the kinds of what they hold, and the words by which it chooses."""
    if isinstance(value, dict):
        return {
            key: inner
            if key in ("step", "kind", "until", "wave", "clock", "machine", "action")
            else shape(inner)
            for key, inner in sorted(value.items())
        }
    if isinstance(value, list):
        return sorted({json.dumps(shape(one), sort_keys=True) for one in value})
    return type(value).__name__


class Recorder:
    """Writes down one story. `known` are the shapes that were recorded in stories before."""

    def __init__(self, stack: Stack, known: set[str]) -> None:
        self._stack, self._known = stack, known
        self._before: dict[str, dict[str, Any]] = {}
        self.lines: list[Line] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Write down every call of a new shape."""
        plain: Callable[..., dict[str, Any]] = Runtime.invoke

        def invoke(runtime: Runtime, name: str, payload: bytes, *more: Any, **given: Any) -> dict[str, Any]:
            function = runtime.functions.get(name)
            if function is None or function.folder in CALLED_BY_PEOPLE:
                return plain(runtime, name, payload, *more, **given)
            event = json.loads(payload or b"null")
            looks = json.dumps([function.folder, shape(event)], sort_keys=True)
            if looks in self._known:
                return plain(runtime, name, payload, *more, **given)
            self._known.add(looks)
            at = len(self.lines)
            self.take_table()
            call = {"function": function.folder, "at": rfc3339(self._stack.clock.now()), "event": event}
            self.lines.append({"call": call})
            answer = plain(runtime, name, payload, *more, **given)
            if "FunctionError" in answer or not answer["Payload"]:
                del self.lines[at:]  # a call that is not answered says nothing of its shape
                self._before = {}
                self._known.discard(looks)
            else:
                call["answer"] = json.loads(answer["Payload"])
            return answer

        Runtime.invoke = invoke  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            Runtime.invoke = plain  # type: ignore[method-assign]

    def take_table(self) -> None:
        """What has changed in the table since the last time."""
        now = table_of(self._stack)
        if not self._before:
            self.lines.append({"empty": True})
        for key in sorted(self._before.keys() - now.keys()):
            self.lines.append({"gone": key})
        for key in sorted(now):
            if self._before.get(key) != now[key]:
                self.lines.append({"put": now[key]})
        self._before = now

    def take_inputs(self) -> None:
        """The inputs with which executions began, one of each shape."""
        for execution in self._stack.executions():
            given = self._stack.client("stepfunctions").describe_execution(executionArn=execution["arn"])[
                "input"
            ]
            looks = json.dumps([execution["machine"], shape(json.loads(given))], sort_keys=True)
            if looks not in self._known:
                self._known.add(looks)
                self.lines.append({"start": {"machine": execution["machine"], "input": json.loads(given)}})

    def take_reads(self, case: str) -> None:
        """What the interface shows at the end."""
        self.take_table()
        token = self._stack.token(*READER)
        for path in READS:
            asked = path.format(case=case)
            answer = self._stack.request("GET", asked, token=token)
            if answer.status == 200:
                at = rfc3339(self._stack.clock.now())
                self.lines.append({"read": {"path": asked, "at": at, "answer": answer.json}})


def recorded(version: str, story: str) -> list[Line]:
    """The lines of one story."""
    with lzma.open(RECORDS / version / f"{story}.jsonl.xz", "rt", encoding="utf-8") as file:
        return [json.loads(line, object_hook=_read) for line in file]


def versions() -> list[str]:
    """The releases of which there is a record, the oldest first."""
    return sorted(path.name for path in RECORDS.iterdir() if path.is_dir() and path.name[0].isdigit())


def record(version: str) -> None:
    """Play the stories and write tests/compat/VERSION anew."""
    place = RECORDS / version
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    shutil.copytree(ROOT / "statemachine", place / "statemachine")
    known: set[str] = set()
    for story in STORIES:
        script = read_script((RECORDS if story == "everything" else SCRIPTS) / f"{story}.yaml")
        stack = Stack.borrow(now=script.starts)
        recorder = Recorder(stack, known)
        with Path("/dev/null").open("w") as nowhere, recorder.listening():
            stack.reset(now=script.starts)  # so that the engine calls functions by what listens
            case = Rehearsal(stack, script, Teller(nowhere)).play()
        if story == "everything":
            body = json.loads((ROOT / "events" / "reports" / "outage.json").read_text("utf-8"))
            token = stack.token("chloe", ["reporter"])
            stack.request("POST", "/incidents", body, token=token, headers={"Idempotency-Key": "once-0001"})
            stack.settle()
        recorder.take_inputs()
        recorder.take_reads(case["id"])
        with lzma.open(place / f"{story}.jsonl.xz", "wt", encoding="utf-8", preset=9) as file:
            for line in recorder.lines:
                file.write(json.dumps(line, default=_written, ensure_ascii=False, sort_keys=True) + "\n")
        counted = {
            kind: sum(kind in line for line in recorder.lines) for kind in ("put", "call", "start", "read")
        }
        said = ", ".join(f"{number} {kind}" for kind, number in counted.items())
        print(f"{story}: {case['status']}; {said}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Record what a release calls and keeps.")
    parser.add_argument("do", choices=["record"])
    parser.add_argument("version")
    chosen = parser.parse_args(arguments)
    if (RECORDS / chosen.version).exists():
        print(f"{chosen.version} is recorded already; a record is not made again", file=sys.stderr)
        return 1
    record(chosen.version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
