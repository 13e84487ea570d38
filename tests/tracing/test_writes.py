"""What the step `trace` writes, and what the template lets it write: pages of strangers reach cases and nothing else (S8)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from sangfroid.table import Check
from sangfroid.tracing.findings import Tracing
from tests.support.desks import TestDesk
from tests.tracing.desks import API, BSKY, Pages, traced
from tests.tracing.pages import ARTICLE, THREAD
from tools.lint_machines import load_template

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def statement(resource: str, sid: str) -> dict[str, Any]:
    """A statement of the template by its Sid."""
    properties = load_template(TEMPLATE)["Resources"][resource]["Properties"]
    documents = [properties["PolicyDocument"]] if "PolicyDocument" in properties else properties["Policies"]
    found = [
        one for part in documents if "Statement" in part for one in part["Statement"] if one["Sid"] == sid
    ]
    (only,) = found
    return dict(only)


def denied(one: dict[str, Any], action: str, partition: str) -> bool:
    """Whether the statement denies the action on an item of the partition, as IAM reads `dynamodb:LeadingKeys`."""
    assert one["Effect"] == "Deny"
    ((operator, keys),) = one["Condition"].items()
    like = any(fnmatchcase(partition, pattern) for pattern in keys["dynamodb:LeadingKeys"])
    hit = {"ForAnyValue:StringLike": like, "ForAnyValue:StringNotLike": not like}[operator]
    return action in one["Action"] and hit


def test_the_step_writes_what_the_template_lets_it_write(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = statement("TraceFunction", "WriteCasesAlone")
    desk = TestDesk(case=2)
    written: set[str] = set()
    transact = desk.table.transact

    def seen(writes: Any) -> None:
        written.update(
            (one.item["pk"] if hasattr(one, "item") else one.pk)
            for one in writes
            if not isinstance(one, Check)
        )
        transact(writes)

    trace = Tracing.trace

    def only_here(self: Tracing, case_id: str) -> Any:
        monkeypatch.setattr(desk.table, "transact", seen)
        return trace(self, case_id)

    monkeypatch.setattr(Tracing, "trace", only_here)
    traced(Pages(**{BSKY: ARTICLE, API: THREAD}), desk=desk, url=BSKY, author={"handle": "bob.test"})
    assert len({partition.split("#")[0] for partition in written}) == 2, written
    assert not [partition for partition in written if denied(rule, "dynamodb:PutItem", partition)]


@pytest.mark.parametrize(
    "partition",
    ["FREEZE", "FREEZE#PERMITS", "FREEZE#HELD", "ON_CALL", "CHANNEL#x", "IDEMPOTENCY#ana POST /freeze k"],
)
def test_a_page_cannot_have_it_write_what_is_not_a_case(partition: str) -> None:
    rule = statement("TraceFunction", "WriteCasesAlone")
    assert denied(rule, "dynamodb:PutItem", partition)
    assert denied(rule, "dynamodb:DeleteItem", partition)


def test_no_function_takes_from_a_timeline() -> None:
    rule = statement("StoreAccess", "NobodyShortensATimeline")
    assert denied(rule, "dynamodb:DeleteItem", "CASE#case-20261120-1a2b3c4d5e#TIMELINE")
    assert denied(rule, "dynamodb:UpdateItem", "CASE#case-20261120-1a2b3c4d5e#TIMELINE")
    assert denied(rule, "dynamodb:DeleteItem", "CASE#case-20261120-1a2b3c4d5e#EVIDENCE")
    assert not denied(rule, "dynamodb:DeleteItem", "CASE#case-20261120-1a2b3c4d5e")
    assert not denied(rule, "dynamodb:PutItem", "CASE#case-20261120-1a2b3c4d5e#TIMELINE")
    given = load_template(TEMPLATE)["Resources"]["StoreAccess"]
    allow = next(
        one
        for one in given["Properties"]["PolicyDocument"]["Statement"]
        if one["Sid"] == "ReadAndWriteTheTable"
    )
    assert "dynamodb:UpdateItem" not in allow["Action"], "items are written whole: nothing updates"
