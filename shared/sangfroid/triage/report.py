"""What goes into triage and what comes out of it: `Report` and `Verdict`.

`Report` is the body of POST /incidents; the models know nothing of HTTP. Times are aware; `published_at` is the
publication time of the message, not of the report (I1).
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sangfroid.model import Author, CaseNumber, Origin, Severity
from sangfroid.text.fields import Line, Text

Platform = Literal[
    "x", "facebook", "instagram", "linkedin", "tiktok", "youtube", "reddit", "bluesky",
    "mastodon", "blog", "forum", "press", "review", "app_store", "other",
]  # fmt: skip
AtFault = Literal["company", "external", "unknown"]
By = Literal["rules", "model", "insider"]
Field_ = Literal["text", "notes", "bio", "profile", "asserted"]

MAX_TEXT = 20_000
MAX_NOTES = 10_000


class Profile(BaseModel):
    """The public profile of the person who wrote the message, as far as it was seen."""

    model_config = ConfigDict(frozen=True)

    handle: str = Field(default="", max_length=200)
    bio: str = Field(default="", max_length=2_000)
    followers: int = Field(default=0, ge=0, le=10_000_000_000, description="people who follow the account")
    account_age_days: int | None = Field(
        default=None, ge=0, le=100_000, description="age of the account in days"
    )


class ReportedMessage(BaseModel):
    """One public message as found."""

    model_config = ConfigDict(frozen=True)

    text: Annotated[str, Text(MAX_TEXT)]
    language: str | None = Field(default=None, max_length=35, description="BCP 47 tag; None = not known")
    platform: Platform
    url: str | None = Field(default=None, max_length=2_000)
    author: Profile = Profile()
    published_at: AwareDatetime
    on_own_platform: bool = Field(default=False, description="on a page that the company itself administers")


class Asserted(BaseModel):
    """What an insider vouches for; it outweighs the text. A misspelt name here is refused, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidential_leak: bool = False
    at_fault: AtFault = "unknown"


class IncidentReport(BaseModel):
    """What a person or a listening tool reports: the body of POST /incidents.

    `message` is None where nothing is public yet: somebody asked (`enquiry`) or found it inside (`internal`), at `known_at`.
    """

    model_config = ConfigDict(frozen=True)

    brand: Annotated[str, Line(200)]
    message: ReportedMessage | None = None
    notes: str = Field(default="", max_length=MAX_NOTES)
    asserted: Asserted = Asserted()
    origin: Origin = "message"
    known_at: AwareDatetime | None = None


class Report(IncidentReport):
    """One message found somewhere, with what the reporting person knows: what a classifier judges."""

    message: ReportedMessage


class Reason(BaseModel):
    """One piece of evidence: where it stands, word for word, and how much it weighs.

    `start` and `end` are character offsets into `field` (`end` exclusive; both 0 where the evidence is not a span);
    `weight` is in log-odds for the verdict it stands under; negative speaks against it.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    label: str
    quote: str = ""
    field: Field_
    start: int = 0
    end: int = 0
    weight: float


class Candidate(BaseModel):
    """One possible answer to show to a person, with its evidence."""

    model_config = ConfigDict(frozen=True)

    case: CaseNumber | None
    leak: bool
    probability: float = Field(ge=0, le=1)
    reasons: list[Reason] = Field(default_factory=list)


class Verdict(BaseModel):
    """What triage says about one report. `case` None = no crisis. `sure` False = ask a person.

    `leak` is the classification; `leak_suspected` has a lower threshold: only an insider's word (`by` "insider" with
    `leak`) is proof (I8). `suspicion` is the probability that data are out, `danger` that people may be hurt: what
    `harm.weigh` needs to say who is woken.
    """

    model_config = ConfigDict(frozen=True)

    case: CaseNumber | None
    leak: bool
    leak_suspected: bool
    author: Author
    severity: Severity
    confidence: float = Field(ge=0, le=1)
    by: By
    why: str
    reasons: list[Reason] = Field(default_factory=list)
    alternatives: list[Candidate] = Field(default_factory=list)
    contradictions: list[str] = Field(default_factory=list)
    sure: bool = False
    suspicion: float = Field(default=0.0, ge=0, le=1)
    danger: float = Field(default=0.0, ge=0, le=1)


class Classifier(Protocol):
    """Anything that can judge a report; see `Embedded` and `Bedrock`."""

    def classify(self, report: Report) -> Verdict:
        """The verdict on `report`, before insider facts and the threshold are applied."""
        ...
