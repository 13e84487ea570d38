"""`make test-engine`: every story, from report to close, on a second interpreter beside the first; exit status 1 on a difference.

Printed: the faults of the second engine, each proven; how far each story gets on the engine as it is; and, with the faults mended
that a story meets, a table machine × story: states entered on the second engine / on the first.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from local.rehearse import SCRIPTS, Mishap, Rehearsal, Script, Teller, read_script, verdict
from local.stack import ROOT, Stack
from local.template import ACCOUNT, REGION
from tools.second_engine import faults, mount
from tools.second_engine.probe import Probe

STORIES = ("case_1", "case_2", "case_3", "case_4", "leak", "enquiry", "suspicion")
"""The rehearsals, each to its close; `suspicion` (beside this file) to a director's decision, for the machine of that name."""
INSTALLED = Path(sys.prefix) / "second-engine"


class Play:
    """One story on one engine: how it ended, what was visited, told and sent."""

    def __init__(self, stack: Stack, script: Script, visits: mount.Visits) -> None:
        self.visits = visits
        self.faults: list[str] = []
        self.told: Counter[str] = Counter()
        self.sent: Counter[tuple[str, str, str]] = Counter()
        began = time.perf_counter()
        rehearsal = Rehearsal(stack, script, Teller(io.StringIO()))
        try:
            case = rehearsal.play()
            self.faults = verdict(script, case) if script.expects.status == "closed" else []
        except Mishap as mishap:
            self.faults = [str(mishap).split(": {")[0]]
        except Exception as broken:  # noqa: BLE001 - a story that stops is what is looked for
            self.faults = [f"{type(broken).__name__}: {broken}"]
        if "case" in rehearsal.kept:
            token = stack.token("auditor", ["auditor"])
            path = f"/cases/{rehearsal.kept['case']}/timeline"
            self.told.update(one["kind"] for one in stack.request("GET", path, token=token).json["events"])
        self.sent.update((one["channel"], one["kind"], one["language"]) for one in stack.outbox())
        self.seconds = time.perf_counter() - began


def first(script: Script) -> Play:
    """The story on the engine that every other test uses."""
    stack = Stack.borrow(now=script.starts)
    play = Play(stack, script, mount.Visits())
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    for machine in stepfunctions_parser_backends[ACCOUNT][REGION].state_machines:
        name = stack.deployment.machines[machine.arn]
        for execution in machine.executions:
            if execution.status != "RUNNING":
                play.visits.ends[name, execution.status] += 1
            worker: Any = execution
            for event in worker.exec_worker.env.event_manager.get_event_history():
                entered: Any = event.get("stateEnteredEventDetails")
                if entered:
                    play.visits.states[name, entered["name"]] += 1
    return play


def second(script: Script, mends: tuple[Any, ...]) -> Play:
    """The story on the second engine."""
    stack = Stack.borrow(now=script.starts)
    with mount.mounted(stack, mends) as visits:
        play = Play(stack, script, visits)
        stack.clock.kill_all()
    return play


def proven(out: TextIO) -> list[str]:
    """Every fault shown again; what the engine no longer does wrong."""
    stack, gone = Stack.borrow(), []
    with mount.mounted(stack):
        probe = Probe(stack, mount.engine())
        for fault in faults.FAULTS:
            shown = fault.shown(probe)
            state = "mended for the play" if fault.mend else "not met by a story"
            print(
                f"  {fault.id:28} {state if shown else 'GONE: remove its entry'}\n      {fault.what}",
                file=out,
            )
            print(f"      where: {fault.where}\n      AWS: {fault.source}", file=out)
            if not shown:
                gone.append(f"the engine no longer has the fault {fault.id}")
        stack.clock.kill_all()
    return gone


def differences(story: str, one: Play, other: Play) -> list[str]:
    """What the second engine did otherwise than the first in one story."""
    found = [f"{story}: {fault}" for fault in other.faults]
    for what, here, there in (
        ("entered", one.visits.states, other.visits.states),
        ("ended", one.visits.ends, other.visits.ends),
        ("told in the timeline", one.told, other.told),
        ("sent", one.sent, other.sent),
    ):
        found += [
            f"{story}: {what} {key}: {there[key]} times, on the first engine {here[key]}"
            for key in sorted({*here, *there}, key=str)
            if here[key] != there[key]
        ]
    return found


def main() -> int:
    """Plays everything; the exit status."""
    began = time.perf_counter()
    sys.path.append(str(INSTALLED))
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the process
    beside = Path(__file__).parent
    scripts = {
        story: read_script((beside if story == "suspicion" else SCRIPTS) / f"{story}.yaml")
        for story in STORIES
    }
    machines = sorted(path.name.split(".")[0] for path in (ROOT / "statemachine").glob("*.asl.yaml"))

    print("Faults of the second engine, each shown by a machine of its own:", file=out)
    wrong = proven(out)
    print("\nAs it is, without a mend:", file=out)
    for story, script in scripts.items():
        play = second(script, ())
        print(f"  {story:8} {'; '.join(play.faults) or 'closed as expected'}", file=out, flush=True)

    print("\nMended; states entered on the second engine / on the first, by machine and story:", file=out)
    plays: dict[str, tuple[Play, Play]] = {}
    for story, script in scripts.items():
        plays[story] = one, other = first(script), second(script, faults.MENDS)
        wrong += differences(story, one, other)
    print(f"  {'':14}" + "".join(f"{story:>12}" for story in STORIES), file=out)
    for machine in machines:
        cells = []
        for story in STORIES:
            one, other = plays[story]
            here = sum(count for (name, _), count in one.visits.states.items() if name == machine)
            there = sum(count for (name, _), count in other.visits.states.items() if name == machine)
            cells.append(f"{there}/{here}" if here or there else "·")
        print(f"  {machine:14}" + "".join(f"{cell:>12}" for cell in cells), file=out)
    print(
        f"  {'ends':14}" + "".join(f"{'closed' if not plays[s][1].faults else 'OTHER':>12}" for s in STORIES),
        file=out,
    )
    seconds = "".join(f"{plays[s][1].seconds:>10.1f} s" for s in STORIES)
    print(f"  {'second engine':14}{seconds}", file=out)
    everything = {(machine, state) for machine in machines for state in _states(machine)}
    seen = {key for _, other in plays.values() for key, count in other.visits.states.items() if count}
    print(f"\n{len(seen)} of {len(everything)} states entered; never, by machine:", file=out)
    for machine in machines:
        missing = sorted(state for name, state in everything - seen if name == machine)
        if missing:
            print(f"  {machine:14} {', '.join(missing)}", file=out)
    for line in wrong:
        print(f"  ✗ {line}", file=out)
    closed = sum(not other.faults for _, other in plays.values())
    print(
        f"\n{closed} of {len(STORIES)} stories closed on the second engine, {len(wrong)} differences; "
        f"{time.perf_counter() - began:.0f} s",
        file=out,
    )
    return 1 if wrong else 0


def _states(machine: str) -> list[str]:
    import yaml

    def walk(part: Any) -> list[str]:
        if isinstance(part, list):
            return [name for one in part for name in walk(one)]
        if not isinstance(part, dict):
            return []
        names = list(part["States"]) if isinstance(part.get("States"), dict) else []
        return names + [name for one in part.values() for name in walk(one)]

    return walk(yaml.safe_load((ROOT / "statemachine" / f"{machine}.asl.yaml").read_text("utf-8")))


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
