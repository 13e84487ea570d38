"""Events of a case on the bus: published schemas, nothing of content, nothing of leaks, and the docs follow the code."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sangfroid
from sangfroid import case_events, timeline
from sangfroid.acts.announcing import AT_ONCE, Announcing, Bus
from sangfroid.errors import Unavailable
from sangfroid.model import Event
from tests.support.desks import TestDesk
from tools import events as events_page

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ROOT = Path(sangfroid.__file__).parent
BUILT = {
    "delivery_": ("delivery_published", "delivery_failed", "delivery_retry", "delivery_held", "delivery_retracted"),
    "duty_": ("duty_done", "duty_waived"),
}  # fmt: skip
"""Kinds that the code puts together, by how they begin."""

OF_VARIABLES = {"classified", "reclassified", "classification_confirmed", "delivery_retracted"}
"""Kinds that reach `note` by a variable."""


def noted() -> set[str]:
    """Every kind that the code notes in a timeline."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            kind = {"note": 0, "note_of": 1}.get(name)
            if kind is None or len(node.args) <= kind:
                continue
            argument = node.args[kind]
            parts = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
            for part in parts:
                if isinstance(
                    part, ast.Subscript
                ):  # relay writes what a note brings, which the door has named
                    continue
                texts = [one.value for one in ast.walk(part) if isinstance(one, ast.Constant)]
                for text in texts:
                    if isinstance(text, str):
                        found |= set(BUILT.get(text, (text,)))
    return found | OF_VARIABLES


def event(kind: str, seq: int = 1, case_id: str = "case-1", **data: Any) -> Event:
    return timeline.chained(case_id, seq, NOW, kind, "ana", data, "")


def test_every_kind_is_announced_or_silent_and_none_is_there_that_nobody_notes() -> None:
    catalogue = case_events.catalogue()
    announced, silent = set(catalogue["announced"]), set(catalogue["silent"])
    assert not announced & silent
    assert announced | silent == noted()


def test_the_page_is_what_the_code_says() -> None:
    assert events_page.PAGE.read_text("utf-8") == events_page.page(), "make events"
    loaded = [
        json.loads(line) for line in events_page.page().split("```jsonl\n")[1].split("\n```")[0].splitlines()
    ]
    assert [one["title"] for one in loaded] == list(case_events.catalogue()["announced"])
    for one in loaded:
        jsonschema.Draft202012Validator.check_schema(one)


TEXT = "Le fichier de nos salaires a été rendu public par Jeanne"


@pytest.mark.parametrize("kind", sorted(case_events.catalogue()["announced"]))
def test_what_is_not_of_its_type_or_not_listed_is_left_out(kind: str) -> None:
    """Whatever the timeline says of it: the detail fits its schema, and has no text."""
    fields = case_events.catalogue()["announced"][kind]
    names = [*fields, "reason", "note", "comment", "url", "text", "why", "evidence_of", "because"]
    given = dict.fromkeys(names, TEXT * 9)
    made = case_events.entry(event(kind, **given), "stack", "default")
    assert made is not None
    assert "salaires" not in made["Detail"]
    jsonschema.validate(json.loads(made["Detail"]), case_events.schema(kind))
    assert "by" not in json.loads(made["Detail"]), "who did it is a person"


@pytest.mark.parametrize("kind", case_events.catalogue()["silent"])
def test_nothing_is_told_of_a_leak_or_a_freeze(kind: str) -> None:
    assert case_events.entry(event(kind, epoch=1), "stack", "default") is None


class Heard(list[dict[str, Any]]):
    """A bus that keeps what it hears, and by how many at once."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def send(self, entries: list[dict[str, Any]]) -> None:
        self.calls.append(len(entries))
        self.extend(entries)


def timeline_of(desk: TestDesk, case_id: str) -> list[Event]:
    return list(desk.desk.casework.store.events(case_id))


@pytest.mark.parametrize(
    "known",
    [{"leak": True}, {"leak_suspected": True}, {"suspicion": "pending"}, {"freeze_epoch": 1}],
    ids=lambda known: next(iter(known)),
)
def test_a_case_that_is_or_may_be_a_leak_is_not_told_of(known: dict[str, Any]) -> None:
    desk = TestDesk()
    case_id = desk.report()
    heard = Heard()
    announcing = Announcing(desk.desk.casework, heard.send, "stack", "default")
    events = timeline_of(desk, case_id)
    assert announcing.announce(events) == len(heard) > 1
    assert heard[0]["DetailType"] == "case_opened"

    def leaks(file: Any) -> None:
        for name, value in known.items():
            setattr(file.case, name, value)

    desk.desk.casework.change(case_id, "ana", leaks)
    assert announcing.announce(events) == 0


def test_as_few_calls_as_the_bus_allows() -> None:
    desk = TestDesk()
    case_id = desk.report()
    heard = Heard()
    many = [event("duty_done", seq, case_id, duty="C1.1") for seq in range(1, 26)]
    Announcing(desk.desk.casework, heard.send, "stack", "default").announce(many)
    assert heard.calls == [AT_ONCE, AT_ONCE, 5]


def test_what_the_bus_refuses_comes_again() -> None:
    class Refusing:
        def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - as boto3 spells it
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}, *Entries[1:]]}

    with pytest.raises(Unavailable, match="ThrottlingException"):
        Bus(Refusing()).send([{"Detail": "{}"}, {"EventId": "1"}])
