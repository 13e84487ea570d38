"""A crisis that began under an earlier release goes on under this one: its calls are understood, its documents are read.

What is renamed, taken away or answered otherwise fails here. The records are real plays (`python -m tools.compat record`),
and are never changed after their release; how a change is made compatible says docs/operating.md, "Change without fear".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local.mends import dynamodb
from local.rehearse import SCRIPTS, Rehearsal, Teller, read_script, verdict
from local.stack import Stack
from sangfroid.evidence.keeping import Evidence
from sangfroid.model import (
    Case,
    Delivery,
    Event,
    Intent,
    Message,
    Model,
    ResponseVersion,
)
from sangfroid.store import content
from sangfroid.store.freeze import Freeze
from tools.compat import READER, RECORDS, STORIES, become, recorded, versions

MODELS: list[tuple[str, str, type[Model]]] = [
    (r"CASE#[^#]+", r"FILE", Case),
    (r"CASE#[^#]+", r"FILE#RESPONSE#.*", ResponseVersion),
    (r"CASE#[^#]+#VERSIONS", r".*", ResponseVersion),
    (r"CASE#[^#]+#DELIVERIES", r".*", Delivery),
    (r"CASE#[^#]+", r"NOTICE#.*", Delivery),
    (r"CASE#[^#]+#MESSAGES", r".*", Message),
    (r"CASE#[^#]+", r"QUOTED", Message),
    (r"CASE#[^#]+#TIMELINE", r".*", Event),
    (r"CASE#[^#]+#EVIDENCE", r".*", Evidence),
    (r".*", r"INTENT#.*", Intent),
    (r"FREEZE", r"STATE", Freeze),
]
"""What is kept as a document with a model: partition, sort key, model."""

PLAIN = (
    "BRAND#", "CASE#ID LISTED", "CASE#ID#ARRIVALS", "CASE#ID#DRAFTS", "CASE#ID#ANCHOR", "CASE#ID#RENDERINGS", "CASE#ID#REPLIES",
    "CASE#ID#FOUND", "CASE#ID TEAMROOM", "ANCHORED", "DESK", "FREEZE#", "OUTBOX", "REPLY#",
    "IDEMPOTENCY#", "ONCE#", "ACKNOWLEDGEMENTS", "ON_CALL", "CIRCUIT#", "LEARNING", "EXAMPLES",
)  # fmt: skip
"""Items without a model, which the acts read field by field: the calls and the looks that are replayed read them."""

RETIRED: dict[str, str] = {}
"""Fields that nobody reads any more, with what says it now: they were first not written, then not read."""

ALL = [(version, story) for version in versions() for story in STORIES]
COME_BACK = ("NotTold", "NotPaged")
"""The call is understood, and somebody could not be reached just then: what the channels were doing is not in the table."""


def lost(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """What was there and is not, or is something else; what is there besides is no matter."""
    if isinstance(before, dict):
        if not isinstance(now, dict):
            yield f"{place}: {now!r} in the place of an object"
            return
        for key, inner in before.items():
            if key in now:
                yield from lost(inner, now[key], f"{place}/{key}")
            else:
                yield f"{place}/{key}: gone"
    elif isinstance(before, list):
        if not isinstance(now, list) or len(now) < len(before):
            yield f"{place}: {now!r} has fewer than {before!r}"
            return
        for number, inner in enumerate(before):
            yield from lost(inner, now[number], f"{place}/{number}")
    elif before != now:
        yield f"{place}: {now!r}, was {before!r}"


def model_of(item: dict[str, Any]) -> type[Model] | None:
    for partition, sort, model in MODELS:
        if re.fullmatch(partition, item["pk"]) and re.fullmatch(sort, item["sk"]):
            return model
    return None


def test_there_is_a_record_of_the_last_release() -> None:
    assert "0.1.0" in versions()


@pytest.mark.parametrize("version", versions())
def test_every_stored_document_is_read_and_nothing_of_it_is_lost(version: str) -> None:
    seen: set[str] = set()
    faults: dict[str, str] = {}
    for story in STORIES:
        for line in recorded(version, story):
            item = line.get("put")
            if item is None:
                continue
            model = model_of(item)
            if model is None:
                name = re.sub(r"CASE#[^#]+", "CASE#ID", item["pk"]) + " " + item["sk"]
                assert name.startswith(PLAIN), f"a kind of item that nothing replays: {name}"
                continue
            seen.add(model.__name__)
            kept = model.kept(content(item))
            for fault in lost(content(item), kept.model_dump(mode="json")):
                if re.sub(r"\d+", "N", f"{model.__name__}{fault}").split(":")[0] not in RETIRED:
                    faults[model.__name__ + re.sub(r"\d+", "N", fault)[:80]] = fault
    assert faults == {}
    assert seen == {model.__name__ for _, _, model in MODELS}, "every kind was recorded"


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack.borrow()


def alone(stack: Stack, at: datetime) -> None:
    """Nothing works in the background, and it is that time: a call finds the table as it was recorded."""
    stack.clock.kill_all()
    stack.clock.restart(at)
    dynamodb.on_record.clear()


@pytest.mark.parametrize(("version", "story"), ALL)
def test_every_recorded_call_is_answered_as_it_was_then(stack: Stack, version: str, story: str) -> None:
    stack.reset()
    names = {function.folder: name for name, function in stack.runtime.functions.items()}
    table: dict[str, dict[str, Any]] = {}
    faults, replayed = [], 0
    for line in recorded(version, story):
        if "empty" in line:
            table = {}
        elif "put" in line:
            table[json.dumps([line["put"]["pk"], line["put"]["sk"]])] = line["put"]
        elif "gone" in line:
            del table[line["gone"]]
        elif "call" in line or "read" in line:
            asked = line.get("call") or line["read"]
            alone(stack, datetime.fromisoformat(asked["at"]))
            become(stack, table)
            if "call" in line:
                what = f"{asked['function']} {json.dumps(asked['event'])[:200]}"
                said = stack.runtime.invoke(names[asked["function"]], json.dumps(asked["event"]).encode())
                answer = json.loads(said["Payload"] or b"null")
                if answer and isinstance(answer, dict) and answer.get("errorType") in COME_BACK:
                    continue
                if "FunctionError" in said:
                    faults.append(f"{what}: {answer['errorType']}: {answer['errorMessage'][:300]}")
                    continue
            else:
                what = asked["path"]
                got = stack.request("GET", what, token=stack.token(*READER))
                if got.status != 200:
                    faults.append(f"{what}: {got.status}")
                    continue
                answer = got.json
            replayed += 1
            if "call" in line and asked["function"] == "trace" and isinstance(answer, dict):
                answer = answer | {
                    "found": asked["answer"].get("found", "")
                }  # a digest with an id that is drawn
            faults += [f"{what}: {fault}" for fault in lost(asked["answer"], answer)]
    assert faults == []
    assert replayed > 0


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize(
    ("story", "old"),
    [("case_2", ".*"), ("leak", "crisis|case_.*|deadline|freeze")],
)
def test_a_crisis_of_old_definitions_comes_to_its_end(
    stack: Stack, version: str, story: str, old: str
) -> None:
    """All of them old, then only those that run for long: they start the new ones of today."""
    today = dict(stack.template.paths)
    replaced = 0
    try:
        for logical_id, path in today.items():
            then = RECORDS / version / "statemachine" / path.name
            if path.parent.name == "statemachine" and re.fullmatch(old, path.name.split(".")[0]):
                stack.template.paths[logical_id] = then
                replaced += 1
        script = read_script(SCRIPTS / f"{story}.yaml")
        stack.reset(now=script.starts)
        with Path("/dev/null").open("w") as nowhere:
            case = Rehearsal(stack, script, Teller(nowhere)).play()
        badly = {
            one["name"]: one["status"]
            for one in stack.executions()
            if one["status"] not in ("SUCCEEDED", "RUNNING")
        }
        noted = [
            event["data"] for event in _timeline(stack, case["id"]) if event["kind"] == "procedure_failed"
        ]
        assert (verdict(script, case), badly, noted) == ([], {}, [])
        assert replaced >= 5
    finally:
        stack.template.paths.update(today)
        stack.reset()


def _timeline(stack: Stack, case: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = stack.request("GET", f"/cases/{case}/timeline?after={after}", token=stack.token(*READER)).json
        events += page["events"]
        after = page.get("next")
    return events


@pytest.mark.parametrize("version", versions())
def test_every_recorded_input_begins_an_execution_of_today(version: str) -> None:
    """A procedure of an old definition starts others through their alias: with the input of then."""
    today = {
        path.name.split(".")[0]: path.read_text("utf-8")
        for path in (RECORDS.parents[1] / "statemachine").iterdir()
    }
    for story in STORIES:
        for line in recorded(version, story):
            if "start" not in line:
                continue
            given, machine = line["start"]["input"], line["start"]["machine"]
            text = today[machine]
            begins = re.search(r"^StartAt: (\w+)", text, re.M)
            assert begins is not None
            state = re.search(rf"^  {begins[1]}:\n((?:    .*\n|\n)+)", text, re.M)
            assert state is not None
            for expression in re.findall(r"{%(.*?)%}", state[1]):
                for name in re.findall(r"\$states\.input\.(\w+)", expression):
                    allowed = "$exists" in expression or "?" in expression
                    assert name in given or allowed, (
                        f"{machine} reads {name!r}; {version} gave {sorted(given)}"
                    )
