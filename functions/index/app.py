"""`index`: tells what has changed by the table's stream: `GET /desk` gets another tag, the freeze is shown anew, the bus hears.

What fails is repeated by the stream, then stands in the dead-letter queue, and an alarm rings. Invoked with `{"rebuild": true}`
it makes the whole index anew (for a table that is older than the index).
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sangfroid import bootstrap
from sangfroid.acts import announcing
from sangfroid.model import Event
from sangfroid.observability import about, logger, observed
from sangfroid.store import content
from sangfroid.table import decode_image

desk = bootstrap.desk()
announcer = announcing.from_env(desk.casework)


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Records of the table's stream -> what of the index was made anew. A fault makes the stream bring the whole batch again."""
    if event.get("rebuild"):
        return {"cases": desk.boards.rebuild()}
    records = [record["dynamodb"] for record in event["Records"]]
    places = {record["Keys"]["pk"]["S"] for record in records}
    if any(place.startswith("FREEZE") for place in places):
        desk.boards.index_freeze()  # which comes back as a record of what is shown
    if any(place.startswith("DESK") for place in places):
        desk.boards.moved()
    happened = [
        Event.kept(content(decode_image(record["NewImage"])))
        for record in records
        if record["Keys"]["pk"]["S"].endswith("#TIMELINE")
    ]
    for case_id in sorted({one.case_id for one in happened}):
        with about(case_id):
            logger.info("timeline read", events=sum(one.case_id == case_id for one in happened))
    announced = announcer.announce(happened) if announcer is not None else 0
    return {"places": len(places), "announced": announced}
