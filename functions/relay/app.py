"""`relay`: carries out the intents that a change of a case left in the table: starts executions, wakes waiting ones (I7).

It also enters what `trace` found, which reads pages of strangers and may enter nothing itself (decision 0108).

The table's stream calls it; what fails is repeated by the stream, then stands in the dead-letter queue, and an alarm rings.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap, wall_clock
from sangfroid.errors import NotFound
from sangfroid.model import Intent
from sangfroid.observability import about, count_refusal, logger, metrics, observed
from sangfroid.store import content, found
from sangfroid.table import decode_image
from sangfroid.tracing.taking import Taking

desk = bootstrap.desk()
taking = Taking(desk.casework)
reconcile = {name: os.environ.get(f"RECONCILE_{name}", "") for name in ("SCHEDULE", "FUNCTION", "ROLE")}
scheduler = boto3.client("scheduler")
watched = {"until": datetime.min.replace(tzinfo=UTC)}
machines = {
    name.removeprefix("MACHINE_").lower(): arn
    for name, arn in os.environ.items()
    if name.startswith("MACHINE_")
}
step_functions = boto3.client("stepfunctions")
FULL_BATCH = 10
"""Records that the stream brings at once, at most (template.yaml)."""

WATCHED_FOR = timedelta(minutes=1)
"""In a storm of reports the scheduler is not asked at each, which it would throttle: the schedule was made or met lately."""

CLOCKS_APART = timedelta(seconds=5)
"""How far the clocks of the functions and of Step Functions may stand apart."""


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Records of the table's stream -> those that must come again (partial batch response)."""
    done: list[Intent] = []
    notes: dict[str, list[Intent]] = {}
    for record in event["Records"]:
        try:
            item = decode_image(record["dynamodb"]["NewImage"])
            if item["pk"].endswith(found.ENDING):
                take_trace(found.case_of(item["pk"]), item["sk"])
                continue
            intent = Intent.kept(content(item))
            if intent.action == "note":
                # Those of one case are taken together, once the rest of the batch is carried out.
                notes.setdefault(intent.partition, []).append(intent)
            else:
                with about(case_of(intent.partition)):
                    carry_out(intent)
                done.append(intent)
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream brings the record again
            count_refusal(error)  # which will not help where the store refuses it for good
            logger.exception("intent not carried out", sequence=record["dynamodb"]["SequenceNumber"])
            # Order is kept within a case: the stream comes back from this record on.
            return _again_from(record)
    first = event["Records"][0]
    try:
        desk.procedures.carried_out(done)
        for partition, some in notes.items():
            # A full batch may be the beginning of many: then whatever stands there is taken, more of it at once.
            brought = some if len(event["Records"]) < FULL_BATCH else None
            with about(case_of(partition)):
                logger.info("notes taken", notes=len(some))
                desk.publication.take_notes(case_of(partition), brought)
    except Exception as error:  # noqa: BLE001 - as above; what was carried out is not harmed by being carried out again
        count_refusal(error)
        logger.exception("intents not done with", sequence=first["dynamodb"]["SequenceNumber"])
        return _again_from(first)
    return {"batchItemFailures": []}


def _again_from(record: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}


def take_trace(case_id: str, sort: str) -> None:
    """Enter what a look at a page found; what is no finding, or no case any more, is done with.

    Who may write findings alone means nothing else by them: an intent that lies there is none.
    """
    try:
        outcome = taking.take(case_id, sort) if sort.startswith(found.TRACE) else None
    except NotFound:
        outcome = None
    if outcome is None:
        logger.warning("nothing to take", case_id=case_id, found=sort)


def case_of(partition: str) -> str:
    """The case whose intent it is; of the freeze, its own name."""
    return partition.removeprefix("CASE#")


def start(intent: Intent) -> None:
    """Start the execution that the intent names; that it was started before is as good.

    One of that name which began before the intent was meant is another one: after a point-in-time restore of the table,
    counters in names come a second time. Then the name says when it was meant.
    """
    arn, name = machines[str(intent.machine)], str(intent.name)
    given = {"stateMachineArn": arn, "input": json.dumps(intent.payload)}
    try:
        # One that runs already under this name, with this input, is answered as if it had been started now.
        begun = step_functions.start_execution(name=name, **given)["startDate"]
    except step_functions.exceptions.ExecutionAlreadyExists:
        execution = f"{machine_of(arn).replace(':stateMachine:', ':execution:')}:{name}"
        begun = step_functions.describe_execution(executionArn=execution)["startDate"]
    if intent.machine == "crisis":
        watch_open_cases()
    if begun < intent.at - CLOCKS_APART:
        logger.warning("a name came again", execution=name, intent=intent.id, partition=intent.partition)
        step_functions.start_execution(name=f"{name[:60]}-{intent.at:%Y%m%dT%H%M%SZ}", **given)


def machine_of(alias: str) -> str:
    """The machine of an alias: executions are named under it, whichever version they run."""
    return ":".join(alias.split(":")[:7])


def watch_open_cases() -> None:
    """While a case is open, somebody looks every hour for what was lost. The daily look goes on without this."""
    if not reconcile["SCHEDULE"] or wall_clock.now() < watched["until"]:
        return
    try:
        scheduler.create_schedule(
            Name=reconcile["SCHEDULE"],
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            Target={"Arn": reconcile["FUNCTION"], "RoleArn": reconcile["ROLE"], "Input": "{}"},
        )
    except scheduler.exceptions.ConflictException:
        pass  # another case is open already
    except Exception:  # noqa: BLE001 - the crisis runs; what fails here must not hold it up
        logger.exception("schedule not made")
        return
    watched["until"] = wall_clock.now() + WATCHED_FOR


def carry_out(intent: Intent) -> None:
    """Do it; that it was done before, or that nobody waits any more, is as good as done."""
    logger.info("intent", action=intent.action, machine=intent.machine, execution=intent.name)
    try:
        if intent.action == "start":
            start(intent)
        elif intent.action == "settle":
            desk.publication.settle_rest(intent)
        else:
            step_functions.send_task_success(taskToken=str(intent.token), output=json.dumps(intent.payload))
    except (
        step_functions.exceptions.ExecutionAlreadyExists,
        step_functions.exceptions.TaskTimedOut,
        step_functions.exceptions.TaskDoesNotExist,
        step_functions.exceptions.InvalidToken,
    ) as done:
        logger.info(
            "intent was done before", intent=intent.id, partition=intent.partition, reason=type(done).__name__
        )
    lag = (wall_clock.now() - intent.at).total_seconds() * 1000
    metrics.add_metric(name="IntentLag", unit=MetricUnit.Milliseconds, value=max(0.0, lag))
