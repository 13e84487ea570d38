"""`make bench-cost`: what fourteen days of each kind of crisis cost on AWS, what a month of nothing costs, and an open console.

Exit status 1 where a target is missed: 0.02 US dollars for a crisis without an open console and without the messages themselves,
5 a month while nothing happens.
"""

from __future__ import annotations

import io
import logging
import math
import os
import re
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import yaml

from local.rehearse import SCRIPTS, Mishap, Rehearsal, Script, Teller, read_script
from local.stack import Stack
from tools.cost.meter import Meter

PRICES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "prices.yaml").read_text("utf-8"))
MACHINES = Path(__file__).parents[2] / "statemachine"
DAYS = 14
CRISIS_TARGET, IDLE_TARGET = 0.02, 5.0
STARTED, A_CALL = 0.030, 0.010
"""Seconds that an invocation is taken to last: so long by itself, and so long for each call that it makes. Taken high; no
measurement of this machine goes in, so that the figures are the same everywhere."""
COUNTING = 0.4  # seconds that `classify` counts besides
LOG_BYTES = 1500  # of one invocation, its platform lines included
ACTIVE = ("ana", ["responder", "approver", "reporter"])


def price(name: str) -> float:
    """US dollars of one."""
    return float(PRICES[name]["price"])


def fourteen_days(script: Script) -> Script:
    """The rehearsal with its closing announcement and its close at the end of the fourteenth day."""
    closing = next(
        number for number, step in enumerate(script.steps) if step.body.get("kind") == "closing_announcement"
    )
    # By whole days: what is owed each day must come at the hour at which the script does it.
    later = timedelta(days=DAYS - math.ceil(script.steps[-1].at / timedelta(days=1)))
    steps = [
        step if number < closing else step.model_copy(update={"at": step.at + later})
        for number, step in enumerate(script.steps)
    ]
    return script.model_copy(update={"steps": steps})


class Long(Rehearsal):
    """A rehearsal in which the rounds of each day are done while nothing else happens."""

    rounds_done = 0

    def _act(self, number: int, step: Any) -> None:
        super()._act(number, step)
        following = self.script.steps[number].at if number < len(self.script.steps) else step.at
        if following - step.at < timedelta(days=2):
            return
        for _ in range((following - step.at).days - 1):
            self._do_rounds()
            self.stack.clock.advance(timedelta(days=1))
        self._do_rounds()

    def _do_rounds(self) -> None:
        token = self.stack.token(*ACTIVE)
        for duty in self._case()["duties"]:
            if duty["every_hours"] and not duty["over"] and duty["state"] == "open":
                body = {
                    "state": "done",
                    "evidence": "Looked through the threads of the day, ticket 4711 lists the answers",
                }
                path = f"/cases/{self.kept['case']}/duties/{duty['id']}"
                self.rounds_done += self.stack.request("POST", path, body, token=token).status < 300


def spent(meter: Meter, stack: Stack) -> dict[str, float]:
    """US dollars by what they are spent on."""
    dollars = {name: count * price(name) for name, count in meter.units.items()}
    dollars["lambda_request"] = sum(meter.invocations.values()) * price("lambda_request")
    seconds = 0.0
    for name, count in meter.invocations.items():
        function = stack.runtime.functions[name]
        busy = (
            count * (STARTED + (COUNTING if function.folder == "classify" else 0))
            + meter.calls[name] * A_CALL
        )
        seconds += busy * function.memory / 1024
    dollars["lambda_gb_second"] = seconds * price("lambda_gb_second")
    dollars["trace"] = traces(meter, stack) * price("trace")
    dollars["log_gb"] = sum(meter.invocations.values()) * LOG_BYTES / 1e9 * price("log_gb")
    return dollars


def traces(meter: Meter, stack: Stack) -> int:
    """Traces recorded, were none left out by sampling: one an execution, with the functions that it calls in it, and one for each
    invocation by anything else (docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html: a trace collects what
    belongs to one request).
    """
    called, silent = machine_functions(), untraced(stack)
    return meter.executions + sum(
        count
        for name, count in meter.invocations.items()
        if stack.runtime.functions[name].folder not in called and name not in silent
    )


def untraced(stack: Stack) -> set[str]:
    """Names of the functions that start no trace of their own."""
    given = [
        one["Properties"]
        for one in stack.template.resources.values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    return {
        stack.deployment.resolve(one["FunctionName"])
        for one in given
        if one["TracingConfig"]["Mode"] != "Active"
    }


def machine_functions() -> set[str]:
    """Folders of the functions that state machines call; nothing else calls these."""
    definitions = (path.read_text("utf-8") for path in MACHINES.glob("*.asl.yaml"))
    return {name.lower() for text in definitions for name in re.findall(r"\$\{(\w+)FunctionArn\}", text)}


def crises(out: TextIO) -> list[str]:
    """Each kind of crisis for fourteen days; what misses its target."""
    missed = []
    for path in sorted(SCRIPTS.glob("*.yaml")):
        script = fourteen_days(read_script(path))
        stack = Stack.borrow(now=script.starts)
        with Meter(stack) as meter:
            rehearsal = Long(stack, script, Teller(io.StringIO()))
            case = rehearsal.play()
        people = sum(1 for step in script.steps if step.call) + rehearsal.rounds_done
        meter.units["http_call"] += people
        dollars = spent(meter, stack)
        messages = dollars.pop("mail", 0.0)
        total = sum(dollars.values())
        row = {
            "case": path.stem, "ended": case["status"], "days": DAYS, "acts of people": people,
            "state transitions": round(meter.units["state_transition"]), "invocations": sum(meter.invocations.values()),
            "read units": round(meter.units["read_unit"]), "write units": round(meter.units["write_unit"]),
            "by machine": dict(meter.by_machine.most_common()), "traces": traces(meter, stack),
            "calls": dict(meter.by_service), "USD": round(total, 4), "USD of mail": round(messages, 4),
            "USD by part": {name: round(one, 5) for name, one in sorted(dollars.items(), key=lambda p: -p[1])},
            "USD of polling every minute": round(polling(case), 2),
        }  # fmt: skip
        for name, value in row.items():
            print(f"  {name:28} {value}", file=out)
        print(file=out, flush=True)
        if total > CRISIS_TARGET:
            missed.append(f"{path.stem}: {total:.4f} US dollars for {DAYS} days, target {CRISIS_TARGET}")
        if case["status"] != "closed":
            missed.append(f"{path.stem}: the case is {case['status']}")
    return missed


def polling(case: dict[str, Any]) -> float:
    """The same days where one loop a case looks at it every minute: three transitions, a call, a read of the whole case."""
    looks = DAYS * 24 * 60
    size = max((len(str(one)) for one in case.values()), default=1024)
    a_look = (
        3 * price("state_transition")
        + price("lambda_request")
        + (STARTED + A_CALL) * 0.5 * price("lambda_gb_second")
    )
    return looks * (
        a_look + max(1, size / 4096) * price("read_unit") + price("trace") + LOG_BYTES / 1e9 * price("log_gb")
    )


def idle(out: TextIO) -> list[str]:
    """A month in which nothing happens, item by item."""
    stack = Stack.borrow()
    kinds = Counter(resource["Type"] for resource in stack.template.resources.values())
    secrets = sum(len(page["SecretList"]) for page in [stack.client("secretsmanager").list_secrets()])
    items = [
        (
            "alarms",
            kinds["AWS::CloudWatch::Alarm"],
            price("alarm_month"),
            "no: each asks for somebody else (decision 0103)",
        ),
        ("composite alarms", kinds["AWS::CloudWatch::CompositeAlarm"], price("composite_alarm_month"), "no"),
        (
            "dashboards beyond the three free ones",
            max(0, kinds["AWS::CloudWatch::Dashboard"] - 3),
            price("dashboard_month"),
            "",
        ),
        ("keys of KMS", kinds["AWS::KMS::Key"], price("key_month"), "no: what is stored is read with it"),
        ("secrets of the example's channels", secrets, price("secret_month"), "each with its channel"),
        ("table, 50 MB with recovery", 0.05, price("table_gb_month") + price("recovery_gb_month"), "no"),
        ("evidence, logs and organisation, 1 GB", 1, 0.03, "by EvidenceDays, LogRetentionDays"),
    ]
    total = 0.0
    for name, count, one, off in items:
        total += count * one
        print(
            f"  {name:40} {count:>6} × {one:6.3f} = {count * one:6.2f}   can be turned off: {off or '-'}",
            file=out,
        )
    print(f"  {'a month':40} {'':>15} = {total:6.2f}   target {IDLE_TARGET}\n", file=out)
    return [f"idle: {total:.2f} US dollars a month, target {IDLE_TARGET}"] if total > IDLE_TARGET else []


def console(out: TextIO) -> None:
    """An hour of one open console on one case: it asks every five seconds whether something has changed."""
    script = read_script(SCRIPTS / "case_2.yaml")
    stack = Stack.borrow(now=script.starts)
    rehearsal = Rehearsal(stack, script, Teller(io.StringIO()))
    rehearsal._act(1, script.steps[0])
    token = stack.token("ana", ["responder"])
    first = stack.request("GET", "/desk", token=token)
    with Meter(stack) as meter:
        for _ in range(100):
            stack.request(
                "GET", "/desk", token=token, headers={"if-none-match": first.headers.get("etag", "")}
            )
    ticks = 720
    meter.units["http_call"] = 100
    an_hour = sum(spent(meter, stack).values()) * ticks / 100
    print(
        f"  one open console, one look every 5 s: {an_hour:.4f} US dollars an hour ({ticks} looks)\n",
        file=out,
    )


def main() -> int:
    """Print everything; the exit status."""
    began = time.perf_counter()
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the process
    print(f"US dollars, {PRICES['region']}, prices of {PRICES['date']} (tools/cost/prices.yaml)\n", file=out)
    try:
        missed = crises(out)
    except Mishap as mishap:
        print(f"bench-cost: {mishap}", file=out)
        return 1
    print("While nothing happens:", file=out)
    missed += idle(out)
    print("Beside it:", file=out)
    console(out)
    for line in missed:
        print(f"  ✗ {line}", file=out)
    print(f"{len(missed)} targets missed; {time.perf_counter() - began:.0f} s", file=out)
    return 1 if missed else 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
