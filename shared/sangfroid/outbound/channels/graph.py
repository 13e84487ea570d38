"""Meta's Graph API, as the Facebook and Instagram adapters use it (https://developers.facebook.com/docs/graph-api/).

The token goes in the `Authorization` header, never in an address. Rate limits come as HTTP 400 with an error code
(https://developers.facebook.com/docs/graph-api/overview/rate-limiting).
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import Field

from sangfroid.outbound.channels.http import HttpChannel, Line
from sangfroid.outbound.channels.settings import BaseUrl, Secret, Settings, Token
from sangfroid.outbound.channels.wire import Answer, File, retry_after
from sangfroid.outbound.errors import AnswerLost, ChannelFault, ChannelRefused, ChannelThrottled

THROTTLED = frozenset({4, 17, 32, 341, 368, 613, *range(80000, 80015)})
CREDENTIALS = frozenset({10, 102, 190, *range(200, 300)})
TRANSIENT = frozenset({1, 2})
DUPLICATE = 506
NOT_THERE = (100, 33)
"""Code and subcode for an object that does not exist; 100 alone is any parameter that Meta does not like."""
HALF_AN_HOUR = 1800.0


class GraphSettings(Settings):
    """Which version of the Graph API is spoken, and where it stands."""

    api: BaseUrl = "https://graph.facebook.com"
    version: str = Field(default="v24.0", pattern=r"^v[0-9]+\.[0-9]+$")


class GraphSecret(Secret):
    """A long-lived Page access token."""

    access_token: Token


GS = TypeVar("GS", bound=GraphSettings)


class GraphChannel(HttpChannel[GS, GraphSecret]):
    """Base of the adapters of Meta's platforms."""

    secret_model = GraphSecret

    def ask(
        self,
        line: Line[GraphSecret],
        method: str,
        route: str,
        *,
        form: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        files: dict[str, File] | None = None,
        ok: tuple[int, ...] = (),
    ) -> Answer:
        """One call; raises what Meta's error code means. 400 comes back only where it is in `ok`, for what is not there."""
        headers = {"authorization": f"Bearer {line.secret.access_token}"}
        url = f"{self.settings.api}/{self.settings.version}/{route}"
        statuses = tuple({*ok, 400, 403, 404, 500})
        answer = line.wire.call(
            method, url, form=form, params=query, files=files, headers=headers, ok=statuses
        )
        if answer.status < 300:
            return answer
        fault = self._fault(line, method, answer)
        error = error_of(answer)
        if answer.status in ok and (error.get("code"), error.get("error_subcode")) == NOT_THERE:
            return answer
        raise fault

    def _fault(self, line: Line[GraphSecret], method: str, answer: Answer) -> ChannelFault:
        error = error_of(answer)
        code = error.get("code")
        what = f"{self.platform}: error {code} {line.wire.said(answer)}".strip()
        if code in THROTTLED:
            return ChannelThrottled(_regain(answer))
        if code == DUPLICATE:
            return AnswerLost(f"{self.platform} says that the same text was posted just before")
        if code in CREDENTIALS:
            return ChannelRefused(what)
        if code in TRANSIENT or error.get("is_transient") or answer.status >= 500:
            return ChannelRefused(what) if method == "GET" else AnswerLost(what)
        return ChannelRefused(what, permanent=True)


def error_of(answer: Answer) -> dict[str, Any]:
    """Meta's error object; empty where there is none."""
    error = answer.document().get("error")
    return error if isinstance(error, dict) else {}


def _regain(answer: Answer) -> float:
    """Seconds until calls are allowed again, by `X-Business-Use-Case-Usage` (minutes), else half an hour."""
    try:
        usage = json.loads(answer.headers.get("x-business-use-case-usage", "{}"))
        minutes = [
            float(one["estimated_time_to_regain_access"]) for entries in usage.values() for one in entries
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        minutes = []
    if minutes and max(minutes) > 0:
        return min(max(minutes) * 60, 24 * 3600.0)
    return retry_after(answer.headers, HALF_AN_HOUR)
