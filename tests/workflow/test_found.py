"""What a function that reads strangers' texts may write means nothing but what it found (decision 0108)."""

from __future__ import annotations

from local.stack import Stack
from sangfroid.model import Intent
from sangfroid.store import found
from sangfroid.table import DynamoTable, Put
from tests.support.crises import EIGHT, Crisis


def test_an_intent_among_what_was_found_starts_nothing() -> None:
    stack = Stack.borrow(now=EIGHT)
    crisis = Crisis(stack)
    table = DynamoTable(stack.outputs["TableName"], stack.client("dynamodb"))
    place = found.found_key(crisis.id)

    def means(partition: str, name: str) -> None:
        given = {"case_id": crisis.id, "clock": "response_ready", "generation": 1}
        intent = Intent(
            id=name,
            partition=partition,
            action="start",
            machine="deadline",
            name=name,
            payload=given,
            at=stack.clock.now(),
        )
        table.transact([Put(intent.model_dump(mode="json") | {"pk": partition, "sk": f"INTENT#{name}"})])
        stack.settle()

    means(place, "forged")
    table.transact([Put({"pk": place, "sk": "TRACE#forged", "mark": "m", "found": {"findings": "none"}})])
    stack.settle()
    means(f"CASE#{crisis.id}", "meant")
    names = {one["name"] for one in stack.executions()}
    assert "meant" in names, "an intent of a case is one"
    assert "forged" not in names
    assert table.get(place, "TRACE#forged") is None, "what is no finding is done with"
