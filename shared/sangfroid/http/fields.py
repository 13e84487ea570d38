"""What bodies are made of: strict models (a misspelt or unknown field is refused, never lost) and the types of their fields.

Types are strict (no "120" for 120, no 1 for true); times are RFC 3339 texts with a zone. The lengths keep the longest
life of a case within DynamoDB's 400 KB an item.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from sangfroid.model import Status
from sangfroid.text.fields import Text
from sangfroid.text.identity import plain_id

RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-]\d\d:\d\d))", re.ASCII
)
LANGUAGE = r"^[a-z]{2,3}(-[A-Z]{2})?$"


def moment(value: Any) -> datetime:
    """An RFC 3339 text as an aware datetime in UTC; raises ValueError with what to send instead."""
    found = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be an RFC 3339 time with a zone, such as 2026-11-20T08:00:00Z")
    day, time, fraction, _, offset = found.groups()
    try:
        whole = f"{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{offset or '+00:00'}"
        return datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time that exists") from None


def due(value: Any) -> str:
    """A day (YYYY-MM-DD) or an RFC 3339 time, as it was written; raises ValueError."""
    if isinstance(value, str):
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                date.fromisoformat(value)
            else:
                moment(value)
            return value
        except ValueError:
            pass
    raise ValueError("must be a day such as 2026-12-31, or an RFC 3339 time")


Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Due = Annotated[str, BeforeValidator(due), WithJsonSchema({"type": "string", "examples": ["2026-12-31"]})]
StatusFilter = Literal["", Status]
CaseType = Annotated[int, Field(ge=1, le=4)]


LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE)]


Reason = Annotated[str, Text(2_000)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Reference = Annotated[str, StringConstraints(max_length=2_000)]


class Shape(BaseModel):
    """Base of what goes over HTTP. It is built when the first call needs it: of 160 shapes a cold Lambda needs a few."""

    model_config = ConfigDict(defer_build=True)


class Body(Shape):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", strict=True)


PersonId = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(plain_id)]
"""Whom a call names, in the one plain form of an id."""

CaseId = Annotated[str, Path(alias="id")]
Cursor = Annotated[str | None, Query(max_length=1_000, pattern=r"^[A-Za-z0-9_-]*$")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]
