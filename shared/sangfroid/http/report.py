"""The report after the crisis (R7) as data: root cause, what worked, deadlines kept and missed, measures with owners.

While the case is open it is an interim report of the same shape. Every sentence is in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import Field

from sangfroid import timeline
from sangfroid.casefile import CaseFile
from sangfroid.cases.facts import OUT, current_playbook
from sangfroid.data_files import data
from sangfroid.http import desk_words
from sangfroid.http.documents import delivery_shown, duty_document, response_shown
from sangfroid.http.fields import Shape
from sangfroid.http.preference import Language
from sangfroid.http.shapes import DeliveryShown, DutyShown, MessageShown, ResponseShown
from sangfroid.model import Case, Clock, Event, Instant, Measure, Message, NoResponse
from sangfroid.outbound.room_letters import Said, about_event
from sangfroid.outbound.wording import event_name, excerpt, local_time, typeset
from sangfroid.playbooks import playbook

SHOWN_EVENTS = 5_000
"""Lines of the timeline that a report shows, the newest; the verification covers all of them."""

Words = dict[str, Any]


class ClockResult(Shape):
    """A deadline and how it went; `seconds_late` is negative where it was early, None while nothing can be said."""

    id: str
    title: str
    due_at: Instant
    state: str
    met_at: Instant | None
    frozen_since: Instant | None
    seconds_late: int | None
    escalations: int
    result: str


class DutyResult(DutyShown):
    """A duty, and by how much it was late (None: it has no deadline, or was waived)."""

    seconds_late: int | None


class Verification(Shape):
    """Whether the hash chain of the whole timeline holds."""

    events: int
    intact: bool
    fault: str | None
    head: str


class Line(Shape):
    """One event of the timeline in words."""

    seq: int
    at: Instant
    by: str
    kind: str
    title: str
    about: str
    details: str


class CrisisReport(Shape):
    """The report as data."""

    case_id: str
    brand: str
    interim: bool
    status: str
    summary: str
    case: int | None
    leak: bool
    severity: str
    why: str
    no_crisis: bool
    generated_at: Instant
    first_published_at: Instant | None
    opened_at: Instant
    closed_at: Instant | None
    closed_by: str | None
    message_count: int
    first_message: MessageShown | None = Field(description="by which the case began, where it may be quoted")
    root_cause: str | None
    lessons: str | None
    measures: list[Measure]
    worked: list[str]
    late: list[str]
    held: list[str] = Field(description="What passed while a freeze forbade it.")
    clocks: list[ClockResult]
    duties: list[DutyResult]
    responses: list[ResponseShown]
    no_response: NoResponse | None
    publications: list[DeliveryShown]
    timeline: Verification
    events: list[Line]


@cache
def words(language: Language) -> Words:
    """The words of the report in one language."""
    chosen: Words = data(__package__, "report_words.yaml")[language]
    return chosen


def build(
    file: CaseFile,
    events: list[Event],
    language: Language,
    name: Callable[[str], str] = str,
    zone: str = "UTC",
    message: Message | None = None,
) -> CrisisReport:
    """The report of a case, as it stands at `file.now`; `name` gives the name of an id, `zone` is where its times are told, and
    `message` is the one by which the case began.
    """
    case, say = file.case, words(language)
    end = case.closed_at or file.now
    clocks = [_clock(clock, end, say) for clock in case.clocks]
    duties = [
        DutyResult(
            **duty_document(duty, language), seconds_late=_late(duty.due_at, duty.closed_at, end, duty.state)
        )
        for duty in case.duties
    ]
    shown = [delivery_shown(delivery, language) for delivery in file.deliveries.values()]
    publications = [delivery for delivery in shown if delivery.act == "publish"]
    responses = [response_shown(version) for version in file.responses]
    for version in responses:
        if version.state != "approved":
            version.texts, version.texts_omitted = {}, True
    worked, late, held = _findings(
        clocks, duties, responses, publications, _by_frozen_clocks(file), say, name
    )
    for delivery in shown:
        place = {"channel": delivery.channel, "language": delivery.language}
        if delivery.act == "publish" and delivery.state == "retracted":
            late.append(say["found"]["retracted"].format(**place))
        elif delivery.act == "retract" and delivery.state != "retracted":
            late.append(say["found"]["not_retracted"].format(**place))
    verdict = timeline.verify(
        (timeline.shown(event) for event in events), (case.timeline_seq, case.timeline_hash)
    )
    closing = case.closing

    kinds = {version.version: version.kind for version in responses}

    def about(event: Event) -> str:
        return about_event(event, file.case, language, Said(name, when, kinds.get))

    def when(moment: datetime) -> str:
        return local_time(moment, file.now, zone, language, bare=True)

    return CrisisReport(
        interim=case.status != "closed",
        summary=_summary(case, clocks, language),
        generated_at=file.now,
        first_message=MessageShown.model_validate(message) if message is not None else None,
        closed_by=closing.by if closing else None,
        root_cause=closing.root_cause if closing else None,
        lessons=closing.lessons if closing else None,
        measures=closing.measures if closing else case.measures,
        worked=worked,
        late=late,
        held=held,
        clocks=clocks,
        duties=duties,
        responses=responses,
        publications=publications,
        timeline=Verification(
            events=verdict.events, intact=verdict.intact, fault=verdict.fault, head=case.timeline_hash
        ),
        events=[_line(event, language, about(event)) for event in events[-SHOWN_EVENTS:]],
        case_id=case.id,
        why=desk_words.why(case.why, language),
        **case.model_dump(include=_OF_THE_CASE - {"measures", "why"}),
    )


_OF_THE_CASE = set(CrisisReport.model_fields) & set(Case.model_fields) - {"clocks", "duties", "measures"}


def _late(due_at: datetime | None, done_at: datetime | None, end: datetime, state: str) -> int | None:
    """Seconds after the deadline (negative: before) at which it was done, or at which the case stands undone past it."""
    if due_at is None or state in ("waived", "cancelled"):
        return None
    if done_at is None and end <= due_at:
        return None
    return int(((done_at or end) - due_at).total_seconds())


def _clock(clock: Clock, end: datetime, say: Words) -> ClockResult:
    late = _late(clock.due_at, clock.met_at, end, clock.state)
    held = clock.frozen_since is not None and clock.state in ("breached", "met_late")
    result = say["held_results" if held else "results"][clock.state]
    if late is not None:
        result += ", " + _by_how_much(late, say)
    elif clock.state == "running":
        result += ", " + say["left"].format(duration=duration(int((clock.due_at - end).total_seconds()), say))
    return ClockResult(
        id=clock.id,
        title=say["clock_names"][clock.id],
        due_at=clock.due_at,
        state=clock.state,
        met_at=clock.met_at,
        frozen_since=clock.frozen_since,
        seconds_late=late,
        escalations=clock.escalations,
        result=result,
    )


def _by_how_much(late: int, say: Words) -> str:
    text: str = say["late_by" if late > 0 else "margin"].format(duration=duration(abs(late), say))
    return text


def duration(seconds: int, say: Words) -> str:
    """`2 d 3 h`, `3 h 20 min`, `45 s`: the two largest units."""
    left, parts = seconds, []
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {say['units'][unit]}")
    return " ".join(parts[:2]) or f"0 {say['units']['second']}"


def _summary(case: Case, clocks: list[ClockResult], language: Language) -> str:
    say = words(language)
    if case.no_crisis:
        what = say["no_crisis"]
    elif case.case is None:
        what = say["unclassified"]
    else:
        what = say["crisis"].format(case=case.case, title=playbook(case.case).title[language])
    if case.leak:
        what += f" · {say['leak']}"
    lines = [say["clock_line"].format(clock=clock.title, result=clock.result) for clock in clocks]
    return " ".join([say["headline"].format(brand=case.brand, what=what), *lines])


def _by_frozen_clocks(file: CaseFile) -> set[str]:
    plan = current_playbook(file)
    clocks = {clock.id for clock in file.case.clocks if clock.frozen_since is not None}
    return {row.id for row in plan.duties if row.due in clocks} if plan is not None else set()


def _findings(
    clocks: list[ClockResult],
    duties: list[DutyResult],
    responses: list[ResponseShown],
    publications: list[DeliveryShown],
    frozen: set[str],
    say: Words,
    name: Callable[[str], str],
) -> tuple[list[str], list[str], list[str]]:
    """What worked, what was late and what a freeze held, each as sentences drawn from the facts alone.

    `frozen`: duties that were due at a deadline that passed while a freeze forbade what meets it.
    """
    worked: list[str] = []
    late: list[str] = []
    held: list[str] = []
    found = say["found"]
    for clock in clocks:
        whose = late if clock.frozen_since is None else held
        if clock.state == "met" and clock.seconds_late is not None:
            worked.append(
                found["clock_met"].format(clock=clock.title, margin=_by_how_much(clock.seconds_late, say))
            )
        elif clock.state in ("breached", "met_late") and clock.seconds_late is not None:
            kind = "clock_late" if clock.state == "met_late" else "clock_open_late"
            whose.append(found[kind].format(clock=clock.title, late=_by_how_much(clock.seconds_late, say)))
        if clock.escalations:
            whose.append(_counted(found["escalated"], clock.escalations, clock=clock.title))
    in_time = [duty for duty in duties if duty.state == "done" and (duty.seconds_late or 0) <= 0]
    if in_time:
        worked.append(_counted(found["duties_done"], len(in_time)))
    for duty in duties:
        titled = f"{duty.id} {duty.title}"
        if duty.seconds_late is not None and duty.seconds_late > 0:
            kind = "duty_late" if duty.state == "done" else "duty_open_late"
            # A promise that the freeze broke is told below.
            whose = held if duty.id in frozen or duty.frozen_since is not None else late
            whose.append(found[kind].format(duty=titled, late=_by_how_much(duty.seconds_late, say)))
        if duty.rounds_missed:
            late.append(_counted(found["rounds_missed"], duty.rounds_missed, duty=titled))
        if duty.rounds_held:
            held.append(found["rounds_held"].format(duty=titled, count=duty.rounds_held))
        if duty.broken_at is not None:
            whose = late if duty.frozen_since is None else held
            whose.append(found["promise_broken"].format(duty=titled))
        elif duty.promised_in is not None and duty.state == "done":
            worked.append(found["promise_kept"].format(duty=titled))
    worked += [
        found["approvals"].format(
            version=version.version, by=", ".join(name(yes.by) for yes in version.approvals)
        )
        for version in responses
        if version.state == "approved"
    ]
    out = [delivery for delivery in publications if delivery.state in OUT]
    for kind, attempts in (("first_try", 1), ("by_hand", 0)):
        if count := sum(1 for delivery in out if delivery.attempts == attempts):
            worked.append(_counted(found[kind], count))
    for delivery in publications:
        place = {"channel": delivery.channel, "language": delivery.language}
        if delivery.state == "published" and delivery.attempts > 1:
            late.append(found["tried_again"].format(count=delivery.attempts, **place))
        elif delivery.state in ("failed", "manual", "held"):
            late.append(found["not_out"].format(state=say["delivery_states"][delivery.state], **place))
    return worked, late, held


def _counted(forms: dict[str, str], count: int, **values: str) -> str:
    """The sentence for so many, one at least."""
    return forms["one" if count == 1 else "other"].format(count=count, **values)


def _said(event: Event, language: Language) -> str:
    """What whoever did it gave as the reason, as they wrote it."""
    words = next((event.data[name] for name in ("reason", "comment", "note") if event.data.get(name)), "")
    if event.kind == "case_closed" or event.by == "sangfroid" or not isinstance(words, str) or not words:
        return ""
    quoted = excerpt(words)
    return typeset(f"« {quoted} »", "fr") if language == "fr" else f"“{quoted}”"


def _line(event: Event, language: Language, about: str) -> Line:
    details = " · ".join(
        f"{name}: {_flat(value)}" for name, value in event.data.items() if value not in (None, "", [])
    )
    return Line(
        seq=event.seq,
        at=event.at,
        by=event.by,
        kind=event.kind,
        title=event_name(event.kind, event.data, language),
        about=" · ".join(filter(None, (about, _said(event, language)))),
        details=details if len(details) <= 300 else details[:299] + "…",
    )


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    return str(value)
