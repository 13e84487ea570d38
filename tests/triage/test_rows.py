"""The rows of the model's features are packed, and read as they were written."""

from __future__ import annotations

import copy
import gzip
import json
from importlib import resources
from typing import Any

import pytest

from sangfroid.triage.embedded import Embedded, model_data
from sangfroid.triage.features import extract
from sangfroid.triage.report import Report
from sangfroid.triage.rows import Rows, pack

ROWS = {"n:é": [1, -2], "a:b": [-32_768, 32_767], "a:": [0, 0], "a:b c": [7, 8]}


def test_every_row_comes_back() -> None:
    read = Rows(json.loads(json.dumps(pack(ROWS))))
    assert len(read) == len(ROWS)
    assert {name: read.get(name) for name in ROWS} == ROWS
    assert [read.get(name) for name in ("", "a", "a:b ", "z", "\n")] == [None] * 5


def test_nothing_packed_is_nothing() -> None:
    assert Rows(pack({})).get("a") is None


@pytest.mark.parametrize("number", [32_768, -32_769, 2**31 - 1])
def test_great_numbers_get_more_room(number: int) -> None:
    assert Rows(pack({"a": [number, 1]})).get("a") == [number, 1]


@pytest.mark.parametrize("rows", [{"a": [1], "b": [1, 2]}, {"a\nb": [1]}])
def test_what_cannot_be_packed_is_refused(rows: dict[str, list[int]]) -> None:
    with pytest.raises(ValueError, match="not all of one length"):
        pack(rows)


@pytest.mark.parametrize("change", [{"width": 3}, {"type": "f"}, {"numbers": "?"}, {"names": "a"}])
def test_what_was_not_packed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Rows(pack(ROWS) | change)


def test_a_model_of_plain_lists_says_the_same() -> None:
    """As it was written before rows were packed: such a file of an organisation's own goes on to serve."""
    plain = copy.deepcopy(model_data())
    for model in ("case", "author"):
        for block in plain[model]["blocks"].values():
            packed = block.pop("packed")
            read = Rows(packed)
            block["weights"] = {name: read.get(name) for name in packed["names"].split("\n")}
    message = {
        "text": "Our invoices of other customers are online since this morning, and nobody answers",
        "platform": "x",
        "published_at": "2026-11-20T08:00:00Z",
    }
    report = Report.model_validate({"brand": "B", "message": message, "notes": "a colleague has seen it"})
    assert len(extract(report).words) > 10
    assert Embedded(plain).classify(report) == Embedded(model_data()).classify(report)


def test_the_model_is_opened_without_making_its_rows() -> None:
    packed = resources.files("sangfroid.triage").joinpath("data", "model.json.gz").read_bytes()
    content = json.loads(gzip.decompress(packed))

    def lists(value: Any) -> int:
        if isinstance(value, dict):
            return sum(map(lists, value.values()))
        return 1 + sum(map(lists, value)) if isinstance(value, list) else 0

    assert len(Rows(content["case"]["blocks"]["words"]["packed"])) > 100_000
    assert lists(content) < 100
