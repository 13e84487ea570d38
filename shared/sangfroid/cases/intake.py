"""From an incident report to a case, or into an open one (I1, I7)."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import datetime
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.cases import clocks, joining, no_response, titles
from sangfroid.model import Case, Message, rfc3339
from sangfroid.triage.report import IncidentReport, ReportedMessage


def text_print(text: str) -> str:
    """Fingerprint of a text that survives capitals, accents, punctuation and links."""
    plain = unicodedata.normalize("NFKD", re.sub(r"https?://\S+", "", text)).casefold()
    words = re.findall(r"\w+", "".join(char for char in plain if not unicodedata.combining(char)))
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]


def prints(message: ReportedMessage) -> list[str]:
    """What identifies a message: its address, and its words. A report that shares one belongs to the same open case."""
    return prints_of(message.url, message.text)


def prints_of(url: str | None, text: str) -> list[str]:
    """`prints` of an address and a text."""
    found = []
    if url:
        found.append(joining.url_print(url))
    if re.search(r"\w", text):
        found.append("WORDS#" + text_print(text))
    return found


def open_case(case_id: str, incident_id: str, report: IncidentReport, now: datetime, by: str) -> CaseFile:
    """A new case: clocks run from the publication of the message, and its crisis is going to be started.

    One that begins before anything is public (a question, a discovery of one's own) has no clock of the response yet.
    """
    case = Case(
        id=case_id,
        brand=report.brand,
        origin=report.origin,
        known_at=report.known_at,
        notes=report.notes if report.message is None else "",
        first_published_at=report.message.published_at if report.message is not None else None,
        opened_at=now,
        opened_by=by,
        updated_at=now,
        asserted=report.asserted.model_dump(exclude_unset=True),
    )
    file = CaseFile(case, now, by)
    file.note("case_opened", case_id=case_id, brand=report.brand, **_began(case))
    clocks.open_clocks(file)
    if report.message is not None:
        add_message(file, report.message, incident_id=incident_id, notes=report.notes)
    else:
        titles.consider(case, report.notes, report.known_at or now)
    file.start("crisis", case_id, case_id=case_id)
    return file


def _began(case: Case) -> dict[str, str | None]:
    """Since when the case counts: its first public message, or how and when it became known."""
    if case.first_published_at is not None:
        began: dict[str, str | None] = {"origin": rfc3339(case.first_published_at)}
        return began | ({"by_way_of": case.origin} if case.origin != "message" else {})
    return {
        "origin": None,
        "by_way_of": case.origin,
        "known_at": rfc3339(case.known_at) if case.known_at is not None else None,
    }


def join_case(file: CaseFile, incident_id: str, report: IncidentReport, how: str = "words") -> bool:
    """Add a report to the open case that it belongs to; True where it newly vouches for a leak.

    `how` it was found: `address`, `words`, `link`, `text` (a near-duplicate) or `topic`.
    What an insider asserts is kept when nothing was asserted before; that a leak is vouched for outweighs an earlier no.
    """
    file.note("report_joined", incident_id=incident_id, by=how)
    newly_leaked = report.asserted.confidential_leak and not file.case.asserted.get("confidential_leak")
    if newly_leaked:
        file.case.asserted["confidential_leak"] = True
    for fact, value in report.asserted.model_dump(exclude_unset=True).items():
        file.case.asserted.setdefault(fact, value)
    if report.message is not None:
        add_message(file, report.message, incident_id=incident_id, notes=report.notes)
    return newly_leaked


def add_message(
    file: CaseFile, message: ReportedMessage, *, incident_id: str | None = None, notes: str = ""
) -> Message:
    """Add one message; an earlier publication moves every clock (I1)."""
    case = file.case
    case.message_count += 1
    stored = Message(
        id=f"m{case.message_count:06d}",
        case_id=case.id,
        incident_id=incident_id,
        notes=notes,
        reported_by=file.by,
        reported_at=file.now,
        author=message.author.model_dump() if message.author else {},
        **message.model_dump(exclude={"author"}),
    )
    file.messages.append(stored)
    titles.consider(case, stored.text, stored.published_at)
    file.note(
        "message_added",
        message=stored.id,
        published_at=rfc3339(stored.published_at),
        platform=stored.platform,
    )
    known = case.first_published_at
    if known is None:
        clocks.move_origin(file, message.published_at, f"the first public message ({stored.id})")
    elif message.published_at < known:
        clocks.move_origin(file, message.published_at, f"an earlier message was found ({stored.id})")
    origin = case.first_published_at
    if case.proposed_origin is not None and origin and origin <= case.proposed_origin.published_at:
        # A person has added it, or something earlier still.
        case.proposed_origin.state = "accepted"
    if case.message_count > 1:
        no_response.consider_reopening(file, stored)
    return stored


def withdraw_message(file: CaseFile, message: Message, others: list[Message], reason: str) -> None:
    """Take back a message that does not belong to the case; the clocks move back to the earliest one that is left."""
    message.withdrawn = True
    file.messages.append(message)
    file.note("message_withdrawn", message=message.id, reason=reason)
    titles.anew(file.case, others)
    earliest = min(other.published_at for other in others)
    clocks.move_origin(file, earliest, f"message {message.id} was withdrawn: {reason}")


def fingerprint(document: dict[str, Any]) -> str:
    """Hash of a request body, to tell a repetition from another request under the same idempotency key."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
