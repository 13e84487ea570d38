"""Which function may write which kind of item (S8): the policies of the transformed template, evaluated as IAM does, for each.

`KINDS` has one partition of each kind that the store knows; a test reads the sources for those that it lacks. `MAY` is the table
that is meant, written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.template.conftest import ROOT
from tests.template.policies import allowed, listed

CASE = "CASE#case-20261120-1a2b3c4d5e"
KINDS = {
    "case": CASE,
    "versions and approvals": f"{CASE}#VERSIONS",
    "renderings": f"{CASE}#RENDERINGS",
    "deliveries": f"{CASE}#DELIVERIES",
    "messages": f"{CASE}#MESSAGES",
    "timeline": f"{CASE}#TIMELINE",
    "evidence": f"{CASE}#EVIDENCE",
    "arrivals": f"{CASE}#ARRIVALS",
    "drafts": f"{CASE}#DRAFTS",
    "found": f"{CASE}#FOUND",
    "replies": f"{CASE}#REPLIES",
    "reply seen before": "REPLY#x",
    "to be anchored": f"{CASE}#ANCHOR",
    "anchored": "ANCHORED",
    "brand": "BRAND#nuage sa",
    "freeze": "FREEZE",
    "intents of the freeze": "FREEZE#INTENTS",
    "permits": "FREEZE#PERMITS",
    "held": "FREEZE#HELD",
    "channel": "CHANNEL#x",
    "outbox": "OUTBOX#x",
    "page that can be answered": "PAGE#x",
    "acknowledgements": "ACKNOWLEDGEMENTS",
    "whose turn": "ON_CALL",
    "answered before": "IDEMPOTENCY#ana POST /freeze k",
    "desk": "DESK",
    "shown": "DESK#OPEN",
    "examples": "LEARNING",
}
DECIDED = {"acknowledgements", "whose turn", "answered before", "drafts", "examples"}
OF_A_CASE = {"versions and approvals", "renderings", "freeze"}
SENDINGS = {"permits", "channel", "outbox", "page that can be answered"}
EVERY = set(KINDS) - {"anchored"}
MAY = {
    "Api": EVERY - SENDINGS,
    "Playbook": EVERY - SENDINGS - DECIDED,
    "Freeze": EVERY - DECIDED,
    "Notify": EVERY - DECIDED - OF_A_CASE,
    "Publish": EVERY - DECIDED - OF_A_CASE,
    "Relay": EVERY - DECIDED - OF_A_CASE - SENDINGS,
    "Wait": EVERY - DECIDED - OF_A_CASE - SENDINGS,
    "Clock": EVERY - DECIDED - OF_A_CASE - SENDINGS,
    "Reconcile": (EVERY | {"anchored"}) - DECIDED - OF_A_CASE,
    "Index": {"desk", "shown"},
    "Classify": {"found"},
    "Trace": {"found"},
    "Release": set(),
    "Console": set(),
    "Organisation": set(),
}
"""The kinds of which each function may put items."""

READ_STRANGERS = ("Classify", "Trace")
NEVER_TAKEN = {"timeline", "evidence"}


def holds(condition: dict[str, Any], partition: str) -> bool:
    """The conditions of a statement on a write of the partition; another operator must be taught here first."""
    for operator, tests in condition.items():
        ((name, patterns),) = tests.items()
        assert name == "dynamodb:LeadingKeys", name
        if operator == "Null":
            assert patterns == "false"
            continue
        like = any(fnmatchcase(partition, pattern) for pattern in listed(patterns))
        wanted = {
            "ForAnyValue:StringLike": like,
            "ForAllValues:StringLike": like,
            "ForAnyValue:StringNotLike": not like,
        }[operator]
        if not wanted:
            return False
    return True


def may(deployed: dict[str, Any], role: str, action: str, partition: str) -> bool:
    """As IAM decides: what nothing allows is refused, and a denial wins."""
    table = {"Fn::GetAtt": ["Table", "Arn"]}
    said = {
        one["Effect"]
        for one in allowed(deployed, role)
        if any(fnmatchcase(action, pattern) for pattern in listed(one["Action"]))
        and any(place in (table, "*") for place in listed(one["Resource"]))
        and holds(one.get("Condition", {}), partition)
    }
    return said == {"Allow"}


def functions(deployed: dict[str, Any]) -> list[str]:
    return [name for name, one in deployed.items() if one["Type"] == "AWS::Lambda::Function"]


def test_the_table_names_every_function(deployed: dict[str, Any]) -> None:
    assert {name.removesuffix("Function") for name in functions(deployed)} == set(MAY)


def partitions() -> Iterator[str]:
    """Every partition that the sources name, as a pattern."""
    for path in sorted((ROOT / "shared/sangfroid").rglob("*.py")):
        for line in re.findall(r"`([A-Z][A-Z_]+(?:#[^`/]*)?)` /", path.read_text("utf-8")):
            yield re.sub(r"<[^>]*>", "*", line)


def test_every_kind_that_the_store_describes_is_in_the_table() -> None:
    described = set(partitions())
    assert len(described) > 15, described
    unknown = {one for one in described if not any(fnmatchcase(known, one) for known in KINDS.values())}
    assert unknown == set()


@pytest.mark.parametrize("function", MAY)
def test_a_function_puts_the_kinds_that_are_meant_and_no_others(
    deployed: dict[str, Any], function: str
) -> None:
    found = {
        kind
        for kind, partition in KINDS.items()
        if may(deployed, f"{function}FunctionRole", "dynamodb:PutItem", partition)
    }
    assert found == MAY[function]


@pytest.mark.parametrize("function", MAY)
def test_nobody_takes_what_they_may_not_put_and_nobody_takes_from_a_timeline(
    deployed: dict[str, Any], function: str
) -> None:
    found = {
        kind
        for kind, partition in KINDS.items()
        if may(deployed, f"{function}FunctionRole", "dynamodb:DeleteItem", partition)
    }
    assert found <= MAY[function] - NEVER_TAKEN
    for kind, partition in KINDS.items():
        for action in ("UpdateItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete", "BatchWriteItem"):
            assert not may(deployed, f"{function}FunctionRole", f"dynamodb:{action}", partition), (
                kind,
                action,
            )


@pytest.mark.parametrize("function", READ_STRANGERS)
def test_what_reads_strangers_texts_writes_no_approval_no_freeze_no_timeline_and_no_lock(
    deployed: dict[str, Any], function: str
) -> None:
    for kind in ("versions and approvals", "freeze", "intents of the freeze", "timeline", "permits", "case"):
        for action in ("PutItem", "DeleteItem"):
            assert not may(deployed, f"{function}FunctionRole", f"dynamodb:{action}", KINDS[kind]), kind
    actions = {
        action for one in allowed(deployed, f"{function}FunctionRole") for action in listed(one["Action"])
    }
    assert not [one for one in actions if one.startswith(("secretsmanager:", "states:", "lambda:", "ses:"))]


def test_only_who_anchors_writes_where_anchors_lie(deployed: dict[str, Any]) -> None:
    writers = {
        role.removesuffix("FunctionRole"): resource["Fn::Sub"]
        for role in (f"{name}Role" for name in functions(deployed))
        for one in allowed(deployed, role)
        if "s3:PutObject" in listed(one["Action"]) and "Evidence" in str(one["Resource"])
        for resource in listed(one["Resource"])
    }
    assert {name for name, place in writers.items() if place.endswith("/anchors/*")} == {"Reconcile"}
    assert all(place.endswith(("/anchors/*", "/cases/*")) for place in writers.values())
    for name in functions(deployed):
        for one in allowed(deployed, f"{name}Role"):
            touched = {action for action in listed(one["Action"]) if action.startswith("s3:")}
            assert not touched & {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"}
