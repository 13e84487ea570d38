"""The case document as an answer, with a page of each list that can grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.http import cursors, documents
from sangfroid.http.router import Calls
from sangfroid.store import message_sort

A_PAGE = 100


@dataclass(frozen=True)
class Asked:
    """Cursors of the pages that somebody asks for; None: the first."""

    messages: str | None = None
    deliveries: str | None = None
    responses: str | None = None


def case_shown(calls: Calls, file: CaseFile, asked: Asked | None = None) -> dict[str, Any]:
    """The case in the caller's language, with one page of each list that can grow."""
    reading, case, asked = calls.desk.reading, file.case, asked or Asked()
    after = cursors.read("messages", case.id, asked.messages) if asked.messages else None
    messages = reading.messages(case.id, A_PAGE, after)
    place = message_sort(messages[-1]) if len(messages) == A_PAGE else None
    after = cursors.read("deliveries", case.id, asked.deliveries) if asked.deliveries else None
    deliveries, key = reading.deliveries(case.id, A_PAGE, after)
    first = int(cursors.read("responses", case.id, asked.responses)) if asked.responses else 0
    versions = [version for version in file.responses if version.version > first]
    later = str(versions[A_PAGE - 1].version) if len(versions) > A_PAGE else None
    case.message_count += reading.uncounted(case)
    pages = documents.Pages(
        messages, deliveries, versions[:A_PAGE],
        messages_next=cursors.write("messages", case.id, place) if place else None,
        deliveries_next=cursors.write("deliveries", case.id, key) if key else None,
        responses_next=cursors.write("responses", case.id, later) if later else None,
    )  # fmt: skip
    return documents.case_document(file, pages, calls.language)
