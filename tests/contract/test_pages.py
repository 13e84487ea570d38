"""Answers are bounded (C11): every list of a case that can grow comes in pages, and no answer is larger than a function's."""

from __future__ import annotations

from typing import Any

from local.lambdas import LARGEST_PAYLOAD
from local.stack import Stack
from sangfroid.model import Delivery
from sangfroid.store import put_delivery, response_place
from sangfroid.table import DynamoTable, Put
from tests.support.crises import ANA, EIGHT, Crisis


def pages(crisis: Crisis, name: str) -> list[list[Any]]:
    """Every page of one list of the case document, as a client that follows `next` sees them."""
    found: list[list[Any]] = []
    query = ""
    while True:
        document = crisis.expect(200, ANA, "GET", "/cases/{case}" + query)
        found.append(document[name])
        if document[f"{name}_next"] is None:
            return found
        query = f"?{name}={document[f'{name}_next']}"


def test_deliveries_come_in_pages_of_a_hundred_and_none_is_left_out() -> None:
    stack = Stack.borrow(now=EIGHT)
    crisis = Crisis(stack)
    table = DynamoTable(stack.outputs["TableName"], stack.client("dynamodb"))
    keys = [f"{crisis.id}:v1:c{number:03d}:en" for number in range(250)]
    for start in range(0, 250, 50):
        table.transact(
            [
                put_delivery(
                    Delivery(
                        key=key, case_id=crisis.id, kind="response", channel="blog", audience="public", language="en",
                        version=1, content_hash="sha256:0", state="cancelled", created_at=EIGHT,
                    )
                )
                for key in keys[start : start + 50]
            ]
        )  # fmt: skip
    found = pages(crisis, "deliveries")
    assert [len(page) for page in found] == [100, 100, 50]
    assert [entry["key"] for page in found for entry in page] == keys
    assert crisis.call(ANA, "GET", "/cases/{case}?deliveries=nonsense").status == 422


def test_versions_come_in_pages_and_a_long_case_is_answered() -> None:
    stack = Stack.borrow(now=EIGHT)
    crisis = Crisis(stack)
    crisis.triage(1)
    table = DynamoTable(stack.outputs["TableName"], stack.client("dynamodb"))
    crisis.expect(201, ANA, "PUT", "/cases/{case}/response", {"texts": {"fr": "Nous sommes désolés."}})
    written = table.get(*response_place(crisis.id, 1))
    assert written is not None
    for number in range(2, 121):
        item = written | {
            "version": number,
            "sk": response_place(crisis.id, number)[1],
            "texts": {"fr": "long " * 6000},
        }
        table.transact([Put(item | {"state": "superseded"})])
    answer = crisis.call(ANA, "GET", "/cases/{case}")
    assert answer.status == 200
    assert len(answer.text.encode()) < LARGEST_PAYLOAD
    found = pages(crisis, "responses")
    assert [entry["version"] for page in found for entry in page] == list(range(1, 121))


def test_the_timeline_is_read_as_far_as_it_is_answered() -> None:
    stack = Stack.borrow(now=EIGHT)
    crisis = Crisis(stack)
    first = crisis.expect(200, ANA, "GET", "/cases/{case}/timeline")
    after = first["events"][1]["seq"]
    rest = crisis.expect(200, ANA, "GET", f"/cases/{{case}}/timeline?after={after}")
    assert rest["events"] == first["events"][2:]


def test_a_request_larger_than_a_function_takes_is_refused_on_this_machine_too() -> None:
    stack = Stack.borrow(now=EIGHT)
    body = b'{"brand": "' + b"x" * (LARGEST_PAYLOAD + 1) + b'"}'
    token, kind = stack.token("ana", ["reporter"]), {"content-type": "application/json"}
    answer = stack.request("POST", "/incidents", body, token=token, headers=kind)
    assert answer.status == 413
