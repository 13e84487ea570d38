"""The organisation as one validated YAML file: brands, people, roles, channels, the charter and the thresholds.

The file is read once per Lambda start. Every fault in it is named with its place before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sangfroid.model import Audience, CaseNumber, ClockId, Role
from sangfroid.triage.report import Platform

Language = Literal["fr", "en"]


def _both() -> list[Language]:
    return ["fr", "en"]


def _reminders() -> dict[ClockId, list[timedelta]]:
    return {
        "response_ready": [timedelta(hours=6), timedelta(hours=2), timedelta(minutes=30)],
        "response_published": [timedelta(hours=24), timedelta(hours=6), timedelta(hours=1)],
        "first_word": [timedelta(minutes=20)],
    }


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(_Part):
    """A name under which the public knows the company, and the languages in which it answers."""

    name: str
    aliases: list[str] = Field(default_factory=list)
    languages: list[Language] = Field(default_factory=_both, min_length=1)


class Reach(_Part):
    """How one person is reached on one channel; `address` is a mailbox, a number or a handle there."""

    channel: str
    address: str


class Person(_Part):
    """Somebody of the team. `duties` are the roles of the playbooks, `access` the roles of the HTTP interface."""

    id: str
    name: str
    language: Language = "en"
    access: list[Role] = Field(default_factory=list)
    duties: list[str] = Field(default_factory=list)
    reach: list[Reach] = Field(default_factory=list)


class ChannelSettings(_Part):
    """One place where texts go. `type` names the adapter; `settings` is what that adapter validates for itself.

    `publishes` is False for places that carry notices but never a response; `required` ones hold the 48 h clock.
    `time_limit` is the longest that one call to the platform may take; a sending makes up to three, and its Lambda's own
    time limit must leave room for them.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    type: str
    audience: Audience
    languages: list[Language] = Field(default_factory=_both, min_length=1)
    required: bool = True
    publishes: bool = True
    time_limit: timedelta = Field(default=timedelta(seconds=10), gt=timedelta(0), le=timedelta(seconds=15))
    statement_during_freeze: bool = False
    answers: list[Platform | Literal["email"]] = Field(
        default_factory=list,
        description="Whose messages are answered one to one through this channel (C1.5): platforms, or `email`.",
    )
    settings: dict[str, Any] = Field(default_factory=dict)


class Rung(_Part):
    """One step of the escalation ladder: who is called, and over which audience of channels."""

    role: str
    audience: Literal["team", "out_of_band"] = "team"


class Escalation(_Part):
    """The ladder that is climbed while nobody acts; its last rung is repeated at `repeat_last_every`."""

    every: timedelta = timedelta(minutes=30)
    repeat_last_every: timedelta = timedelta(hours=24)
    ladder: list[Rung] = Field(min_length=1)


class Retrying(_Part):
    """How a delivery is tried again: exponential backoff with full jitter, then a person is called and it goes on slowly.

    A channel that fails `open_after` times in a row, over all cases, is left alone (its circuit opens) but for single probes.
    """

    first_after: timedelta = timedelta(seconds=30)
    factor: float = 2.0
    at_most: timedelta = timedelta(minutes=30)
    call_a_person_after: int = 6
    open_after: int = Field(
        default=5, ge=1, description="Failures of a channel in a row that open its circuit."
    )
    open_for: timedelta = Field(
        default=timedelta(minutes=2), description="Until the first probe; then longer."
    )
    open_at_most: timedelta = timedelta(minutes=15)


class Thresholds(_Part):
    """Numbers that a communications director sets."""

    sure_from: float | None = Field(
        default=None, ge=0, le=1, description="None: the classifier's own threshold."
    )
    suspicion_freezes: bool = False
    trace: bool = Field(
        default=True,
        description="Whether the page of a message is fetched to find its source; never in a leak.",
    )
    ask_again_after: timedelta = timedelta(minutes=20)
    silence_after: timedelta = timedelta(hours=2)
    reminders: dict[ClockId, list[timedelta]] = Field(
        default_factory=_reminders,
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


class Triage(_Part):
    """Which classifier judges reports; `bedrock` needs a model id, and permission by the stack's parameter `BedrockModelArns`."""

    model: Literal["embedded", "bedrock"] = "embedded"
    bedrock_model_id: str | None = Field(
        default=None, min_length=1, description="model or inference profile id for the Converse API"
    )
    time_limit: timedelta = Field(
        default=timedelta(seconds=8),
        gt=timedelta(0),
        le=timedelta(seconds=30),
        description="how long an answer of Bedrock is awaited before the embedded classifier decides",
    )

    @model_validator(mode="after")
    def _bedrock_has_a_model(self) -> Self:
        if self.model == "bedrock" and self.bedrock_model_id is None:
            raise ValueError("triage.model is bedrock, but triage.bedrock_model_id is missing")
        return self


class Charter(_Part):
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


ReportField = Literal[
    "brand", "notes", "message.text", "message.language", "message.url", "message.platform", "message.published_at",
    "message.on_own_platform", "message.author.handle", "message.author.bio", "message.author.followers",
]  # fmt: skip
"""What a listening tool's alert may fill of an incident report."""


class Source(_Part):
    """A listening tool that sends webhooks to `POST /webhooks/{id}`; its secret is `<stack>/listening/<id>`.

    `standard_webhooks`: the body's `data` is an incident report. `mapped`: `mapping` names for each field of the report the
    dotted path in the tool's own JSON; `each` is the path of a list, where one alert holds many messages.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    format: Literal["standard_webhooks", "mapped"]
    proof: Literal["signature", "token"] = "signature"
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


class Organisation(_Part):
    """The whole file."""

    name: str
    brands: list[Brand] = Field(min_length=1)
    rivals: list[str] = Field(default_factory=list)
    listed: bool = Field(
        default=False,
        description="Listed on a market: whether the community hears first is asked before anything leaves (MAR 17).",
    )
    people: list[Person] = Field(min_length=1)
    channels: list[ChannelSettings] = Field(min_length=1)
    escalation: Escalation
    retrying: Retrying = Retrying()
    thresholds: Thresholds = Thresholds()
    triage: Triage = Triage()
    charter: Charter = Charter()
    listening: list[Source] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        channels = [channel.id for channel in self.channels]
        people = [person.id for person in self.people]
        sources = [source.id for source in self.listening]
        for what, names in (("channel", channels), ("person", people), ("listening source", sources)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} id used twice: {', '.join(twice)}")
        for person in self.people:
            for reach in person.reach:
                if reach.channel not in channels:
                    raise ValueError(f"person {person.id} is reached on unknown channel {reach.channel!r}")
        roles = {role for person in self.people for role in person.duties}
        for rung in self.escalation.ladder:
            if rung.role != "owner" and rung.role not in roles:
                raise ValueError(f"escalation ladder names role {rung.role!r}, which nobody has")
        if not any(channel.audience == "public" and channel.required for channel in self.channels):
            raise ValueError("no required public channel: a response could never count as published")
        return self

    def channel(self, channel_id: str) -> ChannelSettings:
        """Settings of one channel; KeyError where there is none."""
        for channel in self.channels:
            if channel.id == channel_id:
                return channel
        raise KeyError(channel_id)

    def brand(self, name: str) -> Brand:
        """The configured brand of that name or alias; an unknown one gets the first brand's languages.

        A report is never refused for the spelling of a name.
        """
        wanted = name.strip().casefold()
        for brand in self.brands:
            if wanted in {known.casefold() for known in (brand.name, *brand.aliases)}:
                return brand
        return Brand(name=name, languages=self.brands[0].languages)

    def with_duty(self, role: str) -> list[Person]:
        """Everybody who has the duty role, in the order of the file; the first is its owner by default."""
        return [person for person in self.people if role in person.duties]

    def person(self, person_id: str) -> Person | None:
        """The person of that id, or None (a token may name somebody whom the file does not know)."""
        return next((person for person in self.people if person.id == person_id), None)

    def channels_for(self, *audiences: Audience) -> Iterator[ChannelSettings]:
        """Channels of these audiences, in the order of the file."""
        return (channel for channel in self.channels if channel.audience in audiences)


LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: every start of a Lambda reads the file."""


class OrganisationFault(Exception):
    """The organisation file cannot be used; the message says where and why."""


def load(path: str | Path) -> Organisation:
    """Read and validate the file; raises OrganisationFault."""
    try:
        content = yaml.load(Path(path).read_text("utf-8"), Loader=LOADER)  # noqa: S506 - both are safe ones
        return Organisation.model_validate(content)
    except (OSError, yaml.YAMLError) as error:
        raise OrganisationFault(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors()
        )
        raise OrganisationFault(f"{path}: {faults}") from error
