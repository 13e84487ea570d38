"""What rings when, and what to do then: each of the desk's own metrics fired by its cause on the local stack, AWS's by emulation.

`make alarms` prints the table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.stack import Stack
from sangfroid import observability
from sangfroid.model import Intent
from sangfroid.table import image_of
from tests.support.crises import DORA, EIGHT, Crisis
from tools.alarms import ROOT, RUNBOOKS, Alarm, Metric, alarms, table

CAUSES = {  # of AWS's own metrics: what AWS counts, as its documentation says, one period of it, and one without it
    "execution-ended-badly": (
        "an execution ends badly, or Lambda ends a function: a line of a log that a filter matches",
        1.0,
    ),
    "relay-dead-letters": ("the relay fails for an hour: Lambda puts the record into the queue", 1.0),
    "index-dead-letters": ("the index fails for an hour: Lambda puts the record into the queue", 1.0),
    "relay-lag": ("the oldest record that the relay has not read is over a minute old, twice", 61_000.0),
    "index-lag": ("the oldest record that the index has not read is over a minute old, twice", 61_000.0),
    "api-failed": ("the API answers a call with a 5xx", 1.0),
    "async-lost": ("Lambda drops an asynchronous call of trace after an hour", 1.0),
    "functions-throttled": ("Lambda refuses an invocation, the concurrency is used up", 1.0),
    "table-throttled": ("DynamoDB refuses a read or a write of the table", 1.0),
    "mail-bounces": ("SES counts that over 4 % bounce", 0.05),
    "mail-complaints": ("SES counts that over 0.08 % complain", 0.001),
    "heartbeat-gone": ("no reconciliation in a day: no data at all", None),
}


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of everything that is counted from now on."""
    counted: list[str] = []

    def add(name: str, **_: Any) -> None:
        counted.append(name)

    monkeypatch.setattr(observability.metrics, "add_metric", add)
    return counted


def fault(stack: Stack, point: str, mode: str, times: int = 1000) -> None:
    stack.request("POST", "/_local/faults", [{"point": point, "mode": mode, "times": times}])


def unmet(stack: Stack) -> str:
    Crisis(stack).advance(hours=13)
    return "nobody answers for 13 hours"


def lost_answer(stack: Stack) -> str:
    fault(stack, "channel:customer-email", "lost_answer")
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.approve()
    crisis.advance(hours=6)
    return "mail is taken and the answer is lost: SES cannot be asked"


def gave_up(stack: Stack) -> str:
    crisis = Crisis(stack)
    crisis.triage(1)
    fault(stack, "function:playbook", "error", 14)
    crisis.approve()
    crisis.advance(hours=1)
    return "a step of a procedure fails until it gives up"


def no_round(stack: Stack) -> str:
    crisis = Crisis(stack)
    crisis.triage(1)
    crisis.approve()
    crisis.advance(hours=72)
    return "nobody moderates for three days after the publication"


def frozen(stack: Stack) -> str:
    nowhere = json.dumps({"url": "http://127.0.0.1:9/hooks", "secret": "whsec_" + "A" * 32})
    secrets = stack.client("secretsmanager")
    secrets.put_secret_value(SecretId="sangfroid/channels/partner-hook", SecretString=nowhere)
    crisis = Crisis(stack)
    crisis.freeze()
    crisis.advance(hours=2)
    return "a director freezes; a partner's tool cannot be stopped"


def refused(stack: Stack) -> str:
    stack.request("GET", "/cases", token=stack.token(*DORA))  # what a running function knows, it knows
    stack.client("dynamodb").delete_table(TableName=stack.outputs["TableName"])
    stack.request("GET", "/cases", token=stack.token(*DORA))
    return "the table is gone"


def broken(stack: Stack) -> str:
    answer = stack.client("lambda").invoke(FunctionName="sangfroid-playbook", Payload=b'{"step": "nothing"}')
    assert answer["FunctionError"] == "Unhandled"
    return "a function gets what it does not understand"


def slow(stack: Stack) -> str:
    stack.request("GET", "/cases", token=stack.token(*DORA))
    fault(stack, "dynamodb", "timeout", 4)
    stack.request("GET", "/cases", token=stack.token(*DORA))
    return "the table does not answer for 20 seconds"


def full(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    reconcile = stack.runtime.functions["sangfroid-reconcile"]
    crisis = Crisis(stack)
    handler = stack.runtime._load(reconcile)
    module = sys.modules.get(handler.__module__, None)
    monkeypatch.setitem(
        handler.__globals__ if hasattr(handler, "__globals__") else vars(module), "NEAR_LIMIT", 5
    )
    inner = handler.__wrapped__
    monkeypatch.setitem(inner.__globals__, "NEAR_LIMIT", 5)
    reconcile.sandboxes.append(handler)
    stack.client("lambda").invoke(FunctionName="sangfroid-reconcile", Payload=b"{}")
    assert crisis.id
    return "an execution has as many events as the look allows (5 in this test)"


def disabled(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    """The look through boto's own shapes: moto has no mapping of this stack."""
    reconcile = stack.runtime.functions["sangfroid-reconcile"]
    handler = stack.runtime._load(reconcile)
    clients = handler.__wrapped__.__globals__
    enabled: list[str] = []

    class Functions:
        def list_event_source_mappings(self, FunctionName: str) -> Any:  # noqa: N803
            return {"EventSourceMappings": [{"UUID": f"of-{FunctionName}", "State": "Disabled"}]}

        def update_event_source_mapping(self, UUID: str, Enabled: bool) -> None:  # noqa: N803
            assert Enabled
            enabled.append(UUID)

        def __getattr__(self, name: str) -> Any:
            return getattr(stack.client("lambda"), name)

    monkeypatch.setitem(clients, "functions", Functions())
    reconcile.sandboxes.append(handler)
    stack.client("lambda").invoke(FunctionName="sangfroid-reconcile", Payload=b"{}")
    assert enabled == ["of-sangfroid-relay:live", "of-sangfroid-index:live"]
    return "somebody disables the mappings of the stream"


def unrepaired(stack: Stack) -> str:
    crisis = Crisis(stack)
    arn = next(one["arn"] for one in stack.executions() if one["name"] == crisis.id)
    stack.client("stepfunctions").stop_execution(executionArn=arn)
    crisis.advance(minutes=10)
    stack.client("lambda").invoke(FunctionName="sangfroid-reconcile", Payload=b"{}")
    return "somebody stops the execution of an open case"


OWN: dict[str, tuple[str, Any]] = {  # what is counted -> the alarm that rings by it, and its cause
    "ClockBreached": ("owed-late", unmet),
    "RoundMissed": ("owed-late", no_round),
    "DeliveryFailed": ("delivery-failed", lost_answer),
    "ProcedureFailed": ("procedure-failed", gave_up),
    "FreezeRaised": ("freeze-raised", frozen),
    "SuspensionFailed": ("suspension-failed", frozen),
    "StoreRefused": ("function-failed", refused),
    "FunctionFailed": ("function-failed", broken),
    "NearTimeout": ("needs-a-look", slow),
    "HistoryNearLimit": ("needs-a-look", full),
    "MappingDisabled": ("needs-a-look", disabled),
    "NotRepaired": ("needs-a-look", unrepaired),
}


@pytest.fixture
def stack() -> Stack:
    return Stack.borrow(now=EIGHT)


@pytest.fixture(scope="module")
def known() -> Iterator[dict[str, Alarm]]:
    stack = Stack.borrow(now=EIGHT)
    found = alarms(stack.template.resources, stack.deployment.resolve)
    return {one.name.removeprefix("sangfroid-"): one for one in found}


rows: list[tuple[str, str, str, str]] = []


@pytest.mark.parametrize("counts", sorted(OWN))
def test_its_cause_makes_it_ring(
    counts: str, known: dict[str, Alarm], stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, play = OWN[counts]
    alarm = known[name]
    (metric,) = alarm.metrics
    assert not alarm.rings([{}] * alarm.periods), "before anything happened"
    counted = counting(monkeypatch)
    cause = play(stack, monkeypatch) if play.__code__.co_argcount == 2 else play(stack)
    assert {counts, metric.name} <= set(counted), sorted(set(counted))
    assert counts in alarm.runbook.read_text("utf-8") or counts == metric.name, (
        "the runbook tells the causes apart"
    )
    assert alarm.rings([{metric: [1.0] * counted.count(metric.name)}])
    rows.append((cause, alarm.name, "the cause, on the local stack", str(alarm.runbook.relative_to(ROOT))))


def test_what_the_store_refuses_to_the_relay_rings_too(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay gives a batch back to the stream whatever went wrong; an hour of retries must not hide that none will help."""
    case = Crisis(stack).id
    stack.client("dynamodb").delete_table(TableName=stack.outputs["TableName"])
    counted = counting(monkeypatch)
    note = Intent(id="NOTE#1", partition=f"CASE#{case}", action="note", payload={"kind": None}, at=EIGHT)
    image = image_of(note.model_dump(mode="json") | {"pk": note.partition, "sk": f"INTENT#{note.id}"})
    records = [{"dynamodb": {"NewImage": image, "SequenceNumber": "1"}}]
    answer = stack.client("lambda").invoke(
        FunctionName="sangfroid-relay", Payload=json.dumps({"Records": records}).encode()
    )
    assert json.loads(answer["Payload"].read())["batchItemFailures"] == [{"itemIdentifier": "1"}]
    assert counted.count("StoreRefused") == 1


@pytest.mark.parametrize("name", sorted(CAUSES))
def test_what_aws_counts_makes_it_ring_and_its_absence_says_ok(name: str, known: dict[str, Alarm]) -> None:
    alarm = known[name]
    cause, value = CAUSES[name]
    bad: dict[Metric, list[float]] = {} if value is None else {alarm.metrics[0]: [value]}
    good: dict[Metric, list[float]] = {alarm.metrics[0]: [1.0 if value is None else 0.0]}
    assert alarm.rings([bad] * alarm.periods)
    assert not alarm.rings([*[bad] * alarm.periods, good])
    rows.append((cause, alarm.name, "emulation of what AWS counts", str(alarm.runbook.relative_to(ROOT))))


def test_every_alarm_has_a_cause_that_was_tried(known: dict[str, Alarm]) -> None:
    assert set(known) == {alarm for alarm, _ in OWN.values()} | set(CAUSES)
    sys.stdout.write("\n" + table(sorted(rows, key=lambda row: row[1])) + "\n")


def test_every_alarm_names_a_runbook_and_every_runbook_belongs_to_one(known: dict[str, Alarm]) -> None:
    listed = (RUNBOOKS / "README.md").read_text("utf-8")
    for name, alarm in known.items():
        text = alarm.runbook.read_text("utf-8")
        assert alarm.runbook == RUNBOOKS / f"{name}.md"
        assert f"`$STACK-{name}`" in text
        assert "## Look\n```\n" in text
        assert "## Do\n1. " in text
        assert f"[{name}]({name}.md)" in listed
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {*known, "README"}


def test_runbooks_name_only_functions_machines_and_links_that_exist(known: dict[str, Alarm]) -> None:
    stack = Stack.borrow(now=EIGHT)
    groups = {
        resource["Properties"]["LogGroupName"]["Fn::Sub"].replace("${AWS::StackName}", "$STACK")
        for resource in stack.template.resources.values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    }
    for alarm in known.values():
        text = alarm.runbook.read_text("utf-8")
        for group in re.findall(r"(?:tail|names) (/\S*\$STACK/[a-z]+)", text):
            assert group in groups, alarm.name
        for function in re.findall(r"--function-name \$STACK-([a-z]+)", text):
            assert f"sangfroid-{function}" in stack.runtime.functions, alarm.name
        for link in re.findall(r"\]\(([^)]+\.md)\)", text):
            assert (RUNBOOKS / link).is_file(), alarm.name


def test_the_metrics_leave_under_the_names_and_dimensions_that_alarms_look_at(
    known: dict[str, Alarm], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    from aws_lambda_powertools import Metrics

    own = Metrics(namespace="Sangfroid", service="sangfroid")
    own.add_metric(name="OwedLate", unit="Count", value=1)
    own.flush_metrics()
    line = json.loads(capsys.readouterr().out)
    (block,) = line["_aws"]["CloudWatchMetrics"]
    (metric,) = known["owed-late"].metrics
    assert (block["Namespace"], block["Dimensions"]) == (metric.namespace, [["service"]])
    assert metric.dimensions == (("service", line["service"]),)


def test_the_local_stack_describes_alarms_and_lists_dashboards(known: dict[str, Alarm]) -> None:
    Stack.borrow(now=EIGHT).stop()
    stack = Stack.start(now=EIGHT, serve_port=0)
    try:
        given: Any = {"region_name": "eu-west-3", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        client = boto3.client("cloudwatch", endpoint_url=f"http://127.0.0.1:{stack.port}", **given)
        described = client.describe_alarms()["MetricAlarms"]
        assert {one["AlarmName"] for one in described} == {alarm.name for alarm in known.values()}
        assert all(one["AlarmActions"] == one["OKActions"] for one in described)
        assert [one["DashboardName"] for one in client.list_dashboards()["DashboardEntries"]] == ["sangfroid"]
        body = json.loads(client.get_dashboard(DashboardName="sangfroid")["DashboardBody"])
        assert {widget["type"] for widget in body["widgets"]} >= {"metric"}
    finally:
        stack.stop()
