"""What stands in the team's channel about a case: a summary that is kept current, and beneath it what happens (R2).

Both say what was decided, done and came of it; never a secret, and nothing of a case that may be a leak (cases/team_room.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.cases.clocks import STOPPED
from sangfroid.cases.team_room import HANDED, TOLD
from sangfroid.model import Case, Event
from sangfroid.outbound.notices import Recipient, Scene, link_to, said, title_of
from sangfroid.outbound.wording import event_name, excerpt, local_time, typeset, words

MOST_LINES = 30
"""Of what happened since the last time; the case has them all."""

SUMMARY, NEWS = "case_summary", "case_news"
"""Kinds of the two letters."""


def summary(scene: Scene, recipient: Recipient) -> tuple[str, str]:
    """Subject and text of what stands on top. Times are those of clocks and events, never a span that is left: nobody writes it
    anew as time passes.
    """
    case, language, now = scene.file.case, recipient.language, scene.file.now
    say = words("room", language)
    number = say["case"].format(case=case.case) if case.case else say["no_case"]
    severity = words("severities", language)[case.severity]
    parts = [case.brand, number, say["severity"].format(severity=severity), say["statuses"][case.status]]
    subject = typeset(" · ".join(parts), language)
    lines = [subject]
    if scene.message is not None:
        lines.append(said(scene.message, scene, recipient))
    elif case.notes:
        lines.append(typeset(words("frame", language)["noted"], language).format(excerpt=excerpt(case.notes)))
    for clock in case.clocks:
        at = clock.met_at if clock.state in STOPPED and clock.met_at is not None else clock.due_at
        when = local_time(at, now, recipient.zone, language, bare=True)
        lines.append(
            typeset(say["clock"][clock.state], language).format(
                clock=words("clocks", language)[clock.id], at=when
            )
        )
    duties = [duty for duty in case.duties if not duty.automatic]
    done = sum(duty.state == "done" for duty in duties)
    left = sum(duty.state == "open" for duty in duties)
    lines.append(typeset(say["duties"], language).format(done=done, open=left))
    if case.cell:
        lines.append(typeset(say["pilot"], language).format(name=_name(scene, case.cell.get("pilot", ""))))
    lines += _text(scene.file, recipient)
    lines += [
        f"- {_measure(one.text, one.owner, one.due, language, partial(_name, scene))}"
        for one in case.measures
    ]
    lines.append(
        typeset(say["as_of"], language).format(at=local_time(now, now, recipient.zone, language, bare=True))
    )
    lines.append(typeset(words("frame", language)["link"], language).format(link=link_to(SUMMARY, scene)))
    return subject, "\n".join(lines)


def news(scene: Scene, recipient: Recipient, events: Iterable[Event]) -> tuple[str, str] | None:
    """Subject and text of what has happened, one line each; None where nothing of it is for the team's channel."""
    language = recipient.language
    lines = list(_lines(scene, recipient, [event for event in events if event.kind in TOLD]))
    if not lines:
        return None
    more = len(lines) - MOST_LINES
    if more > 0:
        left = typeset(words("room", language)["more"], language).format(n=more)
        lines = [left, *lines[-MOST_LINES:]]
    subject = typeset(words("frame", language)["subject"], language).format(
        brand=scene.file.case.brand, subject=lines[-1]
    )
    link = typeset(words("frame", language)["link"], language).format(link=link_to(NEWS, scene))
    return subject, "\n".join([*lines, link])


def _lines(scene: Scene, recipient: Recipient, events: list[Event]) -> Iterator[str]:
    """One line an event; publications of one minute stand together."""
    language, now = recipient.language, scene.file.now
    together: list[str] = []

    def local(moment: datetime) -> str:
        return local_time(moment, now, recipient.zone, language, bare=True)

    def kind(number: int) -> str | None:
        line = scene.file.line(number)
        return line.kind if line is not None else None

    how = Said(partial(_name, scene), local, kind)
    for place, event in enumerate(events):
        at = local(event.at)
        if event.kind == "delivery_published":
            together.append(f"{event.data.get('channel')}/{event.data.get('language')}")
            if place + 1 < len(events) and events[place + 1].kind == event.kind:
                continue
            about, together = ", ".join(sorted(set(together))), []
        else:
            about = about_event(event, scene.file.case, language, how)
        what = typeset(event_name(event.kind, event.data, language), language)
        by = _name(scene, event.by) if event.by != "sangfroid" else ""
        yield f"{at} · {what}" + (f" · {about}" if about else "") + (f" · {by}" if by else "")


@dataclass(frozen=True)
class Said:
    """How a reader is told: `name` of an id, `when` a moment was, of which `kind` a version is (None: there is none)."""

    name: Callable[[str], str]
    when: Callable[[datetime], str]
    kind: Callable[[int], str | None]


def about_event(event: Event, case: Case, language: str, how: Said) -> str:
    """What an event of the timeline is about, in a few words of the reader's language."""
    data, say = event.data, words("room", language)
    if event.kind in ("classified", "reclassified", "classification_confirmed"):
        return (
            typeset(say["case"], language).format(case=data["case"]) if data.get("case") else say["no_case"]
        )
    if event.kind.startswith("measure_"):
        return _measure(data.get("text", ""), data.get("owner", ""), data.get("due"), language, how.name)
    if event.kind == "case_closed":
        return excerpt(str(data.get("root_cause") or data.get("reason") or ""))
    if clock := data.get("clock"):
        return str(words("clocks", language).get(clock, clock))
    about = []
    if (duty := case.duty(str(data.get("duty")))) is not None:
        about.append(title_of(duty, language))
    if data.get("version") is not None:
        kind = how.kind(int(data["version"])) or ""
        kind = words("kinds", language).get(kind, kind)
        about.append(typeset(say["version"], language).format(version=data["version"], kind=kind))
    named = facts.parts_of(str(data.get("delivery", "")))
    if channel := data.get("channel") or (named[1] if named is not None else None):
        about.append(f"{channel}/{data['language']}" if data.get("language") else str(channel))
    if data.get("to") and event.kind in HANDED:
        about.append(how.name(str(data["to"])))
    elif event.kind in ("origin_moved", "origin_known"):
        about.append(how.when(datetime.fromisoformat(data["to"])))
    return " · ".join(about)


def _measure(text: str, owner: str, due: Any, language: str, name: Callable[[str], str]) -> str:
    say = typeset(words("room", language)["measure"], language)
    return say.format(text=excerpt(text), owner=name(owner), due=due or "–")


def _name(scene: Scene, person: str) -> str:
    known = scene.organisation.person(person)
    return known.name if known is not None else person or "–"


def _text(file: CaseFile, recipient: Recipient) -> Iterator[str]:
    """The newest text of the case in words, and on how many channels it has got out."""
    latest = file.latest()
    if latest is None:
        return
    say, language = words("room", recipient.language), recipient.language
    line = typeset(say["text"], language).format(
        version=latest.version,
        kind=words("kinds", language).get(latest.kind, latest.kind),
        state=say["states"].get(latest.state, latest.state),
    )
    tally = file.case.delivery_tally
    out = tally.out.get(str(latest.version), 0) if tally is not None else 0
    prefix = f"{latest.version}:"
    left = sum(n for name, n in file.case.open_deliveries.items() if name.startswith(prefix))
    yield line + (typeset(say["out"], language).format(out=out, of=out + left) if out + left else "")
