"""The parts of an organisation file: brands, people, channels, ladders, thresholds, sources of reports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sangfroid.model import Audience, CaseNumber, ClockId, Role
from sangfroid.staffing import Duration, Hours, Zone
from sangfroid.text import mail_address
from sangfroid.triage import harm
from sangfroid.triage.report import Platform

Language = Literal["fr", "en"]

E_MAIL = ("ses", "smtp")
"""Types of channels whose addresses are those of e-mail."""


ANSWERED_AT = {"pagerduty": ("pagerduty", "outbox"), "twilio": ("twilio_voice", "outbox")}
"""Format of a source -> types of channels whose pages it answers; the desk's own record stands for any, in rehearsals."""


ReportField = Literal[
    "brand", "notes", "message.text", "message.language", "message.url", "message.platform", "message.published_at",
    "message.on_own_platform", "message.author.handle", "message.author.bio", "message.author.followers",
]  # fmt: skip
"""What a listening tool's alert may fill of an incident report."""


def both_languages() -> list[Language]:
    return ["fr", "en"]


def reminders() -> dict[ClockId, list[timedelta]]:
    return {
        "response_ready": [timedelta(hours=6), timedelta(hours=2), timedelta(minutes=30)],
        "response_published": [timedelta(hours=24), timedelta(hours=6), timedelta(hours=1)],
        "first_word": [timedelta(minutes=20)],
    }


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(Part):
    """A name under which the public knows the company, and the languages in which it answers."""

    name: str
    aliases: list[str] = Field(default_factory=list)
    languages: list[Language] = Field(default_factory=both_languages, min_length=1)


class Reach(Part):
    """How one person is reached on one channel; `address` is a mailbox, a number or a handle there."""

    channel: str
    address: str


class Person(Part):
    """Somebody of the team. `duties` are the roles of the playbooks and of the crisis cell, `access` those of the HTTP interface.

    `reach` is in the order in which the ways are tried. Whoever leaves stays in the file, marked `left`: cases go on naming them.
    """

    id: str
    name: str
    language: Language = "en"
    time_zone: Zone | None = Field(default=None, description="Else the organisation's.")
    access: list[Role] = Field(default_factory=list)
    duties: list[str] = Field(default_factory=list)
    reach: list[Reach] = Field(default_factory=list)
    email: str | None = Field(default=None, description="To which the invitation to sign in goes.")
    quiet_hours: Hours | None = Field(default=None, description="Else the organisation's.")
    subjects: list[str] = Field(
        default_factory=list,
        description="How tokens name the person, where that is not the id: `sub` or user name of an own identity provider.",
    )
    phone: str | None = Field(default=None, pattern=r"^\+?[0-9 ().-]{3,25}$", description="For call buttons.")
    left: Literal[True] | date | None = Field(
        default=None,
        description="`true`, or the first day on which they no longer are with the organisation.",
    )


class ChannelSettings(Part):
    """One place where texts go. `type` names the adapter; `settings` is what that adapter validates for itself.

    `publishes` is False for places that carry notices but never a response; `required` ones hold the 48 h clock.
    `time_limit` is the longest that one call to the platform may take; a sending makes up to three, and its Lambda's own
    time limit must leave room for them.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    type: str
    audience: Audience
    languages: list[Language] = Field(default_factory=both_languages, min_length=1)
    required: bool = True
    publishes: bool = True
    time_limit: Duration = Field(default=timedelta(seconds=10), gt=timedelta(0), le=timedelta(seconds=15))
    statement_during_freeze: bool = False
    answers: list[Platform | Literal["email"]] = Field(
        default_factory=list,
        description="Whose messages are answered one to one through this channel (C1.5): platforms, or `email`.",
    )
    settings: dict[str, Any] = Field(default_factory=dict)

    @property
    def publisher(self) -> str | None:
        """Id of the person who publishes there, where that is done by hand."""
        return str(self.settings.get("person")) if self.type == "by_hand" else None

    @model_validator(mode="after")
    def _mail_can_be_written_to(self) -> Self:
        if self.type not in E_MAIL:
            return self
        archive = self.settings.get("archive")
        given = [("from", self.settings.get("from"))] if "from" in self.settings else []
        given += [("to", one) for one in self.settings.get("to") or []]
        given += [("archive.address", archive.get("address"))] if isinstance(archive, dict) else []
        for name, one in given:
            try:
                (mail_address.mailbox if name == "from" else mail_address.address)(str(one))
            except mail_address.BadAddress as bad:
                raise ValueError(f"channel {self.id}: settings.{name}: {one!r} is {bad}") from None
        return self


class Rung(Part):
    """One step of the escalation ladder: who is called, and over which audience of channels."""

    role: str
    audience: Literal["team", "out_of_band"] = "team"


class Escalation(Part):
    """The ladder that is climbed while nobody acts; its last rung is repeated at `repeat_last_every`."""

    every: Duration = timedelta(minutes=30)
    repeat_last_every: Duration = timedelta(hours=24)
    acknowledged_for: Duration = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        le=timedelta(hours=24),
        description="For how long nobody else is called for what somebody has acknowledged.",
    )
    again_after: Duration = Field(
        default=timedelta(hours=4),
        ge=timedelta(hours=1),
        description="Nobody is called again for the same thing before that.",
    )
    calls_in_a_night: int = Field(
        default=12, ge=1, description="Calls for one thing within a night, at most."
    )
    ladder: list[Rung] = Field(min_length=1)


class Retrying(Part):
    """How a delivery is tried again: exponential backoff with full jitter, then a person is called and it goes on slowly.

    A channel that fails `open_after` times in a row, over all cases, is left alone (its circuit opens) but for single probes.
    """

    first_after: Duration = timedelta(seconds=30)
    factor: float = 2.0
    at_most: Duration = timedelta(minutes=30)
    call_a_person_after: int = 6
    open_after: int = Field(
        default=5, ge=1, description="Failures of a channel in a row that open its circuit."
    )
    open_for: Duration = Field(
        default=timedelta(minutes=2), description="Until the first probe; then longer."
    )
    open_at_most: Duration = timedelta(minutes=15)


class Thresholds(Part):
    """Numbers that a communications director sets."""

    sure_from: float | None = Field(
        default=None, ge=0, le=1, description="None: the classifier's own threshold."
    )
    suspicion_freezes: bool = False
    waking: harm.Rules = Field(default=harm.HUMANE, description="Who is woken for what: triage/harm.py.")
    trace: bool = Field(
        default=True,
        description="Whether the page of a message is fetched to find its source; never in a leak.",
    )
    ask_again_after: Duration = timedelta(minutes=20)
    silence_after: Duration = timedelta(hours=2)
    reminders: dict[ClockId, list[Duration]] = Field(
        default_factory=reminders,
        description="How long before each deadline a reminder goes out.",
    )
    first_word: timedelta = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        description="The desk's own rule, not the source documents': a first word so long after a crisis is recognised.",
    )
    deputy_after: timedelta = Field(
        default=timedelta(minutes=15),
        gt=timedelta(0),
        description="How long the approver of a holding text is waited for before the others are asked.",
    )
    approvals: dict[CaseNumber, int] = Field(default_factory=dict, description="Overrides of the playbooks.")


class Triage(Part):
    """Which classifier judges reports; `bedrock` needs a model id, and permission by the stack's parameter `BedrockModelArns`."""

    model: Literal["embedded", "bedrock"] = "embedded"
    bedrock_model_id: str | None = Field(
        default=None, min_length=1, description="model or inference profile id for the Converse API"
    )
    drafts: Literal["template", "bedrock"] = Field(
        default="template",
        description="who words first drafts; `bedrock` asks the same model, under checks, and never about a leak",
    )
    time_limit: Duration = Field(
        default=timedelta(seconds=8),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="how long an answer of Bedrock is awaited before the embedded classifier decides",
    )

    @model_validator(mode="after")
    def _bedrock_has_a_model(self) -> Self:
        if self.model == "bedrock" and self.bedrock_model_id is None:
            raise ValueError("triage.model is bedrock, but triage.bedrock_model_id is missing")
        if self.drafts == "bedrock" and self.bedrock_model_id is None:
            raise ValueError("triage.drafts is bedrock, but triage.bedrock_model_id is missing")
        return self


class Charter(Part):
    """The communication charter (R4): words that never go out, and how long a text may be."""

    forbidden: dict[Language, list[str]] = Field(default_factory=dict)
    ambiguous: dict[Language, list[str]] = Field(default_factory=dict)
    apology: dict[Language, list[str]] = Field(default_factory=dict)
    correction: dict[Language, list[str]] = Field(
        default_factory=dict,
        description="Words of which a correction has one, so that nobody edits in silence.",
    )
    max_characters: int = 10_000
    confidential: dict[Language, list[str]] = Field(
        default_factory=dict, description="Terms that never leave the house: names of projects, of customers."
    )
    public_contacts: list[str] = Field(
        default_factory=list, description="Addresses and numbers of the organisation that texts may name."
    )
    public_people: list[str] = Field(
        default_factory=list, description="People who speak in public and may be named (A16)."
    )


class Source(Part):
    """A listening tool that sends webhooks to `POST /webhooks/{id}`; its secret is `<stack>/listening/<id>`.

    `standard_webhooks`: the body's `data` is an incident report. `mapped`: `mapping` names for each field of the report the
    dotted path in the tool's own JSON; `each` is the path of a list, where one alert holds many messages. `slack`: no report, but
    the presses of buttons of the desk's own Slack app, in the one `workspace` (docs/slack.md). `pagerduty`, `twilio`: no report
    either, but that somebody has a page of `channel` in hand (docs/answering-a-page.md).
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    format: Literal["standard_webhooks", "mapped", "slack", "pagerduty", "twilio"]
    proof: Literal["signature", "token", "slack", "pagerduty", "twilio"] = "signature"
    workspace: str | None = Field(
        default=None,
        pattern=r"^T[A-Z0-9]{2,}$",
        description="Id of the Slack workspace, as in app.slack.com/client/T…",
    )
    channel: str | None = Field(default=None, description="The channel whose pages are answered here.")
    url: str | None = Field(
        default=None,
        pattern=r"^https://[!-~]+/webhooks/[a-z0-9-]+$",
        description="This source's address as Twilio reaches it: a part of what it signs.",
    )
    brand: str | None = Field(default=None, min_length=1, description="Where the alert does not name it.")
    language: str | None = Field(default=None, description="BCP 47, where the alert does not say it.")
    platform: Platform = Field(default="other", description="Where the alert does not say it.")
    platforms: dict[str, Platform] = Field(
        default_factory=dict,
        description="The tool's name of a platform, in small letters -> ours; else `other`.",
    )
    mapping: dict[ReportField, str] = Field(default_factory=dict)
    each: str = ""

    @model_validator(mode="after")
    def _proves_itself_its_own_way(self) -> Self:
        own = {"slack", *ANSWERED_AT}
        if (self.format in own or self.proof in own) and self.format != self.proof:
            one = self.format if self.format in own else self.proof
            raise ValueError(
                f"listening source {self.id}: format `{one}` goes with proof `{one}`, and only with it"
            )
        needed = {"workspace": ("slack",), "channel": tuple(ANSWERED_AT), "url": ("twilio",)}
        for name, formats in needed.items():
            if (self.format in formats) != (getattr(self, name) is not None):
                which = " and ".join(f"`{one}`" for one in formats)
                raise ValueError(
                    f"listening source {self.id}: `{name}` is for format {which}, which needs it"
                )
        if self.url is not None and not self.url.endswith(f"/webhooks/{self.id}"):
            raise ValueError(f"listening source {self.id}: `url` ends in /webhooks/{self.id}")
        return self

    @model_validator(mode="after")
    def _maps_what_a_report_needs(self) -> Self:
        if self.format == "mapped":
            needed: list[ReportField] = ["message.text", "message.published_at"]
            missing = [field for field in needed if field not in self.mapping]
            if self.brand is None and "brand" not in self.mapping:
                missing.append("brand")
            if missing:
                raise ValueError(f"listening source {self.id} maps nothing to {', '.join(missing)}")
        elif self.mapping or self.each:
            raise ValueError(f"listening source {self.id}: a mapping is for format `mapped` alone")
        return self
