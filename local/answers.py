"""Requests and answers as the door passes them on, and problem documents (RFC 9457)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass
class Request:
    """One request as it came: ``path`` without query and still percent-encoded, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = "127.0.0.1"


@dataclass
class Response:
    """One answer. ``headers``: names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The body as UTF-8 text."""
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        """The body read as JSON; None when it is empty."""
        return json.loads(self.body) if self.body else None


def reply(value: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8")
    return Response(status, {"content-type": "application/json"}, body)


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document; ``errors``: one {"pointer", "detail"} for each thing that is wrong with the body."""
    document: dict[str, Any] = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
    }  # fmt: skip
    if errors:
        document["errors"] = errors
    body = json.dumps(document, ensure_ascii=False).encode("utf-8")
    return Response(status, {"content-type": "application/problem+json", **(headers or {})}, body)
