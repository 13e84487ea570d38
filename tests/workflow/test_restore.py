"""After a point-in-time restore of the table, names of procedures that were used before are not taken for done."""

from __future__ import annotations

import pytest

from local.stack import Stack
from tests.support.crises import DIRK, DORA, Crisis

LEAK = {"asserted": {"confidential_leak": True}}


@pytest.mark.parametrize("running", [False, True])
def test_a_leak_after_a_restore_is_drained_and_paged_as_the_first_was(stack: Stack, running: bool) -> None:
    first = Crisis(stack, **LEAK)
    if not running:
        for status, director in ((202, DORA), (200, DIRK)):
            body = {"scope": "all", "reason": "over", "case_id": first.id}
            first.expect(status, director, "POST", "/freeze/release", body)
    first.advance(hours=1)
    table = stack.outputs["TableName"]
    stack.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "FREEZE"}, "sk": {"S": "STATE"}})
    second = Crisis(
        stack,
        message={"text": "Les contrats aussi", "platform": "x", "published_at": "2026-11-20T07:30:00Z"},
        **LEAK,
    )
    freeze = second.expect(200, DORA, "GET", "/freeze")
    assert (freeze["state"], freeze["epoch"]) == ("effective", 1)
    names = [one["name"] for one in stack.executions() if one["machine"] == "freeze"]
    assert len(names) == 2
    assert names[0] == "freeze-e1"
    assert names[1].startswith("freeze-e1-2026")
