"""From a webhook of a listening tool to reports: proof first, then JSON, then the same strict model as POST /incidents."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, ValidationError

from sangfroid.desk import Desk
from sangfroid.errors import FieldError, Invalid
from sangfroid.http import answering, pressing, problems, wire
from sangfroid.http.calls.reports import Accepted, IncidentBody
from sangfroid.http.fields import Shape
from sangfroid.http.paths import named
from sangfroid.http.resolver import answer, shows
from sangfroid.http.router import Calls
from sangfroid.listening import answers, webhooks
from sangfroid.organisation_parts import Source
from sangfroid.triage.report import IncidentReport

calls = Calls()


class Unread(Shape):
    """A mention that could not become a report of its own: what is wrong, and the case where it waits for a person."""

    pointer: str
    errors: list[problems.Fault]
    case_id: str
    incident_id: str


class Heard(Shape):
    """What a webhook was taken in as: one report for each message that it holds."""

    reports: list[Accepted]
    unread: list[Unread] = Field(default=[])
    acknowledged: bool | None = Field(
        default=None, description="Of a pager: whether what somebody answered is in their hands now."
    )


def take_in(
    desk: Desk,
    secrets: Callable[[str], Mapping[str, Any]],
    name: str,
    headers: Mapping[str, str],
    text: str,
    query: str = "",
) -> dict[str, Any]:
    """Take a webhook in; the same `webhook-id` again gives the same answer.

    Of an alert with many mentions (a source with `each`) every one is taken: nobody sends a part of it again. One that cannot
    become a report waits for a person, with what could not be read. A webhook of one message is taken, or refused.
    `text` is the body as `wire.plain` left it. Raises NotFound, NotGenuine, Invalid and what `wire.parse` raises.
    """
    source, key = desk.hearing.genuine(name, secrets, headers, text.encode("utf-8", "surrogateescape"), query)
    if source.format == "slack":
        return pressing.pressed(desk, source, text)
    if source.format == "pagerduty":
        return {"reports": [], "acknowledged": answering.by_pager(desk, source, wire.parse(text))}
    if source.format == "twilio":
        return {"twiml": answering.by_key(desk, source, query, answers.form(text) or [])}
    by = f"webhook:{name}"
    checked: list[tuple[IncidentReport, dict[str, Any], Invalid | None, str]] = []
    for content, pointers in webhooks.reports(source, wire.parse(text)):
        try:
            checked.append((_report(desk, content, pointers), content, None, pointers.whole))
        except Invalid as refused:
            if not source.each:
                raise
            checked.append(
                (_for_a_person(desk, source, content, pointers, refused), content, refused, pointers.whole)
            )
    heard: dict[str, list[dict[str, Any]]] = {"reports": [], "unread": []}
    for number, (report, content, unread, place) in enumerate(checked):
        # A blank, which no Idempotency-Key of a caller can hold, keeps the two apart.
        taken = desk.reports.submit(report, content, f"{by} {key} {number}", by)
        if unread is None:
            heard["reports"].append(taken)
        else:
            errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in unread.errors]
            ids = {name: taken[name] for name in ("case_id", "incident_id")}
            heard["unread"].append({"pointer": place, "errors": errors} | ids)
    return heard if heard["unread"] else {"reports": heard["reports"]}


def _for_a_person(
    desk: Desk, source: Source, content: dict[str, Any], pointers: webhooks.Pointers, refused: Invalid
) -> IncidentReport:
    """A report of what could be read of a mention, for a person to look at."""
    faults = [f"{fault.pointer}: {fault.detail}" for fault in refused.errors]
    said = next((name for name in (content.get("brand"), source.brand) if isinstance(name, str)), "")
    brands = desk.people.organisation
    brand = (brands.known_brand(said) or brands.brands[0]).name
    body = webhooks.as_it_came(content, pointers, faults, brand, desk.people.now())
    return IncidentBody.model_validate(body).report()


def _report(desk: Desk, content: dict[str, Any], pointers: webhooks.Pointers) -> IncidentReport:
    try:
        report = IncidentBody.model_validate(content).report()
        desk.reports.brand(report.brand, "/brand")
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


@calls.post(
    "/webhooks/<source>",
    responses={
        202: shows(Heard, "Taken in; again under its id: the same."),
        200: {
            "description": "A press on Slack, or a key on a call: what came of it, for Slack to show or Twilio to say.",
            "content": {
                wire.JSON: {"model": pressing.SlackAnswer},
                answering.TWIML: {"schema": {"type": "string"}},
            },
        },
    },
)
def receive_webhook(source: str) -> Response[str]:
    """What a listening tool sends: signed, and mapped to incident reports by the organisation's file; or who has a page."""
    event = calls.current_event
    text = event.raw_event.get("body") or ""
    query = event.raw_event.get("rawQueryString") or ""
    told = take_in(calls.desk, calls.secrets, named(source, "source"), event.headers, text, query)
    if "twiml" in told:
        return Response(200, answering.TWIML, told["twiml"], {"Cache-Control": "no-store"})
    return answer(told, 200 if "text" in told else 202)
