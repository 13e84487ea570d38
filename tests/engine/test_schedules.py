"""Schedules in virtual time, and rules about ended executions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.schedules import Schedules, occurrences
from local.stack import Stack
from tests.engine.conftest import START, rows

PARIS = ZoneInfo("Europe/Paris")


def times(expression: str, count: int = 3, zone: ZoneInfo | None = None) -> list[str]:
    found: Iterator[datetime] = occurrences(expression, START, zone or ZoneInfo("UTC"))
    return [at.strftime("%m-%d %H:%M") for at in islice(found, count)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(6 hours)", ["11-20 14:00", "11-20 20:00", "11-21 02:00"]),
        ("rate(1 day)", ["11-21 08:00", "11-22 08:00", "11-23 08:00"]),
        ("rate(30 minutes)", ["11-20 08:30", "11-20 09:00", "11-20 09:30"]),
        ("cron(0 9 * * ? *)", ["11-20 09:00", "11-21 09:00", "11-22 09:00"]),
        ("cron(0 8 * * ? *)", ["11-21 08:00", "11-22 08:00", "11-23 08:00"]),
        ("cron(0/20 10 ? * MON-FRI *)", ["11-20 10:00", "11-20 10:20", "11-20 10:40"]),
        ("cron(15 7 1 JAN,FEB ? *)", ["01-01 07:15", "02-01 07:15", "01-01 07:15"]),
        ("at(2026-12-24T18:00:00)", ["12-24 18:00"]),
        ("at(2026-01-01T00:00:00)", []),
    ],
)
def test_when_a_schedule_fires(expression: str, expected: list[str]) -> None:
    assert times(expression) == expected


def test_a_schedule_in_a_zone_follows_its_summer_time() -> None:
    found = occurrences("cron(0 9 * * ? *)", datetime(2026, 3, 28, 0, tzinfo=UTC), PARIS)
    assert [at.hour for at in islice(found, 3)] == [8, 7, 7]


@pytest.mark.parametrize(
    "expression", ["every day", "rate(soon)", "cron(0 9 * * ?)", "cron(0 25 * * ? *)", "rate(1 week)"]
)
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        list(islice(occurrences(expression, START, ZoneInfo("UTC")), 1))


def beat(stack: Stack, **rule: Any) -> Schedules:
    target = {"Arn": stack.runtime.functions["sangfroid-WorkerFunction"].arn, "Input": '{"do": "beat"}'}
    schedules = Schedules([{"Name": "beat", "Targets": [target], **rule}], stack.runtime, stack.client, {})
    schedules.start()
    return schedules


def test_a_rule_invokes_its_target_at_each_time(stack: Stack) -> None:
    beat(stack, ScheduleExpression="rate(6 hours)")
    stack.clock.advance(timedelta(days=1))
    assert [row["sk"][11:16] for row in rows(stack, "BEAT")] == ["14:00", "20:00", "02:00", "08:00"]


def test_a_disabled_rule_does_not_fire(stack: Stack) -> None:
    beat(stack, ScheduleExpression="rate(1 hour)", State="DISABLED")
    stack.clock.advance(timedelta(days=1))
    assert rows(stack, "BEAT") == []


def test_the_end_of_an_execution_reaches_the_rules_that_look_for_it(stack: Stack, run: Any) -> None:
    from local.mends import executions

    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"]}}
    executions.on_end.append(beat(stack, EventPattern=pattern).execution_ended)
    run({"P": {"Type": "Succeed"}})
    stack.settle()
    assert rows(stack, "BEAT") == []
    run({"F": {"Type": "Fail", "Error": "X"}})
    stack.settle()
    assert len(rows(stack, "BEAT")) == 1
