"""From a webhook of a listening tool to reports: proof first, then JSON, then the same strict model as POST /incidents."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ValidationError

from sangfroid.desk import Desk
from sangfroid.errors import FieldError, Invalid
from sangfroid.http import problems, wire
from sangfroid.http.calls.reports import Accepted, IncidentBody
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.listening import webhooks
from sangfroid.triage.report import IncidentReport

calls = Calls()


class Heard(BaseModel):
    """What a webhook was taken in as: one report for each message that it holds."""

    reports: list[Accepted]


def take_in(
    desk: Desk, secrets: Callable[[str], Mapping[str, Any]], name: str, headers: Mapping[str, str], text: str
) -> dict[str, Any]:
    """Take a webhook in, all of it or nothing of it; the same `webhook-id` again gives the same answer.

    `text` is the body as `wire.plain` left it. Raises NotFound, NotGenuine, Invalid and what `wire.parse` raises.
    """
    source, key = desk.hearing.genuine(name, secrets, headers, text.encode("utf-8", "surrogateescape"))
    found = webhooks.reports(source, wire.parse(text))
    checked = [(_report(desk, content, pointers), content) for content, pointers in found]
    by = f"webhook:{name}"
    # A space, which no Idempotency-Key of a caller can hold, keeps the two apart.
    return {
        "reports": [
            desk.reports.submit(report, content, f"{by} {key} {number}", by)
            for number, (report, content) in enumerate(checked)
        ]
    }


def _report(desk: Desk, content: dict[str, Any], pointers: webhooks.Pointers) -> IncidentReport:
    try:
        report = IncidentBody.model_validate(content).report()
        if report.message is not None:
            desk.reports.check_moment(report.message.published_at, "/message/published_at")
    except ValidationError as error:
        faults = problems.Rejected(
            [dict(fault) | {"loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        ).faults
        errors = [
            FieldError(pointers.of(str(fault.get("pointer", ""))), str(fault["detail"])) for fault in faults
        ]
        raise Invalid("The webhook does not give what a report needs.", errors=errors) from None
    except Invalid as refused:
        errors = [FieldError(pointers.of(fault.pointer), fault.detail) for fault in refused.errors]
        raise Invalid(refused.detail, errors=errors) from None
    return report


@calls.post("/webhooks/<source>", responses={202: shows(Heard, "Taken in; again under its id: the same.")})
def receive_webhook(source: str) -> Response[str]:
    """What a listening tool sends: signed, and mapped to incident reports by the organisation's file."""
    event = calls.current_event
    text = event.raw_event.get("body") or ""
    return answer(take_in(calls.desk, calls.secrets, named(source, "source"), event.headers, text), 202)
