"""The case document as an answer, with a page of its messages."""

from __future__ import annotations

from typing import Any

from sangfroid.casefile import CaseFile
from sangfroid.http import cursors, documents
from sangfroid.http.router import Calls
from sangfroid.store import message_sort

MESSAGES_A_PAGE = 100


def case_shown(calls: Calls, file: CaseFile, cursor: str | None = None) -> dict[str, Any]:
    """The case in the caller's language; `cursor` asks for a further page of its messages."""
    reading, case = calls.desk.reading, file.case
    after = cursors.read("messages", case.id, cursor) if cursor else None
    page = reading.messages(case.id, MESSAGES_A_PAGE, after)
    following = None
    if len(page) == MESSAGES_A_PAGE:
        following = cursors.write("messages", case.id, message_sort(page[-1]))
    case.message_count += reading.uncounted(case)
    return documents.case_document(file, page, calls.language, following)
