"""What a case knows without reading what stands beside it (I15): of its reports, its deliveries and its versions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sangfroid.kept import Instant, Model, ResponseKind, ResponseState


class Tally(Model):
    """How far the case knows the counters of its arrivals (cases/arrivals.py).

    `taken` reports are in its count of messages; the counters up to `since` are added up for good in `base`.
    """

    taken: int = 0
    base: int = 0
    since: str | None = None


class Stuck(Model):
    """A delivery that a person must decide over, as the case knows it."""

    channel: str
    state: Literal["failed", "manual"]
    since: Instant


class Proposed(Model):
    """A publication that somebody proposes to take back, as the case knows it."""

    channel: str
    by: str
    since: Instant


class DeliveryTally(Model):
    """What a case knows of its deliveries without reading them (cases/tally.py)."""

    planned: list[int] = Field(default_factory=list, description="Versions that have deliveries.")
    out: dict[str, int] = Field(
        default_factory=dict, description="version -> deliveries that reached their readers"
    )
    back: dict[str, int] = Field(
        default_factory=dict, description="version -> those of them that were taken back since"
    )
    stuck: dict[str, Stuck] = Field(default_factory=dict, description="key -> what a person must decide over")
    proposed: dict[str, Proposed] = Field(
        default_factory=dict, description="key -> what may be taken back, if another person agrees"
    )
    leaving: list[str] = Field(
        default_factory=list, description="Deliveries that take something back and are not done."
    )
    confirmed: dict[str, str] = Field(
        default_factory=dict,
        description="<version>:<audiences> -> digest of the places that all gave back a URL or id.",
    )


class ReviewLine(Model):
    """Of a version in review: who is asked, who has said yes, how many are needed, and whose words it is."""

    asked: list[str]
    given: list[str]
    needed: int
    authors: list[str] = Field(
        default_factory=list, description="Everybody whose words these are; empty: not drawn yet."
    )


class VersionLine(Model):
    """One version of a response in one line, as the case knows it (cases/version_lines.py).

    Consequences are drawn from it. Nobody approves by it and nothing is sent by it: those read the version itself (I5).
    """

    version: int
    kind: ResponseKind
    state: ResponseState
    by: str
    at: Instant
    languages: list[str]
    channel: str | None = Field(default=None, description="The one way that an answer goes.")
    corrects: int | None = None
    content_hash: str = Field(default="", description="Of an approved response.")
    review: ReviewLine | None = None
