"""`reconcile`: looks for what was lost between store and procedures, repairs it, and calls a person where it cannot (I7).

It also anchors the heads of timelines, so that one that was changed is known by the next look (I9).
A daily schedule always runs it; an hourly one exists while cases are open: `relay` makes it, and this takes it away.
"""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.acts.reconciling import Found, Reconciling
from sangfroid.errors import Refused
from sangfroid.evidence import anchors
from sangfroid.observability import count, logger, observed
from sangfroid.table import Item, image_of

desk = bootstrap.desk()
machines = {"crisis": os.environ["MACHINE_CRISIS"], "deadline": os.environ["MACHINE_DEADLINE"]}
readers = os.environ["STREAM_READERS"].split(",")
relay, notify = os.environ["RELAY"], os.environ["NOTIFY"]
schedule = os.environ["SCHEDULE"]
step_functions, functions, scheduler = (
    boto3.client("stepfunctions"),
    boto3.client("lambda"),
    boto3.client("scheduler"),
)
NEAR_LIMIT = 20_000
"""Events of an execution's history from which on somebody must know; AWS ends it at 25,000."""


class StepFunctions:
    """Step Functions, as the look needs it."""

    def __init__(self) -> None:
        self.arns: dict[str, str] = {}

    def running(self, machine: str) -> set[str]:
        """Names of the executions that run."""
        names = set()
        for page in step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machines[machine], statusFilter="RUNNING"
        ):
            for execution in page["executions"]:
                names.add(execution["name"])
                self.arns[execution["name"]] = execution["executionArn"]
        return names

    def existed(self, machine: str, name: str) -> bool:
        """Whether there was one of this name."""
        arn = f"{machines[machine].replace(':stateMachine:', ':execution:')}:{name}"
        try:
            step_functions.describe_execution(executionArn=arn)
        except step_functions.exceptions.ExecutionDoesNotExist:
            return False
        return True

    def near_limit(self) -> list[str]:
        """Those whose history has few events left: the number of the newest event is how many there are."""
        full = []
        for name, arn in sorted(self.arns.items()):
            newest = step_functions.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)
            if max((event["id"] for event in newest["events"]), default=0) >= NEAR_LIMIT:
                full.append(name)
        return full


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{}` -> `{"open", "found": [{"kind", "case_id", "what", "repaired"}], "mappings", "near_limit", "anchored"}`."""
    mappings = enable_mappings()
    known = StepFunctions()
    reconciling = Reconciling(desk.casework)
    open_cases, found = reconciling.look(known)
    count("CasesOpen", open_cases)
    count("ClocksAtRisk", reconciling.at_risk)
    told = [settle(one) for one in found]
    near, anchored = known.near_limit(), anchor_timelines()
    for name in near:
        count("HistoryNearLimit")
        logger.error("history_near_limit", execution=name)
    if not open_cases:
        forget_schedule()
    count("Heartbeat")
    return {"open": open_cases, "found": told, "mappings": mappings, "near_limit": near, "anchored": anchored}


def anchor_timelines() -> int | None:
    """Put the heads of timelines under lock; how many. What does not continue its anchor, or cannot be anchored, rings."""
    try:
        done = anchors.anchor(desk.casework, desk.evidence.vault)
    except Refused:
        count("NotRepaired")
        logger.exception("not_anchored")
        return None
    for case_id, fault in done.broken.items():
        count("NotRepaired")
        logger.error("timeline_broken", case_id=case_id, fault=fault)
    return len(done.cases)


def enable_mappings() -> list[str]:
    """Have the table's stream read again where somebody disabled it. Answers the functions that did not read."""
    disabled = []
    for name in readers:
        for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            if mapping["State"] in ("Disabled", "Disabling"):
                functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
                count("MappingDisabled")
                logger.error("mapping_disabled", function=name, mapping=mapping["UUID"])
                disabled.append(name)
    return disabled


def settle(found: Found) -> dict[str, Any]:
    """Hand an intent to `relay`; call somebody for what nobody but a person can put right."""
    repaired = found.repaired
    if found.item is not None:
        repaired = carried_out(found.item)
    if repaired:
        logger.warning("repaired", kind=found.kind, case_id=found.case_id, what=found.what)
    else:
        count("NotRepaired")
        logger.error("not_repaired", kind=found.kind, case_id=found.case_id, what=found.what)
        if found.case_id is not None:
            call_somebody(found)
    return {"kind": found.kind, "case_id": found.case_id, "what": found.what, "repaired": repaired}


def carried_out(item: Item) -> bool:
    """The intent once more to `relay`, as the stream would bring it; whether it was carried out."""
    keys = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
    record = {
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": image_of(item), "SequenceNumber": "0"},
    }
    answer = functions.invoke(FunctionName=relay, Payload=json.dumps({"Records": [record]}).encode())
    said = json.loads(answer["Payload"].read())
    return bool(said == {"batchItemFailures": []})  # a fault of the function is another document


def call_somebody(found: Found) -> None:
    """Out of band, once for each thing that was found."""
    step = {
        "case_id": found.case_id,
        "kind": "procedure_failed",
        "occasion": f"reconcile/{found.kind}/{found.what}",
        "roles": ["on_call", "pr_lead"],
        "to": "out_of_band",
        "details": {"reason": found.kind},
    }
    functions.invoke(FunctionName=notify, InvocationType="Event", Payload=json.dumps(step).encode())


def forget_schedule() -> None:
    """Nothing is open: the hourly look ends. Where a case opens at this moment, `relay` makes it again."""
    try:
        scheduler.delete_schedule(Name=schedule)
    except scheduler.exceptions.ResourceNotFoundException:
        return
    except Exception:  # noqa: BLE001 - one look too many costs nothing; the look itself has been done
        logger.exception("schedule not deleted")
