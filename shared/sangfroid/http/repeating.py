"""The header Idempotency-Key on every call that changes something: the same call again gets the same answer, and is one act.

The mark stands in the act's own transaction wherever the act is a change of a case; elsewhere it follows it at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aws_lambda_powertools.event_handler import Response

from sangfroid.casework import Casework
from sangfroid.errors import FieldError, IllegalTransition, Invalid, Refused, Unavailable
from sangfroid.http import problems
from sangfroid.store import once
from sangfroid.table import ConditionFailed

KEY = re.compile(r"[\x21-\x7e]{1,200}")
GO_ON = frozenset({"POST /cases/{id}/merge", "POST /cases/{id}/split"})
"""Acts of several transactions: after an interruption the same call goes on with what is left."""

Act = Callable[[], Response[Any]]


def key_of(headers: dict[str, str] | Any) -> str | None:
    """The key of a call, or None; raises Rejected where it is none."""
    key: str | None = headers.get("idempotency-key")
    if key is not None and not KEY.fullmatch(key):
        fault = {
            "type": "idempotency_key",
            "loc": ("header", "idempotency-key"),
            "msg": "must be 1 to 200 visible characters of ASCII",
        }
        raise problems.Rejected([fault])
    return key


def carry_out(
    casework: Casework, by: str, call: str, path: str, key: str, body: Any, act: Act
) -> Response[Any]:
    """Carry the call out, or answer what it was answered before. Raises Invalid where the key came with something else."""
    now = casework.now()
    said = json.dumps([path, body], sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    this = once.Once(once.place(by, call, key), hashlib.sha256(said).hexdigest(), by, now)
    before = casework.table.get(*this.place)
    if before is not None and not _goes_on(before, this, call):
        return _again(before, this)
    try:
        with once.running(this if before is None else None):
            response = act()
    except once.Repeated:
        before = casework.table.get(*this.place)
        if before is None:  # pragma: no cover - it was there a moment ago
            raise Unavailable("The same call is being carried out. Please send it again.") from None
        return _again(before, this)
    with suppress(ConditionFailed, Refused):
        # What was done is done: an answer that cannot be kept is still given.
        content_type = str(response.headers.get("Content-Type") or response.content_type)
        this.keep(
            casework.table, response.status_code, content_type, str(response.body), known=before is not None
        )
    return response


def _goes_on(before: dict[str, Any], this: once.Once, call: str) -> bool:
    return before["fingerprint"] == this.fingerprint and call in GO_ON and once.answered(before) is None


def _again(before: dict[str, Any], this: once.Once) -> Response[Any]:
    if before["fingerprint"] != this.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for something else. Send a new key with a new call.",
            errors=[FieldError("", "not what came with this key before")],
        )
    answer = once.answered(before)
    if answer is None:
        raise IllegalTransition(
            f"This call was carried out at {before['at']}; its answer is not known any more. Look at the case."
        )
    status, content_type, body = answer
    safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(status, content_type, body, safe)
