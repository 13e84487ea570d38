# What is called here belongs to moto, whose types say little of it.
# mypy: disable-error-code="arg-type"
"""Three calls that every report makes, handed to moto's stores without a request in between: events, executions, e-mails.

Each answers with what boto would have read from moto's answer, before its metadata; it raises `Detour`, with nothing changed,
for whatever moto refuses and for parameters that are seldom given: those go the way through moto's own parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.utils import parse_timestamp

from local.faults import Detour
from local.mends import calls

Straight = Callable[[str, dict[str, Any]], dict[str, Any]]


@contextmanager
def _detour() -> Iterator[None]:
    """What moto refuses, it refuses before it changes anything."""
    from moto.core.exceptions import ServiceException
    from werkzeug.exceptions import HTTPException

    try:
        yield
    except (ServiceException, HTTPException, UnicodeDecodeError):
        raise Detour from None


def put_events(region: str, given: dict[str, Any]) -> dict[str, Any]:
    """EventBridge, PutEvents."""
    from moto.events.models import events_backends

    if given.keys() != {"Entries"}:
        raise Detour
    entries = [dict(entry) for entry in given["Entries"]]
    for entry in entries:
        if "Time" in entry:
            if entry["Time"].tzinfo is None:
                raise Detour
            entry["Time"] = int(entry["Time"].timestamp())  # as boto writes it on the wire
    with _detour():
        answers = events_backends[calls.ACCOUNT][region].put_events(entries)
    return {"FailedEntryCount": sum("ErrorCode" in one for one in answers), "Entries": answers}


def start_execution(region: str, given: dict[str, Any]) -> dict[str, Any]:
    """Step Functions, StartExecution."""
    from moto.stepfunctions.responses import get_backend

    if not given.keys() <= {"stateMachineArn", "name", "input"}:
        raise Detour
    with _detour():
        execution = get_backend(calls.ACCOUNT, region).start_execution(
            given["stateMachineArn"], given.get("name"), given.get("input", "{}")
        )
    started = parse_timestamp(execution.start_date.timestamp())
    return {"executionArn": execution.execution_arn, "startDate": started}


def send_email(region: str, given: dict[str, Any]) -> dict[str, Any]:
    """SES, SendEmail of a whole message."""
    from moto.sesv2.models import sesv2_backends

    raw = given["Content"].get("Raw")
    known = {"FromEmailAddress", "Destination", "Content", "ConfigurationSetName"}
    if not given.keys() <= known or raw is None or not given.get("FromEmailAddress"):
        raise Detour
    backend, name = sesv2_backends[calls.ACCOUNT][region], given.get("ConfigurationSetName")
    if not getattr(backend, "sending_enabled", True) or name in getattr(backend, "stopped_sets", ()):
        raise Detour
    destination = given.get("Destination", {})
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    with _detour():
        if name is not None:
            backend.get_configuration_set(name)
        message = backend.send_raw_email(
            source=given["FromEmailAddress"],
            destinations=[address for kind in kinds for address in destination.get(kind, ())],
            raw_data=raw["Data"].decode(),
        )
    return {"MessageId": message.id}


WAYS: dict[tuple[str, str], Straight] = {
    ("EventBridge", "PutEvents"): put_events,
    ("SFN", "StartExecution"): start_execution,
    ("SESv2", "SendEmail"): send_email,
}
"""By boto's names of service and operation."""
