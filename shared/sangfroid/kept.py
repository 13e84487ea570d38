"""What everything that the store keeps is made of: one base, and times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer

ResponseState = Literal["draft", "in_review", "approved", "rejected", "superseded"]
ResponseKind = Literal["response", "update", "closing_announcement", "correction", "answer", "holding"]


def rfc3339(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with `Z`; microseconds only where there are any."""
    text = moment.astimezone(UTC).isoformat()
    return text.replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


class Model(BaseModel):
    """Base of everything that is stored: unknown attributes are refused, so a typo cannot hide."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    @classmethod
    def kept(cls, document: dict[str, Any]) -> Self:
        """A document of the store. What a later release has added is left aside, here and further inside: while a deployment
        shifts, and after it was taken back, older code reads what newer code wrote (decision 0104).
        """
        return cls.model_validate(document, extra="ignore")
