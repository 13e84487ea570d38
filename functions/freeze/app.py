"""`freeze`: the steps of the machine of that name: drain, suspend, lock, verify, page, resume, review what was held."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.freeze.machine import FreezeStep
from sangfroid.observability import observed

machine = bootstrap.freeze_machine()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"step", "epoch", …}` -> an `outcome` and ids; the shapes are those of `Machine`."""
    return machine.run(FreezeStep.model_validate(event))
