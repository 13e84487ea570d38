"""The freeze as HTTP shows it."""

from __future__ import annotations

from typing import Literal

from sangfroid.http.shapes import Document
from sangfroid.model import (
    Audience,
    Instant,
)  # fmt: skip
from sangfroid.store.freeze import FreezeState


class ReleaseShown(Document):
    """One director's yes to a stage of the release."""

    scope: Literal["statement", "all"]
    by: str
    at: Instant
    reason: str
    case_id: str | None = None
    version: int | None = None
    content_hash: str | None = None


class SuspensionShown(Document):
    """What was stopped on one channel."""

    channel: str
    result: str
    detail: str
    at: Instant
    verified_at: Instant | None
    proof: str | None
    proof_by: str | None


class ToStopByHand(Document):
    """A channel that a person has to stop; open until a proof is attached."""

    channel: str
    what: str
    proof: str | None
    proof_by: str | None


class HeldShown(Document):
    """A delivery that the freeze holds back."""

    case_id: str
    delivery: str
    channel: str
    audience: Audience
    kind: str
    reason: str | None
    held_at: Instant


class FreezeDocument(Document):
    """The one freeze of the company: `open`, `raised`, `effective` (nothing is in flight), `statement` (staged release)."""

    state: FreezeState
    active: bool
    epoch: int
    raised_epoch: int
    reason: str | None
    raised_at: Instant | None
    raised_by: str | None
    effective_at: Instant | None
    suspended_at: Instant | None
    released_at: Instant | None
    cases: list[str]
    released_cases: list[str]
    holding: list[str]
    statements: dict[str, str]
    releases: list[ReleaseShown]
    suspensions: list[SuspensionShown]
    checklist: list[ToStopByHand]
    in_flight: int
    held: list[HeldShown]
    more_held: bool
