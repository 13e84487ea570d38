"""What published texts promise: a time for the next news, or something for each person, as a duty with an owner and a clock.

A time is kept by an update (or the closing announcement) that reaches its readers before it; else the promise is broken, and
stays so in the report although the news came later. What is promised to each person is done by customer care, with evidence.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sangfroid.casefile import CaseFile
from sangfroid.cases import facts
from sangfroid.cases.charter import moments
from sangfroid.cases.charter.checking import news_times
from sangfroid.cases.charter.phrases import Readable, found, listed, words
from sangfroid.data_files import data
from sangfroid.model import Duty, ResponseVersion, rfc3339
from sangfroid.organisation import Organisation
from sangfroid.roster import person_for

NEWS = ("update", "closing_announcement", "response")
"""Kinds of texts that are news: once published, they keep the promises of earlier texts. A correction tells nothing new."""

MOST = 20
"""Promises that one text can open; a text that promises more is no text."""


@cache
def _phrases() -> dict[str, Any]:
    content: dict[str, Any] = data("sangfroid.cases", "promises.yaml")
    return content


def follow(file: CaseFile, organisation: Organisation) -> None:
    """Open a duty for each promise of a text that has reached its first readers, and close those that published news keeps.

    A promise binds from its first reader on: a channel that fails, a freeze that lets one statement out, a community that is told
    first do not wait with the clock of what was promised. It is kept only by news that has reached everybody.
    """
    if file.case.status == "triage":
        return
    for line in file.lines:
        if line.kind == "answer" or line.state != "approved":
            continue
        if line.version not in file.case.promises_read and facts.has_readers(file, line):
            version = file.version(line.version)
            if version is None:
                continue
            file.case.promises_read = [*file.case.promises_read, line.version]
            _open(file, version, organisation)
        if line.kind not in NEWS:
            continue
        owed = [duty for duty in _owed(file) if (duty.promised_in or 0) < line.version]
        if owed and facts.confirmed(file, organisation, line):
            _keep(file, owed, line.version)


def _owed(file: CaseFile) -> list[Duty]:
    """The news that texts have promised for a time, and that is still owed."""
    return [
        duty
        for duty in file.case.duties
        if duty.promised_in is not None and duty.automatic and duty.state == "open"
    ]


def _keep(file: CaseFile, owed: list[Duty], version: int) -> None:
    for duty in owed:
        late = duty.due_at is not None and file.now > duty.due_at
        if late and duty.broken_at is None:
            duty.broken_at = duty.due_at
        duty.state, duty.by, duty.closed_at = "done", "sangfroid", file.now
        duty.evidence = f"version {version}"
        file.note("promise_broken" if late else "promise_kept", duty=duty.id, version=version)


def _open(file: CaseFile, version: ResponseVersion, organisation: Organisation) -> None:
    zone = ZoneInfo(organisation.time_zone)
    for at in times(version.texts, file.now, zone)[:MOST]:
        standing = next((duty for duty in _owed(file) if duty.due_at == at), None)
        if standing is not None:
            if at > file.now:
                standing.promised_in = version.version  # said again: the text that says it does not keep it
        else:
            _add(file, organisation, version, _news_title(at.astimezone(zone)), "writer", at)
    if quote := each_person(version.texts):
        title = {"fr": f"Promis à chacun : « {quote} »", "en": f"Promised to each person: “{quote}”"}
        if not any(duty.title == title for duty in file.case.duties):
            _add(file, organisation, version, title, "customer_care", None)


def times(texts: dict[str, str], now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The times, in order, that the texts name for the next news; those to come, or the last one where all are past."""
    named: set[datetime] = set()
    for language, text in texts.items():
        readable = Readable(text, language)
        phrases = listed(words()["owed"]["next_news"], readable.language)
        for start, end in news_times(readable, phrases):
            named |= {one.at for one in moments.promised(readable, now, zone, start, end)}
    to_come = sorted(at for at in named if at > now)
    return to_come or sorted(named)[-1:]


def each_person(texts: dict[str, str]) -> str | None:
    """What is promised to each person in one of the texts, as it stands there; None where nothing is."""
    for language, text in texts.items():
        readable = Readable(text, language)
        for span in found(readable, listed(_phrases()["each_person"], readable.language)):
            return " ".join(span.quote.split())[:120]
    return None


def _news_title(at: datetime) -> dict[str, str]:
    french = f"{at.day} {moments.month_name(at.month, 'fr')} à {at.hour} h{f' {at.minute:02d}' if at.minute else ''}"
    english = f"{at.day} {moments.month_name(at.month, 'en')} at {at.hour}:{at.minute:02d}"
    return {"fr": f"Nouvelle promise pour le {french}", "en": f"News promised for {english}"}


def _add(
    file: CaseFile,
    organisation: Organisation,
    version: ResponseVersion,
    title: dict[str, str],
    role: str,
    due: datetime | None,
) -> None:
    case = file.case
    number = 1 + sum(1 for duty in case.duties if duty.promised_in is not None)
    owner = person_for(organisation, role, file.now)
    duty = Duty(
        id=f"P{number}",
        title=title,
        role=role,
        owner=owner.id if owner is not None else None,
        due_at=due,
        opened_at=file.now,
        automatic=due is not None,
        evidence_required=due is None,
        promised_in=version.version,
    )
    case.duties.append(duty)
    file.note(
        "promise_made",
        duty=duty.id,
        version=version.version,
        due_at=rfc3339(due) if due else None,
        owner=duty.owner,
    )
    if due is not None:
        file.start("rounds", f"{case.id}-promise-{duty.id}", case_id=case.id, duty=duty.id)


def look(file: CaseFile, duty: Duty, silent_since: datetime | None = None) -> dict[str, Any]:
    """Whether the time of a promise has come: `{"outcome": "wait" | "missed" | "over", "until": RFC 3339}`.

    `missed` once, when it is broken; then it is over, for a promise is broken only once. Where a freeze has forbidden to speak
    since `silent_since`, before its time, it is broken all the same for those who read it, but nobody is called for it.
    """
    due = duty.due_at
    if file.case.status == "closed" or duty.state != "open" or due is None or duty.broken_at is not None:
        return {"outcome": "over", "until": rfc3339(file.now)}
    if file.now < due:
        return {"outcome": "wait", "until": rfc3339(due)}
    duty.broken_at = due
    if silent_since is not None and silent_since <= due:
        duty.frozen_since = silent_since
        file.note("promise_broken", duty=duty.id, due_at=rfc3339(due), frozen_since=rfc3339(silent_since))
        return {"outcome": "over", "until": rfc3339(due)}
    file.note("promise_broken", duty=duty.id, due_at=rfc3339(due))
    return {"outcome": "missed", "until": rfc3339(due)}
