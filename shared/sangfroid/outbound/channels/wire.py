"""HTTP for the adapters: one call at a time, within a hard time limit, with every failure told apart (I6).

The time limit holds for the whole of one adapter call, however slowly the other side sends: the lease of a sending and the
effective time of a freeze rest on it (I3). No address, header or body of a call is logged or stands in an error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import httpx

from sangfroid import wall_clock
from sangfroid.outbound.channels.timed import Deadline, TimedTransport
from sangfroid.outbound.errors import AnswerLost, ChannelFault, ChannelRefused, ChannelThrottled

for _name in ("httpx", "httpcore"):
    # Both log addresses, and the addresses of some platforms hold the token.
    logging.getLogger(_name).setLevel(logging.WARNING)

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    httpx.ProxyError,
)
"""Errors that come before a byte of the request has left."""

File = tuple[str, bytes, str]
"""Name, bytes and media type of a file in a multipart body."""

LARGEST_ANSWER = 4_000_000
LONGEST_WAIT = 24 * 3600.0
DETAIL = 200
SAFE = ("GET", "HEAD")


@dataclass(frozen=True)
class Answer:
    """What a platform answered."""

    status: int
    headers: httpx.Headers
    body: bytes

    def document(self) -> dict[str, Any]:
        """The JSON object of the body; empty where there is none. A name that is missing in it is raised as AnswerLost."""
        found = self._json()
        return found if isinstance(found, dict) else _Document()

    def items(self) -> list[dict[str, Any]]:
        """The JSON objects of the list that the body is; raises AnswerLost where it is none."""
        found = self._json()
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise AnswerLost("the platform's answer is not the list that it documents")
        return found

    def _json(self) -> Any:
        try:
            return json.loads(self.body, object_hook=_Document)
        except ValueError:
            return None


class _Document(dict[str, Any]):
    """An object of an answer. What a platform documents and does not send leaves open what it did."""

    def __missing__(self, name: str) -> Any:
        raise AnswerLost(f"the platform's answer lacks `{name}`")


class Wire:
    """Calls to one platform. `scrub` removes the channel's secrets from what a platform says about a fault."""

    def __init__(self, platform: str, deadline: Deadline, scrub: Callable[[str], str]) -> None:
        self.platform = platform
        self.deadline = deadline
        self._scrub = scrub

    def call(
        self,
        method: str,
        url: str,
        *,
        ok: Iterable[int] = (),
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        files: Mapping[str, File] | None = None,
        auth: tuple[str, str] | None = None,
        looking: bool | None = None,
    ) -> Answer:
        """One call; any 2xx and the statuses `ok` come back, everything else is raised as a ChannelFault.

        With `files` the body is multipart/form-data, `form` its plain fields. `looking`: the call changes nothing that can be
        seen on the platform (a GET by default), so that its loss is not a lost publication.
        """
        looking = method in SAFE if looking is None else looking
        fault: ChannelFault | None = None
        answer: Answer | None = None
        try:
            request = _request(method, url, headers, params, json, form, content, files, auth)
            answer = self._exchange(request)
        except NOT_SENT as error:
            fault = ChannelRefused(f"{self.platform} was not reached ({type(error).__name__})")
        except (httpx.HTTPError, httpcore.TimeoutException, _TooLarge) as error:
            fault = self._lost(f"did not answer ({type(error).__name__})", looking)
        except (UnicodeError, ValueError, TypeError) as error:
            fault = ChannelRefused(
                f"{self.platform} cannot be called ({type(error).__name__}): a setting or secret is malformed"
            )
        if fault is not None or answer is None:
            # Raised here and not in the handler: the original error holds the request, and with it the credentials.
            raise fault or AnswerLost(f"{self.platform} did not answer")
        if 200 <= answer.status < 300 or answer.status in tuple(ok):
            return answer
        raise self.fault(answer, looking)

    def fault(self, answer: Answer, looking: bool = False, detail: str | None = None) -> ChannelFault:
        """What a status other than 2xx means; an adapter asks first whether its platform means something else by it."""
        said = self.said(answer) if detail is None else self._scrub(detail)[:DETAIL]
        what = f"{self.platform} answered {answer.status}" + (f": {said}" if said else "")
        if answer.status == 429:
            return ChannelThrottled(retry_after(answer.headers), f"{self.platform} asks to slow down")
        if answer.status in (401, 403):
            # A person can mend the credentials or the permission, so the delivery is not given up.
            return ChannelRefused(what)
        if answer.status == 408 or answer.status >= 500:
            return self._lost(what.removeprefix(f"{self.platform} "), looking)
        return ChannelRefused(what, permanent=True)

    def said(self, answer: Answer) -> str:
        """What the platform says about a fault, short and without secrets."""
        document = answer.document()
        inner = document.get("error")
        candidates = [
            document.get(name) for name in ("message", "error_description", "detail", "description", "title")
        ]
        if isinstance(inner, dict):
            candidates.insert(0, inner.get("message"))
        elif isinstance(inner, str):
            candidates.append(inner)
        if isinstance(document.get("errcode"), str):
            candidates.insert(0, f"{document['errcode']} {document.get('error', '')}")
        said = next((text for text in candidates if isinstance(text, str) and text), "")
        return self._scrub(" ".join(said.split()))[:DETAIL]

    def _lost(self, what: str, looking: bool) -> ChannelFault:
        if looking:
            return ChannelRefused(f"{self.platform} {what}; nothing was published by this call")
        return AnswerLost(f"{self.platform} {what}")

    def _exchange(self, request: httpx.Request) -> Answer:
        left = self.deadline.left
        if left <= 0:
            raise httpx.ConnectTimeout("the time limit was over before the call")
        timeout = httpx.Timeout(left)
        transport = TimedTransport(self.deadline)
        with httpx.Client(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
        ) as client:
            response = client.send(request, stream=True)
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise _TooLarge
            return Answer(response.status_code, response.headers, bytes(body))


class _TooLarge(Exception):
    """An answer beyond all reason."""


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str] | None,
    params: Mapping[str, str] | None,
    body: Any,
    form: Mapping[str, str] | None,
    content: bytes | None,
    files: Mapping[str, File] | None,
    auth: tuple[str, str] | None,
) -> httpx.Request:
    given = {"user-agent": "sangfroid", "accept": "application/json", **(headers or {})}
    if body is not None:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        given.setdefault("content-type", "application/json")
    request = httpx.Request(
        method,
        url,
        params=params,
        headers=given,
        content=content,
        data=dict(form) if form else None,
        files=dict(files) if files else None,
    )
    if auth is not None:
        return next(httpx.BasicAuth(*auth).auth_flow(request))
    return request


def retry_after(headers: Mapping[str, str], default: float = 30.0) -> float:
    """Seconds to wait by `Retry-After` (seconds or a date) or a reset header (epoch seconds or RFC 3339), 1 s to 24 h."""
    now = wall_clock.now()
    for name in (
        "retry-after",
        "x-ratelimit-reset-after",
        "x-rate-limit-reset",
        "x-ratelimit-reset",
        "ratelimit-reset",
    ):
        value = headers.get(name)
        seconds = _seconds(value, now) if value else None
        if seconds is not None:
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return default


def _seconds(value: str, now: datetime) -> float | None:
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        if number != number or number in (float("inf"), float("-inf")):
            return None
        # A number this large is a moment, not a duration.
        return number - now.timestamp() if number > 1_000_000_000 else number
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(value)
        except (ValueError, TypeError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - now).total_seconds()
    return None
