"""What CloudWatch sees: structured logs with one correlation id, and metrics counted from the timeline itself.

Metrics (namespace of POWERTOOLS_METRICS_NAMESPACE, dimension `service`): ClockMet, ClockBreached, ReminderSent,
DeliveryPublished, DeliveryFailed, CasesOpened, ProcedureFailed, RoundMissed, IntentLag (milliseconds); FreezeRaised,
SuspensionFailed, StoreRefused, FunctionFailed, NearTimeout; of the reconciler Heartbeat, MappingDisabled,
HistoryNearLimit, NotRepaired; and those by which several of them ring: OwedLate, NeedsALook.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sangfroid import lifetime, wall_clock
from sangfroid.casefile import CaseFile
from sangfroid.errors import Refused, StoreRefused

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

logger = Logger()
# The names that the alarms of the template look for; the environment may name others.
metrics = Metrics(
    namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Sangfroid"),
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "sangfroid"),
)

COUNTED = {
    "case_opened": "CasesOpened",
    "clock_breached": "ClockBreached",
    "clock_reminder": "ReminderSent",
    "delivery_published": "DeliveryPublished",
    "delivery_failed": "DeliveryFailed",
    "procedure_failed": "ProcedureFailed",
    "round_missed": "RoundMissed",
}


def count_events(file: CaseFile) -> None:
    """Count what a written change brought, and log each event by name: ids only, no text of a message or response."""
    if logger.thread_safe_get_current_keys().get("correlation_id") is None:
        # A report has no case in its address: from here on, what is logged of the call belongs to the case that took it.
        logger.thread_safe_append_keys(correlation_id=file.case.id)
    for event in file.events:
        name = COUNTED.get(event.kind)
        if event.kind == "clock_met":
            name = "ClockMet" if event.data.get("state") == "met" else "ClockMetLate"
        if name is not None:
            count(name)
        # The id of a channel tells nothing of what is said there; texts, names and addresses never stand in a log.
        channel = {"channel": event.data["channel"]} if "channel" in event.data else {}
        logger.info(event.kind, case_id=file.case.id, seq=event.seq, by=event.by, **channel)


class ComeBack(Exception):
    """Raised so that the caller tries again: nothing is broken, and no alarm rings for it."""


NEAR = 0.8
"""The share of its time from which on an invocation counts as near its end."""


RUNG_BY = {
    "ClockBreached": "OwedLate",
    "RoundMissed": "OwedLate",
    "StoreRefused": "FunctionFailed",
    "NearTimeout": "NeedsALook",
    "HistoryNearLimit": "NeedsALook",
    "MappingDisabled": "NeedsALook",
    "NotRepaired": "NeedsALook",
}
"""What rings by an alarm that it shares with others: an alarm costs by the metric that it looks at (decision 0103)."""


def count(name: str, number: int = 1) -> None:
    """Count what an alarm or the dashboard looks for."""
    for one in dict.fromkeys((name, RUNG_BY.get(name, name))):
        metrics.add_metric(name=one, unit=MetricUnit.Count, value=number)


def count_refusal(error: Exception) -> None:
    """Count what the store refuses for good; of every other refusal somebody was told."""
    if isinstance(error, StoreRefused):
        count("StoreRefused")


@contextmanager
def watched(context: Any) -> Iterator[None]:
    """Around one invocation: what it counts leaves at its end, and whether it was near the end of its time, or failed."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    whole = remaining() if remaining else 0
    try:
        yield
    except (ComeBack, Refused) as expected:
        count_refusal(expected)
        raise
    except Exception as error:
        # A fault that says itself that it passes is for the caller's retries; what they give up is counted elsewhere.
        if not getattr(error, "passing", False):
            count("FunctionFailed")
        raise
    finally:
        if remaining and whole > 0 and remaining() < whole * (1 - NEAR):
            count("NearTimeout")
        flush_metrics()


@contextmanager
def about(case_id: str) -> Iterator[None]:
    """Around what is done for one case in a function that serves many at once: its correlation id on every line."""
    before = logger.thread_safe_get_current_keys().get("correlation_id")
    logger.thread_safe_append_keys(correlation_id=case_id)
    try:
        yield
    finally:
        logger.thread_safe_append_keys(correlation_id=before)


NAMING = ("step", "kind", "until", "clock", "delivery", "deliveries")
"""What a step of a machine is called, in the order of preference: ids and choices only (I13)."""


def observed(handler: Handler) -> Handler:
    """Wrap a Lambda handler: correlation id (the case) on every log line, one line at least, metrics flushed once at the end."""

    @wraps(handler)
    def wrapped(event: dict[str, Any], context: Any) -> dict[str, Any]:
        logger.thread_safe_append_keys(
            correlation_id=event.get("case_id"), request_id=getattr(context, "aws_request_id", None)
        )
        try:
            if "case_id" in event:
                # One line a call, so that the way of a report can be followed through every function (docs/operating.md).
                logger.info("step", of=next((event[name] for name in NAMING if name in event), None))
            with watched(context), lifetime.of(context, wall_clock.now()):
                return handler(event, context)
        finally:
            logger.thread_safe_remove_keys(["correlation_id", "request_id"])

    return wrapped


def flush_metrics() -> None:
    """Print the counted metrics as one EMF line, where any were counted."""
    if metrics.metric_set:
        metrics.flush_metrics(raise_on_empty_metrics=False)
