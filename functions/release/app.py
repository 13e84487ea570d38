"""`release`: lifts the second lock, the Deny on the channels' credentials. Its role alone may (I4)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.freeze.machine import ReleaseStep
from sangfroid.observability import observed

machine = bootstrap.freeze_machine()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"scope", "epoch"}` -> `{"outcome", "channels"}`; does nothing that two directors have not released."""
    return machine.unlock(ReleaseStep.model_validate(event))
