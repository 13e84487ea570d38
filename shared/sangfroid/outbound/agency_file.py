"""The file of a case for the agency (C4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sangfroid.model import Case, Event, Message, rfc3339
from sangfroid.outbound.wording import event_name, typeset, words

LONGEST_FILE = 60_000
"""Characters of the agency's file; what is left out is said, and stands in the case."""


def file_for_agency(
    case: Case,
    messages: Iterable[Message],
    evidence: Iterable[dict[str, Any]] = (),
    events: Iterable[Event] = (),
    reply: dict[str, Any] | None = None,
) -> str:
    """The whole file in plain text (C4.1): what is established apart from what is supposed, messages with their authors and
    notes, evidence, timeline; and where to reply."""
    first, trace = case.first_published_at, case.trace
    lines = [f"{case.brand} · {_both('severities', case.severity)}", ""]
    if reply is not None:
        lines += [f"Répondre / Reply ({reply['expires_at']}) : {reply['url']}", ""]
    lines += [
        "ÉTABLI / ESTABLISHED",
        f"1st: {rfc3339(first) if first else '–'}",
        f"messages: {case.message_count}",
    ]
    lines += [f"{name}: {value}" for name, value in sorted(case.asserted.items())]
    lines += [
        "",
        "SUPPOSÉ / SUPPOSED",
        f"case {case.case}: {case.why}",
        f"author: {case.author} ({case.confidence:.2f})",
    ]
    if trace is not None:
        lines += [
            f"rivals: {', '.join(trace.rivals) or '–'}",
            f"source: {trace.note}",
            f"author of the page: {trace.author.name}",
        ]
    lines += ["", "MESSAGES"]
    for message in messages:
        author = " · ".join(str(value) for name, value in message.author.items() if value and name != "bio")
        lines.append(
            f"- {rfc3339(message.published_at)} {message.platform} {message.url or ''} [{author or '–'}]\n  {message.text}"
        )
        lines += [f"  note: {message.notes}"] if message.notes else []
    lines += ["", "PREUVES / EVIDENCE"]
    for one in evidence:
        files = ", ".join(f"{file['name']} (sha256 {file['sha256']})" for file in one.get("files", []))
        lines.append(f"- {one.get('id')} {one.get('source_url') or ''} {one.get('note') or ''}: {files}")
    lines += ["", "CHRONOLOGIE / TIMELINE"]
    lines += [f"- {rfc3339(event.at)} {_happened(event)} ({event.by})" for event in events]
    text = "\n".join(lines)
    return (
        text
        if len(text) <= LONGEST_FILE
        else text[:LONGEST_FILE] + "\n[… la suite est dans le dossier / the rest is in the case]"
    )


def _both(section: str, name: str) -> str:
    return " / ".join(str(words(section, language)[name]) for language in ("fr", "en"))


def _happened(event: Event) -> str:
    """What happened, in both languages: the agency's is not known here."""
    return " / ".join(
        typeset(event_name(event.kind, event.data, language), language) for language in ("fr", "en")
    )
