"""`make rehearse`: one whole crisis in virtual time, told as a timeline (R8).

A script is a YAML file: `title`, `starts` (RFC 3339), `expects` ({status, clocks: {id: state}}), and `steps`, each with `at`
(ISO 8601 duration since the start), `by` ({sub, roles}), `call` (method and path of the HTTP interface), `body`, and optionally
`says` (told in the timeline), `keep` ({name: field of the answer}, used as {name} later), `status` (expected HTTP status) and
`only_if_open` (a duty id). `{now}` and `{now-PT2H}` in a body are times. `title` and `says` are a text, or one for each language.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TextIO

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from local import rehearsal_in_french as in_french
from local.stack import Stack
from sangfroid.faults import of_validation, with_lines
from sangfroid.model import rfc3339
from sangfroid.organisation import OrganisationFault, document

SCRIPTS = Path(__file__).resolve().parent.parent / "events" / "rehearsals"
ENOUGH = timedelta(hours=72)
"""How long after the last step a rehearsal waits for the case to end."""

AFTERWARDS = timedelta(minutes=2)
"""How long a rehearsal goes on when it has ended."""

_duration = TypeAdapter(timedelta)

CLOCKS = {
    "response_ready": "12 h clock",
    "response_published": "48 h clock",
    "first_word": "first word (our own rule)",
}

DONE = {
    "response_approved": "approved",
    "response_rejected": "rejected",
    "approval_given": "approved once, another approval is needed",
    "response_voided": "void",
    "returned_to_review": "back to review",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Actor(_Strict):
    """Somebody with roles, as a token would carry them."""

    sub: str
    roles: list[str]


Language = Literal["en", "fr"]
InWords = str | dict[Language, str]
"""A text, or one for each language; where the reader's is missing, another one is told."""


class Step(_Strict):
    """One act of a person."""

    at: timedelta
    by: Actor
    call: Annotated[str, Field(pattern=r"^(GET|POST|PUT) /\S+$")]
    says: InWords | None = None
    body: dict[str, Any] = {}
    keep: dict[str, str] = {}
    status: int | None = None
    only_if_open: str | None = None


class Expected(_Strict):
    """How the case must end; a clock that is not named must be met.

    But the first word: that clock is the desk's own rule, so it is judged only where a script names it.
    """

    status: str = "closed"
    clocks: dict[str, Literal["met", "met_late", "breached", "cancelled"]] = {}


class Script(_Strict):
    """A rehearsal. How it must end (`expects`) is asked for: without it nobody knows whether it went well."""

    title: InWords
    starts: AwareDatetime
    expects: Expected
    steps: list[Step] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_played(self) -> Self:
        """What would otherwise come out days into the rehearsal."""
        kept: set[str] = set()
        for number, step in enumerate(self.steps, 1):
            if number > 1 and step.at < self.steps[number - 2].at:
                raise ValueError(f"step {number} is earlier than the step before it")
            for name in re.findall(r"\{(\w+)\}", json.dumps([step.call, step.body])):
                if name not in kept and name != "now":
                    raise ValueError(f"step {number} uses {{{name}}}, which no step before it has kept")
            kept.update(step.keep)
        if "case" not in kept:
            raise ValueError("no step keeps the case: the first report needs keep: {case: case_id}")
        return self


class Mishap(Exception):
    """The rehearsal cannot go on; the message says why."""


def read_script(path: Path) -> Script:
    """Read and validate a script; raises Mishap with file, line and what is wrong, for every fault."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Mishap(f"{path} cannot be read: {error}") from error
    try:
        return Script.model_validate(document(text, path))
    except OrganisationFault as unread:
        faults = unread.faults
    except ValidationError as error:
        faults = with_lines(of_validation(error, Script), text)
    told = "\n  ".join(f"{path}:{one.line or 1}: {one.told('en')}" for one in faults)
    raise Mishap(told)


def schema() -> str:
    """The JSON schema of scripts, as it stands in docs/rehearsal.schema.json."""
    return json.dumps(Script.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


@dataclass
class Teller:
    """Prints what happened, in order, with the time since the first message."""

    out: TextIO
    origin: datetime | None = None
    told: int = 0
    sent: int = 0
    names: dict[str, str] = field(default_factory=dict)
    language: Language = "en"

    def line(self, at: datetime, mark: str, text: str, style: str = "") -> None:
        """One line: time since the origin, time of day, mark, text."""
        gap = at - (self.origin or at)
        minutes = int(abs(gap).total_seconds()) // 60
        since = f"{'-' if gap < timedelta(0) else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
        shown = f"{style}{mark} {text}\033[0m" if self.out.isatty() and style else f"{mark} {text}"
        day = in_french.day(at) if self.language == "fr" else f"{at:%a}"
        print(f"  {since:>7}  {day} {at:%H:%M:%S}  {shown}", file=self.out)

    def said(self, told: InWords) -> str:
        """Words of a script in the reader's language."""
        return told if isinstance(told, str) else told.get(self.language) or next(iter(told.values()), "")

    def heading(self, told: InWords) -> None:
        """The title of the rehearsal."""
        title = self.said(told)
        print(f"\n  {title}\n  {'─' * len(title)}", file=self.out)


def tell_event(event: dict[str, Any]) -> tuple[str, str, str] | None:
    """Mark, words and style of a timeline event; None for what is told elsewhere."""
    kind, data = event["kind"], event["data"]
    clock = CLOCKS.get(str(data.get("clock")), "clock")
    due = str(data.get("due_at", ""))[:16].replace("T", " ")
    match kind:
        case "case_opened":
            known = f"nothing is public; known by {data.get('by_way_of')} since {data.get('known_at')}"
            began = f"first message {data['origin']}" if data["origin"] else known
            return "●", f"case opened for {data['brand']}; {began}", "\033[1m"
        case "origin_known":
            return "●", f"{data['because']}: {data['to']}; the 12 h and 48 h clocks start from it", "\033[1m"
        case "plan_made":
            return "☐", f"plan: {data['posture']}, {data['actions']} actions, each with a named person", ""
        case "clock_started":
            return "◷", f"{clock} runs until {due}", ""
        case "clock_moved":
            return "◷", f"{clock} moves to {due} ({data['state']})", "\033[33m"
        case "clock_reminder":
            return (
                "◷",
                f"{clock}: reminder, {data['seconds_left'] // 3600} h {data['seconds_left'] // 60 % 60:02d} min left",
                "",
            )
        case "clock_breached":
            frozen = ", while a freeze forbade speaking" if data.get("frozen_since") else ""
            return "✗", f"{clock} BREACHED (was due {due}){frozen}", "\033[31;1m"
        case "clock_met":
            return "✓", f"{clock} {data['state'].replace('_', ' ')}: {data['because']}", "\033[32;1m"
        case "clock_reopened":
            return "◷", f"{clock} runs again: {data['because']}", "\033[33m"
        case "clock_cancelled":
            return "◷", f"{clock} cancelled: {data['because']}", ""
        case "escalated":
            return "▲", f"{clock}: escalated to rung {data['rung'] + 1}", "\033[31m"
        case "classified" | "reclassified":
            leak = ", leak" if data.get("leak") else ""
            return "●", f"{kind}: case {data['case']}{leak} by {data['by']} ({data['why']})", "\033[1m"
        case "triage_unsure":
            return "?", "triage is not sure: a person is asked", "\033[33m"
        case "duties_opened":
            return (
                "☐",
                f"duties: {', '.join(data['added']) or 'none new'}"
                + (f"; no longer owed: {', '.join(data['cancelled'])}" if data["cancelled"] else ""),
                "",
            )
        case "duty_done" | "duty_waived":
            return "☑", f"{data['duty']} {kind.removeprefix('duty_')} by {data['by']}", "\033[32m"
        case "response_submitted":
            findings = f"; findings: {', '.join(data['findings'])}" if data["findings"] else ""
            return (
                "✎",
                f"version {data['version']} ({data['text_kind']}) {data['state'].replace('_', ' ')}{findings}",
                "",
            )
        case (
            "response_approved"
            | "response_rejected"
            | "approval_given"
            | "response_voided"
            | "returned_to_review"
        ):
            return (
                "✎",
                f"version {data['version']} {DONE[kind]} ({event['by']})",
                "",
            )
        case "publication_planned":
            return (
                "➤",
                f"version {data['version']}: {data['deliveries']} deliveries planned ({data['wave']})",
                "",
            )
        case "delivery_retry" if data["attempt"] > 2:
            return None  # the first attempts tell enough; how it ended is told as well
        case (
            "notified"
            | "origin_moved"
            | "message_added"
            | "report_joined"
            | "delivery_published"
            | "response_published"
        ):
            return None
    words = ", ".join(f"{name} {value}" for name, value in data.items() if value not in (None, "", []))
    return "·", f"{kind.replace('_', ' ')}{': ' if words else ''}{words}"[:150], ""


class Rehearsal:
    """Plays one script on a fresh stack."""

    def __init__(self, stack: Stack, script: Script, teller: Teller) -> None:
        self.stack, self.script, self.teller = stack, script, teller
        self.kept: dict[str, Any] = {}
        self._auditor = stack.token("auditor", ["auditor"])

    def play(self) -> dict[str, Any]:
        """Play every step at its time; returns the case document at the end. Raises Mishap."""
        began = self.stack.clock.now()
        for number, step in enumerate(self.script.steps, 1):
            ahead = began + step.at - self.stack.clock.now()
            if ahead < timedelta(0):
                raise Mishap(f"step {number} is earlier than the step before it")
            self.stack.clock.advance(ahead)
            self._tell_new()  # what the step before has brought, too
            self._act(number, step)
        try:
            self.stack.clock.advance_until(
                lambda: self._case()["status"] == self.script.expects.status, limit=ENOUGH
            )
        finally:
            self._tell_new()
        # What the end brings with it: the report goes to everybody concerned (R13).
        self.stack.clock.advance(AFTERWARDS)
        self._tell_new()
        return self._case()

    def _case(self) -> dict[str, Any]:
        answer = self.stack.request("GET", f"/cases/{self.kept['case']}", token=self._auditor)
        document: dict[str, Any] = answer.json
        return document

    def _act(self, number: int, step: Step) -> None:
        if step.only_if_open is not None:
            standing = {duty["id"]: duty["state"] for duty in self._case()["duties"]}
            if standing.get(step.only_if_open) != "open":
                return
        method, path = self._filled(step.call).split(" ", 1)
        if step.says:
            self.teller.line(self.stack.clock.now(), "—", self.teller.said(step.says), "\033[36m")
        token = self.stack.token(step.by.sub, step.by.roles)
        answer = self.stack.request(method, path, body=self._filled(step.body), token=token)
        fine = answer.status == step.status if step.status else answer.status < 300
        if not fine:
            raise Mishap(f"step {number} ({method} {path}) was answered {answer.status}: {answer.text}")
        for name, place in step.keep.items():
            self.kept[name] = answer.json[place]

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        now = self.stack.clock.now()
        moment = re.fullmatch(r"\{now(?:-(P[^}]+))?\}", value)
        if moment:
            return rfc3339(now - (_duration.validate_python(moment[1]) if moment[1] else timedelta(0)))
        return re.sub(r"\{(\w+)\}", lambda found: str(self.kept.get(found[1], found[0])), value)

    def _tell_new(self) -> None:
        if "case" not in self.kept:
            return
        path = f"/cases/{self.kept['case']}/timeline?after={self.teller.told}"
        events = self.stack.request("GET", path, token=self._auditor).json["events"]
        for event in events:
            if event["kind"] in ("case_opened", "origin_moved", "origin_known"):
                told = event["data"]
                began = told.get("to") or told.get("origin") or told.get("known_at") or event["at"]
                self.teller.origin = datetime.fromisoformat(began)
        lines: list[tuple[datetime, int, str, str, str]] = []
        for event in events:
            words = tell_event(event)
            if words is not None and self.teller.language == "fr":
                words = (words[0], in_french.event(event["kind"], event["data"], event["by"]), words[2])
            if words is not None:
                lines.append((datetime.fromisoformat(event["at"]), 0, *words))
        self.teller.told += len(events)
        outbox = self.stack.outbox()
        lines += _letters(outbox[self.teller.sent :], self.teller.language)
        self.teller.sent = len(outbox)
        for at, _, mark, text, style in sorted(lines, key=lambda line: (line[0], line[1])):
            self.teller.line(at, mark, text, style)


def _letters(items: list[dict[str, Any]], language: Language) -> list[tuple[datetime, int, str, str, str]]:
    """Letters that left at one moment under one kind, told in one line."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in items:
        inside = item["audience"] in ("team", "out_of_band")
        if item["kind"] == "case_news":
            continue  # each line of it is told here already; the summary says that the team's channel has them
        group = (item["at"], item["kind"], "" if inside else item["audience"])
        groups.setdefault(group, []).append(
            item["channel"] if inside else f"{item['channel']}/{item['language']}"
        )
    lines = []
    for (at, kind, audience), places in groups.items():
        counted = [
            f"{place}×{places.count(place)}" if places.count(place) > 1 else place
            for place in dict.fromkeys(places)
        ]
        said = "the thread of the case" if kind == "case_summary" else kind.replace("_", " ")
        if language == "fr":
            said = in_french.letter(kind, audience)
        words = f"{said} → {', '.join(counted)}"
        mark, style = ("✉", "\033[2m") if not audience else ("➤", "\033[32m")
        lines.append(
            (
                datetime.fromisoformat(at),
                1,
                mark,
                f"{audience}: {words}" if audience and language == "en" else words,
                style,
            )
        )
    return lines


def verdict(script: Script, case: dict[str, Any]) -> list[str]:
    """What ended otherwise than the script expects."""
    faults = []
    if case["status"] != script.expects.status:
        faults.append(f"the case is {case['status']}, expected {script.expects.status}")
    for clock in case["clocks"]:
        if clock["id"] == "first_word" and "first_word" not in script.expects.clocks:
            continue
        expected = script.expects.clocks.get(clock["id"], "met")
        if clock["state"] != expected:
            faults.append(f"clock {clock['id']} is {clock['state']}, expected {expected}")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 0 only if the case ended as the script expects."""
    parser = argparse.ArgumentParser(prog="rehearse", description="Play a whole crisis in virtual time.")
    parser.add_argument("--case", default="2", help="1, 2, 3, 4, leak or enquiry")
    parser.add_argument("--file", help="a rehearsal script of one's own")
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="in which it is told")
    parser.add_argument(
        "--organisation-file",
        default=os.environ.get("ORGANISATION_FILE"),
        help="an organisation file of one's own",
    )
    chosen = parser.parse_args(arguments)
    known = {path.stem.removeprefix("case_"): path for path in sorted(SCRIPTS.glob("*.yaml"))}
    if not chosen.file and chosen.case not in known:
        print(
            f"rehearse: there is no case {chosen.case!r}; choose one of {', '.join(known)}", file=sys.stderr
        )
        return 2
    path = Path(chosen.file) if chosen.file else known[chosen.case]
    began = time.perf_counter()
    # The functions log to standard output, as in a Lambda; the story alone is told here.
    out, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 - it lives as long as the process
    try:
        script = read_script(path)
        stack = Stack.start(now=script.starts, organisation=chosen.organisation_file)
        try:
            teller = Teller(out, language=chosen.language)
            teller.heading(script.title)
            case = Rehearsal(stack, script, teller).play()
            played = stack.clock.now() - script.starts
        finally:
            stack.stop()
    except Mishap as mishap:
        print(f"rehearse: {mishap}", file=sys.stderr)
        return 1
    except OrganisationFault as unusable:
        print(f"rehearse: {unusable.in_one_line()}", file=sys.stderr)
        return 2
    finally:
        sys.stdout.close()
        sys.stdout = out
    faults = verdict(script, case)
    clocks = ", ".join(f"{clock['id']} {clock['state'].replace('_', ' ')}" for clock in case["clocks"])
    seconds = time.perf_counter() - began
    ended = f"{case['status']}; {clocks}.  {played} played in {seconds:.1f} s."
    print(f"\n  {in_french.ended(case, played, seconds) if chosen.language == 'fr' else ended}\n")
    for fault in faults:
        print(f"rehearse: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    status = main()
    # The process ends, its stack is stopped, and nothing of 300 MB is worth being taken to pieces.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
