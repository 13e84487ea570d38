"""What was lost between store and procedures is found and put right, or a person is called (I7)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.stack import Stack
from sangfroid.acts.reconciling import Reconciling
from sangfroid.model import rfc3339
from sangfroid.store import freeze as freezing
from sangfroid.table import Put
from tests.support.crises import Crisis
from tests.support.desks import TestDesk
from tools import redrive


class Known:
    """Step Functions, as far as the look asks."""

    def __init__(self, *running: str, existed: bool = False) -> None:
        self._running, self._existed = set(running), existed

    def running(self, machine: str) -> set[str]:
        return {
            name
            for name in self._running
            if ("-response_" in name or "-first_" in name) == (machine == "deadline")
        }

    def existed(self, machine: str, name: str) -> bool:
        return self._existed


def carried(desk: TestDesk) -> None:
    """The relay has carried out everything."""
    for pk, sk in [key for key in desk.table.items if key[1].startswith("INTENT#")]:
        del desk.table.items[pk, sk]


def names(desk: TestDesk, case: str) -> list[str]:
    clocks = desk.desk.casework.read(case).case.clocks
    return [case, *(f"{case}-{clock.id}-g{clock.generation}" for clock in clocks)]


def looked(desk: TestDesk, known: Known) -> list[tuple[str, str, bool]]:
    _, found = Reconciling(desk.desk.casework).look(known)
    return [(one.kind, one.what, one.repaired) for one in found]


def test_where_everything_runs_nothing_is_found() -> None:
    desk = TestDesk()
    case = desk.report()
    carried(desk)
    desk.advance(timedelta(minutes=10))
    assert looked(desk, Known(*names(desk, case))) == []


def test_an_intent_that_lies_is_handed_on_once_the_stream_had_its_time() -> None:
    desk = TestDesk()
    case = desk.report()
    assert looked(desk, Known()) == [], "the stream has its time"
    desk.advance(timedelta(minutes=6))
    found = looked(desk, Known())
    assert {kind for kind, _, _ in found} == {"intent"}
    assert f"start {case}" in [what for _, what, _ in found]


def test_a_case_without_a_crisis_gets_one_and_a_clock_its_execution() -> None:
    desk = TestDesk()
    case = desk.report()
    carried(desk)
    desk.advance(timedelta(minutes=6))
    found = looked(desk, Known())
    assert ("crisis_never_started", case, True) in found
    assert len([one for one in found if one[0] == "clock_without_execution"]) == len(names(desk, case)) - 1
    meant = [item["name"] for (_, sk), item in desk.table.items.items() if sk.startswith("INTENT#")]
    assert sorted(meant) == sorted(names(desk, case))


def test_a_crisis_that_ended_under_an_open_case_is_for_a_person() -> None:
    desk = TestDesk()
    case = desk.report()
    carried(desk)
    desk.advance(timedelta(minutes=6))
    assert ("crisis_ended", case, False) in looked(desk, Known(*names(desk, case)[1:], existed=True))


def test_a_permit_left_behind_is_taken_back_and_a_living_one_is_not() -> None:
    desk = TestDesk()
    now = desk.desk.casework.now()
    for claim, until in (("old", now - timedelta(hours=1)), ("young", now + timedelta(minutes=1))):
        item = {
            "pk": freezing.PERMITS,
            "sk": claim,
            "case_id": "c",
            "channel": "x",
            "key": "k",
            "phase": "calling",
        }
        desk.table.transact([Put(item | {"until": rfc3339(until)})])
    assert looked(desk, Known()) == [("permit_left", "x k", True)]
    assert [item["sk"] for item in desk.table.query(freezing.PERMITS).items] == ["young"]


# -- on the whole desk


def lost(stack: Stack) -> Crisis:
    """A report that was answered 202 while the relay was down for longer than the stream tries."""
    stack.request("POST", "/_local/faults", [{"point": "function:relay", "mode": "error", "times": 10_000}])
    crisis = Crisis(stack)
    crisis.advance(hours=2)
    stack.request("POST", "/_local/faults", [{"point": "function:relay", "mode": "error", "times": 0}])
    assert crisis.running() == {}
    return crisis


def reconciled(stack: Stack) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(FunctionName="sangfroid-reconcile", Payload=b"{}")
    stack.settle()
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


def test_a_report_whose_crisis_never_started_has_one_after_the_look(stack: Stack) -> None:
    crisis = lost(stack)
    said = reconciled(stack)
    assert said["open"] == 1
    assert {one["kind"] for one in said["found"]} == {"intent"}
    assert all(one["repaired"] for one in said["found"])
    assert crisis.running()[crisis.id] == "RUNNING"
    assert reconciled(stack)["found"] == []
    schedules = stack.client("scheduler").list_schedules()["Schedules"]
    assert [one["Name"] for one in schedules] == ["sangfroid-reconcile-hourly"], "while the case is open"
    stack.client("stepfunctions").stop_execution(
        executionArn=next(one["arn"] for one in stack.executions() if one["name"] == crisis.id)
    )
    (ended,) = reconciled(stack)["found"]
    assert (ended["kind"], ended["repaired"]) == ("crisis_ended", False)
    assert crisis.left("out_of_band", kind="procedure_failed"), "somebody is called"
    called = len(crisis.left("out_of_band", kind="procedure_failed"))
    reconciled(stack)
    assert len(crisis.left("out_of_band", kind="procedure_failed")) == called, "once"


def test_the_hourly_look_is_asked_for_once_in_a_storm_of_reports(stack: Stack) -> None:
    scheduler = stack.client("scheduler")

    def watched() -> bool:
        return bool(scheduler.list_schedules()["Schedules"])

    def another(text: str) -> None:
        Crisis(stack, message={"text": text, "platform": "x", "published_at": rfc3339(stack.clock.now())})

    Crisis(stack)
    assert watched()
    scheduler.delete_schedule(Name="sangfroid-reconcile-hourly")
    another("Invoices of strangers came with my post")
    assert not watched(), "asked for lately"
    stack.clock.advance(timedelta(minutes=2))
    another("The shop in Vitry is on fire")
    assert watched()


def test_the_dead_letters_of_the_relay_are_carried_out_from_the_table(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    crisis = lost(stack)

    def client(service: str) -> Any:
        return Stacks(stack) if service == "cloudformation" else stack.client(service)

    assert redrive.main(["--stack", "sangfroid"], client) == 1
    assert f"CASE#{crisis.id} start {crisis.id}: lies" in capsys.readouterr().out
    assert redrive.main(["--stack", "sangfroid", "--go"], client) == 0
    stack.settle()
    assert ", 0 lie\n" in capsys.readouterr().out
    assert crisis.running()[crisis.id] == "RUNNING"
    queue = stack.client("sqs").list_queues(QueueNamePrefix="sangfroid-RelayDeadLetters")["QueueUrls"][0]
    assert "Messages" not in stack.client("sqs").receive_message(QueueUrl=queue)
    assert redrive.main(["--stack", "sangfroid", "--go"], client) == 0


class Stacks:
    """`describe-stacks` of the local stack, which answers it over its port alone."""

    def __init__(self, stack: Stack) -> None:
        self._outputs = [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()]

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto's name
        return {"Stacks": [{"StackName": StackName, "Outputs": self._outputs}]}
