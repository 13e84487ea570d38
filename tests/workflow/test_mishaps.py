"""What breaks on a bad day: functions that die, answers that are lost, channels that are down (I6, I7)."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from local.stack import Stack
from sangfroid.model import rfc3339
from tests.support.crises import ANA, Crisis

BODY = {
    "brand": "Nuage SA",
    "message": {"text": "Tout est cassé", "platform": "x", "published_at": "2026-11-20T07:00:00Z"},
}


def cases(stack: Stack) -> list[dict[str, object]]:
    found: list[dict[str, object]] = stack.request("GET", "/cases", token=stack.token("a", ["auditor"])).json[
        "cases"
    ]
    return found


@pytest.mark.parametrize("mode", ["crash", "lost_answer", "error", "throttle"])
def test_a_report_is_never_lost_nor_doubled(stack: Stack, mode: str) -> None:
    """I7: the API dies after (or before) its write; the same call again is answered, and one crisis runs."""
    stack.faults.set([{"point": "function:api", "mode": mode, "times": 1}])
    token = stack.token("rita", ["reporter"])
    first = stack.request("POST", "/incidents", BODY, token=token, headers={"Idempotency-Key": "k-1"})
    assert first.status >= 500
    again = stack.request("POST", "/incidents", BODY, token=token, headers={"Idempotency-Key": "k-1"})
    assert again.status == 202
    assert len(cases(stack)) == 1
    crises = [one for one in stack.executions() if one["machine"] == "crisis"]
    assert [one["name"] for one in crises] == [again.json["case_id"]]
    assert [one["status"] for one in crises] == ["RUNNING"]


def test_a_crisis_whose_start_is_refused_is_started_later(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I7: what Step Functions does not take is neither swallowed nor forgotten; the stream brings it again."""
    refused: list[str] = []
    ask = BaseClient._make_api_call

    def busy(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        machine = str(arguments.get("stateMachineArn", ""))
        if (
            operation == "StartExecution"
            and machine.removesuffix(":live").endswith("-crisis")
            and len(refused) < 3
        ):
            refused.append(machine)
            fault = {"Error": {"Code": "ServiceUnavailable", "Message": "try again"}}
            raise ClientError(fault, operation)
        return ask(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", busy)
    crisis = Crisis(stack)
    crisis.advance(minutes=10)
    assert len(refused) == 3
    (started,) = [one for one in stack.executions() if one["machine"] == "crisis"]
    assert (started["name"], started["status"]) == (crisis.id, "RUNNING")


@pytest.mark.parametrize("function", ["relay", "classify", "notify", "clock", "wait", "playbook", "publish"])
@pytest.mark.parametrize("mode", ["crash", "error", "throttle", "lost_answer"])
def test_a_function_that_fails_twice_delays_but_loses_nothing(stack: Stack, function: str, mode: str) -> None:
    stack.faults.set([{"point": f"function:{function}", "mode": mode, "times": 2}])
    crisis = Crisis(stack)
    crisis.advance(minutes=10)
    crisis.triage(1)
    stack.faults.set([{"point": f"function:{function}", "mode": mode, "times": 2}])
    crisis.advance(minutes=10)
    crisis.approve()
    crisis.advance(minutes=30)
    document = crisis.document
    assert document["status"] == "published"
    assert {clock["id"]: clock["state"] for clock in document["clocks"]} == {
        "response_ready": "met", "response_published": "met", "first_word": "met",
    }  # fmt: skip
    keys = [item["key"] for item in stack.outbox()]
    assert len(keys) == len(set(keys))
    assert len(crisis.left("public")) == 8


@pytest.mark.parametrize(("channel", "audience"), [("newsroom", "public"), ("partner-hook", "partner")])
@pytest.mark.parametrize("mode", ["error", "lost_answer", "timeout", "throttle", "crash"])
def test_a_channel_that_fails_gets_its_text_exactly_once(
    stack: Stack, mode: str, channel: str, audience: str
) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": f"channel:{channel}", "mode": mode, "times": 2}])
    crisis.approve()
    crisis.advance(hours=2)
    assert crisis.document["status"] == "published"
    there = [item for item in crisis.left(audience) if item["channel"] == channel]
    assert sorted(item["language"] for item in there) == ["en", "fr"]


def test_a_lost_answer_where_nobody_can_look_ends_with_a_person(stack: Stack) -> None:
    """E-mail cannot be looked up: it is never sent a second time by itself."""
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "channel:customer-email", "mode": "lost_answer", "times": 1}])
    crisis.approve()
    crisis.advance(hours=3)
    failed = [delivery for delivery in crisis.document["deliveries"] if delivery["state"] == "failed"]
    assert [delivery["channel"] for delivery in failed] == ["customer-email"]
    assert len(crisis.left("customer")) == 2
    assert crisis.left("out_of_band", kind="delivery_failing")
    crisis.expect(422, ANA, "POST", f"/cases/{{case}}/deliveries/{failed[0]['key']}", {"state": "published"})
    body = {"state": "published", "url": "mid:seen-in-the-sent-folder"}
    crisis.expect(200, ANA, "POST", f"/cases/{{case}}/deliveries/{failed[0]['key']}", body)
    deliveries = [one for one in crisis.document["deliveries"] if one["channel"] != "press-list"]
    assert {delivery["state"] for delivery in deliveries} == {"published"}
    crisis.advance(hours=3)
    assert len(crisis.left("customer")) == 2


def test_an_aborted_crisis_is_started_anew_by_a_person(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    client = stack.client("stepfunctions")
    for one in stack.executions():
        if one["machine"] == "crisis":
            client.stop_execution(executionArn=one["arn"])
    stack.settle()
    written = crisis.write()
    crisis.review(written)
    assert crisis.left("public") == []
    body = {"case": 1, "leak": False, "reason": "the execution was aborted", "restart": True}
    crisis.expect(200, ANA, "POST", "/cases/{case}/triage", body)
    crisis.advance(minutes=1)
    assert crisis.document["status"] == "published"
    assert len(crisis.left("public")) == 8
    crisis.do("C1.1")
    if crisis.duty("C1.5"):
        crisis.do("C1.5")
    crisis.close()
    assert crisis.running()[f"{crisis.id}-r2"] == "SUCCEEDED"


def test_a_platform_that_is_down_for_30_h_does_not_lose_its_delivery(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "channel:x", "mode": "error", "times": 100_000}])
    crisis.approve()
    crisis.advance(hours=30)
    assert crisis.left("team", kind="delivery_failing")
    stack.faults.clear()
    crisis.advance(hours=1)
    assert crisis.clock("response_published")["state"] == "met"
    assert len([item for item in crisis.left("public") if item["channel"] == "x"]) == 2


@pytest.mark.parametrize("mode", ["error", "throttle", "lost_answer", "timeout"])
def test_a_store_that_fails_leaves_nothing_half_done(stack: Stack, mode: str) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    before = crisis.document
    stack.faults.set([{"point": "dynamodb", "mode": mode, "times": 50}])
    answer = crisis.call(ANA, "PUT", "/cases/{case}/response", {"texts": {"fr": "Nous sommes désolés."}})
    assert answer.status >= 500
    stack.faults.clear()
    after = crisis.document
    if mode != "lost_answer":
        assert after == before
    assert len(after["responses"]) in (0, 1)
    assert crisis.events == sorted(crisis.events, key=lambda event: event["seq"])


def test_a_procedure_that_gives_up_ends_with_a_person_who_starts_it_again(stack: Stack) -> None:
    crisis = Crisis(stack)
    crisis.triage(1)
    stack.faults.set([{"point": "function:playbook", "mode": "error", "times": 40}])
    crisis.approve()
    crisis.advance(hours=1)
    assert crisis.left("out_of_band", kind="procedure_failed")
    failed = {one["machine"] for one in stack.executions() if one["status"] == "FAILED"}
    assert failed == {"publication", "case_1"}
    assert crisis.running()[crisis.id] == "RUNNING"
    stack.faults.clear()
    crisis.triage(1)
    crisis.advance(minutes=5)
    assert crisis.document["status"] == "published"
    assert len(crisis.document["responses"]) == 1  # what was approved is still approved
    assert len(crisis.left("public")) == 8


def test_real_aws_clients_see_the_machines(stack: Stack) -> None:
    crisis = Crisis(stack, ago=timedelta(hours=2))
    client = stack.client("stepfunctions")
    machines = {
        machine["name"]: machine["stateMachineArn"]
        for machine in client.list_state_machines()["stateMachines"]
    }
    running = [
        execution["name"]
        for arn in machines.values()
        for execution in client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    ]
    assert crisis.id in running
    assert rfc3339(crisis.origin) == crisis.document["first_published_at"]
