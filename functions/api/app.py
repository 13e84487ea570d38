"""`api`: the desk over HTTP. The calls stand in `sangfroid.http.calls`; who may call what, in `sangfroid.http.identity.ROLES`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.http import wire
from sangfroid.http.api import api
from sangfroid.observability import logger, watched

desk = bootstrap.desk()
secrets = bootstrap.listening()
app = api(desk, secrets, bootstrap.looking(desk), bootstrap.sign_in())


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """An API Gateway HTTP API event (payload 2.0) -> its answer. The log's correlation id is the case, where there is one."""
    parameters = event.get("pathParameters") or {}
    case_id = parameters.get("id") or parameters.get("case_id")
    logger.thread_safe_append_keys(
        correlation_id=case_id, request_id=getattr(context, "aws_request_id", None)
    )
    try:
        with watched(context):
            return app.resolve(wire.plain(event), context)
    finally:
        logger.thread_safe_remove_keys(["correlation_id", "request_id"])
