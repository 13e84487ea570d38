"""`index`: the table's stream tells that something of `GET /desk` has changed: it gets another tag, and the freeze is shown anew.

What fails is repeated by the stream, then stands in the dead-letter queue, and an alarm rings. Invoked with `{"rebuild": true}`
it makes the whole index anew (for a table that is older than the index).
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.observability import observed

desk = bootstrap.desk()


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Records of the table's stream -> what of the index was made anew. A fault makes the stream bring the whole batch again."""
    if event.get("rebuild"):
        return {"cases": desk.boards.rebuild()}
    places = {record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]}
    if any(place.startswith("FREEZE") for place in places):
        desk.boards.index_freeze()  # which comes back as a record of what is shown
    if any(place.startswith("DESK") for place in places):
        desk.boards.moved()
    return {"places": len(places)}
