"""`relay`: carries out the intents that a change of a case left in the table: starts executions, wakes waiting ones (I7).

The table's stream calls it; what fails is repeated by the stream, then stands in the dead-letter queue, and an alarm rings.
"""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap, wall_clock
from sangfroid.model import Intent
from sangfroid.observability import logger, metrics, observed
from sangfroid.store import content
from sangfroid.table import decode_image

desk = bootstrap.desk()
machines = {
    name.removeprefix("MACHINE_").lower(): arn
    for name, arn in os.environ.items()
    if name.startswith("MACHINE_")
}
step_functions = boto3.client("stepfunctions")


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Records of the table's stream -> those that must come again (partial batch response)."""
    noted: set[str] = set()
    for record in event["Records"]:
        try:
            intent = Intent.model_validate(content(decode_image(record["dynamodb"]["NewImage"])))
            if intent.action == "note":
                # Those of one case are taken together; all that this batch brings were written before it came.
                if intent.partition not in noted:
                    desk.publication.take_notes(intent.partition.removeprefix("CASE#"))
                noted.add(intent.partition)
            else:
                carry_out(intent)
        except Exception:  # noqa: BLE001 - whatever it is, the stream brings the record again
            logger.exception("intent not carried out", sequence=record["dynamodb"]["SequenceNumber"])
            # Order is kept within a case: the stream comes back from this record on.
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def carry_out(intent: Intent) -> None:
    """Do it; that it was done before, or that nobody waits any more, is as good as done."""
    try:
        if intent.action == "start":
            step_functions.start_execution(
                stateMachineArn=machines[str(intent.machine)],
                name=str(intent.name),
                input=json.dumps(intent.payload),
            )
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
    desk.procedures.carried_out(intent)
