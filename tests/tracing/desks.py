"""A desk that traces pages of a small web of the test's own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sangfroid.model import rfc3339
from sangfroid.tracing.fetch import Page
from sangfroid.tracing.findings import Tracing
from sangfroid.tracing.refusals import Unreachable
from sangfroid.tracing.tracer import Tracer
from tests.evidence.vaults import MemoryVault
from tests.support.desks import NINE, TestDesk

BSKY = "https://bsky.app/profile/bob.test/post/3k2"
API = "https://public.api.bsky.app/xrpc/app.bsky.feed.getPostThread?uri=at%3A%2F%2Fbob.test%2Fapp.bsky.feed.post%2F3k2&depth=0&parentHeight=30"


class Pages:
    """A web of a few pages; `asked` is every address that was fetched."""

    def __init__(self, **pages: Any) -> None:
        self.pages: dict[str, Any] = pages
        self.asked: list[str] = []

    def fetch(self, url: str) -> Page:
        self.asked.append(url)
        body = self.pages.get(url)
        if body is None:
            raise Unreachable("nobody there")
        if isinstance(body, Exception):
            raise body
        kind = "text/html" if isinstance(body, str) else "application/json"
        data = body if isinstance(body, str) else json.dumps(body)
        return Page(
            url,
            url,
            "93.184.216.34",
            200,
            [("content-type", kind), ("set-cookie", "secret=1")],
            kind,
            data.encode(),
        )


def traced(
    pages: Pages, *, case: int | None = 2, desk: TestDesk | None = None, **message: Any
) -> tuple[TestDesk, str]:
    """A report whose page was traced, after it was classified."""
    desk = desk or TestDesk(case=case)
    desk.desk.evidence._vault = desk.desk.evidence._vault or MemoryVault()
    body = {
        "text": "C'est en panne chez eux",
        "platform": "bluesky",
        "published_at": rfc3339(NINE - timedelta(hours=1)),
    } | message
    case_id = desk.report(message=body)
    desk.desk.triage.classify(case_id)
    answer = Tracing(desk.desk.casework, desk.desk.evidence, Tracer(pages)).trace(case_id)
    assert set(answer) == {"case_id", "outcome"}, "ids and states alone travel through the procedure"
    return desk, case_id
