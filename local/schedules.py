"""EventBridge rules and schedules in virtual time: ``rate()``, ``cron()``, ``at()``, and ended executions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.faults import to_text
from local.lambdas import Runtime, Throttled
from local.streams import matches
from local.template import ACCOUNT, REGION
from local.virtual_threads import VirtualThread
from local.virtual_time import CLOCK

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}


class Schedules:
    """The rules of a deployment."""

    def __init__(
        self,
        rules: list[dict[str, Any]],
        runtime: Runtime,
        client: Callable[[str], Any],
        machines: dict[str, str],
    ) -> None:
        self._rules = [rule for rule in rules if rule.get("State", "ENABLED") == "ENABLED"]
        self._runtime, self._client, self._machines = runtime, client, machines

    def start(self) -> None:
        """Starts a managed thread for every rule with a schedule."""
        for rule in self._rules:
            if rule.get("ScheduleExpression"):
                VirtualThread(
                    target=self._run, args=(rule,), name=f"schedule {rule['Name']}", family=("schedules",)
                ).start()

    def execution_ended(self, execution: Any) -> None:
        """Offers the end of an execution to the rules that look for it, as EventBridge does."""
        detail = {
            "executionArn": execution.exec_arn, "stateMachineArn": execution.state_machine_arn, "name": execution.name,
            "status": execution.status, "error": execution.error, "cause": execution.cause,
            "input": execution.execution_input,
        }  # fmt: skip
        event = _event("Step Functions Execution Status Change", "aws.states", [execution.exec_arn], detail)
        for rule in self._rules:
            if rule.get("EventPattern") and matches(rule["EventPattern"], event):
                for target in rule.get("Targets", []):
                    self._send(target, event)

    def _run(self, rule: dict[str, Any]) -> None:
        zone = ZoneInfo(rule.get("ScheduleExpressionTimezone", "UTC"))
        for at in occurrences(rule["ScheduleExpression"], CLOCK.now(), zone):
            CLOCK.sleep((at - CLOCK.now()).total_seconds())
            event = _event("Scheduled Event", "aws.events", [], {})
            for target in rule.get("Targets", []):
                self._send(target, event)

    def _send(self, target: dict[str, Any], event: dict[str, Any]) -> None:
        arn, text = target["Arn"], target.get("Input") or json.dumps(event)
        if ":lambda:" in arn:
            try:
                self._runtime.invoke(arn.split(":function:")[1].split(":")[0], text.encode(), "Event")
            except Throttled:
                return
        elif ":states:" in arn:
            self._client("stepfunctions").start_execution(stateMachineArn=arn, name=event["id"], input=text)
        elif ":sqs:" in arn:
            queue = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{arn.rsplit(':', 1)[1]}"
            self._client("sqs").send_message(QueueUrl=queue, MessageBody=text)
        elif ":sns:" in arn:
            self._client("sns").publish(TopicArn=arn, Message=text)


def _event(kind: str, source: str, resources: list[str], detail: dict[str, Any]) -> dict[str, Any]:
    import uuid

    return {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": kind, "source": source, "account": ACCOUNT,
        "time": to_text(CLOCK.now()), "region": REGION, "resources": resources, "detail": detail,
    }  # fmt: skip


def occurrences(expression: str, start: datetime, zone: ZoneInfo) -> Any:
    """The instants (aware, UTC) after ``start`` at which a schedule fires. ValueError for one that cannot be read."""
    found = re.fullmatch(r"(rate|cron|at)\((.+)\)", expression.strip())
    if found is None:
        raise ValueError(f"no schedule: {expression!r}")
    kind, text = found.groups()
    if kind == "rate":
        count, unit = text.split()
        step = timedelta(seconds=int(count) * _UNITS[unit.rstrip("s")])
        return (start + step * number for number in _from_one())
    if kind == "at":
        at = datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        return iter([at] if at > start else [])
    return _cron(text.split(), start, zone)


def _from_one() -> Any:
    number = 0
    while True:
        number += 1
        yield number


def _cron(fields: list[str], start: datetime, zone: ZoneInfo) -> Any:
    if len(fields) != 6:
        raise ValueError(f"a cron schedule has six fields: {' '.join(fields)!r}")
    minutes, hours = _values(fields[0], 0, 59, {}), _values(fields[1], 0, 23, {})
    days, months = _values(fields[2], 1, 31, {}), _values(fields[3], 1, 12, _MONTHS)
    weekdays, years = _values(fields[4], 1, 7, _DAYS), _values(fields[5], 1970, 2199, {})
    day = start.astimezone(zone).date()
    while day.year <= max(years):
        fits = day.year in years and day.month in months and day.day in days
        if fits and day.isoweekday() % 7 + 1 in weekdays:
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                    if local.astimezone(UTC) > start:
                        yield local.astimezone(UTC)
        day += timedelta(days=1)


def _values(field: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    values: set[int] = set()
    for part in field.split(","):
        body, _, step = part.partition("/")
        first, _, last = body.partition("-")
        if body in ("*", "?"):
            begin, end = low, high
        else:
            begin = names.get(first.upper()) or int(first)
            end = (names.get(last.upper()) or int(last)) if last else (high if step else begin)
        if not low <= begin <= end <= high:
            raise ValueError(f"no cron field: {field!r}")
        values |= set(range(begin, end + 1, int(step or 1)))
    return values
